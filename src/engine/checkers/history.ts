import { attributesField, eventName } from '../../api/event-names.ts';
import { base64ToText, encodeUtf8 } from '../../base/base64.ts';
import { parseDuration, parseTimestamp } from '../../base/time.ts';
import type { HistoryEvent } from '../../api/proto.ts';

/**
 * The rules that every Event History of a real Service keeps, whatever the code: numbering, what may stand where, which event
 * may name which. They know nothing of workflow code (that is what replay checks). The names go into violations.
 */
export const historyRules = {
  'contiguous-ids': 'event ids are 1, 2, 3 …',
  'task-ids-rise': 'task ids, where they are recorded, never fall',
  'first-is-started': 'the first event is WorkflowExecutionStarted, and no other is',
  'own-attributes': 'an event has exactly one attributes object, that of its type',
  'started-names-chain': 'WorkflowExecutionStarted names the first and the original run, and its attempt is at least 1',
  'started-initiator': 'a run continued from another says by what, and one that was not does not',
  'nothing-after-close': 'no event follows the close event',
  'spine-time-order': 'workflow task, command and close events are in the order of their times (buffered events keep earlier ones)',
  'references-point-back': 'an event names only events before it',
  'started-task-is-closed-next': 'after WorkflowTaskStarted comes its completion, failure or timeout',
  'command-in-batch': 'a command event follows its WorkflowTaskCompleted, with only command and update events between, and names it',
  'wake-schedules-task': 'what wakes the workflow while no Workflow Task is pending schedules one',
  'one-pending-task': 'one Workflow Task at a time',
  'task-attempt': 'a Workflow Task has an attempt of at least 1, above 1 only after a task failed or ran out of time, and not one that was meant for a sticky queue',
  'failed-task-not-sticky': 'after a failure or timeout the next Workflow Task goes to the normal queue',
  'results-last': 'of the events that waited for the end of a Workflow Task, those that close activities and children come last',
  'task-started-ref': 'WorkflowTaskStarted names the pending WorkflowTaskScheduled',
  'task-completed-ref': 'WorkflowTaskCompleted names the scheduled and the started event',
  'task-failed-ref': 'WorkflowTaskFailed names the scheduled and the started event, and has a cause',
  'task-timed-out-ref': 'WorkflowTaskTimedOut names the scheduled and the started event',
  'task-timeout-type': 'a Workflow Task times out schedule-to-start before it started, start-to-close after',
  'activity-id-unique': 'no two open activities share an id',
  'activity-timeouts': 'a scheduled activity has a schedule-to-close or start-to-close timeout, and a retry policy',
  'activity-started-ref': 'ActivityTaskStarted names an open activity that has not started',
  'activity-attempt': 'an activity attempt is at least 1',
  'activity-cancel-ref': 'ActivityTaskCancelRequested names an open activity, once',
  'activity-close-ref': 'a close of an activity names an open one',
  'activity-close-started': 'a close of an activity names its start; only a timeout or a cancellation may have none',
  'activity-canceled-asked': 'ActivityTaskCanceled follows a request',
  'activity-retry-state': 'a failed or timed out activity says why it is not tried again',
  'timer-id-unique': 'no two open timers share an id',
  'timer-ref': 'TimerFired and TimerCanceled name an open timer',
  'timer-not-early': 'a timer fires no earlier than it was set for',
  'child-started-ref': 'ChildWorkflowExecutionStarted names an initiated child, once',
  'child-start-failed-ref': 'StartChildWorkflowExecutionFailed names an initiated child that has not started',
  'child-close-ref': 'a close of a child names its initiation and its start, once',
  'external-ref': 'the end of an external signal or cancellation names its initiation, once, and is of its kind',
  'cancel-requested-once': 'the cancellation of a run is requested once',
  'canceled-was-asked': 'WorkflowExecutionCanceled follows a request',
  'continued-names-run': 'WorkflowExecutionContinuedAsNew names the new run',
  'update-accepted-sequencing': 'an accepted update names the last event before the start of its Workflow Task, or the event that admitted it',
  'update-accepted-in-batch': 'an update is accepted within a completion',
  'update-id-unique': 'no update is accepted twice',
  'update-completed-ref': 'UpdateCompleted names the acceptance of an open update and has an outcome',
  'update-completed-in-batch': 'an update completes within a completion',
  'marker-named': 'a marker has a name; a local activity marker has its data, and a result or failure, or a back-off',
  'patch-marker-upsert': 'a patch marker is followed by the upsert of TemporalChangeVersion, unless that has grown too large',
  'signal-named': 'a signal has a name',
  'signal-once': 'a request to signal is written once',
} as const;

