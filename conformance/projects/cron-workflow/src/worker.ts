import { Worker } from '@temporalio/worker';

async function run() {
  const worker = await Worker.create({ taskQueue: 'cron', workflowsPath: require.resolve('./workflows') });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
