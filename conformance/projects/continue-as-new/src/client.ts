import { Client, WorkflowContinuedAsNewError } from '@temporalio/client';
import { loopingWorkflow } from './workflows';

async function run() {
  const client = new Client();
  const handle = await client.workflow.start(loopingWorkflow, { taskQueue: 'continue-as-new', workflowId: 'loop' });
  console.log(await handle.result());
  const first = client.workflow.getHandle('loop', handle.firstExecutionRunId, { followRuns: false });
  try {
    await first.result();
  } catch (err) {
    console.log(err instanceof WorkflowContinuedAsNewError, (err as Error).name, (err as Error).message);
  }
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
