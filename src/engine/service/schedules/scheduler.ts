import type { Timestamp } from '../../../base/brand.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from '../../../base/time.ts';
import type { NewWorkflowExecutionInfo, Schedule, ScheduleOverlapPolicy, SchedulePatch, ScheduleSpec, SearchAttributes } from '../../../api/proto.ts';
import { jsonPayload } from '../../../api/json-payload.ts';
import { ServiceError } from '../errors.ts';
import { startWorkflow } from '../frontend/workflows.ts';
import { terminateRun } from '../history/close.ts';
import { commit } from '../history/commit.ts';
import { requestCancel } from '../history/external.ts';
import { isOpen, newId, now, workflowKey, type Service } from '../service.ts';
import type { Run } from '../state.ts';
import { planBuffer } from './buffer.ts';
import { SpecError } from './calendar.ts';
import { compileSpec, nextTime, type CompiledSpec, type ScheduledTime } from './spec.ts';
import type { BufferedStart, ScheduleState, StartedWorkflow } from './state.ts';

/**
 * What the server's scheduler workflow does for one schedule (`service/worker/scheduler/workflow.go`): wakes at the next time, after a
 * change and when a workflow that it waits for has ended; collects the times that have passed, and starts what the policies allow.
 */

const DAY = 86_400_000;
const DEFAULT_CATCHUP_MS = 365 * DAY;
const MINIMAL_CATCHUP_MS = 10_000;
/** How long a schedule lives that has nothing more to do. */
const RETENTION_MS = 7 * DAY;
const MAX_BUFFER = 1000;
const BACKFILLS_AT_ONCE = 10;
const RECENT_ACTIONS = 10;

export const scheduleKey = (namespace: string, scheduleId: string): string => `${namespace}\n${scheduleId}`;

const compiled = new WeakMap<ScheduleSpec, CompiledSpec>();

/** The schedule's spec, compiled once. */
export function specOf(s: ScheduleState): CompiledSpec {
  const spec = s.schedule.spec as ScheduleSpec;
  let found = compiled.get(spec);
  if (!found) compiled.set(spec, (found = compileSpec(spec)));
  return found;
}

/** Jitter depends on who the schedule is. */
export const jitterSeed = (svc: Service, s: ScheduleState): string => `${svc.state.namespaces[s.namespace]?.id ?? ''}-${s.scheduleId}`;

/** As `nextTime`; a spec whose exclusions leave nothing has no next time. */
function timeAfter(svc: Service, s: ScheduleState, after: number): ScheduledTime | null {
  try {
    return nextTime(specOf(s), jitterSeed(svc, s), after);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return null;
  }
}

/** Defaults filled in, as describe shows them. `spec` is canonical. */
export function completeSchedule(schedule: Schedule): Schedule {
  const policies = schedule.policies ?? {};
  const catchup = policies.catchupWindow === undefined ? DEFAULT_CATCHUP_MS : Math.max(MINIMAL_CATCHUP_MS, parseDuration(policies.catchupWindow));
  return {
    spec: schedule.spec ?? {},
    action: schedule.action ?? {},
    policies: { ...policies, overlapPolicy: resolvePolicy(undefined, policies.overlapPolicy), catchupWindow: formatDuration(catchup) },
    state: schedule.state ?? {},
  };
}

function resolvePolicy(wanted: ScheduleOverlapPolicy | undefined, own: ScheduleOverlapPolicy | undefined): ScheduleOverlapPolicy {
  if (wanted && wanted !== 'SCHEDULE_OVERLAP_POLICY_UNSPECIFIED') return wanted;
  return own && own !== 'SCHEDULE_OVERLAP_POLICY_UNSPECIFIED' ? own : 'SCHEDULE_OVERLAP_POLICY_SKIP';
}

// ---------------------------------------------------------------- waking

/** A change that a caller asked for. */
export type ScheduleChange = { readonly patch: SchedulePatch } | { readonly update: Schedule; readonly conflictToken: number; readonly searchAttributes: SearchAttributes | undefined };

/** One round: deals with the time since the last, then with the change, and sets the alarm for the next. */
export function wakeSchedule(svc: Service, s: ScheduleState, change?: ScheduleChange): void {
  if (s.closed) return;
  const at = now(svc);
  let range = processRange(svc, s, s.processedAt, at, false, undefined, Infinity);
  s.processedAt = range.last;
  if (change && 'patch' in change) applyPatch(s, change.patch, at);
  else if (change && (change.conflictToken === 0 || change.conflictToken === s.conflictToken)) {
    s.schedule = completeSchedule(change.update);
    if (change.searchAttributes) s.searchAttributes = change.searchAttributes;
    s.updatedAt = at;
    s.conflictToken++;
    range = processRange(svc, s, s.processedAt, at, false, undefined, Infinity);
  }
  processBackfills(svc, s);
  while (processBuffer(svc, s));
  const expires = retentionEnd(s, range.next);
  if (expires !== null && expires <= at) {
    closeSchedule(svc, s);
    return;
  }
  let wakeAt = hasMoreBackfills(s) ? at + 1000 : canAct(s, false, false) ? range.next : null;
  if (expires !== null) wakeAt = expires;
  setAlarm(svc, s, wakeAt);
  emitSchedule(svc, s);
}

