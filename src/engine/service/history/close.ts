import type { RunId, Timestamp } from '../../../base/brand.ts';
import { uuidV4 } from '../../../base/random.ts';
import { formatDuration, formatTimestamp, parseDuration } from '../../../base/time.ts';
import type {
  ContinueAsNewInitiator, ContinueAsNewVersioningBehavior, ContinueAsNewWorkflowExecutionCommandAttributes, Failure, Payloads, ResetPoints, RetryState, WorkflowExecutionStartedEventAttributes,
} from '../../../api/proto.ts';
import { now, workflowKey, type Service } from '../service.ts';
import { cronBackoff } from '../schedules/cron.ts';
import type { Run } from '../state.ts';
import { cancelTimers } from './activity.ts';
import { initialFields } from './apply.ts';
import { addEvent, flushBuffer, type EventExtras } from './event-store.ts';
import { machine, transition } from './machine.ts';
import { abortUpdates } from './update.ts';
import { releaseQueries } from './query.ts';
import { isRetryable, nextBackoff, nextRetryDelay } from './retry.ts';
import { cappedRunTimeout, cappedTaskTimeout, createRun, emitRun } from './start.ts';
import { declinedTarget, inheritedAutoUpgrade } from './target-version.ts';
import { cancelTaskTimers, dropTask, failTask, hasPendingTask, hasStartedTask, scheduleTask } from './workflow-task.ts';

/** How a run ends, and what follows from it. */
export const runMachine = machine('run', {
  RUNNING: { complete: 'COMPLETED', fail: 'FAILED', timeOut: 'TIMED_OUT', cancel: 'CANCELED', terminate: 'TERMINATED', continueAsNew: 'CONTINUED_AS_NEW', pause: 'PAUSED' },
  /** No task runs; one that ran when the pause came cannot close the run, as the event of the pause waits behind it. */
  PAUSED: { unpause: 'RUNNING', timeOut: 'TIMED_OUT', terminate: 'TERMINATED' },
});

/** Two runs of a chain start at least this far apart (`history.workflowIdReuseMinimalInterval`). */
const MINIMAL_INTERVAL_MS = 1_000;

/** Whoever terminates a run because of a reset: its parent hears nothing of it. */
export const RESETTER_IDENTITY = 'history-resetter';

const newRunId = (svc: Service): RunId => uuidV4(svc.host.stream('service/runIds'));

// ---------------------------------------------------------------- by command

/** CompleteWorkflowExecution; a cron run gets a successor. */
export function completeRun(svc: Service, run: Run, result: Payloads | undefined, completedEventId: number, extras: EventExtras): void {
  transition(runMachine, run.status, 'complete');
  const wait = cronWait(svc, run);
  const next = wait >= 0 ? newRunId(svc) : '';
  addEvent(svc, run, 'workflowExecutionCompleted', { result, workflowTaskCompletedEventId: String(completedEventId), newExecutionRunId: next || undefined }, extras);
  afterClose(svc, run);
  if (next) startSuccessor(svc, run, next, wait, 'CONTINUE_AS_NEW_INITIATOR_CRON_SCHEDULE', { lastCompletionResult: result });
}

/** FailWorkflowExecution; a retry policy or cron schedule gives it a successor. */
export function failRun(svc: Service, run: Run, failure: Failure | undefined, completedEventId: number, extras: EventExtras): void {
  transition(runMachine, run.status, 'fail');
  const plan = planSuccessor(svc, run, failure ?? null);
  addEvent(svc, run, 'workflowExecutionFailed', {
    failure, retryState: plan.retryState, workflowTaskCompletedEventId: String(completedEventId), newExecutionRunId: plan.runId || undefined,
  }, extras);
  afterClose(svc, run);
  if (plan.runId) startSuccessor(svc, run, plan.runId, plan.waitMs, plan.initiator, { failure });
}

export function cancelRun(svc: Service, run: Run, details: Payloads | undefined, completedEventId: number, extras: EventExtras): void {
  transition(runMachine, run.status, 'cancel');
  addEvent(svc, run, 'workflowExecutionCanceled', { workflowTaskCompletedEventId: String(completedEventId), details }, extras);
  afterClose(svc, run);
}

