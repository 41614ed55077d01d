import { Client, Connection } from '@temporalio/client';
import { add, busy, finish, idle, log, moves, note } from './workflows';

const taskQueue = 'messages-in-task';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Prints what a call gives: its value, or its error with the causes. */
async function report(label: string, call: Promise<unknown>): Promise<void> {
  try {
    console.log(label, JSON.stringify(await call) ?? 'undefined');
  } catch (error) {
    for (let e: unknown = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`);
  }
}

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  const working = await client.workflow.start(busy, { taskQueue, workflowId: 'busy' });
  await sleep(1000);
  await working.signal(note, 'in the task');
  const asked = working.query(log);
  const updated = working.executeUpdate(add, { args: ['in the task'], updateId: 'b1' });
  await report('query in the task', asked);
  await report('update in the task', updated);
  await sleep(300);
  await working.signal(finish);
  await report('busy', working.result());

  const waiting = await client.workflow.start(idle, { taskQueue, workflowId: 'idle', startDelay: '1s' });
  await report('query in the delay', waiting.query(log));
  await waiting.signal(note, 'after the delay');
  await sleep(300);
  await report('update after the delay', waiting.executeUpdate(add, { args: ['after the delay'], updateId: 'i1' }));
  await sleep(300);
  await waiting.signal(finish);
  await report('idle', waiting.result());

  // A signal and an update in the delay: the signal wakes nobody, the update waits.
  const delayed = await client.workflow.start(idle, { taskQueue, workflowId: 'delayed', startDelay: '2s' });
  await delayed.signal(note, 'in the delay');
  await report('update in the delay', delayed.executeUpdate(add, { args: ['in the delay'], updateId: 'd1' }));
  await sleep(300);
  await delayed.signal(finish);
  await report('delayed', delayed.result());

  const moving = await client.workflow.start(moves, { taskQueue, workflowId: 'moves', args: [1] });
  await sleep(500);
  const open = await moving.startUpdate(add, { args: ['open'], updateId: 'm1', waitForStage: 'ACCEPTED' });
  await report('moves', moving.result());
  await report('open update', open.result());

  const cut = await client.workflow.start(idle, { taskQueue, workflowId: 'cut' });
  await sleep(500);
  await cut.terminate('cut');
  await report('update of a terminated run', cut.executeUpdate(add, { args: ['x'], updateId: 'c1' }));
  await report('query of a terminated run', cut.query(log));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
