import { Client, type WorkflowHandle } from '@temporalio/client';
import { setTimeout } from 'node:timers/promises';
import { myWorkflow } from './workflows';

async function run() {
  const client = new Client();
  const handles: WorkflowHandle<typeof myWorkflow>[] = [];
  for (const [version, hours] of [['v1', 8], ['v2', 18], ['v3', 32], ['v4', 0]] as const) {
    handles.push(await client.workflow.start(myWorkflow, { taskQueue: 'patching', workflowId: `started-on-${version}` }));
    await setTimeout(hours * 3_600_000);
  }
  for (const handle of handles) console.log(handle.workflowId, await handle.result());
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
