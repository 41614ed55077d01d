import { Worker } from '@temporalio/worker';

async function run() {
  const worker = await Worker.create({
    taskQueue: 'bench',
    workflowsPath: require.resolve('./workflows'),
    maxCachedWorkflows: 2000,
  });
  await worker.run();
}

run();
