import { Worker } from '@temporalio/worker';

async function run() {
  const worker = await Worker.create({
    taskQueue: 'bench',
    workflowsPath: require.resolve('./workflows'),
    maxCachedWorkflows: 5000,
  });
  await worker.run();
}

run();
