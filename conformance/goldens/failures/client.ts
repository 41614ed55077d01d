import { Client, Connection } from '@temporalio/client';
import { application, nested, wraps } from './workflows';

const taskQueue = 'failures';

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
  await report('application', client.workflow.execute(application, { taskQueue, workflowId: 'application' }));
  await report('nested', client.workflow.execute(nested, { taskQueue, workflowId: 'nested-1', args: [1] }));
  await report('wraps', client.workflow.execute(wraps, { taskQueue, workflowId: 'wraps' }));
  await report('no such type', client.workflow.execute('unknownType', { taskQueue, workflowId: 'unknown-type', workflowRunTimeout: '1s' }));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