export type HistoryRule = keyof typeof historyRules;

export interface HistoryViolation {
  readonly rule: HistoryRule;
  /** The event at fault; 0 where the end of the history is. */
  readonly eventId: number;
  readonly message: string;
}

/** What the checker remembers of a history: plain data, so that it can be kept in a checkpoint and fed as events are written. */
export interface HistoryCheck {
  count: number;
  lastTaskId: number;
  closedBy: string | null;
  /** Milliseconds; of the last event of the spine. */
  spineTime: number;
  /** The WorkflowTaskCompleted whose commands may follow. */
  batch: number | null;
  pendingTask: null | { scheduled: number; started: number; sticky: boolean };
  /** How the last Workflow Task ended. */
  taskEnd: 'none' | 'completed' | 'failed';
  /** The next Workflow Task may be another attempt. */
  taskRetried: boolean;
  /** Worker versions are in play: tasks may lose their sticky queue for reasons that no history tells. */
  versioned: boolean;
  paused: boolean;
  /** A result was written since the last Workflow Task completed, and no task is pending. */
  results: boolean;
  signals: { [requestId: string]: true };
  /** A Workflow Task was scheduled at least once; before that a run may wait for its start delay. */
  taskEver: boolean;
  startDelayed: boolean;
  cancelRequested: boolean;
  /** The event that has to be followed by a WorkflowTaskScheduled. */
  wake: number | null;
  /** A patch marker whose upsert has to follow. */
  patchMarker: number | null;
  /** Size of the list of patches so far, as the search attribute holds it. */
  patchBytes: number;
  /** The start of the Workflow Task that completed last. */
  completedStart: number;
  /** By scheduled event id. */
  activities: Record<number, { id: string; started: number; cancelAsked: boolean }>;
  timers: Record<string, { started: number; due: number }>;
  children: Record<number, { started: number }>;
  external: Record<number, 'signal' | 'cancel'>;
  updates: Record<number, string>;
  updateIds: string[];
  /** Events of updates that a reset applied again, by their ids. */
  admitted: { [updateId: string]: number };
}

/** A check that has seen nothing yet. */
export function createHistoryCheck(): HistoryCheck {
  return {
    count: 0, lastTaskId: -1, closedBy: null, spineTime: -Infinity, batch: null, pendingTask: null, taskEnd: 'none', taskRetried: false, versioned: false, paused: false, results: false, signals: {}, taskEver: false, startDelayed: false,
    cancelRequested: false, wake: null, patchMarker: null, patchBytes: 1, completedStart: 0, activities: {}, timers: {}, children: {}, external: {}, updates: {}, updateIds: [], admitted: {},
  };
}

/** Checks a whole history: every event, then the end. */
export function checkHistory(events: readonly HistoryEvent[]): HistoryViolation[] {
  const check = createHistoryCheck();
  return [...events.flatMap((event) => checkNextEvent(check, event)), ...checkHistoryEnd(check)];
}

/** Checks the next event of a history. */
export function checkNextEvent(check: HistoryCheck, event: HistoryEvent): HistoryViolation[] {
  const violations: HistoryViolation[] = [];
  const id = toNumber(event.eventId);
  const type = eventName(text(event.eventType));
  const bad: Report = (rule, message) => violations.push({ rule, eventId: id, message: `${type}: ${message}` });
  const attributes = checkShape(check, event, id, type, bad);
  checkPlace(check, event, id, type, attributes, bad);
  rulesByType[type]?.(check, attributes, id, bad, event);
  // A signal waits for a delayed start; what else wakes a run ends the delay.
  const waits = type === 'WorkflowExecutionSignaled' && check.startDelayed && !check.taskEver;
  if (wakes.has(type) && !check.pendingTask && !waits && check.closedBy === null) check.wake ??= id;
  if (closes.has(type)) check.closedBy ??= type;
  return violations;
}

