import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';

async function run() {
  const worker = await Worker.create({ connection: await NativeConnection.connect(), taskQueue: 'heartbeats', workflowsPath: require.resolve('./workflows'), activities, shutdownGraceTime: '5s' });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
