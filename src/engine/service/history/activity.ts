import { assert } from '../../../base/assert.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { formatDuration } from '../../../base/time.ts';
import type {
  Failure, HistoryEvent, Payloads, RespondActivityTaskCompletedRequest, RetryPolicy, RetryState, ScheduleActivityTaskCommandAttributes, TimeoutType, WorkerVersionStamp,
} from '../../../api/proto.ts';
import { jsonPayload } from '../../../api/json-payload.ts';
import type { PendingActivityEntry } from '../../../trace/entries.ts';
import { now, type Service } from '../service.ts';
import type { ActivityInfo, Run } from '../state.ts';
import { addEvent, type EventExtras } from './event-store.ts';
import { machine, transition } from './machine.ts';
import { isRetryable, nextBackoff, nextRetryDelay } from './retry.ts';

/**
 * A pending activity. All attempts but the last stay in memory: ActivityTaskStarted is written together with the event that closes
 * the activity (and carries the time at which it really started).
 */
export const activityMachine = machine('activity', {
  scheduled: { start: 'started', timeOut: 'closed', cancel: 'closed', pause: 'paused', reset: 'scheduled' },
  started: { complete: 'closed', fail: 'closed', timeOut: 'closed', retry: 'backoff', retryPaused: 'paused', requestCancel: 'cancelRequested' },
  cancelRequested: { complete: 'closed', fail: 'closed', timeOut: 'closed', canceled: 'closed' },
  backoff: { backoffElapsed: 'scheduled', timeOut: 'closed', cancel: 'closed', pause: 'paused', reset: 'scheduled' },
  paused: { unpause: 'scheduled', cancel: 'closed', reset: 'paused' },
});

export type ActivityState = keyof typeof activityMachine.table;

export function activityState(activity: ActivityInfo): ActivityState {
  if (activity.startedEventId !== 0) return activity.cancelRequested ? 'cancelRequested' : 'started';
  if (activity.paused) return 'paused';
  return activity.backoff ? 'backoff' : 'scheduled';
}

const TIMEOUT_TYPES: { readonly [name: string]: TimeoutType } = {
  StartToClose: 'TIMEOUT_TYPE_START_TO_CLOSE',
  ScheduleToStart: 'TIMEOUT_TYPE_SCHEDULE_TO_START',
  ScheduleToClose: 'TIMEOUT_TYPE_SCHEDULE_TO_CLOSE',
  Heartbeat: 'TIMEOUT_TYPE_HEARTBEAT',
};
const NO_TIME_TO_RETRY = 'Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying';
const NOT_STARTED: Payloads = { payloads: [jsonPayload('ACTIVITY_ID_NOT_STARTED')] };

/** Writes ActivityTaskScheduled for a command (its attributes are normalized) and, unless started eagerly, hands the task to matching. */
export function scheduleActivity(svc: Service, run: Run, attributes: ScheduleActivityTaskCommandAttributes, completedEventId: number, bypass: boolean, extras: EventExtras): ActivityInfo {
  const event = addEvent(svc, run, 'activityTaskScheduled', {
    activityId: attributes.activityId,
    activityType: attributes.activityType,
    taskQueue: attributes.taskQueue,
    header: attributes.header,
    input: attributes.input,
    scheduleToCloseTimeout: attributes.scheduleToCloseTimeout,
    scheduleToStartTimeout: attributes.scheduleToStartTimeout,
    startToCloseTimeout: attributes.startToCloseTimeout,
    heartbeatTimeout: attributes.heartbeatTimeout,
    workflowTaskCompletedEventId: String(completedEventId),
    retryPolicy: attributes.retryPolicy,
    useWorkflowBuildId: attributes.useWorkflowBuildId || undefined,
    priority: attributes.priority,
  }, extras);
  const activity = run.activities[Number(event.eventId)] as ActivityInfo;
  if (!bypass) dispatch(svc, run, activity);
  armTimeout(svc, run, activity);
  emitActivity(svc, run, activity);
  return activity;
}

/** Hands the current attempt to matching. */
export function dispatch(svc: Service, run: Run, activity: ActivityInfo): void {
  svc.transfers.push({ type: 'activityTask', runId: run.runId, scheduledEventId: activity.scheduledEventId, stamp: activity.stamp });
}

