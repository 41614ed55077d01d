import { Client, Connection } from '@temporalio/client';
import { fractions } from './workflows';
async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  console.log(JSON.stringify(await client.workflow.execute(fractions, { taskQueue: 'fractional-times', workflowId: 'fractions', workflowExecutionTimeout: 60000.75, workflowRunTimeout: '40.0005s', workflowTaskTimeout: 5000.5, startDelay: 100.5 })));
  await connection.close();
}
run().catch((error) => { console.error(error); process.exit(1); });
