import type { RunId, Timestamp } from '../../../base/brand.ts';
import { formatDuration, formatTimestamp } from '../../../base/time.ts';
import type { HistoryEvent, Link, UserMetadata, WorkflowExecutionStartedEventAttributes } from '../../../api/proto.ts';
import { now, workflowKey, type Service } from '../service.ts';
import type { Run } from '../state.ts';
import { initialFields, runFromStarted } from './apply.ts';
import { addEvent } from './event-store.ts';
import { keptOverride } from './run-options.ts';

const DEFAULT_TASK_TIMEOUT_MS = 10_000;
const MAX_TASK_TIMEOUT_MS = 120_000;

/** A run's timeout: no longer than that of its chain; 0 for none (`overrideWorkflowRunTimeout`). */
export function cappedRunTimeout(runMs: number, executionMs: number): number {
  if (executionMs === 0 || runMs === 0) return runMs || executionMs;
  return Math.min(runMs, executionMs);
}

/** The start-to-close timeout of Workflow Tasks: no longer than the run's (`overrideWorkflowTaskTimeout`). */
export function cappedTaskTimeout(taskMs: number, runMs: number): number {
  const timeoutMs = Math.min(taskMs || DEFAULT_TASK_TIMEOUT_MS, MAX_TASK_TIMEOUT_MS);
  return runMs === 0 ? timeoutMs : Math.min(timeoutMs, runMs);
}

/** How a run begins. `attributes` hold everything that WorkflowExecutionStarted says but the ids. */
export interface RunSpec {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: RunId;
  readonly attributes: WorkflowExecutionStartedEventAttributes;
  readonly backoffMs: number;
  readonly executionTimeoutMs: number;
  /** End of the chain of runs where it is known already. */
  readonly expiresAt: number;
  readonly requestId: string;
  readonly userMetadata?: UserMetadata | undefined;
  readonly links?: Link[] | undefined;
}

/** Makes a run with its first event and puts it in front of its workflow id. The first Workflow Task is the caller's. */
export function createRun(svc: Service, spec: RunSpec): Run {
  const at = now(svc);
  const expiresAt = spec.expiresAt || (spec.executionTimeoutMs > 0 ? at + spec.executionTimeoutMs : 0);
  const a = spec.attributes;
  const attributes: WorkflowExecutionStartedEventAttributes = {
    workflowType: a.workflowType,
    parentWorkflowNamespace: a.parentWorkflowNamespace,
    parentWorkflowNamespaceId: a.parentWorkflowNamespaceId,
    parentWorkflowExecution: a.parentWorkflowExecution,
    parentInitiatedEventId: a.parentInitiatedEventId,
    taskQueue: a.taskQueue,
    input: a.input,
    workflowExecutionTimeout: a.workflowExecutionTimeout,
    workflowRunTimeout: a.workflowRunTimeout,
    workflowTaskTimeout: a.workflowTaskTimeout,
    continuedExecutionRunId: a.continuedExecutionRunId || undefined,
    initiator: a.initiator ?? (a.cronSchedule ? 'CONTINUE_AS_NEW_INITIATOR_CRON_SCHEDULE' : undefined),
    continuedFailure: a.continuedFailure,
    lastCompletionResult: a.lastCompletionResult,
    originalExecutionRunId: a.originalExecutionRunId || spec.runId,
    identity: a.identity || undefined,
    firstExecutionRunId: a.firstExecutionRunId || spec.runId,
    retryPolicy: a.retryPolicy,
    attempt: a.attempt ?? 1,
    workflowExecutionExpirationTime: expiresAt ? formatTimestamp(expiresAt as Timestamp) : undefined,
    cronSchedule: a.cronSchedule || undefined,
    // A run that follows another one at once says nothing of it.
    firstWorkflowTaskBackoff: spec.backoffMs === 0 && a.continuedExecutionRunId ? undefined : formatDuration(spec.backoffMs),
    ...initialFields(a),
    prevAutoResetPoints: a.prevAutoResetPoints,
    header: a.header,
    workflowId: spec.workflowId,
    completionCallbacks: a.completionCallbacks?.length ? a.completionCallbacks : undefined,
    rootWorkflowExecution: a.rootWorkflowExecution,
    versioningOverride: keptOverride(a.versioningOverride),
    priority: a.priority,
    inheritedPinnedVersion: a.inheritedPinnedVersion,
    inheritedAutoUpgradeInfo: a.inheritedAutoUpgradeInfo,
    declinedTargetVersionUpgrade: a.declinedTargetVersionUpgrade,
    eagerExecutionAccepted: a.eagerExecutionAccepted || undefined,
  };
  const draft: HistoryEvent = { eventTime: formatTimestamp(at), workflowExecutionStartedEventAttributes: attributes, userMetadata: spec.userMetadata };
  const run = runFromStarted(spec.namespace, spec.runId, draft);
  run.createRequestId = spec.requestId;
  if (spec.requestId) run.requestIds[spec.requestId] = true;
  svc.state.runs[run.runId] = run;
  const key = workflowKey(spec.namespace, spec.workflowId);
  const workflow = svc.state.workflows[key];
  if (workflow) {
    workflow.currentRunId = run.runId;
    workflow.runIds.push(run.runId);
  } else svc.state.workflows[key] = { namespace: spec.namespace, workflowId: spec.workflowId, currentRunId: run.runId, runIds: [run.runId] };
  emitRun(svc, run);
  addEvent(svc, run, 'workflowExecutionStarted', attributes, { userMetadata: spec.userMetadata, links: spec.links });
  const runEnd = run.runTimeoutMs > 0 ? at + spec.backoffMs + run.runTimeoutMs : 0;
  const end = expiresAt && (!runEnd || expiresAt < runEnd) ? expiresAt : runEnd;
  if (end) run.runTimer = svc.host.schedule(end as Timestamp, { type: 'workflowRunTimeout', workflowId: run.workflowId, runId: run.runId });
  if (spec.backoffMs > 0) {
    run.backoffTimer = svc.host.schedule((at + spec.backoffMs) as Timestamp, { type: 'workflowBackoff', workflowId: run.workflowId, runId: run.runId });
  }
  return run;
}

/** Tells the trace that a run opened or changed its status. */
export function emitRun(svc: Service, run: Run): void {
  svc.host.emit({
    type: 'run', workflowId: run.workflowId, runId: run.runId, workflowType: run.workflowType, taskQueue: run.taskQueue, status: run.status,
    parent: run.parent ? { workflowId: run.parent.workflowId, runId: run.parent.runId } : undefined,
  });
}