function setAlarm(svc: Service, s: ScheduleState, at: number | null): void {
  if (s.timer !== null && s.timerAt === at) return;
  if (s.timer !== null) svc.host.cancel(s.timer);
  s.timer = at === null ? null : svc.host.schedule(at as Timestamp, { type: 'scheduleAlarm', key: s.key });
  s.timerAt = at ?? 0;
}

/** Ends the schedule; what it has started goes on. */
export function closeSchedule(svc: Service, s: ScheduleState): void {
  s.closed = true;
  setAlarm(svc, s, null);
  stopWatching(svc, s);
  svc.host.emit({ type: 'schedule', scheduleId: s.scheduleId, state: null });
}

/** Tells the trace how the schedule stands. */
function emitSchedule(svc: Service, s: ScheduleState): void {
  svc.host.emit({
    type: 'schedule', scheduleId: s.scheduleId,
    state: {
      paused: s.schedule.state?.paused === true, nextAt: futureTimes(svc, s, 1)[0], running: s.running.map((r) => r.workflowId), buffered: s.buffer.length,
      recent: s.recent.map((r) => ({ at: r.actualAt, workflowId: r.workflowId })), note: s.schedule.state?.notes || undefined,
    },
  });
}

/** The next `count` times at which it will act, no more than actions remain. */
export function futureTimes(svc: Service, s: ScheduleState, count: number): Timestamp[] {
  const wanted = s.schedule.state?.limitedActions ? Math.min(count, Number(s.schedule.state.remainingActions ?? 0)) : count;
  const times: Timestamp[] = [];
  for (let at = s.processedAt; times.length < wanted; ) {
    const time = timeAfter(svc, s, at);
    if (!time) break;
    at = time.next;
    if (at >= s.updatedAt) times.push(at as Timestamp);
  }
  return times;
}

/** When a schedule without anything to do ends; null while it has. */
function retentionEnd(s: ScheduleState, next: number | null): number | null {
  if (s.schedule.state?.paused || (next !== null && canAct(s, false, false)) || hasMoreBackfills(s)) return null;
  return Math.max(s.recent.at(-1)?.actualAt ?? 0, s.createdAt, s.updatedAt) + RETENTION_MS;
}

// ---------------------------------------------------------------- changes

function applyPatch(s: ScheduleState, patch: SchedulePatch, at: number): void {
  const trigger = patch.triggerImmediately;
  if (trigger) {
    const time = trigger.scheduledTime ? (parseTimestamp(trigger.scheduledTime) ?? at) : at;
    addStart(s, { nominal: time, actual: time, overlapPolicy: trigger.overlapPolicy ?? 'SCHEDULE_OVERLAP_POLICY_UNSPECIFIED', manual: true });
  }
  for (const request of patch.backfillRequest ?? []) {
    if (s.backfills.length >= MAX_BUFFER) {
      s.bufferDropped++;
      continue;
    }
    // The start is meant, too.
    s.backfills.push({ start: (parseTimestamp(request.startTime ?? '') ?? 0) - 1, end: parseTimestamp(request.endTime ?? '') ?? 0, overlapPolicy: request.overlapPolicy ?? 'SCHEDULE_OVERLAP_POLICY_UNSPECIFIED' });
  }
  for (const [note, paused] of [[patch.pause, true], [patch.unpause, false]] as const) {
    if (!note) continue;
    s.schedule = { ...s.schedule, state: { ...s.schedule.state, paused, notes: note } };
    s.conflictToken++;
  }
}

// ---------------------------------------------------------------- times to starts

/** Whether it may act now; an action of a limited schedule is counted when taken. */
function canAct(s: ScheduleState, manual: boolean, take: boolean): boolean {
  if (manual) return true;
  const state = s.schedule.state ?? {};
  if (state.paused) return false;
  if (!state.limitedActions) return true;
  const remaining = Number(state.remainingActions ?? 0);
  if (remaining <= 0) return false;
  if (take) {
    s.schedule = { ...s.schedule, state: { ...state, remainingActions: remaining > 1 ? String(remaining - 1) : undefined } };
    s.conflictToken++;
  }
  return true;
}

interface Range {
  /** First time that was not dealt with; null when there is none. */
  readonly next: number | null;
  readonly last: number;
}

