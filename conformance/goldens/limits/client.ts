import { Client, Connection } from '@temporalio/client';
import { getsTooMuch, longName, returnsTooMuch, sendsTooMuch, waits } from './workflows';

const taskQueue = 'limits';

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
  // The worker itself refuses to send what is too large; the Workflow Task fails again and again.
  for (const [type, workflowId] of [[returnsTooMuch, 'returns-too-much'], [sendsTooMuch, 'sends-too-much']] as const) {
    const stuck = await client.workflow.start(type, { taskQueue, workflowId });
    while (!(await stuck.fetchHistory()).events?.some((event) => event.workflowTaskFailedEventAttributes)) await sleep(20);
    await report(`terminate ${workflowId}`, stuck.terminate('enough'));
  }
  await report('activity result', client.workflow.execute(getsTooMuch, { taskQueue, workflowId: 'gets-too-much' }));
  const named = await client.workflow.start(longName, { taskQueue, workflowId: 'long-name' });
  await sleep(2000);
  await named.terminate('enough');
  await report('long workflow id', client.workflow.start(waits, { taskQueue, workflowId: 'w'.repeat(1001) }));
  const open = await client.workflow.start(waits, { taskQueue, workflowId: 'waits' });
  await sleep(500);
  await report('large signal', open.signal('finish', 'x'.repeat(2_200_000)));
  await report('signal', open.signal('finish'));
  await report('waits', open.result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
