import { activityInfo } from '@temporalio/activity';
import { Worker } from '@temporalio/worker';

async function run() {
  const worker = await Worker.create({
    taskQueue: 'dynamic',
    workflowsPath: require.resolve('./workflows'),
    activities: {
      greetSomebody: async (name: string) => `Hello ${name}`,
      default: async (...args: unknown[]) => `${activityInfo().activityType} got ${args.length}`,
    },
  });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
