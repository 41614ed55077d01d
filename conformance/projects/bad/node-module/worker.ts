import { Worker } from '@temporalio/worker';
import * as activities from './activities';

Worker.create({ taskQueue: 'bad', workflowsPath: require.resolve('./workflows'), activities })
  .then((worker) => worker.run())
  .catch((err) => {
    console.error(err);
    process.exit(1);
  });
