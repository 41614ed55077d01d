import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';

async function run() {
  const worker = await Worker.create({
    connection: await NativeConnection.connect(),
    taskQueue: 'versioned',
    workflowsPath: require.resolve('./workflows-v1'),
    activities,
    workerDeploymentOptions: { useWorkerVersioning: true, version: { deploymentName: 'my-deployment', buildId: '1.0' }, defaultVersioningBehavior: 'PINNED' },
  });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
