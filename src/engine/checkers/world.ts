import type { RunId, WorkflowId } from '../../base/brand.ts';
import { must } from '../../base/assert.ts';
import { eventName } from '../../api/event-names.ts';
import type { HistoryEvent } from '../../api/proto.ts';
import type { TraceEntry, ViolationEntry } from '../../trace/entries.ts';
import { durableState, rebuildRun } from '../service/index.ts';
import { workflowKey } from '../service/service.ts';
import type { ActivityInfo, Run, ServiceState } from '../service/state.ts';
import { checkHistoryEnd, checkNextEvent, createHistoryCheck, type HistoryCheck } from './history.ts';

/**
 * What holds of the whole simulated world after each step, beside the rules of histories (`historyRules`): a violation is a bug of ours.
 */
export const worldRules = {
  'activity-at-least-once': 'an activity with ActivityTaskCompleted was run by a worker, the attempt that is said to have completed too',
  'activity-not-again': 'an activity with ActivityTaskCompleted never starts a new attempt',
  'progress-exactly-once': 'a Workflow Task completes once',
  'state-is-history': 'the mutable state rebuilt from history equals the live one',
  'no-task-lost': 'a pending Workflow Task or activity is in a task queue, in the hands of a worker under a timeout, or waits for a timer; a pending timer is on the agenda',
  'parent-close-policy': 'the children of a closed run are closed or asked to cancel, as their policy says',
} as const;

export type WorldRule = keyof typeof worldRules;

/** What the checker remembers: plain data. */
export interface WorldCheck {
  readonly runs: { [runId: RunId]: RunCheck };
  /** Closed runs whose children have not been looked at: they hear of it a moment later. */
  closed: RunId[];
}

interface RunCheck {
  readonly history: HistoryCheck;
  /** It began with the history of another, where its first activities ran. */
  reset: boolean;
  /** Activity ids by scheduled event. */
  readonly scheduled: { [eventId: string]: string };
  /** With the last attempt that a worker began; 0 for none. */
  readonly activities: { [activityId: string]: { executed: number; completedAttempt: number } };
  /** Starts of the Workflow Tasks that completed. */
  readonly completedTasks: { [startedEventId: string]: true };
  tasksCompleted: number;
}

export const createWorldCheck = (): WorldCheck => ({ runs: {}, closed: [] });

/** Workflow Tasks between two comparisons of the state with the history, which cost as much as the history is long. */
const COMPARE_EVERY = 64;

/**
 * Checks what a step did.
 * @param thorough also compares states with histories and looks for lost tasks, at run close and every 64th Workflow Task (tests and fuzz)
 */
export function checkStep(check: WorldCheck, entries: readonly TraceEntry[], state: ServiceState, thorough: boolean): ViolationEntry[] {
  const violations: ViolationEntry[] = [];
  const touched = new Set<RunId>();
  const due = new Set<RunId>();
  for (const entry of entries) {
    if (entry.type === 'history') {
      touched.add(entry.runId);
      checkEvent(check, entry.runId, entry.event, violations);
      const type = eventName(entry.event.eventType as string);
      if (type === 'WorkflowTaskCompleted' && ++runOf(check, entry.runId).tasksCompleted % COMPARE_EVERY === 0) due.add(entry.runId);
      const { closedBy, spineTime } = runOf(check, entry.runId).history;
      if (thorough && check.closed.length > 0) violations.push(...orphansOf(check, spineTime, state));
      if (closedBy !== null) {
        due.add(entry.runId);
        if (thorough) check.closed.push(entry.runId);
      }
    } else if (entry.type === 'activityExecution' && !entry.local && entry.phase === 'started') {
      const activity = activityOf(runOf(check, entry.runId), entry.activityId);
      activity.executed = Math.max(activity.executed, entry.attempt);
      // An attempt that timed out while its task was on the way may start after a later one has completed.
      if (activity.completedAttempt > 0 && entry.attempt >= activity.completedAttempt)
        violations.push(violation('activity-not-again', entry.runId, `attempt ${entry.attempt} of activity ${entry.activityId} starts after attempt ${activity.completedAttempt} completed`));
    }
  }
  for (const runId of touched) {
    const run = state.runs[runId];
    // A transient or speculative Workflow Task is pending without an event.
    if (run && run.paused === null && run.task.scheduledEventId === 0) for (const { rule, eventId, message } of checkHistoryEnd(runOf(check, runId).history)) violations.push(violation(rule, runId, `event ${eventId}: ${message}`));
  }
  if (thorough) for (const runId of due) violations.push(...checkRun(must(state.runs[runId], `run ${runId}`), state));
  return violations;
}