/** A worker takes the task. No event is written yet. */
export function startActivity(
  svc: Service, run: Run, activity: ActivityInfo,
  start: { readonly requestId: string; readonly identity: string; readonly deploymentVersion: ActivityInfo['deploymentVersion'] },
): void {
  transition(activityMachine, activityState(activity), 'start');
  activity.startedEventId = -1;
  activity.startedAt = now(svc);
  activity.requestId = start.requestId;
  activity.identity = start.identity;
  activity.lastIdentity = start.identity;
  activity.deploymentVersion = start.deploymentVersion;
  armTimeout(svc, run, activity);
  emitActivity(svc, run, activity);
}

/** The retry policy that holds for the activity now, as its options have it: without the types that are not retried. */
export const retryOptionsOf = ({ retry }: ActivityInfo): RetryPolicy => ({
  initialInterval: formatDuration(retry.initialMs), backoffCoefficient: retry.coefficient, maximumInterval: formatDuration(retry.maximumMs), maximumAttempts: retry.maximumAttempts || undefined,
});

/** The same as a worker gets it, whole. */
export const retryPolicyOf = (activity: ActivityInfo): RetryPolicy => ({
  ...retryOptionsOf(activity), nonRetryableErrorTypes: activity.retry.nonRetryable.length ? activity.retry.nonRetryable : undefined,
});

/** The next attempt starts as if there had been no heartbeat. */
export function forgetHeartbeats(activity: ActivityInfo): void {
  activity.heartbeatDetails = null;
  activity.lastHeartbeatAt = 0;
}

/** The scheduled event of a pending activity. */
export const scheduledEvent = (run: Run, activity: ActivityInfo): HistoryEvent => run.events[activity.scheduledEventId - 1] as HistoryEvent;

export function completeActivity(svc: Service, run: Run, activity: ActivityInfo, request: RespondActivityTaskCompletedRequest): void {
  closing(svc, run, activity, 'complete');
  writeStarted(svc, run, activity, request.workerVersion ?? null);
  addEvent(svc, run, 'activityTaskCompleted', {
    result: request.result,
    scheduledEventId: String(activity.scheduledEventId),
    startedEventId: startedId(activity),
    identity: request.identity || undefined,
  });
  closed(svc, run, activity);
}

/** The attempt failed: back-off and another attempt, or ActivityTaskFailed. True when the activity is closed. */
export function failActivity(svc: Service, run: Run, activity: ActivityInfo, failure: Failure, identity: string, workerVersion: WorkerVersionStamp | null): boolean {
  if (identity) activity.lastIdentity = identity;
  const retryState = retryActivity(svc, run, activity, failure);
  if (retryState === 'RETRY_STATE_IN_PROGRESS') return false;
  closing(svc, run, activity, 'fail');
  writeStarted(svc, run, activity, workerVersion);
  addEvent(svc, run, 'activityTaskFailed', {
    failure,
    scheduledEventId: String(activity.scheduledEventId),
    startedEventId: startedId(activity),
    identity: identity || undefined,
    retryState,
  });
  closed(svc, run, activity);
  return true;
}

/** The worker reports that the activity ended because it was asked to cancel. */
export function cancelStartedActivity(svc: Service, run: Run, activity: ActivityInfo, details: Payloads | undefined, identity: string): void {
  closing(svc, run, activity, 'canceled');
  writeStarted(svc, run, activity, null);
  addEvent(svc, run, 'activityTaskCanceled', {
    details,
    latestCancelRequestedEventId: activity.cancelRequestedEventId ? String(activity.cancelRequestedEventId) : undefined,
    scheduledEventId: String(activity.scheduledEventId),
    startedEventId: startedId(activity),
    identity: identity || undefined,
  });
  closed(svc, run, activity);
}

/**
 * The workflow asks to cancel. An activity that is not running is canceled at once (true is returned); one that runs learns of it
 * with its next heartbeat.
 */
