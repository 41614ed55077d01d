import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';

/** Without a file: the environment, or the defaults. */
async function run() {
  const config = loadClientConnectConfig();
  const connection = await NativeConnection.connect(config.connectionOptions);
  const worker = await Worker.create({ connection, namespace: config.namespace ?? 'default', taskQueue: 'configured', workflowsPath: require.resolve('./workflows'), activities });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