/** Compares every open run with its history, and looks for lost tasks and forgotten children: for the end of a run of the simulator. */
export const checkAllRuns = (state: ServiceState): ViolationEntry[] => Object.values(state.runs).flatMap((run) => (run.closedAt === null ? checkRun(run, state) : orphans(run, state)));

const violation = (rule: string, runId: RunId, message: string): ViolationEntry => ({ type: 'violation', rule, message: `run ${runId}: ${message}` });

function runOf(check: WorldCheck, runId: RunId): RunCheck {
  return (check.runs[runId] ??= { history: createHistoryCheck(), reset: false, scheduled: {}, activities: {}, completedTasks: {}, tasksCompleted: 0 });
}

const activityOf = (run: RunCheck, activityId: string) => (run.activities[activityId] ??= { executed: 0, completedAttempt: 0 });

function checkEvent(check: WorldCheck, runId: RunId, event: HistoryEvent, violations: ViolationEntry[]): void {
  const run = runOf(check, runId);
  for (const { rule, eventId, message } of checkNextEvent(run.history, event)) violations.push(violation(rule, runId, `event ${eventId}: ${message}`));
  const { activityTaskScheduledEventAttributes: scheduled, activityTaskStartedEventAttributes: started, activityTaskCompletedEventAttributes: completed } = event;
  const begun = event.workflowExecutionStartedEventAttributes;
  if (begun) run.reset = begun.originalExecutionRunId !== runId;
  if (scheduled) {
    // An id is free again when its activity is closed.
    const activityId = scheduled.activityId ?? '';
    run.scheduled[event.eventId ?? ''] = activityId;
    run.activities[activityId] = { executed: 0, completedAttempt: 0 };
  }
  if (started) run.scheduled[event.eventId ?? ''] = String(started.attempt ?? 1);
  if (completed) {
    const activityId = run.scheduled[completed.scheduledEventId ?? ''] ?? '';
    const activity = activityOf(run, activityId);
    activity.completedAttempt = Number(run.scheduled[completed.startedEventId ?? ''] ?? 1);
    if (activity.executed < activity.completedAttempt && !run.reset) violations.push(violation('activity-at-least-once', runId, `attempt ${activity.completedAttempt} of activity ${activityId} completed without a start`));
  }
  const task = event.workflowTaskCompletedEventAttributes?.startedEventId;
  if (task !== undefined) {
    if (run.completedTasks[task]) violations.push(violation('progress-exactly-once', runId, `the Workflow Task ${task} completes again`));
    run.completedTasks[task] = true;
  }
}

// ---------------------------------------------------------------- thorough checks

