import { Client } from '@temporalio/client';
import { addItem, checkout } from './workflows';

async function run() {
  const client = new Client();
  for (const id of ['sub-keeps', 'sub-leaves']) {
    const handle = client.workflow.getHandle(id);
    await handle.signal(addItem, 'tea');
    await handle.signal('addItem', 'milk');
  }
  await client.workflow.getHandle('sub-keeps').signal(checkout);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
