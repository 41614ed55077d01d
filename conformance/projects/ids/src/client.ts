import { Client } from '@temporalio/client';
import { nanoid } from 'nanoid';
import { makeIds } from './workflows';

async function run() {
  const client = new Client();
  const handle = await client.workflow.start(makeIds, { taskQueue: 'ids', workflowId: `ids-${nanoid()}` });
  const { ids, random, slept } = await handle.result();
  console.log(new Set(ids).size, ids.map((id) => id.length).join(), random >= 0 && random < 1, slept);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