/** Checks what must not stay open at the end of a history, or of one transaction of the Service. */
export function checkHistoryEnd(check: HistoryCheck): HistoryViolation[] {
  const violations: HistoryViolation[] = [];
  if (check.wake !== null && check.closedBy === null) violations.push({ rule: 'wake-schedules-task', eventId: check.wake, message: 'the history ends without a Workflow Task' });
  if (check.patchMarker !== null) violations.push({ rule: 'patch-marker-upsert', eventId: check.patchMarker, message: 'the history ends after the marker' });
  return violations;
}

type Report = (rule: HistoryRule, message: string) => void;
/** Attributes of any event type: read with care, as histories come from outside. */
type Attributes = Readonly<Record<string, unknown>>;

const toNumber = (value: unknown): number => (value === undefined || value === null || value === '' ? 0 : Number(value));
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const record = (value: unknown): Attributes => (typeof value === 'object' && value !== null ? (value as Attributes) : {});

const set = (...names: readonly string[]): ReadonlySet<string> => new Set(names);

const closes = set(
  'WorkflowExecutionCompleted', 'WorkflowExecutionFailed', 'WorkflowExecutionTimedOut', 'WorkflowExecutionCanceled', 'WorkflowExecutionTerminated', 'WorkflowExecutionContinuedAsNew',
);
/** Events that commands write. */
const commands = set(
  'ActivityTaskScheduled', 'ActivityTaskCancelRequested', 'TimerStarted', 'TimerCanceled', 'MarkerRecorded', 'StartChildWorkflowExecutionInitiated',
  'SignalExternalWorkflowExecutionInitiated', 'RequestCancelExternalWorkflowExecutionInitiated', 'UpsertWorkflowSearchAttributes', 'WorkflowPropertiesModified',
  'NexusOperationScheduled', 'NexusOperationCancelRequested', 'WorkflowExecutionCompleted', 'WorkflowExecutionFailed', 'WorkflowExecutionCanceled', 'WorkflowExecutionContinuedAsNew',
);
/** Events that protocol messages of a completion write, between those of its commands. */
const messages = set('WorkflowExecutionUpdateAccepted', 'WorkflowExecutionUpdateCompleted');
const spine = set('WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted', 'WorkflowTaskFailed', ...commands, ...closes);
const wakes = set(
  'WorkflowExecutionSignaled', 'WorkflowExecutionCancelRequested', 'ActivityTaskCompleted', 'ActivityTaskFailed', 'ActivityTaskTimedOut', 'ActivityTaskCanceled', 'TimerFired',
  'ChildWorkflowExecutionStarted', 'StartChildWorkflowExecutionFailed', 'ChildWorkflowExecutionCompleted', 'ChildWorkflowExecutionFailed', 'ChildWorkflowExecutionCanceled',
  'ChildWorkflowExecutionTimedOut', 'ChildWorkflowExecutionTerminated', 'ExternalWorkflowExecutionSignaled', 'SignalExternalWorkflowExecutionFailed',
  'ExternalWorkflowExecutionCancelRequested', 'RequestCancelExternalWorkflowExecutionFailed', 'NexusOperationCompleted',
);
/** What the end of an activity or a child is told by: of the buffered events, the last. */
const results = set(
  'ActivityTaskCompleted', 'ActivityTaskFailed', 'ActivityTaskTimedOut', 'ActivityTaskCanceled', 'ChildWorkflowExecutionCompleted', 'ChildWorkflowExecutionFailed', 'ChildWorkflowExecutionCanceled',
  'ChildWorkflowExecutionTimedOut', 'ChildWorkflowExecutionTerminated',
);
/** Events that may stand between a wake and the Workflow Task that it schedules. */
const quiet = set('ActivityTaskStarted', 'WorkflowExecutionUpdateAdmitted', 'WorkflowExecutionOptionsUpdated', 'WorkflowExecutionPaused', 'WorkflowExecutionUnpaused');

