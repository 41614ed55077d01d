import { resolve } from 'path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { configured } from './workflows';

/** A profile of the project's own file, with an override. */
async function run() {
  const path = resolve(__dirname, '../config.toml');
  const usual = loadClientConnectConfig({ configSource: { path } });
  console.log(usual.connectionOptions.address, usual.namespace, usual.connectionOptions.metadata);
  const { connectionOptions, namespace } = loadClientConnectConfig({ profile: 'staging', configSource: { path } });
  console.log(connectionOptions.address, namespace);
  connectionOptions.address = 'localhost:7233';
  const client = new Client({ connection: await Connection.connect(connectionOptions), namespace: usual.namespace ?? 'default' });
  console.log(await client.workflow.execute(configured, { taskQueue: 'configured', workflowId: 'configured-1' }));
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