export function requestCancelActivity(svc: Service, run: Run, scheduledEventId: number, completedEventId: number, identity: string, extras: EventExtras): boolean {
  const activity = run.activities[scheduledEventId];
  const state = activity ? activityState(activity) : null;
  addEvent(svc, run, 'activityTaskCancelRequested', { scheduledEventId: String(scheduledEventId), workflowTaskCompletedEventId: String(completedEventId) }, extras);
  if (!activity || state === null) return false;
  if (activity.startedEventId !== 0) {
    if (state === 'started') transition(activityMachine, state, 'requestCancel');
    emitActivity(svc, run, activity);
    return false;
  }
  transition(activityMachine, state, 'cancel');
  cancelTimers(svc, activity);
  addEvent(svc, run, 'activityTaskCanceled', {
    details: NOT_STARTED,
    latestCancelRequestedEventId: String(activity.cancelRequestedEventId),
    scheduledEventId: String(scheduledEventId),
    identity: identity || undefined,
  });
  closed(svc, run, activity);
  return true;
}

/** Saves progress. The answer tells the worker what it has to know. */
export function heartbeat(svc: Service, run: Run, activity: ActivityInfo, details: Payloads | undefined, identity: string): { cancelRequested: boolean; activityPaused: boolean; activityReset: boolean } {
  if (identity) activity.lastIdentity = identity;
  activity.heartbeatDetails = details ?? null;
  activity.lastHeartbeatAt = now(svc);
  armTimeout(svc, run, activity);
  emitActivity(svc, run, activity);
  return { cancelRequested: activity.cancelRequested, activityPaused: activity.paused !== null, activityReset: activity.resetRequested };
}

/** Deals with every timeout that is due, in one transaction. True when an activity is closed by it. */
export function timeOutDueActivities(svc: Service, run: Run): boolean {
  const due = Object.values(run.activities).filter((activity) => activity.timer !== null && activity.timeoutAt <= now(svc));
  let anyClosed = false;
  for (const activity of due.sort((a, b) => a.timeoutAt - b.timeoutAt || a.scheduledEventId - b.scheduledEventId)) {
    if (activity.timer !== null) svc.host.cancel(activity.timer);
    if (timeOutActivity(svc, run, activity)) anyClosed = true;
  }
  return anyClosed;
}