/** Numbering, attributes and times; gives the attributes of the event. */
function checkShape(check: HistoryCheck, event: HistoryEvent, id: number, type: string, bad: Report): Attributes {
  check.count++;
  if (id !== check.count) bad('contiguous-ids', `expected event id ${check.count}, got ${event.eventId}`);
  if ((check.count === 1) !== (type === 'WorkflowExecutionStarted')) bad('first-is-started', `at event id ${id}`);
  if (event.taskId !== undefined) {
    const taskId = toNumber(event.taskId);
    if (taskId !== 0 && taskId < check.lastTaskId) bad('task-ids-rise', `${taskId} after ${check.lastTaskId}`);
    check.lastTaskId = taskId;
  }
  const names = Object.keys(event).filter((key) => key.endsWith('EventAttributes') && event[key as keyof HistoryEvent] !== undefined);
  const expected = attributesField(event.eventType);
  if (names.length !== 1 || names[0] !== expected) bad('own-attributes', names.length === 0 ? 'none' : names.join(', '));
  if (spine.has(type)) {
    const time = parseTimestamp(text(event.eventTime)) ?? -Infinity;
    if (time < check.spineTime) bad('spine-time-order', `${event.eventTime} is earlier than the event before`);
    check.spineTime = Math.max(check.spineTime, time);
  }
  return record(event[(names[0] ?? expected) as keyof HistoryEvent]);
}

const references = ['scheduledEventId', 'startedEventId', 'initiatedEventId', 'workflowTaskCompletedEventId', 'acceptedEventId', 'latestCancelRequestedEventId'] as const;

/** What may follow what. */
function checkPlace(check: HistoryCheck, event: HistoryEvent, id: number, type: string, attributes: Attributes, bad: Report): void {
  if (check.closedBy !== null) bad('nothing-after-close', `the run was closed by ${check.closedBy}`);
  for (const name of references) if (toNumber(attributes[name]) >= id) bad('references-point-back', `${name} is ${String(attributes[name])}`);
  const endsTask = type === 'WorkflowTaskCompleted' || type === 'WorkflowTaskFailed' || type === 'WorkflowTaskTimedOut';
  if (check.pendingTask?.started && !endsTask) bad('started-task-is-closed-next', `Workflow Task ${check.pendingTask.scheduled} is started`);
  if (commands.has(type)) {
    const named = toNumber(attributes.workflowTaskCompletedEventId);
    if (check.batch === null || named !== check.batch) bad('command-in-batch', `names ${named}, the completion is ${check.batch ?? 'none'}`);
  } else if (!messages.has(type)) check.batch = null;
  if (check.patchMarker !== null) {
    const changed = record(record(event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes).indexedFields);
    if (type !== 'UpsertWorkflowSearchAttributes' || changed.TemporalChangeVersion === undefined) bad('patch-marker-upsert', `follows the marker ${check.patchMarker}`);
    check.patchMarker = null;
  }
  if (check.wake !== null && !check.pendingTask && type !== 'WorkflowTaskScheduled' && !closes.has(type) && !wakes.has(type) && !quiet.has(type)) {
    bad('wake-schedules-task', `follows the event ${check.wake}, which wakes the workflow`);
    check.wake = null;
  }
  if (results.has(type)) check.results ||= check.taskEnd === 'completed' && !check.pendingTask && !check.paused;
  else if (spine.has(type)) check.results = false;
  else if (check.results && (wakes.has(type) || type === 'ActivityTaskStarted')) bad('results-last', 'follows the end of an activity or a child');
}

type Rule = (check: HistoryCheck, attributes: Attributes, id: number, bad: Report, event: HistoryEvent) => void;

/** An ActivityTask closes: completed, failed, timed out or canceled. */
function closeActivity(check: HistoryCheck, attributes: Attributes, bad: Report, mayBeUnstarted: boolean): void {
  const scheduled = toNumber(attributes.scheduledEventId);
  const activity = check.activities[scheduled];
  if (!activity) return bad('activity-close-ref', `no open activity ${scheduled}`);
  const started = toNumber(attributes.startedEventId);
  if (started !== activity.started) bad('activity-close-started', `names the start ${started}, it is ${activity.started}`);
  else if (started === 0 && !mayBeUnstarted) bad('activity-close-started', 'it never started');
  delete check.activities[scheduled];
}

function closeChild(check: HistoryCheck, attributes: Attributes, _id: number, bad: Report): void {
  const initiated = toNumber(attributes.initiatedEventId);
  const child = check.children[initiated];
  if (!child || child.started === 0 || child.started !== toNumber(attributes.startedEventId)) return bad('child-close-ref', `no open child ${initiated} started by ${String(attributes.startedEventId)}`);
  delete check.children[initiated];
}

function endExternal(kind: 'signal' | 'cancel'): Rule {
  return (check, attributes, _id, bad) => {
    const initiated = toNumber(attributes.initiatedEventId);
    if (check.external[initiated] !== kind) bad('external-ref', `no open ${kind} ${initiated}`);
    delete check.external[initiated];
  };
}

