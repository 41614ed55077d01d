import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';

async function run() {
  const connection = await NativeConnection.connect({ address: 'localhost:7233' });
  const worker = await Worker.create({
    connection,
    taskQueue: 'orders',
    workflowsPath: require.resolve('./workflows'),
    activities,
    // Each activity is seen to wait in the task queue (by default a worker may skip it).
    maxEagerActivityReservationsPerWorkflowTask: 0,
  });
  await worker.run();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
