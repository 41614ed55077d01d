import { NativeConnection, Worker } from '@temporalio/worker';

async function run() {
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const worker = await Worker.create({
    connection,
    taskQueue: 'deployment-versions',
    workflowsPath: require.resolve('./workflows'),
    activities: { build: async () => '2.0' },
    workerDeploymentOptions: { version: { deploymentName: 'shop', buildId: '2.0' }, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' },
  });
  await worker.run();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
