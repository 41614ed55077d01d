import { Client } from '@temporalio/client';
import { nanoid } from 'nanoid';
import { fileProcessingWorkflow } from './workflows';

async function run() {
  const client = new Client();
  const handles = await Promise.all(
    ['a', 'b', 'c', 'd'].map((x) => client.workflow.start(fileProcessingWorkflow, { taskQueue: 'normal-task-queue', workflowId: `file-${x}-${nanoid(4)}`, args: [5] })),
  );
  console.log(await Promise.all(handles.map((handle) => handle.result())));
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
