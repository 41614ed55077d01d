import { assert } from '../../../base/assert.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { nextFloat } from '../../../base/random.ts';
import { formatDuration } from '../../../base/time.ts';
import { formatTimestamp } from '../../../base/time.ts';
import type {
  Failure, HistoryEvent, RespondWorkflowTaskCompletedRequest, TaskQueue, WorkflowTaskFailedCause, WorkflowTaskScheduledEventAttributes,
  WorkflowTaskStartedEventAttributes,
} from '../../../api/proto.ts';
import { pascalCase } from '../../../api/event-names.ts';
import { now, type Service } from '../service.ts';
import type { Run, TargetVersion, WorkflowTaskInfo } from '../state.ts';
import { clearTask } from './apply.ts';
import { addEvent, flushBuffer } from './event-store.ts';
import { machine, transition } from './machine.ts';
import { noteTargetVersion, targetChanged } from './target-version.ts';

/**
 * The pending Workflow Task of a run. A normal task is in history from the moment it is scheduled. A transient one (attempt > 1) and a
 * speculative one (made for an update) are only in memory until they complete, or until another event arrives.
 */
export const workflowTaskMachine = machine('workflowTask', {
  none: { schedule: 'scheduled', scheduleTransient: 'transientScheduled', scheduleSpeculative: 'speculativeScheduled' },
  scheduled: { start: 'started', scheduleToStartTimeout: 'none', close: 'none', fail: 'none' },
  started: { complete: 'none', fail: 'none', startToCloseTimeout: 'none' },
  transientScheduled: { start: 'transientStarted', eventArrived: 'scheduled', close: 'none', fail: 'none' },
  transientStarted: { complete: 'none', fail: 'none', startToCloseTimeout: 'none' },
  speculativeScheduled: { start: 'speculativeStarted', eventArrived: 'scheduled', scheduleToStartTimeout: 'none', close: 'none' },
  speculativeStarted: { complete: 'none', drop: 'none', fail: 'none', startToCloseTimeout: 'none', eventArrived: 'started' },
});

/** Attempts beyond this get more time each (`workflowTaskRetryBackoffMinAttempts`). */
const PLAIN_ATTEMPTS = 3;
/** From this attempt on, queries and updates are refused (`failQueryWorkflowTaskAttemptCount`, `failUpdateWorkflowTaskAttemptCount`). */
export const FAILING_ATTEMPTS = 3;
const RETRY_INITIAL_MS = 5_000;
const RETRY_MAXIMUM_MS = 600_000;
const SPECULATIVE_SCHEDULE_TO_START_MS = 5_000;

export type TaskState = keyof typeof workflowTaskMachine.table;

/** Where in the table the pending task stands. */
export function taskState(run: Run): TaskState {
  const task = run.task;
  if (task.scheduledEventId === 0) return 'none';
  const started = task.startedEventId !== 0;
  if (task.type === 'speculative') return started ? 'speculativeStarted' : 'speculativeScheduled';
  if (isTransient(task)) return started ? 'transientStarted' : 'transientScheduled';
  return started ? 'started' : 'scheduled';
}

export const hasPendingTask = (run: Run): boolean => run.task.scheduledEventId !== 0;
export const hasStartedTask = (run: Run): boolean => run.task.startedEventId !== 0;
export const isTransient = (task: WorkflowTaskInfo): boolean => task.attempt > 1;

