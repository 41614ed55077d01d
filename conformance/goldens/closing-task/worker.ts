import { NativeConnection, Worker } from '@temporalio/worker';

async function run() {
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const worker = await Worker.create({ connection, workflowsPath: require.resolve('./workflows'), taskQueue: 'closing-task' });
  await worker.run();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