function endTimer(check: HistoryCheck, attributes: Attributes, bad: Report): HistoryCheck['timers'][string] | undefined {
  const timer = check.timers[text(attributes.timerId)];
  if (!timer || timer.started !== toNumber(attributes.startedEventId)) {
    bad('timer-ref', `no open timer ${String(attributes.timerId)} started by ${String(attributes.startedEventId)}`);
    return undefined;
  }
  delete check.timers[text(attributes.timerId)];
  return timer;
}

function endTask(rule: 'task-completed-ref' | 'task-failed-ref' | 'task-timed-out-ref'): Rule {
  return (check, attributes, id, bad) => {
    const task = check.pendingTask;
    const [scheduled, started] = [toNumber(attributes.scheduledEventId), toNumber(attributes.startedEventId)];
    if (!task || task.scheduled !== scheduled || task.started !== started || (rule === 'task-completed-ref' && started === 0)) {
      bad(rule, `names ${scheduled} and ${started}, pending is ${task ? `${task.scheduled} and ${task.started}` : 'none'}`);
    }
    check.pendingTask = null;
    check.taskEnd = rule === 'task-completed-ref' ? 'completed' : 'failed';
    check.taskRetried = check.taskEnd === 'failed' && started !== 0 && (!task?.sticky || check.versioned);
    check.batch = rule === 'task-completed-ref' ? id : null;
    check.completedStart = started;
  };
}

