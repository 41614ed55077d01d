import { Client, Connection } from '@temporalio/client';
import { sees } from './workflows';

const taskQueue = 'start-options';

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
  await report('none', client.workflow.execute(sees, { taskQueue, workflowId: 'none' }));
  await report('all', client.workflow.execute(sees, {
    taskQueue,
    workflowId: 'all',
    workflowExecutionTimeout: '1m',
    workflowRunTimeout: '30s',
    workflowTaskTimeout: '7s',
    retry: { initialInterval: '2s', maximumAttempts: 4, backoffCoefficient: 3 },
    memo: { a: 1 },
    startDelay: '500ms',
    priority: { priorityKey: 2 },
  }));
  await report('delayed', client.workflow.execute(sees, { taskQueue, workflowId: 'delayed', startDelay: '1s' }));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
