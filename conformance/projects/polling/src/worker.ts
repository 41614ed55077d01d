import { Worker } from '@temporalio/worker';
import * as activities from './activities';

Worker.create({ workflowsPath: require.resolve('./workflows'), activities, taskQueue: 'polling' })
  .then((worker) => worker.run())
  .catch((err) => {
    console.error(err);
    process.exit(1);
  });
