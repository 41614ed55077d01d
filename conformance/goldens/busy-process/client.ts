import { Client, Connection } from '@temporalio/client';
import { calculates, timesOut, waitsForTheProcess } from './workflows';

const taskQueue = 'busy-process';

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  const busy = await client.workflow.start(calculates, { taskQueue, workflowId: 'calculates' });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  // The worker's process is busy: even a Workflow Task has to wait.
  console.log(await client.workflow.execute(waitsForTheProcess, { taskQueue, workflowId: 'waits' }));
  console.log(JSON.stringify(await busy.result()));
  console.log(await client.workflow.execute(timesOut, { taskQueue, workflowId: 'times-out' }));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
