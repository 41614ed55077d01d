import { DefaultLogger, NativeConnection, Runtime, Worker, type InjectedSinks } from '@temporalio/worker';
import * as activities from './activities';
import { LoudActivities } from './interceptors';
import type { AlertSinks } from './workflows';

async function run() {
  Runtime.install({ logger: new DefaultLogger('INFO', ({ level, message }) => console.log(`${level}: ${message}`)) });
  const sinks: InjectedSinks<AlertSinks> = {
    alerter: {
      alert: {
        fn(workflowInfo, message) {
          console.log('ALERT', workflowInfo.workflowId, message);
        },
        callDuringReplay: false,
      },
    },
  };
  const worker = await Worker.create({
    connection: await NativeConnection.connect(),
    taskQueue: 'sinks',
    workflowsPath: require.resolve('./workflows'),
    activities,
    sinks,
    interceptors: {
      activity: [(ctx) => ({ inbound: new LoudActivities(ctx) })],
      workflowModules: [require.resolve('./workflows')],
    },
  });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
