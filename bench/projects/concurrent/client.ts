import { Client } from '@temporalio/client';

/** Starts many workflows, ten at a time. */
async function run() {
  const client = new Client();
  const count = Number(process.argv[2] ?? 100);
  for (let first = 0; first < count; first += 10) {
    await Promise.all(
      Array.from({ length: Math.min(10, count - first) }, (_, i) => client.workflow.start('short', { taskQueue: 'bench', workflowId: `bench-${first + i}`, args: [] })),
    );
  }
}

run();
