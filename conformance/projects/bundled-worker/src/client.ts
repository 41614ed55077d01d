import { Client } from '@temporalio/client';
import { long } from './workflows';

async function run() {
  const client = new Client({ identity: 'the-client' });
  const handle = await client.workflow.start(long, { taskQueue: 'production', workflowId: 'long-1', cronSchedule: undefined, startDelay: '1 hour' });
  console.log(await handle.result());
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
