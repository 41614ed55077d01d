import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from './activities';

async function run() {
  const client = new Client({ connection: await Connection.connect() });
  const worker = await Worker.create({
    connection: await NativeConnection.connect(),
    workflowsPath: require.resolve('./workflows'),
    activities: createActivities(client),
    taskQueue: 'mutex',
  });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
