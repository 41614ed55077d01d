import { Client, Connection } from '@temporalio/client';
import { again, sleeps } from './workflows';

const taskQueue = 'workflow-timeouts';

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
  await report('run timeout', client.workflow.execute(sleeps, { taskQueue, workflowId: 'run-timeout', workflowRunTimeout: '1s' }));
  await report('execution timeout', client.workflow.execute(sleeps, { taskQueue, workflowId: 'execution-timeout', workflowExecutionTimeout: '1s' }));
  await report('across runs', client.workflow.execute(again, { taskQueue, workflowId: 'across-runs', args: [1], workflowExecutionTimeout: '1900ms' }));
  await report('nobody polls', client.workflow.execute(sleeps, { taskQueue: `${taskQueue}-unpolled`, workflowId: 'unpolled', workflowRunTimeout: '1s' }));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
