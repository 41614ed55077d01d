import { Client } from '@temporalio/client';
import { parentWorkflow } from './workflows';

async function run() {
  const client = new Client();
  console.log(await client.workflow.execute(parentWorkflow, { taskQueue: 'child-workflows', workflowId: 'parent', args: ['Alice', 'Bob', 'Charlie'] }));
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
