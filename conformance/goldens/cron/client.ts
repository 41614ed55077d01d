import { Client, Connection } from '@temporalio/client';
import { tick } from './workflows';

const taskQueue = 'cron';

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
  const handle = await client.workflow.start(tick, { taskQueue, workflowId: 'tick', cronSchedule: '@every 1s' });
  await report('first', client.workflow.getHandle('tick', handle.firstExecutionRunId, { followRuns: false }).result());
  await sleep(2600);
  await handle.terminate('enough');
  await report('last', handle.result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
