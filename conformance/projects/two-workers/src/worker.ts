import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';

async function run() {
  const connection = await NativeConnection.connect();
  const workers = await Promise.all([
    Worker.create({ connection, taskQueue: 'publishing', workflowsPath: require.resolve('./workflows') }),
    Worker.create({ connection, taskQueue: 'rendering', activities, maxConcurrentActivityTaskExecutions: 2 }),
  ]);
  await Promise.all(workers.map((worker) => worker.run()));
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
