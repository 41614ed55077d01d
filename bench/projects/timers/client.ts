import { Client } from '@temporalio/client';

async function run() {
  const client = new Client();
  await client.workflow.start('timers', { taskQueue: 'bench', workflowId: 'bench', args: [Number(process.argv[2] ?? 100)] });
}

run();
