import { Client, Connection } from '@temporalio/client';
import { waits } from './workflows';

const taskQueue = 'async-completion';

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
  for (const how of ['complete', 'fail', 'cancel'] as const) {
    const workflowId = `async-${how}`;
    const handle = await client.workflow.start(waits, { taskQueue, workflowId });
    await sleep(500);
    const activity = { workflowId, activityId: '1' };
    await client.activity.heartbeat(activity, 'a beat');
    if (how === 'complete') await client.activity.complete(activity, 'from outside');
    if (how === 'fail') await client.activity.fail(activity, new Error('from outside'));
    if (how === 'cancel') {
      await handle.cancel();
      await sleep(300);
      await report('heartbeat', client.activity.heartbeat(activity, 'again'));
      await client.activity.reportCancellation(activity, 'cancelled outside');
    }
    await report(how, handle.result());
    await report(`${how} again`, client.activity.complete(activity, 'too late'));
  }
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
