import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { entity, entitySignal, failing, flaky, parent, scopes, state, update } from './workflows';
const taskQueue = 'docs';
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function report(label: string, call: Promise<unknown>): Promise<void> {
  try { console.log(label, JSON.stringify(await call) ?? 'undefined'); } catch (error) { for (let e: any = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`); }
}
async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  const h = await client.workflow.start(entity, { taskQueue, workflowId: 'entity', args: [{ n: 1 }], memo: { m: 1 }, staticSummary: 'an entity', staticDetails: 'with **details**' });
  await wait(1500);
  for (let i = 0; i < 4; i++) { await h.signal(entitySignal, { n: i }); await wait(400); }
  const latest = client.workflow.getHandle('entity');
  await report('state', latest.query(state));
  await report('first run', h.describe().then((d) => [d.status.name, d.historyLength, d.memo]));
  await report('update', latest.executeUpdate(update, { args: [{ n: 10 }], updateId: 'u1' }));
  await report('bad update', latest.executeUpdate(update, { args: [{ n: -10 }], updateId: 'u2' }));
  await report('with start', client.workflow.executeUpdateWithStart(update, { args: [{ n: 5 }], updateId: 'u3', startWorkflowOperation: new WithStartWorkflowOperation(entity, { taskQueue, workflowId: 'entity', args: [{ n: 0 }], workflowIdConflictPolicy: 'USE_EXISTING' }) }));
  await report('signal with start', client.workflow.signalWithStart(entity, { taskQueue, workflowId: 'entity', args: [{ n: 0 }], signal: entitySignal, signalArgs: [{ n: 100 }] }).then((x) => x.workflowId));
  await wait(400);
  await report('metadata', latest.query('__temporal_workflow_metadata'));
  await report('static', latest.describe().then(async (d) => [await d.staticSummary(), await d.staticDetails()]));
  await latest.cancel();
  await report('entity', latest.result());
  await report('scopes', client.workflow.execute(scopes, { taskQueue, workflowId: 'scopes' }));
  await report('failing', client.workflow.execute(failing, { taskQueue, workflowId: 'failing' }));
  await report('parent', client.workflow.execute(parent, { taskQueue, workflowId: 'parent' }));
  await report('parent metadata', client.workflow.getHandle('parent').query('__temporal_workflow_metadata'));
  await report('memo', client.workflow.getHandle('parent').describe().then((d) => d.memo));
  await report('kid', client.workflow.getHandle('kid-slow').result());
  await report('flaky', client.workflow.execute(flaky, { taskQueue, workflowId: 'flaky', staticSummary: 'flaky one', retry: { maximumAttempts: 2 } }));
  await report('flaky static', client.workflow.getHandle('flaky').describe().then(async (d) => [await d.staticSummary(), await d.staticDetails()]));
  await report('again', client.workflow.start(scopes, { taskQueue, workflowId: 'scopes', workflowIdReusePolicy: 'REJECT_DUPLICATE' }));
  await connection.close();
}
run().catch((e) => { console.log('uncaught', e); process.exit(1); });
