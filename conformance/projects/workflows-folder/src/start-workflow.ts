import { Client } from '@temporalio/client';
import { countdown, subscription } from './workflows';

async function run() {
  const client = new Client();
  for (const id of ['sub-keeps', 'sub-leaves']) {
    const handle = await client.workflow.start(subscription, { workflowId: id, taskQueue: 'subscriptions', args: [id === 'sub-keeps' ? 'Ann' : 'Bob'] });
    console.log('started', handle.workflowId);
  }
  console.log('counted', await client.workflow.execute(countdown, { workflowId: 'countdown', taskQueue: 'subscriptions', args: [3] }));
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
