import * as activities from './activities';
import { NativeConnection, Worker } from '@temporalio/worker';
async function run() {
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const worker = await Worker.create({ connection, taskQueue: 'fractional-times', workflowsPath: require.resolve('./workflows'), activities, sinks: { probe: { note: { fn: (info: any, ...a: any[]) => console.log('SINK', info.workflowType, JSON.stringify(a)), callDuringReplay: false } } } });
  await worker.run();
}
run().catch((error) => { console.error(error); process.exit(1); });