/** Puts the times in (start, end] into the buffer, at most `limit`. */
function processRange(svc: Service, s: ScheduleState, start: number, end: number, manual: boolean, overlapPolicy: ScheduleOverlapPolicy | undefined, limit: number): Range {
  // Time spent paused is not made up for.
  if (!canAct(s, manual, false)) return { next: timeAfter(svc, s, end)?.next ?? null, last: end };
  const catchup = parseDuration(s.schedule.policies?.catchupWindow);
  let last = start;
  let left = limit;
  let time = timeAfter(svc, s, start);
  for (; time !== null && time.next <= end; time = timeAfter(svc, s, time.next)) {
    // Before the update that made the spec.
    if (!manual && s.updatedAt > time.next) continue;
    if (!manual && end - time.next > catchup) {
      s.missedCatchupWindow++;
      continue;
    }
    addStart(s, { nominal: time.nominal, actual: time.next, overlapPolicy: overlapPolicy ?? 'SCHEDULE_OVERLAP_POLICY_UNSPECIFIED', manual });
    last = time.next;
    if (--left <= 0) break;
  }
  return { next: time?.next ?? null, last };
}

function addStart(s: ScheduleState, start: BufferedStart): void {
  if (s.buffer.length >= MAX_BUFFER) {
    s.bufferDropped++;
    return;
  }
  s.buffer.push(start);
  s.needRefresh = true;
}

function hasMoreBackfills(s: ScheduleState): boolean {
  const [first] = s.backfills;
  return first !== undefined && resolvePolicy(first.overlapPolicy, s.schedule.policies?.overlapPolicy) === 'SCHEDULE_OVERLAP_POLICY_ALLOW_ALL';
}

/** Ten actions a round, and only half of the buffer is for backfills. */
function processBackfills(svc: Service, s: ScheduleState): void {
  let left = BACKFILLS_AT_ONCE;
  while (s.backfills.length > 0 && left > 0 && s.buffer.length < MAX_BUFFER / 2) {
    const backfill = s.backfills[0] as ScheduleState['backfills'][number];
    const before = s.buffer.length + s.bufferDropped;
    const { next } = processRange(svc, s, backfill.start, backfill.end, true, backfill.overlapPolicy, left);
    left -= s.buffer.length + s.bufferDropped - before;
    if (next === null || next > backfill.end) s.backfills.shift();
    else backfill.start = next;
  }
}

// ---------------------------------------------------------------- starts

/** Deals with the waiting starts. True when it has to be called again. */
function processBuffer(svc: Service, s: ScheduleState): boolean {
  if (s.needRefresh) {
    for (const started of s.running) workflowEnded(svc, s, started);
    s.needRefresh = false;
  }
  const action = s.schedule.action?.startWorkflow;
  if (!action || s.buffer.length === 0) {
    s.buffer = [];
    return false;
  }
  const plan = planBuffer(s.buffer, s.running.length > 0, (policy) => resolvePolicy(policy, s.schedule.policies?.overlapPolicy));
  s.buffer = plan.buffer;
  s.overlapSkipped += plan.skipped;
  let again = false;
  for (const start of plan.single ? [...plan.overlapping, plan.single] : plan.overlapping) {
    // Paused, out of actions or refused: the rest of the buffer gets its turn.
    if (!canAct(s, start.manual, true) || !startAction(svc, s, start, action, start === plan.single)) again = true;
  }
  for (const started of plan.terminateRunning || plan.cancelRunning ? s.running : []) {
    const run = lastRun(svc, s.namespace, started);
    if (!run || !isOpen(run)) continue;
    if (plan.terminateRunning) {
      terminateRun(svc, run, 'terminated by schedule overlap policy', undefined, identity(s));
      commit(svc, run);
    } else requestCancel(svc, run, { identity: identity(s), reason: 'cancelled by schedule overlap policy', requestId: newId(svc), initiatedEventId: 0 });
  }
  const [first] = s.running;
  if (s.buffer.length > 0 && s.watching === '' && first) watch(svc, s, first);
  return again;
}

const identity = (s: ScheduleState): string => `temporal-scheduler-${s.namespace}-${s.scheduleId}`;

