import { Worker } from '@temporalio/worker';

Worker.create({ taskQueue: 'bad', workflowsPath: require.resolve('./workflows') })
  .then((worker) => worker.run())
  .catch((err) => {
    console.error(err);
    process.exit(1);
  });
