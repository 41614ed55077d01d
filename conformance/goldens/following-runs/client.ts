import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { chain, chainWith, cron, parent, retries, upd, waits } from './workflows';
const taskQueue = 'carry';
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function report(label: string, call: Promise<unknown>): Promise<void> {
  try { console.log(label, JSON.stringify(await call) ?? 'undefined'); } catch (error) { for (let e: any = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`); }
}
async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  await connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: { CarryInt: 3 } });
  await wait(1500);
  const all = { taskQueue, priority: { priorityKey: 2, fairnessKey: 'f', fairnessWeight: 2 }, memo: { m: 1 }, typedSearchAttributes: [{ key: defineSearchAttributeKey('CarryInt', 'INT'), value: 4 }], staticSummary: 's', staticDetails: 'd', workflowRunTimeout: '100s', workflowExecutionTimeout: '1000s' } as any;
  const told = async (id: string): Promise<unknown> => { const d = await client.workflow.getHandle(id).describe(); const sorted = (o: object) => Object.entries(o).sort(([a], [b]) => (a < b ? -1 : 1));
    return [await d.staticSummary(), await d.staticDetails(), sorted(d.memo ?? {}), d.priority, sorted(d.searchAttributes).map(([name, values]) => [name, name === 'BuildIds' ? values.map((v: string) => v.replace(/\+.*/, '')) : values])]; };
  await report('chain', client.workflow.execute(chain, { ...all, workflowId: 'chain', args: [2], retry: { maximumAttempts: 3 } }));
  await report('chain', told('chain'));
  await report('chainWith', client.workflow.execute(chainWith, { ...all, workflowId: 'chain-with', args: [1] }));
  await report('chainWith', told('chain-with'));
  await report('retries', client.workflow.execute(retries, { ...all, workflowId: 'retries', retry: { maximumAttempts: 5, initialInterval: '100ms', backoffCoefficient: 1 } }));
  await report('retries', told('retries'));
  const c = await client.workflow.start(cron, { ...all, workflowId: 'cron', cronSchedule: '@every 1s' });
  await wait(2600);
  await c.terminate('enough');
  await report('cron', told('cron'));
  await report('parent', client.workflow.execute(parent, { ...all, workflowId: 'parent' }));
  await report('kid-plain', told('kid-plain'));
  await report('kid-own', told('kid-own'));
  await report('kid-chain', told('kid-chain'));
  await report('update with start', client.workflow.executeUpdateWithStart(upd, { startWorkflowOperation: new WithStartWorkflowOperation(waits, { ...all, workflowId: 'uws', workflowIdConflictPolicy: 'FAIL' }) }));
  await report('uws', told('uws'));
  const s = await client.workflow.signalWithStart(waits, { ...all, workflowId: 'sws', signal: 'nothing', startDelay: '200ms' });
  await wait(600);
  await report('sws', told('sws'));
  await report('sws', s.executeUpdate(upd));
  const h = await client.schedule.create({ scheduleId: 'sch', spec: {}, action: { type: 'startWorkflow', workflowType: chain, args: [1], ...all, workflowId: 'sch-w' }, memo: { of: 'schedule' } } as any);
  await h.trigger();
  await wait(1500);
  for await (const w of client.workflow.list({ query: 'WorkflowId STARTS_WITH "sch-w"' })) console.log('scheduled', w.status.name, JSON.stringify(Object.entries(w.memo ?? {}).sort()), JSON.stringify(w.priority));
  await h.delete();
  await connection.close();
}
run().catch((e) => { console.log('uncaught', e); process.exit(1); });
