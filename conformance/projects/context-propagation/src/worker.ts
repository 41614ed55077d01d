import { Worker } from '@temporalio/worker';
import * as activities from './activities';
import { extract, withContext } from './context';

async function run() {
  const worker = await Worker.create({
    taskQueue: 'context',
    workflowsPath: require.resolve('./workflows'),
    activities,
    interceptors: {
      workflowModules: [require.resolve('./workflow-interceptors')],
      activity: [() => ({ inbound: { execute: (input, next) => withContext(extract(input.headers), () => next(input)) } })],
    },
  });
  await worker.run();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
