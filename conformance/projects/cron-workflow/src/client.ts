import { Client } from '@temporalio/client';
import { cronWorkflow } from './workflows';

async function run() {
  const client = new Client();
  const handle = await client.workflow.start(cronWorkflow, { taskQueue: 'cron', workflowId: 'cron-1', cronSchedule: '*/5 * * * *', args: ['Temporal'] });
  await new Promise((resolve) => setTimeout(resolve, 16 * 60_000));
  await handle.terminate();
  console.log('Terminated cron workflow');
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