/** The queue the next Workflow Task goes to, as events name it. */
export function taskQueueOf(run: Run): TaskQueue {
  return run.sticky ? { name: run.sticky.queue, kind: 'TASK_QUEUE_KIND_STICKY', normalName: run.taskQueue } : { name: run.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' };
}

/** Schedules a Workflow Task. `bypass` keeps it out of matching: the caller starts it at once. */
export function scheduleTask(svc: Service, run: Run, requested: 'normal' | 'speculative' = 'normal', options: { readonly bypass?: boolean; readonly heartbeatSince?: number } = {}): void {
  assert(!hasPendingTask(run), 'a Workflow Task is pending');
  const task = run.task;
  let type = requested;
  if (run.buffered.length > 0) {
    task.attempt = 1;
    type = 'normal';
    flushBuffer(svc, run);
  }
  const at = now(svc);
  const attempt = task.attempt;
  const timeoutMs = startToCloseTimeout(svc, run.taskTimeoutMs, attempt);
  if (attempt > 1) transition(workflowTaskMachine, 'none', 'scheduleTransient');
  else transition(workflowTaskMachine, 'none', type === 'speculative' ? 'scheduleSpeculative' : 'schedule');
  if (attempt === 1 && type === 'normal') {
    addEvent(svc, run, 'workflowTaskScheduled', scheduledAttributes(run, timeoutMs, attempt));
  } else {
    task.scheduledEventId = run.nextEventId;
    task.startedEventId = 0;
    task.scheduledAt = at;
    task.timeoutMs = timeoutMs;
  }
  task.type = type;
  task.originalScheduledAt = options.heartbeatSince ?? at;
  task.queue = run.sticky ? run.sticky.queue : run.taskQueue;
  task.stickyQueue = run.sticky !== null;
  task.stamp++;
  task.scheduleTimeoutAt = 0;
  task.startTimeoutAt = 0;
  if (!options.bypass) {
    svc.transfers.push({ type: 'workflowTask', runId: run.runId, scheduledEventId: task.scheduledEventId, stamp: task.stamp });
    const wait = run.sticky ? run.sticky.timeoutMs : type === 'speculative' ? SPECULATIVE_SCHEDULE_TO_START_MS : 0;
    if (wait > 0) armScheduleTimer(svc, run, wait);
  }
  emitTask(svc, run);
}

function armScheduleTimer(svc: Service, run: Run, wait: number): void {
  run.task.scheduleTimeoutAt = now(svc) + wait;
  run.task.scheduleTimer = svc.host.schedule(run.task.scheduleTimeoutAt as Timestamp, {
    type: 'workflowTaskScheduleToStartTimeout', workflowId: run.workflowId, runId: run.runId, scheduledEventId: run.task.scheduledEventId, stamp: run.task.stamp,
  });
}

/** The request id of a Workflow Task that nobody took (`emptyUUID` in mutable_state_impl.go). */
export const NO_REQUEST = 'emptyUuid';

export interface TaskStart {
  readonly requestId: string;
  readonly identity: string;
  /** Bytes of history before the current transaction. */
  readonly historySize: number;
  readonly workerVersion: WorkflowTaskInfo['workerVersion'];
  /** Where a new run would go, when the task came through matching. */
  readonly target?: TargetVersion | undefined;
}

/** A worker takes the pending task. */
export function startTask(svc: Service, run: Run, start: TaskStart): void {
  const task = run.task;
  const at = now(svc);
  cancelScheduleTimer(svc, task);
  const limits = svc.options.limits;
  task.historySizeBytes = start.historySize;
  task.suggestReasons = [];
  if (start.historySize >= limits.historySizeSuggest) task.suggestReasons.push('SUGGEST_CONTINUE_AS_NEW_REASON_HISTORY_SIZE_TOO_LARGE');
  if (run.nextEventId >= limits.historyCountSuggest) task.suggestReasons.push('SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_HISTORY_EVENTS');
  if (run.updateCount >= limits.updates * 0.9) task.suggestReasons.push('SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_UPDATES');
  task.suggestContinueAsNew = task.suggestReasons.length > 0;
  task.identity = start.identity;
  task.workerVersion = start.workerVersion;
  noteTargetVersion(run, start.target ?? null);

  let state = taskState(run);
  if ((state === 'transientScheduled' || state === 'speculativeScheduled') && task.scheduledEventId !== run.nextEventId) {
    // Other events came in since: it becomes a normal task, in history from now on.
    transition(workflowTaskMachine, state, 'eventArrived');
    state = 'scheduled';
    task.attempt = 1;
    const { heartbeat, timeoutMs } = { heartbeat: task.originalScheduledAt, timeoutMs: task.timeoutMs };
    addEvent(svc, run, 'workflowTaskScheduled', scheduledAttributes(run, timeoutMs, 1));
    task.originalScheduledAt = heartbeat;
  }
  transition(workflowTaskMachine, state, 'start');
  if (state === 'scheduled') {
    addEvent(svc, run, 'workflowTaskStarted', startedAttributes(run, task.scheduledEventId, start.requestId));
    task.historySizeBytes = start.historySize;
  } else {
    task.startedEventId = task.scheduledEventId + 1;
    task.startedAt = at;
    task.requestId = start.requestId;
  }
  armStartTimer(svc, run);
  emitTask(svc, run);
}

function armStartTimer(svc: Service, run: Run): void {
  const task = run.task;
  task.startTimeoutAt = now(svc) + task.timeoutMs;
  task.startTimer = svc.host.schedule(task.startTimeoutAt as Timestamp, {
    type: 'workflowTaskStartToCloseTimeout', workflowId: run.workflowId, runId: run.runId, scheduledEventId: task.scheduledEventId, stamp: task.stamp,
  });
}

/** Writes what completes the task. Null when it was speculative and everything in it was refused: then nothing of it stays. */
export function completeTask(svc: Service, run: Run, request: RespondWorkflowTaskCompletedRequest): HistoryEvent | null {
  const task = run.task;
  const state = taskState(run);
  cancelTaskTimers(svc, task);
  if (task.type === 'speculative' && leavesNothing(run, request)) {
    transition(workflowTaskMachine, state, 'drop');
    clearTask(task);
    task.attempt = 1;
    task.attemptsSinceLastSuccess = 0;
    emitTask(svc, run);
    return null;
  }
  transition(workflowTaskMachine, state, 'complete');
  const { scheduledEventId, startedEventId } = persist(svc, run, request.identity ?? '', request.workerVersionStamp ?? null);
  const versioned = request.deploymentOptions?.workerVersioningMode === 'WORKER_VERSIONING_MODE_VERSIONED';
  const event = addEvent(svc, run, 'workflowTaskCompleted', {
    scheduledEventId: String(scheduledEventId),
    startedEventId: String(startedEventId),
    identity: request.identity || undefined,
    binaryChecksum: request.binaryChecksum || undefined,
    workerVersion: request.workerVersionStamp,
    sdkMetadata: request.sdkMetadata,
    meteringMetadata: request.meteringMetadata,
    versioningBehavior: versioned && request.versioningBehavior !== 'VERSIONING_BEHAVIOR_UNSPECIFIED' ? request.versioningBehavior : undefined,
    workerDeploymentName: request.deploymentOptions?.deploymentName || undefined,
    deploymentVersion: versioned && request.deploymentOptions ? { buildId: request.deploymentOptions.buildId, deploymentName: request.deploymentOptions.deploymentName } : undefined,
  });
  task.attempt = 1;
  task.attemptsSinceLastSuccess = 0;
  run.lastTaskFailure = null;
  emitTask(svc, run);
  return event;
}

/** Whether a completed speculative task can be forgotten (`skipWorkflowTaskCompletedEvent`). */
function leavesNothing(run: Run, request: RespondWorkflowTaskCompletedRequest): boolean {
  if (request.commands?.length) return false;
  if (request.forceCreateNewWorkflowTask) return false;
  const seen = run.lastCompletedTaskStartedEventId + 2;
  if (run.nextEventId > (request.capabilities?.discardSpeculativeWorkflowTaskWithEvents ? seen + 10 : seen)) return false;
  return (request.messages ?? []).every((m) => (m.body as { '@type'?: string } | undefined)?.['@type']?.endsWith('.Rejection'));
}

/** Writes the scheduled and started events of a task that so far is only in memory; gives the ids of both. */
function persist(svc: Service, run: Run, identity: string, workerVersion: WorkflowTaskInfo['workerVersion']): { scheduledEventId: number; startedEventId: number } {
  const task = run.task;
  const state = taskState(run);
  if (state === 'started' || state === 'scheduled') return { scheduledEventId: task.scheduledEventId, startedEventId: task.startedEventId };
  const { scheduledAt, startedAt, requestId, timeoutMs, attempt, type, startedEventId } = task;
  const size = task.historySizeBytes;
  const scheduled = addEvent(svc, run, 'workflowTaskScheduled', scheduledAttributes(run, timeoutMs, attempt), { time: scheduledAt });
  if (startedEventId !== 0) {
    task.historySizeBytes = size;
    task.workerVersion = workerVersion ? { ...workerVersion } : task.workerVersion;
    task.identity = identity;
    addEvent(svc, run, 'workflowTaskStarted', startedAttributes(run, Number(scheduled.eventId), requestId), { time: startedAt });
  }
  task.type = type;
  task.attempt = attempt;
  return { scheduledEventId: task.scheduledEventId, startedEventId: task.startedEventId };
}

/** Fails the started task; writes an event at the first attempt only. `transient` attempts leave no trace. */
export function failTask(
  svc: Service, run: Run, cause: WorkflowTaskFailedCause, failure: Failure | undefined, identity: string,
  more: { readonly baseRunId?: string; readonly newRunId?: string; readonly binaryChecksum?: string } = {},
): void {
  const task = run.task;
  transition(workflowTaskMachine, taskState(run), 'fail');
  cancelTaskTimers(svc, task);
  if (!isTransient(task)) {
    const { scheduledEventId, startedEventId } = task.type === 'speculative' ? persist(svc, run, identity, null) : task;
    addEvent(svc, run, 'workflowTaskFailed', {
      scheduledEventId: String(scheduledEventId),
      startedEventId: startedEventId ? String(startedEventId) : undefined,
      cause,
      failure,
      identity: identity || undefined,
      baseRunId: more.baseRunId || undefined,
      newRunId: more.newRunId || undefined,
      binaryChecksum: more.binaryChecksum || undefined,
    });
    run.lastTaskFailure = { category: 'WorkflowTaskFailed', cause: pascalCase(cause.slice('WORKFLOW_TASK_FAILED_CAUSE_'.length)) };
  }
  afterFailure(run, true);
  if (cause === 'WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW') task.attempt = 1;
  emitTask(svc, run);
}

/** The started task ran out of time. */
export function timeOutStartedTask(svc: Service, run: Run): void {
  const task = run.task;
  transition(workflowTaskMachine, taskState(run), 'startToCloseTimeout');
  cancelTaskTimers(svc, task);
  if (!isTransient(task)) {
    const { scheduledEventId, startedEventId } = task.type === 'speculative' ? persist(svc, run, '', null) : task;
    addEvent(svc, run, 'workflowTaskTimedOut', {
      scheduledEventId: String(scheduledEventId), startedEventId: String(startedEventId), timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE',
    });
    run.lastTaskFailure = { category: 'WorkflowTaskTimedOut', cause: 'StartToClose' };
  }
  afterFailure(run, true);
  emitTask(svc, run);
}

/** Nobody took the task from the sticky queue (or the speculative one from any). */
export function timeOutScheduledTask(svc: Service, run: Run): void {
  const task = run.task;
  transition(workflowTaskMachine, taskState(run), 'scheduleToStartTimeout');
  cancelTaskTimers(svc, task);
  const { scheduledEventId } = task.type === 'speculative' ? persist(svc, run, '', null) : task;
  addEvent(svc, run, 'workflowTaskTimedOut', { scheduledEventId: String(scheduledEventId), timeoutType: 'TIMEOUT_TYPE_SCHEDULE_TO_START' });
  afterFailure(run, false);
  emitTask(svc, run);
}

/** `failWorkflowTask` of the server: a sticky run loses its stickiness instead of gaining an attempt. */
function afterFailure(run: Run, increment: boolean): void {
  const task = run.task;
  const grow = increment && run.sticky === null;
  run.sticky = null;
  clearTask(task);
  task.attempt = grow ? task.attempt + 1 : 1;
  if (grow) task.attemptsSinceLastSuccess++;
}

/** Another event is about to be written while a speculative task is pending: it becomes a normal one. */
export function convertSpeculative(svc: Service, run: Run): void {
  const task = run.task;
  if (task.type !== 'speculative') return;
  const state = taskState(run);
  transition(workflowTaskMachine, state, 'eventArrived');
  const wasStarted = task.startedEventId !== 0;
  persist(svc, run, '', null);
  task.type = 'normal';
  assert(wasStarted === (task.startedEventId !== 0), 'a converted task keeps its phase');
  emitTask(svc, run);
}

/** The run closes while a task is scheduled: it is gone. */
export function dropTask(svc: Service, run: Run): void {
  if (!hasPendingTask(run)) return;
  transition(workflowTaskMachine, taskState(run), 'close');
  run.taskAtClose = { ...run.task };
  cancelTaskTimers(svc, run.task);
  clearTask(run.task);
  emitTask(svc, run);
}

export function cancelScheduleTimer(svc: Service, task: WorkflowTaskInfo): void {
  if (task.scheduleTimer === null) return;
  svc.host.cancel(task.scheduleTimer);
  task.scheduleTimer = null;
  task.scheduleTimeoutAt = 0;
}

export function cancelTaskTimers(svc: Service, task: WorkflowTaskInfo): void {
  cancelScheduleTimer(svc, task);
  if (task.startTimer === null) return;
  svc.host.cancel(task.startTimer);
  task.startTimer = null;
  task.startTimeoutAt = 0;
}

/** The events of a transient or speculative task, which are in no history but which the worker must see; others are not told whose it is. */
export function transientEvents(run: Run, identity = ''): HistoryEvent[] {
  const task = run.task;
  const state = taskState(run);
  if (state === 'none' || state === 'scheduled' || state === 'started') return [];
  if (task.scheduledEventId !== run.nextEventId) return [];
  const events: HistoryEvent[] = [
    {
      eventId: String(task.scheduledEventId), eventTime: formatTimestamp(task.scheduledAt as Timestamp), eventType: 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED',
      workflowTaskScheduledEventAttributes: scheduledAttributes(run, task.timeoutMs, task.attempt),
    },
  ];
  if (task.startedEventId !== 0) {
    events.push({
      eventId: String(task.startedEventId), eventTime: formatTimestamp(task.startedAt as Timestamp), eventType: 'EVENT_TYPE_WORKFLOW_TASK_STARTED',
      workflowTaskStartedEventAttributes: { ...startedAttributes(run, task.scheduledEventId, task.requestId), identity: identity || undefined },
    });
  }
  return events;
}

function scheduledAttributes(run: Run, timeoutMs: number, attempt: number): WorkflowTaskScheduledEventAttributes {
  return { taskQueue: taskQueueOf(run), startToCloseTimeout: formatDuration(timeoutMs), attempt };
}

function startedAttributes(run: Run, scheduledEventId: number, requestId: string): WorkflowTaskStartedEventAttributes {
  const { task } = run;
  return {
    scheduledEventId: String(scheduledEventId),
    identity: task.identity || undefined,
    requestId,
    suggestContinueAsNew: task.suggestContinueAsNew || undefined,
    targetWorkerDeploymentVersionChanged: targetChanged(run) || undefined,
    historySizeBytes: task.historySizeBytes ? String(task.historySizeBytes) : undefined,
    workerVersion: task.workerVersion ?? undefined,
    suggestContinueAsNewReasons: task.suggestReasons.length ? task.suggestReasons : undefined,
  };
}

/** The task's start-to-close timeout: from attempt 4 on it grows, so that a failing task is not tried all the time. */
function startToCloseTimeout(svc: Service, timeoutMs: number, attempt: number): number {
  if (attempt <= PLAIN_ATTEMPTS) return timeoutMs;
  let delay = RETRY_INITIAL_MS;
  for (let i = PLAIN_ATTEMPTS + 1; i < attempt && delay < RETRY_MAXIMUM_MS; i++) delay *= 2;
  delay = Math.min(delay, RETRY_MAXIMUM_MS);
  return timeoutMs + Math.floor(delay * (0.8 + 0.2 * nextFloat(svc.host.stream('service/workflowTaskBackoff'))));
}

/** Tells the trace how the pending task stands. */
export function emitTask(svc: Service, run: Run): void {
  const task = run.task;
  const pending = task.scheduledEventId !== 0;
  const started = task.startedEventId !== 0;
  svc.host.emit({
    type: 'workflowTask',
    workflowId: run.workflowId,
    runId: run.runId,
    state: pending
      ? {
          phase: started ? 'started' : 'scheduled',
          kind: task.type === 'speculative' ? 'speculative' : isTransient(task) ? 'transient' : 'normal',
          attempt: task.attempt,
          taskQueue: task.queue,
          sticky: task.stickyQueue,
          scheduledAt: task.scheduledAt as Timestamp,
          startedAt: started ? (task.startedAt as Timestamp) : undefined,
          timeoutAt: ((started ? task.startTimeoutAt : task.scheduleTimeoutAt) || undefined) as Timestamp | undefined,
          identity: started ? task.identity : undefined,
        }
      : null,
  });
}
