import { Client, Connection } from '@temporalio/client';
import { asleep, inActivity } from './workflows';

const taskQueue = 'shutdown';

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
  await report('asleep', client.workflow.execute(asleep, { taskQueue, workflowId: 'asleep' }));
  await sleep(300);
  await report('in activity', client.workflow.execute(inActivity, { taskQueue, workflowId: 'in-activity' }));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
