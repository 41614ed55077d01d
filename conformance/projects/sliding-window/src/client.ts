import { Client } from '@temporalio/client';
import { slidingWindow } from './workflows';

async function run() {
  const client = new Client();
  const done = await client.workflow.execute(slidingWindow, { taskQueue: 'sliding-window', workflowId: 'window', args: [{ pageSize: 4, windowSize: 3, offset: 0, running: [], done: 0 }] });
  console.log('processed', done);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