function checkRun(run: Run, state: ServiceState): ViolationEntry[] {
  if (run.buffered.length > 0) return [];
  const violations: ViolationEntry[] = [];
  const live = JSON.stringify(durableState(run));
  const rebuilt = JSON.stringify(durableState(rebuildRun(run.namespace, run.runId, run.events)));
  if (live !== rebuilt) violations.push(violation('state-is-history', run.runId, `live ${live}, rebuilt ${rebuilt}`));
  const { activities, children, signalsOut, cancelsOut } = run;
  const counted = { activities: size(activities), children: size(children), signalsOut: size(signalsOut), cancelsOut: size(cancelsOut) };
  if (JSON.stringify(counted) !== JSON.stringify(run.counts)) violations.push(violation('state-is-history', run.runId, `counts ${JSON.stringify(run.counts)} of ${JSON.stringify(counted)}`));
  if (run.closedAt === null && run.paused === null) violations.push(...lostTasks(run, state).map((text) => violation('no-task-lost', run.runId, text)));
  return violations;
}

const size = (record: object): number => Object.keys(record).length;

function lostTasks(run: Run, state: ServiceState): string[] {
  const lost: string[] = [];
  const { task } = run;
  if (task.scheduledEventId !== 0) {
    if (task.startedEventId !== 0 ? task.startTimer === null : !isQueued(state, 'workflowTask', run, task.scheduledEventId, task.stamp)) lost.push(`Workflow Task ${task.scheduledEventId}, attempt ${task.attempt}`);
  }
  for (const { timerId, timer } of Object.values(run.timers)) if (timer === null) lost.push(`timer ${timerId}`);
  for (const activity of Object.values(run.activities)) if (!isCared(state, run, activity)) lost.push(`activity ${activity.activityId}, attempt ${activity.attempt}`);
  return lost;
}

function isCared(state: ServiceState, run: Run, activity: ActivityInfo): boolean {
  if (activity.paused !== null) return true;
  if (activity.startedEventId !== 0) return activity.timer !== null;
  return activity.backoff ? activity.retryTimer !== null : isQueued(state, 'activityTask', run, activity.scheduledEventId, activity.stamp);
}

function isQueued(state: ServiceState, kind: 'workflowTask' | 'activityTask', run: Run, scheduledEventId: number, stamp: number): boolean {
  for (const queue of Object.values(state.queues))
    for (const { backlog, head } of queue.partitions)
      for (let i = head; i < backlog.length; i++) {
        const task = must(backlog[i], 'task');
        if (task.kind === kind && task.runId === run.runId && task.scheduledEventId === scheduledEventId && task.stamp === stamp) return true;
      }
  return false;
}

/** Those of the runs that closed before a time. */
function orphansOf(check: WorldCheck, time: number, state: ServiceState): ViolationEntry[] {
  const isBefore = (runId: RunId): boolean => (state.runs[runId]?.closedAt ?? 0) < time;
  const before = check.closed.filter(isBefore);
  check.closed = check.closed.filter((runId) => !isBefore(runId));
  return before.flatMap((runId) => {
    const run = state.runs[runId];
    return run ? orphans(run, state) : [];
  });
}

/** Children of a closed run that its end did not reach. */
function orphans(run: Run, state: ServiceState): ViolationEntry[] {
  const children = Object.values(run.children);
  if (children.length === 0) return [];
  // The run that a reset made has the children from then on.
  if (runsOf(state, run.namespace, run.workflowId).some(({ resetRunId }) => resetRunId)) return [];
  return children.flatMap(({ namespace, runId, workflowId, parentClosePolicy }) => {
    const child = runsOf(state, namespace, workflowId).find((other) => other.firstRunId === runId && other.closedAt === null);
    const reached = !child || parentClosePolicy === 'PARENT_CLOSE_POLICY_ABANDON' || (parentClosePolicy === 'PARENT_CLOSE_POLICY_REQUEST_CANCEL' && child.cancelRequested);
    return reached ? [] : [violation('parent-close-policy', run.runId, `${workflowId} goes on`)];
  });
}

/** The runs of one workflow id: a world may have thousands of others. */
const runsOf = (state: ServiceState, namespace: string, workflowId: WorkflowId): readonly Run[] =>
  (state.workflows[workflowKey(namespace, workflowId)]?.runIds ?? []).flatMap((runId) => state.runs[runId] ?? []);
