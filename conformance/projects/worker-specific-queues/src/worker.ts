import { NativeConnection, Worker } from '@temporalio/worker';
import { v4 as uuid } from 'uuid';
import { createActivitiesForSameWorker, createNormalActivities } from './activities';

async function run() {
  const uniqueWorkerTaskQueue = 'host-' + uuid();
  const connection = await NativeConnection.connect();
  const workers = await Promise.all([
    Worker.create({
      connection,
      workflowsPath: require.resolve('./workflows'),
      activities: createNormalActivities(uniqueWorkerTaskQueue),
      taskQueue: 'normal-task-queue',
    }),
    Worker.create({ connection, activities: createActivitiesForSameWorker(), taskQueue: uniqueWorkerTaskQueue }),
  ]);
  await Promise.all(workers.map((w) => w.run()));
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
