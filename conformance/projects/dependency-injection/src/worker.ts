import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from './activities';

async function run() {
  // Stands for a database connection that is opened once per process.
  const db = {
    async get(_key: string) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      return 'Temporal';
    },
  };
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address: 'localhost:7233' }),
    taskQueue: 'dependency-injection',
    workflowsPath: require.resolve('./workflows'),
    activities: createActivities(db),
  });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
