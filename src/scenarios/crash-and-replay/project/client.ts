import { Client, Connection } from '@temporalio/client';
import { order } from './workflows';

async function run() {
  const connection = await Connection.connect({ address: 'localhost:7233' });
  const client = new Client({ connection });

  const handle = await client.workflow.start(order, {
    taskQueue: 'orders',
    workflowId: 'order-17',
    args: ['17'],
  });
  console.log(`Started ${handle.workflowId}`);
  console.log('Result:', await handle.result());
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