const rulesByType: { readonly [type: string]: Rule } = {
  WorkflowExecutionStarted(check, attributes, _id, bad) {
    if (!attributes.firstExecutionRunId || !attributes.originalExecutionRunId || !(toNumber(attributes.attempt) >= 1)) {
      bad('started-names-chain', `first ${String(attributes.firstExecutionRunId)}, original ${String(attributes.originalExecutionRunId)}, attempt ${String(attributes.attempt)}`);
    }
    const initiated = attributes.initiator !== undefined && !text(attributes.initiator).toUpperCase().endsWith('UNSPECIFIED');
    if (initiated !== Boolean(attributes.continuedExecutionRunId) && !attributes.cronSchedule) bad('started-initiator', `continued from ${String(attributes.continuedExecutionRunId)} by ${String(attributes.initiator)}`);
    check.startDelayed = readDuration(attributes.firstWorkflowTaskBackoff) > 0;
  },

  WorkflowTaskScheduled(check, attributes, id, bad) {
    if (check.pendingTask) bad('one-pending-task', `Workflow Task ${check.pendingTask.scheduled} is pending`);
    const attempt = toNumber(attributes.attempt);
    if (!(attempt >= 1) || (attempt > 1 && !check.taskRetried)) bad('task-attempt', `attempt ${String(attributes.attempt)}`);
    const sticky = text(record(attributes.taskQueue).kind).toUpperCase().endsWith('STICKY');
    if (sticky && check.taskEnd === 'failed') bad('failed-task-not-sticky', text(record(attributes.taskQueue).name));
    check.pendingTask = { scheduled: id, started: 0, sticky };
    check.taskEver = true;
    check.wake = null;
  },
  WorkflowTaskStarted(check, attributes, id, bad) {
    const scheduled = toNumber(attributes.scheduledEventId);
    if (check.pendingTask?.scheduled !== scheduled || check.pendingTask.started !== 0) bad('task-started-ref', `names ${scheduled}, pending is ${check.pendingTask?.scheduled ?? 'none'}`);
    else check.pendingTask.started = id;
  },
  WorkflowTaskCompleted(check, attributes, id, bad, event) {
    endTask('task-completed-ref')(check, attributes, id, bad, event);
    check.versioned ||= Boolean(attributes.deploymentVersion);
  },
  WorkflowTaskFailed(check, attributes, id, bad, event) {
    endTask('task-failed-ref')(check, attributes, id, bad, event);
    if (!attributes.cause) bad('task-failed-ref', 'no cause');
  },
  WorkflowTaskTimedOut(check, attributes, id, bad, event) {
    const unstarted = text(attributes.timeoutType).endsWith('SCHEDULE_TO_START') || attributes.timeoutType === 'ScheduleToStart';
    if (unstarted !== (toNumber(attributes.startedEventId) === 0)) bad('task-timeout-type', `${String(attributes.timeoutType)}, started by ${String(attributes.startedEventId)}`);
    endTask('task-timed-out-ref')(check, attributes, id, bad, event);
  },

  ActivityTaskScheduled(check, attributes, id, bad) {
    const activityId = text(attributes.activityId);
    if (Object.values(check.activities).some((open) => open.id === activityId)) bad('activity-id-unique', activityId);
    const bounded = readDuration(attributes.scheduleToCloseTimeout) > 0 || readDuration(attributes.startToCloseTimeout) > 0;
    if (!bounded || !attributes.retryPolicy) bad('activity-timeouts', `schedule-to-close ${String(attributes.scheduleToCloseTimeout)}, start-to-close ${String(attributes.startToCloseTimeout)}`);
    check.activities[id] = { id: activityId, started: 0, cancelAsked: false };
  },
  ActivityTaskStarted(check, attributes, id, bad) {
    const activity = check.activities[toNumber(attributes.scheduledEventId)];
    if (!activity || activity.started !== 0) bad('activity-started-ref', `no unstarted activity ${String(attributes.scheduledEventId)}`);
    else activity.started = id;
    // A later one need not carry a failure: an activity that was paused and let go forgets it.
    if (!(toNumber(attributes.attempt) >= 1)) bad('activity-attempt', `attempt ${String(attributes.attempt)}`);
  },
  ActivityTaskCancelRequested(check, attributes, _id, bad) {
    const activity = check.activities[toNumber(attributes.scheduledEventId)];
    if (!activity || activity.cancelAsked) bad('activity-cancel-ref', `no open activity ${String(attributes.scheduledEventId)}, or asked before`);
    else activity.cancelAsked = true;
  },
  ActivityTaskCompleted(check, attributes, _id, bad) {
    closeActivity(check, attributes, bad, false);
  },
  ActivityTaskFailed(check, attributes, _id, bad) {
    if (text(attributes.retryState).replace(/^.*UNSPECIFIED$/i, '') === '') bad('activity-retry-state', 'none');
    closeActivity(check, attributes, bad, false);
  },
  ActivityTaskTimedOut(check, attributes, _id, bad) {
    if (text(attributes.retryState).replace(/^.*UNSPECIFIED$/i, '') === '') bad('activity-retry-state', 'none');
    closeActivity(check, attributes, bad, true);
  },
  ActivityTaskCanceled(check, attributes, _id, bad) {
    if (check.activities[toNumber(attributes.scheduledEventId)]?.cancelAsked === false) bad('activity-canceled-asked', `activity ${String(attributes.scheduledEventId)}`);
    closeActivity(check, attributes, bad, true);
  },

  TimerStarted(check, attributes, id, bad, event) {
    const timerId = text(attributes.timerId);
    if (check.timers[timerId]) bad('timer-id-unique', timerId);
    check.timers[timerId] = { started: id, due: (parseTimestamp(text(event.eventTime)) ?? 0) + readDuration(attributes.startToFireTimeout) };
  },
  TimerFired(check, attributes, _id, bad, event) {
    const timer = endTimer(check, attributes, bad);
    const time = parseTimestamp(text(event.eventTime)) ?? Infinity;
    // Times of imported histories are cut to milliseconds.
    if (timer && time + 1 < timer.due) bad('timer-not-early', `timer ${String(attributes.timerId)} fired ${timer.due - time} ms early`);
  },
  TimerCanceled(check, attributes, _id, bad) {
    endTimer(check, attributes, bad);
  },

  StartChildWorkflowExecutionInitiated(check, _attributes, id) {
    check.children[id] = { started: 0 };
  },
  ChildWorkflowExecutionStarted(check, attributes, id, bad) {
    const child = check.children[toNumber(attributes.initiatedEventId)];
    if (!child || child.started !== 0) bad('child-started-ref', `no unstarted child ${String(attributes.initiatedEventId)}`);
    else child.started = id;
  },
  StartChildWorkflowExecutionFailed(check, attributes, _id, bad) {
    const initiated = toNumber(attributes.initiatedEventId);
    if (check.children[initiated]?.started !== 0) bad('child-start-failed-ref', `no unstarted child ${initiated}`);
    delete check.children[initiated];
  },
  ChildWorkflowExecutionCompleted: closeChild,
  ChildWorkflowExecutionFailed: closeChild,
  ChildWorkflowExecutionCanceled: closeChild,
  ChildWorkflowExecutionTimedOut: closeChild,
  ChildWorkflowExecutionTerminated: closeChild,

  SignalExternalWorkflowExecutionInitiated(check, _attributes, id) {
    check.external[id] = 'signal';
  },
  RequestCancelExternalWorkflowExecutionInitiated(check, _attributes, id) {
    check.external[id] = 'cancel';
  },
  ExternalWorkflowExecutionSignaled: endExternal('signal'),
  SignalExternalWorkflowExecutionFailed: endExternal('signal'),
  ExternalWorkflowExecutionCancelRequested: endExternal('cancel'),
  RequestCancelExternalWorkflowExecutionFailed: endExternal('cancel'),

  WorkflowExecutionSignaled(check, attributes, _id, bad) {
    if (!attributes.signalName) bad('signal-named', 'no name');
    const requestId = text(attributes.requestId);
    if (requestId && check.signals[requestId]) bad('signal-once', requestId);
    if (requestId) check.signals[requestId] = true;
  },
  WorkflowExecutionCancelRequested(check, _attributes, _id, bad) {
    if (check.cancelRequested) bad('cancel-requested-once', 'asked before');
    check.cancelRequested = true;
  },
  WorkflowExecutionCanceled(check, _attributes, _id, bad) {
    if (!check.cancelRequested) bad('canceled-was-asked', 'nobody asked');
  },
  WorkflowExecutionContinuedAsNew(_check, attributes, _id, bad) {
    if (!attributes.newExecutionRunId) bad('continued-names-run', 'no new run');
  },

  WorkflowExecutionPaused(check) {
    check.paused = true;
    check.results = false;
  },
  WorkflowExecutionUnpaused(check) {
    check.paused = false;
  },
  WorkflowExecutionOptionsUpdated(check) {
    check.versioned = true;
  },

  WorkflowExecutionUpdateAdmitted(check, attributes, id) {
    check.admitted[text(record(record(attributes.request).meta).updateId)] = id;
  },

  WorkflowExecutionUpdateAccepted(check, attributes, id, bad) {
    const updateId = text(attributes.protocolInstanceId);
    const sequencing = toNumber(attributes.acceptedRequestSequencingEventId);
    if (sequencing !== (check.admitted[updateId] ?? check.completedStart - 1)) bad('update-accepted-sequencing', `names ${String(attributes.acceptedRequestSequencingEventId)}`);
    if (check.batch === null) bad('update-accepted-in-batch', updateId);
    if (check.updateIds.includes(updateId)) bad('update-id-unique', updateId);
    check.updates[id] = updateId;
    check.updateIds.push(updateId);
  },
  WorkflowExecutionUpdateCompleted(check, attributes, _id, bad) {
    const accepted = toNumber(attributes.acceptedEventId);
    if (check.updates[accepted] === undefined || !attributes.outcome) bad('update-completed-ref', `no open update ${accepted}, or no outcome`);
    if (check.batch === null) bad('update-completed-in-batch', `update ${accepted}`);
    delete check.updates[accepted];
  },

  MarkerRecorded(check, attributes, id, bad) {
    const details = record(attributes.details);
    if (!attributes.markerName) bad('marker-named', 'no name');
    else if (attributes.markerName === 'core_local_activity') {
      if (!details.data) bad('marker-named', 'a local activity without data');
    } else if (attributes.markerName === 'core_patch') {
      check.patchBytes += patchIdBytes(details) + 1;
      if (check.patchBytes < MAX_PATCH_BYTES) check.patchMarker = id;
    }
  },
};

/** A list of patches of this size or more is not written any more; their markers are. */
const MAX_PATCH_BYTES = 2048;

/** What the patch of a marker takes in a JSON list. */
function patchIdBytes(details: Attributes): number {
  const data = record((record(details['patch-data']).payloads as readonly unknown[] | undefined)?.[0]).data;
  try {
    const { id } = JSON.parse(base64ToText(text(data))) as { id?: unknown };
    return encodeUtf8(JSON.stringify(id ?? '')).length;
  } catch {
    return 2;
  }
}

/** Milliseconds of a proto3 JSON Duration; 0 for what is none. */
function readDuration(value: unknown): number {
  return typeof value === 'string' && /^-?\d+(\.\d+)?s$/.test(value) ? parseDuration(value) : 0;
}
