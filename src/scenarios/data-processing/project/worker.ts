import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';

async function run() {
  const connection = await NativeConnection.connect({ address: 'localhost:7233' });
  const worker = await Worker.create({
    connection,
    taskQueue: 'data',
    workflowsPath: require.resolve('./workflows'),
    activities,
    // By default a worker takes activities of its own task queue straight out of the answer to its Workflow Task
    // ("eager"). Switched off here, so that each activity goes through the task queue, as the lesson tells it.
    maxEagerActivityReservationsPerWorkflowTask: process.env.EAGER === 'on' ? 3 : 0,
  });
  await worker.run();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
