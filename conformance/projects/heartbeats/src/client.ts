import { CancelledFailure, Client, WorkflowFailedError } from '@temporalio/client';
import { setTimeout } from 'timers/promises';
import { fetchWithDeadline, runCancellableActivity, survivesCrash } from './workflows';

async function run() {
  const client = new Client();
  const options = { taskQueue: 'heartbeats' };
  const crash = await client.workflow.start(survivesCrash, { ...options, workflowId: 'survives' });
  const handle = await client.workflow.start(runCancellableActivity, { ...options, workflowId: 'cancellable' });
  const slow = await client.workflow.start(fetchWithDeadline, { ...options, workflowId: 'deadline' });
  console.log('deadline', await slow.result());
  await setTimeout(40_000);
  await handle.cancel();
  console.log('Cancelled workflow successfully');
  try {
    await handle.result();
  } catch (err) {
    if (!(err instanceof WorkflowFailedError && err.cause instanceof CancelledFailure)) throw err;
    console.log('handle.result() threw because workflow was cancelled');
  }
  console.log('crash', await crash.result());
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
