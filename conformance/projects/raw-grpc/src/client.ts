import { Connection, isGrpcServiceError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

/** Calls of the service without the client on top of it. */
async function run() {
  const connection = await Connection.connect();
  const { workflowService } = connection;
  const { runId } = await workflowService.startWorkflowExecution({
    namespace: 'default',
    workflowId: 'raw-1',
    requestId: 'request-1',
    workflowType: { name: 'idle' },
    taskQueue: { name: 'raw' },
    input: { payloads: [defaultPayloadConverter.toPayload('unused')!] },
  });
  const { history } = await workflowService.getWorkflowExecutionHistory({ namespace: 'default', execution: { workflowId: 'raw-1', runId } });
  console.log(history?.events?.length, history?.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name);
  const described = await connection.withDeadline(Date.now() + 5000, () => workflowService.describeWorkflowExecution({ namespace: 'default', execution: { workflowId: 'raw-1' } }));
  console.log(described.workflowExecutionInfo?.status, described.workflowExecutionInfo?.execution?.runId === runId);
  try {
    await workflowService.describeWorkflowExecution({ namespace: 'default', execution: { workflowId: 'raw-2' } });
  } catch (err) {
    console.log(isGrpcServiceError(err), (err as { code: number }).code, (err as { details: string }).details);
  }
  const { pollers } = await workflowService.describeTaskQueue({ namespace: 'default', taskQueue: { name: 'raw' }, taskQueueType: 1 });
  console.log((pollers ?? []).length > 0);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
