import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';
import { getDataConverter } from './data-converter';

async function run() {
  const worker = await Worker.create({
    connection: await NativeConnection.connect(),
    taskQueue: 'encryption',
    workflowsPath: require.resolve('./workflows'),
    activities,
    dataConverter: await getDataConverter(),
  });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
