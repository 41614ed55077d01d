import { Client, Connection } from '@temporalio/client';
import { later, order } from './workflows';

const taskQueue = 'workflow-task-failure';

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
  const first = await client.workflow.start(order, { taskQueue, workflowId: 'bug' });
  const second = await client.workflow.start(later, { taskQueue, workflowId: 'later-bug' });
  await report('bug', first.result());
  await report('later bug', second.result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
