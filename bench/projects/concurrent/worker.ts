import { Worker } from '@temporalio/worker';

async function run() {
  const worker = await Worker.create({
    taskQueue: 'bench',
    workflowsPath: require.resolve('./workflows'),
    activities: { step: async (n: number) => n },
  });
  await worker.run();
}

run();
