import { Client } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { approve, expense, reject } from './workflows';

async function run() {
  const client = new Client();
  const start = (id: string) => client.workflow.start(expense, { taskQueue: 'expense', workflowId: id, args: [id, '1 day'] });
  const [approved, rejected, ignored] = await Promise.all(['approved', 'rejected', 'ignored'].map(start));
  await sleep(3_600_000);
  await approved!.signal(approve);
  await rejected!.signal(reject);
  for (const handle of [approved!, rejected!, ignored!]) console.log(handle.workflowId, (await handle.result()).status);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
