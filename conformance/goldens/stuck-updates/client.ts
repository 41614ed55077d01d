import { Client, Connection } from '@temporalio/client';
import { apply, brokenHandler, endsBeforeItsUpdate, mend } from './workflows';

const taskQueue = 'stuck-updates';
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Prints what a call gives: its value, or its error with the causes; and whether it waited for the end of its long poll. */
async function report(label: string, call: Promise<unknown>): Promise<void> {
  const started = Date.now();
  const seconds = () => (Math.round((Date.now() - started) / 1000) === 20 ? 'after 20 s' : '');
  try {
    const value = await call;
    console.log(label, JSON.stringify(value) ?? 'undefined', seconds());
  } catch (error) {
    for (let e: unknown = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`, seconds());
  }
}

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });

  const ending = await client.workflow.start(endsBeforeItsUpdate, { taskQueue, workflowId: 'ends-before-its-update', workflowTaskTimeout: '2 seconds' });
  await wait(300);
  const update = report('update of a run that ends', ending.executeUpdate(apply));
  await wait(100);
  await ending.cancel();
  await update;
  await report('result', ending.result());

  const broken = await client.workflow.start(brokenHandler, { taskQueue, workflowId: 'broken-handler' });
  await wait(300);
  await report('update with a broken handler', broken.executeUpdate(apply, { updateId: 'one' }));
  await report('the same again', broken.executeUpdate(apply, { updateId: 'one' }));
  await report('another', broken.executeUpdate(apply));
  await wait(1000);
  await broken.signal(mend);
  // The signal waits in the buffer until the attempt that never ends has timed out.
  await wait(20_000);
  await report('mended', broken.executeUpdate(apply));
  await report('result', broken.result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
