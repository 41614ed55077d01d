import { Worker } from '@temporalio/worker';

async function run() {
  const worker = await Worker.create({ taskQueue: 'state', workflowsPath: require.resolve('./workflows'), maxCachedWorkflows: 0 });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
