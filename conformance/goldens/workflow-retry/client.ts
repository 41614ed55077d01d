import { Client, Connection } from '@temporalio/client';
import { byType, exhausts, flaky, nonRetryable, timesOut } from './workflows';

const taskQueue = 'workflow-retry';

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
  const retry = { initialInterval: '1s' as const, maximumAttempts: 3, nonRetryableErrorTypes: ['Forbidden'] };
  await report('flaky', client.workflow.execute(flaky, { taskQueue, workflowId: 'flaky', retry }));
  await report('exhausts', client.workflow.execute(exhausts, { taskQueue, workflowId: 'exhausts', retry: { ...retry, maximumAttempts: 2 } }));
  await report('nonRetryable', client.workflow.execute(nonRetryable, { taskQueue, workflowId: 'nonRetryable', retry }));
  await report('byType', client.workflow.execute(byType, { taskQueue, workflowId: 'byType', retry }));
  await report('timesOut', client.workflow.execute(timesOut, { taskQueue, workflowId: 'timesOut', retry, workflowRunTimeout: '1s' }));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
