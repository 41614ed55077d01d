import { Client, Connection } from '@temporalio/client';
import { backsOff, cancels, exhausts, heartbeats, mixed, plain, retries, stops, timesOut } from './workflows';

const taskQueue = 'local-activities';

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
  for (const workflow of [plain, retries, exhausts, stops, backsOff, timesOut, mixed]) {
    await report(workflow.name, client.workflow.execute<() => Promise<unknown>>(workflow, { taskQueue, workflowId: `local-${workflow.name}` }));
  }
  await report('heartbeats', client.workflow.execute(heartbeats, { taskQueue, workflowId: 'local-heartbeats', workflowTaskTimeout: '1s' }));
  await report('cancels', client.workflow.execute(cancels, { taskQueue, workflowId: 'local-cancels', workflowTaskTimeout: '1s' }));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