/** The earliest timeout has come. True when the activity is closed by it. */
function timeOutActivity(svc: Service, run: Run, activity: ActivityInfo): boolean {
  const name = activity.timeoutType;
  assert(name !== '', 'an armed timeout has a type');
  activity.timer = null;
  const type = TIMEOUT_TYPES[name] as TimeoutType;
  let failure: Failure = { message: `activity ${name} timeout`, source: 'Server', timeoutFailureInfo: { timeoutType: type } };
  const lastFailure = activity.lastFailure;
  const retryState = retryActivity(svc, run, activity, failure);
  if (retryState === 'RETRY_STATE_IN_PROGRESS') return false;
  if (retryState === 'RETRY_STATE_TIMEOUT' && name !== 'ScheduleToStart') {
    failure = { message: NO_TIME_TO_RETRY, source: 'Server', timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_SCHEDULE_TO_CLOSE' } };
  }
  if (activity.heartbeatDetails) failure = { ...failure, timeoutFailureInfo: { ...failure.timeoutFailureInfo, lastHeartbeatDetails: activity.heartbeatDetails } };
  if (lastFailure) failure = { ...failure, cause: lastFailure };
  closing(svc, run, activity, 'timeOut');
  writeStarted(svc, run, activity, null);
  addEvent(svc, run, 'activityTaskTimedOut', {
    failure,
    scheduledEventId: String(activity.scheduledEventId),
    startedEventId: startedId(activity),
    retryState,
  });
  closed(svc, run, activity);
  return true;
}

/** Sets the activity up for another attempt where its policy allows; else says why not. */
function retryActivity(svc: Service, run: Run, activity: ActivityInfo, failure: Failure): RetryState {
  if (activity.cancelRequested) return 'RETRY_STATE_CANCEL_REQUESTED';
  const timeoutType = failure.timeoutFailureInfo?.timeoutType;
  if (timeoutType === 'TIMEOUT_TYPE_SCHEDULE_TO_START' || timeoutType === 'TIMEOUT_TYPE_SCHEDULE_TO_CLOSE') return 'RETRY_STATE_TIMEOUT';
  if (!isRetryable(failure, activity.retry.nonRetryable)) return 'RETRY_STATE_NON_RETRYABLE_FAILURE';
  if (activity.paused) {
    transition(activityMachine, 'started', 'retryPaused');
    endAttempt(svc, activity, failure);
    activity.attempt++;
    armTimeout(svc, run, activity);
    emitActivity(svc, run, activity);
    return 'RETRY_STATE_IN_PROGRESS';
  }
  const at = now(svc);
  const { waitMs, state } = nextBackoff({
    now: at,
    attempt: activity.attempt,
    initialMs: activity.retry.initialMs,
    coefficient: activity.retry.coefficient,
    maximumMs: activity.retry.maximumMs,
    maximumAttempts: activity.retry.maximumAttempts,
    expiresAt: activity.scheduleToCloseMs > 0 ? activity.firstScheduledAt + activity.scheduleToCloseMs : 0,
    delayMs: nextRetryDelay(failure),
  });
  if (state !== 'RETRY_STATE_IN_PROGRESS') return state;
  transition(activityMachine, 'started', 'retry');
  endAttempt(svc, activity, failure);
  if (activity.resetHeartbeats) forgetHeartbeats(activity);
  activity.resetRequested = false;
  activity.resetHeartbeats = false;
  activity.attempt++;
  scheduleRetry(svc, run, activity, waitMs);
  return state;
}

function endAttempt(svc: Service, activity: ActivityInfo, failure: Failure): void {
  activity.startedEventId = 0;
  activity.startedAt = 0;
  activity.requestId = '';
  activity.lastFailure = truncateFailure(failure);
  activity.lastCompletedAt = now(svc);
  activity.stamp++;
}

/** Puts the next attempt on the agenda. */
export function scheduleRetry(svc: Service, run: Run, activity: ActivityInfo, waitMs: number): void {
  const at = (now(svc) + waitMs) as Timestamp;
  activity.scheduledAt = at;
  activity.backoff = true;
  activity.retryTimer = svc.host.schedule(at, { type: 'activityRetry', workflowId: run.workflowId, runId: run.runId, scheduledEventId: activity.scheduledEventId });
  armTimeout(svc, run, activity);
  emitActivity(svc, run, activity);
}

/** The back-off is over: the next attempt goes to matching. */
export function backoffElapsed(svc: Service, run: Run, activity: ActivityInfo): void {
  transition(activityMachine, activityState(activity), 'backoffElapsed');
  activity.retryTimer = null;
  activity.backoff = false;
  activity.stamp++;
  dispatch(svc, run, activity);
  emitActivity(svc, run, activity);
}

/** Failures kept for the next attempt are cut to 4 KiB (`mutableStateActivityFailureSizeLimitError`), their cause shortened first. */
function truncateFailure(failure: Failure): Failure {
  const limit = 4 * 1024;
  const size = (f: Failure): number => (f.message?.length ?? 0) + (f.stackTrace?.length ?? 0) + (f.cause ? size(f.cause) : 0) + JSON.stringify(f.applicationFailureInfo ?? f.encodedAttributes ?? '').length;
  if (size(failure) <= limit) return failure;
  return {
    message: (failure.message ?? '').slice(0, 2_000),
    source: failure.source,
    stackTrace: (failure.stackTrace ?? '').slice(0, 2_000),
    cause: undefined,
    applicationFailureInfo: failure.applicationFailureInfo ? { type: failure.applicationFailureInfo.type, nonRetryable: failure.applicationFailureInfo.nonRetryable } : undefined,
    timeoutFailureInfo: failure.timeoutFailureInfo,
    serverFailureInfo: failure.applicationFailureInfo || failure.timeoutFailureInfo ? undefined : failure.serverFailureInfo,
  };
}

/**
 * ActivityTaskStarted of the last attempt, with the time at which it started. It names a version only when the worker's own report
 * closes the activity: a report of cancellation, one by id and a timeout bring none along.
 */
function writeStarted(svc: Service, run: Run, activity: ActivityInfo, workerVersion: WorkerVersionStamp | null): void {
  if (activity.startedEventId !== -1) return;
  const { startedAt, attempt } = activity;
  addEvent(svc, run, 'activityTaskStarted', {
    scheduledEventId: String(activity.scheduledEventId),
    identity: activity.identity || undefined,
    requestId: activity.requestId || undefined,
    attempt,
    lastFailure: activity.lastFailure ?? undefined,
    workerVersion: workerVersion ?? undefined,
  }, { time: startedAt });
}

/** The id of the started event where it is known; a buffered one gets its id when the buffer is flushed. */
const startedId = (activity: ActivityInfo): string | undefined => (activity.startedEventId > 0 ? String(activity.startedEventId) : undefined);

function closing(svc: Service, _run: Run, activity: ActivityInfo, how: 'complete' | 'fail' | 'timeOut' | 'canceled'): void {
  transition(activityMachine, activityState(activity), how);
  cancelTimers(svc, activity);
}

function closed(svc: Service, run: Run, activity: ActivityInfo): void {
  svc.host.emit({ type: 'pendingActivity', workflowId: run.workflowId, runId: run.runId, scheduledEventId: activity.scheduledEventId, state: null });
}

export function cancelTimers(svc: Service, activity: ActivityInfo): void {
  if (activity.timer !== null) svc.host.cancel(activity.timer);
  if (activity.retryTimer !== null) svc.host.cancel(activity.retryTimer);
  activity.timer = null;
  activity.retryTimer = null;
}

/**
 * Keeps one agenda item for the earliest of the four timeouts; none while the activity is paused, not even when an attempt of it still
 * runs (`timer_sequence.go`). At equal times the order is that of their names here.
 */
export function armTimeout(svc: Service, run: Run, activity: ActivityInfo): void {
  let at = Infinity;
  let type: ActivityInfo['timeoutType'] = '';
  const offer = (name: ActivityInfo['timeoutType'], due: number): void => {
    if (due >= at || activity.paused) return;
    at = due;
    type = name;
  };
  const started = activity.startedEventId !== 0;
  const scheduleToClose = (): void => {
    if (activity.scheduleToCloseMs > 0) offer('ScheduleToClose', activity.firstScheduledAt + activity.scheduleToCloseMs);
  };
  // A start in the same instant, an eager one, comes some microseconds later on a real machine.
  if (started && activity.startedAt === activity.firstScheduledAt) scheduleToClose();
  if (started && activity.startToCloseMs > 0) offer('StartToClose', activity.startedAt + activity.startToCloseMs);
  if (!started && activity.scheduleToStartMs > 0) offer('ScheduleToStart', activity.scheduledAt + activity.scheduleToStartMs);
  scheduleToClose();
  if (started && activity.heartbeatMs > 0) offer('Heartbeat', Math.max(activity.startedAt, activity.lastHeartbeatAt) + activity.heartbeatMs);
  // What became due in a pause happens at its end.
  at = Math.max(at, now(svc));
  if (activity.timer !== null) {
    if (at === activity.timeoutAt) {
      activity.timeoutType = type;
      return;
    }
    svc.host.cancel(activity.timer);
    activity.timer = null;
  }
  activity.timeoutType = type;
  activity.timeoutAt = at === Infinity ? 0 : at;
  if (at === Infinity) return;
  activity.timer = svc.host.schedule(at as Timestamp, { type: 'activityTimeout', workflowId: run.workflowId, runId: run.runId, scheduledEventId: activity.scheduledEventId });
}

/** Tells the trace how the activity stands. */
export function emitActivity(svc: Service, run: Run, activity: ActivityInfo): void {
  const phase: NonNullable<PendingActivityEntry['state']>['phase'] = activity.cancelRequested ? 'cancelRequested' : activityState(activity) as 'scheduled' | 'started' | 'backoff' | 'paused';
  svc.host.emit({
    type: 'pendingActivity',
    workflowId: run.workflowId,
    runId: run.runId,
    scheduledEventId: activity.scheduledEventId,
    state: {
      activityId: activity.activityId,
      activityType: activity.activityType,
      taskQueue: activity.taskQueue,
      phase: activity.paused ? 'paused' : phase,
      attempt: activity.attempt,
      maximumAttempts: activity.retry.maximumAttempts,
      scheduledAt: activity.scheduledAt,
      startedAt: activity.startedEventId !== 0 ? (activity.startedAt as Timestamp) : undefined,
      lastHeartbeatAt: activity.lastHeartbeatAt ? (activity.lastHeartbeatAt as Timestamp) : undefined,
      nextAttemptAt: activity.backoff ? activity.scheduledAt : undefined,
      timeout: activity.timeoutType ? { type: activity.timeoutType, at: activity.timeoutAt as Timestamp } : undefined,
      lastFailure: activity.lastFailure ?? undefined,
      identity: activity.startedEventId !== 0 ? activity.identity : undefined,
    },
  });
}
