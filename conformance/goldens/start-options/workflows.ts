import { workflowInfo } from '@temporalio/workflow';

/** What the code can see of its start. */
export async function sees(): Promise<unknown> {
  const info = workflowInfo();
  return {
    attempt: info.attempt,
    cron: info.cronSchedule ?? null,
    execution: info.executionTimeoutMs ?? null,
    run: info.runTimeoutMs ?? null,
    task: info.taskTimeoutMs,
    taskQueue: info.taskQueue,
    type: info.workflowType,
    id: info.workflowId,
    namespace: info.namespace,
    memo: info.memo ?? null,
    retry: info.retryPolicy ?? null,
    length: info.historyLength,
    suggested: info.continueAsNewSuggested,
    root: info.root ?? null,
    parent: info.parent ?? null,
    priority: info.priority ?? null,
  };
}
