import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';

async function run() {
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const worker = await Worker.create({
    connection,
    taskQueue: 'random',
    workflowsPath: require.resolve('./workflows'),
    activities,
    // A small cache evicts runs that are open.
    ...(process.env.CACHED_WORKFLOWS ? { maxCachedWorkflows: Number(process.env.CACHED_WORKFLOWS) } : {}),
    shutdownGraceTime: '5s',
  });
  await worker.run();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