/** Starts the workflow of one time; its id ends in that time. False when the Service refuses it. */
function startAction(svc: Service, s: ScheduleState, start: BufferedStart, action: NewWorkflowExecutionInfo, single: boolean): boolean {
  const nominal = formatTimestamp((Math.floor(start.nominal / 1000) * 1000) as Timestamp);
  const workflowId = `${action.workflowId ?? ''}-${nominal}`;
  const follows = start.overlapPolicy !== 'SCHEDULE_OVERLAP_POLICY_ALLOW_ALL';
  try {
    const { run } = startWorkflow(svc, {
      namespace: s.namespace, workflowId, workflowType: action.workflowType, taskQueue: action.taskQueue, input: action.input,
      workflowExecutionTimeout: action.workflowExecutionTimeout, workflowRunTimeout: action.workflowRunTimeout, workflowTaskTimeout: action.workflowTaskTimeout,
      identity: identity(s), requestId: newId(svc),
      workflowIdReusePolicy: start.manual ? 'WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE' : 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE',
      retryPolicy: action.retryPolicy, memo: action.memo,
      searchAttributes: { indexedFields: { ...action.searchAttributes?.indexedFields, TemporalScheduledStartTime: jsonPayload(nominal, 'Datetime'), TemporalScheduledById: jsonPayload(s.scheduleId, 'Keyword') } },
      header: action.header, userMetadata: action.userMetadata, priority: action.priority,
      lastCompletionResult: follows ? (s.lastCompletionResult ?? undefined) : undefined, continuedFailure: follows ? (s.continuedFailure ?? undefined) : undefined,
    });
    s.actionCount++;
    s.recent = [...s.recent, { workflowId, runId: run.runId, scheduledAt: start.actual, actualAt: now(svc), status: 'WORKFLOW_EXECUTION_STATUS_RUNNING' as const }].slice(-RECENT_ACTIONS);
    if (single) s.running.push({ workflowId, runId: run.runId });
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return false;
  }
}

// ---------------------------------------------------------------- ends

/** The newest run of the chain that the schedule has started; null when it is gone. */
export function lastRun(svc: Service, namespace: string, started: StartedWorkflow): Run | null {
  const workflow = svc.state.workflows[workflowKey(namespace, started.workflowId)];
  for (let i = (workflow?.runIds.length ?? 0) - 1; i >= 0; i--) {
    const run = svc.state.runs[workflow?.runIds[i] ?? ''];
    if (run?.firstRunId === started.runId) return run;
  }
  return null;
}

/** Learns that a workflow has ended, if it has: keeps its result for the next one, and pauses after a failure if it has to. */
function workflowEnded(svc: Service, s: ScheduleState, started: StartedWorkflow): void {
  const run = lastRun(svc, s.namespace, started);
  if (run && (isOpen(run) || run.newRunId)) return;
  s.running = s.running.filter((r) => r.workflowId !== started.workflowId);
  const recent = s.recent.find((r) => r.workflowId === started.workflowId);
  if (recent) recent.status = run ? `WORKFLOW_EXECUTION_STATUS_${run.status}` : 'WORKFLOW_EXECUTION_STATUS_UNSPECIFIED';
  const last = run?.events.at(-1);
  const failure = last?.workflowExecutionFailedEventAttributes?.failure;
  const result = last?.workflowExecutionCompletedEventAttributes?.result;
  if ((run?.status === 'FAILED' || run?.status === 'TIMED_OUT') && s.schedule.policies?.pauseOnFailure && !s.schedule.state?.paused) {
    const notes = run.status === 'FAILED' ? `paused due to workflow failure: ${started.workflowId}: ${failure?.message ?? ''}` : `paused due to workflow timeout: ${started.workflowId}`;
    s.schedule = { ...s.schedule, state: { ...s.schedule.state, paused: true, notes } };
    s.conflictToken++;
  }
  if (result) {
    s.lastCompletionResult = result;
    s.continuedFailure = null;
  } else if (failure) s.continuedFailure = failure;
}

function watch(svc: Service, s: ScheduleState, started: StartedWorkflow): void {
  s.watching = started.workflowId;
  svc.state.scheduleWatches[workflowKey(s.namespace, started.workflowId)] = s.key;
  const run = lastRun(svc, s.namespace, started);
  if (!run || !isOpen(run)) svc.transfers.push({ type: 'scheduleWatch', scheduleKey: s.key });
}

function stopWatching(svc: Service, s: ScheduleState): void {
  if (s.watching) delete svc.state.scheduleWatches[workflowKey(s.namespace, s.watching)];
  s.watching = '';
}

/** The workflow that a schedule waits for has closed. */
export function watchedWorkflowClosed(svc: Service, key: string): void {
  const s = svc.state.schedules[key];
  if (!s || s.closed) return;
  const started = s.running.find((r) => r.workflowId === s.watching);
  stopWatching(svc, s);
  if (started) workflowEnded(svc, s, started);
  wakeSchedule(svc, s);
}

/** Looks at the running workflows anew (after a describe that found some of them closed). */
export function refreshSchedule(svc: Service, s: ScheduleState): void {
  s.needRefresh = true;
  wakeSchedule(svc, s);
}

/** The alarm rings. */
export function scheduleAlarm(svc: Service, key: string): void {
  const s = svc.state.schedules[key];
  if (!s) return;
  s.timer = null;
  wakeSchedule(svc, s);
}
