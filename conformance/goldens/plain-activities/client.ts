import { Client, Connection } from '@temporalio/client';
import { serial, parallel, options } from './workflows';

const taskQueue = 'plain-activities';

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
  await report('serial', client.workflow.execute(serial, { taskQueue, workflowId: 'serial', args: ['Temporal'] }));
  await report('parallel', client.workflow.execute(parallel, { taskQueue, workflowId: 'parallel' }));
  await report('options', client.workflow.execute(options, { taskQueue, workflowId: 'options' }));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
