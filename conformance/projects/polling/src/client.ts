import { Client } from '@temporalio/client';
import { frequentPolling, infrequentPolling, periodicPolling, toldPolling } from './workflows';

async function run() {
  const { workflow } = new Client();
  for (const type of [frequentPolling, infrequentPolling, toldPolling, periodicPolling]) {
    const before = Date.now();
    const result = await workflow.execute(type, { taskQueue: 'polling', workflowId: type.name });
    console.log(type.name, result, `${Math.floor((Date.now() - before) / 1000)} s`);
  }
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
