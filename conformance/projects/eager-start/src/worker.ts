import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { noop } from './workflows';

/** Client and worker in one process: the worker gets the first task in the answer to the start. */
async function run() {
  const connection = await NativeConnection.connect();
  const worker = await Worker.create({ connection, taskQueue: 'eager', workflowsPath: require.resolve('./workflows') });
  await worker.runUntil(async () => {
    const client = new Client({ connection });
    const handle = await client.workflow.start(noop, { taskQueue: 'eager', workflowId: 'eager-1', args: ['eager'], requestEagerStart: true });
    console.log('eagerly started', handle.eagerlyStarted);
    console.log(await handle.result());
  });
  await connection.close();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
