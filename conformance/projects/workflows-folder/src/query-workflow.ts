import { Client } from '@temporalio/client';
import { items } from './workflows';

async function run() {
  const client = new Client();
  for (const id of ['sub-keeps', 'sub-leaves']) console.log(id, await client.workflow.getHandle(id).query(items));
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
