import { CancelledFailure, Client, WorkflowFailedError } from '@temporalio/client';
import { subscription } from './workflows';

async function run() {
  const client = new Client();
  const handle = client.workflow.getHandle<typeof subscription>('sub-leaves');
  await handle.cancel();
  try {
    await handle.result();
  } catch (err) {
    if (err instanceof WorkflowFailedError && err.cause instanceof CancelledFailure) console.log(`${handle.workflowId}: ${err.cause.message}`);
    else throw err;
  }
  console.log((await handle.describe()).status.name, await client.workflow.getHandle('sub-keeps').result());
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