/** ContinueAsNewWorkflowExecution: this run closes and the next one starts in one go. */
export function continueRunAsNew(svc: Service, run: Run, a: ContinueAsNewWorkflowExecutionCommandAttributes, completedEventId: number, extras: EventExtras): void {
  transition(runMachine, run.status, 'continueAsNew');
  const started = startedAttributes(run);
  const next = newRunId(svc);
  // The event keeps what the command said; only the new run is told the default.
  const initiator = a.initiator && a.initiator !== 'CONTINUE_AS_NEW_INITIATOR_UNSPECIFIED' ? a.initiator : 'CONTINUE_AS_NEW_INITIATOR_WORKFLOW';
  const waitMs = minimalWait(svc, run, parseDuration(a.backoffStartInterval));
  const taskQueue = { name: a.taskQueue?.name || run.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' as const };
  const workflowType = a.workflowType?.name ? a.workflowType : { name: run.workflowType };
  const runMs = cappedRunTimeout(parseDuration(a.workflowRunTimeout) || run.runTimeoutMs, run.executionTimeoutMs);
  const runTimeout = formatDuration(runMs);
  const taskTimeout = formatDuration(cappedTaskTimeout(parseDuration(a.workflowTaskTimeout) || run.taskTimeoutMs, runMs));
  addEvent(svc, run, 'workflowExecutionContinuedAsNew', {
    newExecutionRunId: next,
    workflowType,
    taskQueue,
    input: a.input,
    workflowRunTimeout: runTimeout,
    workflowTaskTimeout: taskTimeout,
    workflowTaskCompletedEventId: String(completedEventId),
    backoffStartInterval: a.backoffStartInterval,
    initiator: a.initiator,
    failure: a.failure,
    lastCompletionResult: a.lastCompletionResult,
    header: a.header,
    ...initialFields(a),
    inheritBuildId: a.inheritBuildId || undefined,
  }, extras);
  afterClose(svc, run);
  const child = createRun(svc, {
    namespace: run.namespace,
    workflowId: run.workflowId,
    runId: next,
    attributes: {
      ...chainAttributes(svc, run),
      workflowType,
      taskQueue,
      input: a.input,
      workflowExecutionTimeout: started.workflowExecutionTimeout,
      workflowRunTimeout: runTimeout,
      workflowTaskTimeout: taskTimeout,
      continuedExecutionRunId: run.runId,
      initiator,
      continuedFailure: a.failure,
      lastCompletionResult: a.lastCompletionResult,
      firstExecutionRunId: run.firstRunId,
      retryPolicy: a.retryPolicy,
      attempt: 1,
      cronSchedule: a.cronSchedule,
      memo: a.memo,
      searchAttributes: a.searchAttributes,
      header: a.header,
      ...inheritedVersion(run, a.initialVersioningBehavior === 'CONTINUE_AS_NEW_VERSIONING_BEHAVIOR_UNSPECIFIED' ? undefined : a.initialVersioningBehavior),
    },
    backoffMs: waitMs,
    executionTimeoutMs: run.executionTimeoutMs,
    expiresAt: run.expiresAt,
    requestId: uuidV4(svc.host.stream('service/ids')),
    // The new run has no user metadata: summary and details of a start stay with its first run.
  });
  if (waitMs === 0) scheduleTask(svc, child);
}

// ---------------------------------------------------------------- by force

/** TerminateWorkflowExecution and its like: a started Workflow Task fails first, buffered events are kept. */
export function terminateRun(svc: Service, run: Run, reason: string, details: Payloads | undefined, identity: string): void {
  forceClose(svc, run);
  transition(runMachine, run.status, 'terminate');
  addEvent(svc, run, 'workflowExecutionTerminated', { reason: reason || undefined, details, identity: identity || undefined });
  afterClose(svc, run);
}

/** The run timeout (or the execution timeout of its chain) is over. */
export function timeOutRun(svc: Service, run: Run): void {
  const expired = run.expiresAt > 0 && now(svc) >= run.expiresAt;
  const failure: Failure = { message: 'workflow timeout', source: 'Server', timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' } };
  const plan = expired ? { retryState: 'RETRY_STATE_TIMEOUT' as const, runId: '', waitMs: 0, initiator: 'CONTINUE_AS_NEW_INITIATOR_UNSPECIFIED' as const } : planSuccessor(svc, run, failure);
  forceClose(svc, run);
  transition(runMachine, run.status, 'timeOut');
  addEvent(svc, run, 'workflowExecutionTimedOut', { retryState: plan.retryState, newExecutionRunId: plan.runId || undefined });
  afterClose(svc, run);
  if (plan.runId) startSuccessor(svc, run, plan.runId, plan.waitMs, plan.initiator, { failure });
}

function forceClose(svc: Service, run: Run): void {
  if (hasStartedTask(run)) {
    failTask(svc, run, 'WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND', undefined, 'history-service');
    flushBuffer(svc, run);
  } else if (run.buffered.length > 0) flushBuffer(svc, run);
}

// ---------------------------------------------------------------- after the close event

/** Stops everything that belongs to the run, and tells parent and children (a moment later). */
function afterClose(svc: Service, run: Run): void {
  run.buffered = [];
  for (const id in run.activities) {
    const activity = run.activities[id];
    if (activity) cancelTimers(svc, activity);
  }
  for (const id in run.timers) {
    const timer = run.timers[id];
    if (timer?.timer !== null && timer?.timer !== undefined) svc.host.cancel(timer.timer);
  }
  if (run.runTimer !== null) svc.host.cancel(run.runTimer);
  if (run.backoffTimer !== null) svc.host.cancel(run.backoffTimer);
  run.runTimer = null;
  run.backoffTimer = null;
  if (hasPendingTask(run)) {
    if (hasStartedTask(run)) cancelTaskTimers(svc, run.task);
    else dropTask(svc, run);
  }
  emitRun(svc, run);
  if ((run.parent && !run.newRunId) || run.counts.children > 0) {
    svc.host.schedule(now(svc), { type: 'closeTransfer', workflowId: run.workflowId, runId: run.runId });
  }
  const watcher = run.newRunId ? undefined : svc.state.scheduleWatches[workflowKey(run.namespace, run.workflowId)];
  if (watcher) svc.transfers.push({ type: 'scheduleWatch', scheduleKey: watcher });
  const continuing = run.newRunId !== null;
  abortUpdates(svc, run, continuing ? 'continuing' : 'completed');
  releaseQueries(svc, run);
}

export const startedAttributes = (run: Run): WorkflowExecutionStartedEventAttributes => run.events[0]?.workflowExecutionStartedEventAttributes ?? {};

/** What every later run of a chain takes over: parent, root, reset points, priority. */
function chainAttributes(svc: Service, run: Run): WorkflowExecutionStartedEventAttributes {
  const started = startedAttributes(run);
  return {
    parentWorkflowNamespace: started.parentWorkflowNamespace,
    parentWorkflowNamespaceId: started.parentWorkflowNamespaceId,
    parentWorkflowExecution: started.parentWorkflowExecution,
    parentInitiatedEventId: started.parentInitiatedEventId,
    rootWorkflowExecution: started.rootWorkflowExecution,
    prevAutoResetPoints: resetPoints(inheritedResetPoints(svc, run)) ?? {},
    priority: run.priority ?? undefined,
    versioningOverride: run.versioning?.override?.pinned ? run.versioning.override : undefined,
  };
}

/** The version of the next run: one that is pinned stays on it, unless the command says how to begin. */
function inheritedVersion(run: Run, initial: ContinueAsNewVersioningBehavior | undefined): WorkflowExecutionStartedEventAttributes {
  const versioning = run.versioning;
  const version = versioning?.override?.pinned?.version ?? versioning?.deploymentVersion;
  if (version && initial === undefined && versioning?.behavior === 'VERSIONING_BEHAVIOR_PINNED' && !versioning.override?.autoUpgrade) return { inheritedPinnedVersion: version, declinedTargetVersionUpgrade: declinedTarget(run) };
  return inheritedAutoUpgrade(run, initial);
}

/** Reset points as messages name them; undefined when there are none. */
export function resetPoints(points: Run['resetPoints']): ResetPoints | undefined {
  if (points.length === 0) return undefined;
  return {
    points: points.map((p) => ({
      buildId: p.buildId || undefined, runId: p.runId, firstWorkflowTaskCompletedId: String(p.firstWorkflowTaskCompletedId), createTime: formatTimestamp(p.createdAt),
      expireTime: p.expiresAt === null ? undefined : formatTimestamp(p.expiresAt), resettable: true,
    })),
  };
}

/** Those that the next run of the chain takes over: this run's own ones expire with its retention, expired ones are left out. */
function inheritedResetPoints(svc: Service, run: Run): Run['resetPoints'] {
  const at = now(svc);
  const expiresAt = (at + (svc.state.namespaces[run.namespace]?.retentionMs ?? 0)) as Timestamp;
  return run.resetPoints.map((p) => (p.runId === run.runId ? { ...p, expiresAt } : p)).filter((p) => p.expiresAt === null || p.expiresAt >= at);
}

interface SuccessorPlan {
  readonly retryState: RetryState;
  /** Empty when there is none. */
  readonly runId: RunId;
  readonly waitMs: number;
  readonly initiator: ContinueAsNewInitiator;
}

/** Whether a failed or timed-out run gets a successor: by its retry policy, else by its cron schedule. */
function planSuccessor(svc: Service, run: Run, failure: Failure | null): SuccessorPlan {
  const none = { runId: '', waitMs: 0, initiator: 'CONTINUE_AS_NEW_INITIATOR_UNSPECIFIED' as const };
  let retryState: RetryState = 'RETRY_STATE_RETRY_POLICY_NOT_SET';
  const policy = run.retryPolicy;
  if (policy) {
    if (!isRetryable(failure, policy.nonRetryableErrorTypes ?? [])) retryState = 'RETRY_STATE_NON_RETRYABLE_FAILURE';
    else {
      const backoff = nextBackoff({
        now: now(svc), attempt: run.attempt, initialMs: parseDuration(policy.initialInterval), coefficient: policy.backoffCoefficient ?? 2, maximumMs: parseDuration(policy.maximumInterval),
        maximumAttempts: policy.maximumAttempts ?? 0, expiresAt: run.expiresAt, delayMs: nextRetryDelay(failure),
      });
      retryState = backoff.state;
      if (retryState === 'RETRY_STATE_IN_PROGRESS') return { retryState, runId: newRunId(svc), waitMs: backoff.waitMs, initiator: 'CONTINUE_AS_NEW_INITIATOR_RETRY' };
    }
  }
  const wait = cronWait(svc, run);
  return wait < 0 ? { retryState, ...none } : { retryState, runId: newRunId(svc), waitMs: wait, initiator: 'CONTINUE_AS_NEW_INITIATOR_CRON_SCHEDULE' };
}

/** Milliseconds to the next cron run; −1 without a schedule. */
function cronWait(svc: Service, run: Run): number {
  return run.cronSchedule ? cronBackoff(run.cronSchedule, run.executionAt, now(svc)) : -1;
}

/** A run of a chain starts at least a second after the one before it, whose delay does not count, unless it was cut short (`ContinueAsNewMinBackoff`). */
function minimalWait(svc: Service, run: Run, waitMs: number): number {
  const lifetime = now(svc) - (run.executionAt <= now(svc) ? run.executionAt : run.startedAt);
  return lifetime + waitMs < MINIMAL_INTERVAL_MS ? MINIMAL_INTERVAL_MS - lifetime : waitMs;
}

function startSuccessor(
  svc: Service, run: Run, runId: RunId, waitMs: number, initiator: ContinueAsNewInitiator, last: { readonly failure?: Failure | undefined; readonly lastCompletionResult?: Payloads | undefined },
): void {
  const started = startedAttributes(run);
  const retry = initiator === 'CONTINUE_AS_NEW_INITIATOR_RETRY';
  const backoffMs = minimalWait(svc, run, waitMs);
  const next = createRun(svc, {
    namespace: run.namespace,
    workflowId: run.workflowId,
    runId,
    attributes: {
      ...chainAttributes(svc, run),
      workflowType: started.workflowType,
      taskQueue: started.taskQueue,
      input: started.input,
      workflowExecutionTimeout: started.workflowExecutionTimeout,
      workflowRunTimeout: started.workflowRunTimeout,
      workflowTaskTimeout: started.workflowTaskTimeout,
      continuedExecutionRunId: run.runId,
      initiator,
      continuedFailure: last.failure,
      lastCompletionResult: last.lastCompletionResult ?? started.lastCompletionResult,
      firstExecutionRunId: run.firstRunId,
      retryPolicy: started.retryPolicy,
      attempt: retry ? run.attempt + 1 : 1,
      cronSchedule: started.cronSchedule,
      memo: started.memo,
      searchAttributes: started.searchAttributes,
      header: started.header,
      ...(retry && started.inheritedPinnedVersion ? { inheritedPinnedVersion: started.inheritedPinnedVersion, declinedTargetVersionUpgrade: declinedTarget(run) } : {}),
      ...(retry ? inheritedAutoUpgrade(run, started.inheritedAutoUpgradeInfo?.continueAsNewInitialVersioningBehavior) : {}),
    },
    backoffMs,
    executionTimeoutMs: run.executionTimeoutMs,
    expiresAt: run.expiresAt,
    requestId: uuidV4(svc.host.stream('service/ids')),
  });
  if (backoffMs === 0) scheduleTask(svc, next);
}
