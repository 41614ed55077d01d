import { Client, WithStartWorkflowOperation, WorkflowUpdateFailedError } from '@temporalio/client';
import { confirmation, transaction } from './workflows';

async function run() {
  const client = new Client();
  for (const amount of [100, -5]) {
    const startWorkflowOperation = new WithStartWorkflowOperation(transaction, {
      workflowId: `transaction-${amount}`,
      args: [amount],
      taskQueue: 'early-return',
      workflowIdConflictPolicy: 'FAIL',
    });
    const began = Date.now();
    try {
      const id = await client.workflow.executeUpdateWithStart(confirmation, { startWorkflowOperation });
      console.log('confirmed', id, Date.now() - began < 2000 ? 'early' : 'late');
      console.log(await (await startWorkflowOperation.workflowHandle()).result());
    } catch (err) {
      console.log(err instanceof WorkflowUpdateFailedError, (err as Error).message);
    }
  }
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
