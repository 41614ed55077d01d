import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';

async function run() {
  const bundle = await bundleWorkflowCode({ workflowsPath: require.resolve('./workflows') });
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS }),
    taskQueue: 'production',
    workflowBundle: bundle,
    reuseV8Context: true,
    maxCachedWorkflows: 100,
    maxConcurrentWorkflowTaskExecutions: 10,
    stickyQueueScheduleToStartTimeout: '10s',
    debugMode: false,
    identity: `${process.pid}@worker`,
  });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
