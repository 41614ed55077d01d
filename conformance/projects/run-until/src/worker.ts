import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { nap } from './workflows';

const connection = await NativeConnection.connect();
const worker = await Worker.create({ connection, taskQueue: 'run-until', workflowsPath: require.resolve('./workflows') });

process.on('SIGINT', () => console.log('interrupted'));
process.once('exit', (code) => console.log('exit', code));

const result = await worker.runUntil(async () => {
  console.log('state', worker.getState());
  return new Client({ connection }).workflow.execute(nap, { taskQueue: 'run-until', workflowId: 'nap-1' });
});
console.log(result, 'state', worker.getState());
await connection.close();
export {};
