import { Client, Connection, type WorkflowUpdateHandle } from '@temporalio/client';
import { broken, busy, go, hold, holds, manyPatches, state } from './workflows';

const taskQueue = 'rare-answers';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Prints what a call gives: its value, or its error with the causes. */
async function report(label: string, call: () => Promise<unknown>): Promise<void> {
  try {
    console.log(label, JSON.stringify(await call()) ?? 'undefined');
  } catch (error) {
    for (let e: unknown = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`);
  }
}

async function run() {
  const address = process.env.TEMPORAL_ADDRESS ?? 'localhost:7233';
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  // One that does not try again.
  const impatientConnection = await Connection.connect({ address, interceptors: [] });
  const impatient = new Client({ connection: impatientConnection });

  await report('many patches', () => client.workflow.execute(manyPatches, { taskQueue, workflowId: 'many-patches' }));

  const held = await client.workflow.start(holds, { taskQueue, workflowId: 'holds' });
  await sleep(300);
  const updates: WorkflowUpdateHandle<string>[] = [];
  for (let i = 0; i < 10; i++) updates.push(await held.startUpdate(hold, { waitForStage: 'ACCEPTED', updateId: `u${i}` }));
  await report('one update too many', () => impatient.workflow.getHandle('holds').startUpdate(hold, { waitForStage: 'ACCEPTED', updateId: 'u10' }));
  await report('query meanwhile', () => held.query(state));
  await held.terminate('enough');
  await report('update of a terminated run', () => updates[0]!.result());

  const failing = await client.workflow.start(broken, { taskQueue, workflowId: 'broken', workflowTaskTimeout: '1s' });
  await sleep(300);
  await report('query after one failure', () => impatient.withDeadline(Date.now() + 1000, () => impatient.workflow.getHandle('broken').query(state)).then(() => 'answered', (error) => error.name));
  await sleep(6000);
  await report('query when it fails', () => impatient.workflow.getHandle('broken').query(state));
  await report('update when it fails', () => impatient.workflow.getHandle('broken').executeUpdate(hold));
  await failing.terminate('hopeless');
  await report('query of a broken closed run', () => impatient.workflow.getHandle('broken').query(state));

  const worker = await client.workflow.start(busy, { taskQueue, workflowId: 'busy' });
  await sleep(400);
  const first = report('query of a busy run', () => impatient.workflow.getHandle('busy').query(state));
  await sleep(200);
  await report('another one', () => impatient.workflow.getHandle('busy').query(state));
  await first;
  await report('busy', () => worker.result());

  const unpolled = await client.workflow.start(holds, { taskQueue: 'nobody-polls', workflowId: 'unpolled' });
  await report('query that nobody answers', () => impatient.withDeadline(Date.now() + 1500, () => impatient.workflow.getHandle('unpolled').query(state)).catch((error) => error.cause.code));
  await unpolled.signal(go);
  await unpolled.terminate('unwanted');
  await report('query of what never began', () => impatient.workflow.getHandle('unpolled').query(state));
  await impatientConnection.close();
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
