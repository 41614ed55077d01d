import { decodePriority, decompileRetryPolicy, TypedSearchAttributes } from '@temporalio/common';
import { msNumberToTs, optionalTsToDate, optionalTsToMs, tsToDate } from '@temporalio/common/lib/time';

/**
 * `WorkflowInfo` as @temporalio/worker builds it (lib/worker.js, createWorkflow). What the job does not say comes from what Core said when
 * it made the run: namespace and task queue above all.
 * @param given workflowId, runId, workflowType, namespace, taskQueue
 * @param activation as `readActivation` gives it
 * @param job initializeWorkflow, as protobufjs would have decoded it
 */
export function workflowInfo(given: any, activation: any, job: any): any {
  const parent = job.parentWorkflowInfo;
  const root = job.rootWorkflow;
  // In the genuine order, which is that of its JSON.
  return {
    workflowId: job.workflowId || given.workflowId,
    runId: given.runId,
    workflowType: job.workflowType || given.workflowType,
    searchAttributes: {},
    typedSearchAttributes: new TypedSearchAttributes(),
    parent: parent?.workflowId && parent.runId && parent.namespace ? { workflowId: parent.workflowId, runId: parent.runId, namespace: parent.namespace } : undefined,
    root: root?.workflowId && root.runId ? { workflowId: root.workflowId, runId: root.runId } : undefined,
    taskQueue: given.taskQueue,
    namespace: given.namespace,
    firstExecutionRunId: job.firstExecutionRunId || given.runId,
    originalExecutionRunId: job.originalExecutionRunId || given.runId,
    continuedFromExecutionRunId: job.continuedFromExecutionRunId || undefined,
    startTime: job.startTime ? tsToDate(job.startTime) : new Date(activation.now),
    runStartTime: tsToDate(msNumberToTs(activation.now)),
    executionTimeoutMs: optionalTsToMs(job.workflowExecutionTimeout),
    executionExpirationTime: optionalTsToDate(job.workflowExecutionExpirationTime),
    // A child without one has 0: its start event says so.
    runTimeoutMs: optionalTsToMs(job.workflowRunTimeout),
    taskTimeoutMs: optionalTsToMs(job.workflowTaskTimeout) ?? 10_000,
    retryPolicy: decompileRetryPolicy(job.retryPolicy),
    attempt: job.attempt || 1,
    cronSchedule: job.cronSchedule || undefined,
    cronScheduleToScheduleInterval: optionalTsToMs(job.cronScheduleToScheduleInterval) || undefined,
    ...activation.facts,
    // Functions come last: they do not pass to the genuine worker's workflow thread, which adds its own.
    unsafe: { isReplaying: activation.isReplaying, isReplayingHistoryEvents: activation.isReplaying, now: () => Date.now(), random: undefined },
    priority: decodePriority(job.priority),
  };
}
