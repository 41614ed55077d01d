import { Client, Connection } from '@temporalio/client';
import { publish } from './workflows';

async function run() {
  const client = new Client({ connection: await Connection.connect() });
  const result = await client.workflow.execute(publish, { taskQueue: 'publishing', workflowId: 'publish-1', args: [['home', 'about', 'shop']] });
  console.log(result);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
