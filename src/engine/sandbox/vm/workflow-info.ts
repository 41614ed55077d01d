import { convertDeploymentVersion, decodePriority, decompileRetryPolicy, TypedSearchAttributes } from '@temporalio/common';
import { msNumberToTs, optionalTsToDate, optionalTsToMs, tsToDate } from '@temporalio/common/lib/time';

/**
 * `WorkflowInfo` as @temporalio/worker builds it (lib/worker.js, createWorkflow). What the job does not say comes from what Core said when
 * it made the run: namespace and task queue above all.
 * @param given WorkflowInfo in JSON; dates as milliseconds
 * @param activation as `readActivation` gives it
 * @param job initializeWorkflow, as protobufjs would have decoded it
 */
export function workflowInfo(given: any, activation: any, job: any): any {
  const parent = job.parentWorkflowInfo;
  const root = job.rootWorkflow;
  const fromJob = {
    workflowId: job.workflowId || undefined,
    workflowType: job.workflowType || undefined,
    parent: parent?.workflowId && parent.runId && parent.namespace ? { workflowId: parent.workflowId, runId: parent.runId, namespace: parent.namespace } : undefined,
    root: root?.workflowId && root.runId ? { workflowId: root.workflowId, runId: root.runId } : undefined,
    firstExecutionRunId: job.firstExecutionRunId || undefined,
    originalExecutionRunId: job.originalExecutionRunId || undefined,
    continuedFromExecutionRunId: job.continuedFromExecutionRunId || undefined,
    startTime: job.startTime ? tsToDate(job.startTime) : undefined,
    executionTimeoutMs: optionalTsToMs(job.workflowExecutionTimeout),
    executionExpirationTime: optionalTsToDate(job.workflowExecutionExpirationTime),
    runTimeoutMs: optionalTsToMs(job.workflowRunTimeout),
    taskTimeoutMs: optionalTsToMs(job.workflowTaskTimeout),
    retryPolicy: decompileRetryPolicy(job.retryPolicy),
    attempt: job.attempt || undefined,
    cronSchedule: job.cronSchedule || undefined,
    cronScheduleToScheduleInterval: optionalTsToMs(job.cronScheduleToScheduleInterval) || undefined,
  };
  const info: Record<string, unknown> = {
    searchAttributes: {},
    typedSearchAttributes: new TypedSearchAttributes(),
    parent: undefined,
    root: undefined,
    continuedFromExecutionRunId: undefined,
    executionTimeoutMs: undefined,
    executionExpirationTime: undefined,
    runTimeoutMs: undefined,
    taskTimeoutMs: 10_000,
    retryPolicy: undefined,
    attempt: 1,
    cronSchedule: undefined,
    cronScheduleToScheduleInterval: undefined,
    ...withDates(given),
  };
  for (const [name, value] of Object.entries(fromJob)) if (value !== undefined) info[name] = value;
  return {
    ...info,
    firstExecutionRunId: info['firstExecutionRunId'] ?? info['runId'],
    originalExecutionRunId: info['originalExecutionRunId'] ?? info['runId'],
    startTime: info['startTime'] ?? new Date(activation.now),
    runStartTime: tsToDate(msNumberToTs(activation.now)),
    historyLength: activation.historyLength,
    historySize: activation.historySize,
    continueAsNewSuggested: activation.continueAsNewSuggested,
    targetWorkerDeploymentVersionChanged: activation.targetWorkerDeploymentVersionChanged,
    suggestedContinueAsNewReasons: activation.suggestedContinueAsNewReasons,
    currentBuildId: activation.currentDeploymentVersion?.buildId ?? '',
    currentDeploymentVersion: convertDeploymentVersion(activation.currentDeploymentVersion),
    priority: decodePriority(job.priority),
    unsafe: { isReplaying: activation.isReplaying, isReplayingHistoryEvents: activation.isReplaying },
  };
}

function withDates(given: any): any {
  const out = { ...given };
  for (const name of ['startTime', 'runStartTime', 'executionExpirationTime']) if (typeof out[name] === 'number') out[name] = new Date(out[name]);
  return out;
}
