import { uuidV4 } from '../../../base/random.ts';
import { attributesField } from '../../../api/event-names.ts';
import { parseTimestamp } from '../../../base/time.ts';
import type { Timestamp } from '../../../base/brand.ts';
import type { HistoryEvent, ResetWorkflowExecutionRequest } from '../../../api/proto.ts';
import { invalidArgument } from '../errors.ts';
import { currentRun, isOpen, now, workflowKey, type Service } from '../service.ts';
import type { Run } from '../state.ts';
import { armTimeout, dispatch, emitActivity } from './activity.ts';
import { rebuildRun } from './apply.ts';
import { RESETTER_IDENTITY, terminateRun } from './close.ts';
import { commit } from './commit.ts';
import { addEvent, flushBuffer, sizeOf } from './event-store.ts';
import { changeOptions, maskOf } from './run-options.ts';
import { emitRun } from './start.ts';
import { failTask, NO_REQUEST, scheduleTask, startTask } from './workflow-task.ts';

/**
 * ResetWorkflowExecution: a new run with the history up to a Workflow Task, which then fails with RESET_WORKFLOW. Signals and updates
 * that came later are applied again. The current run is terminated.
 */
export function resetRun(svc: Service, base: Run, request: ResetWorkflowExecutionRequest): Run {
  const finishId = Number(request.workflowTaskFinishEventId ?? 0);
  if (finishId <= 1 || finishId >= base.nextEventId) throw invalidArgument('Workflow task finish ID must be > 1 && <= workflow last event ID.');
  const current = currentRun(svc, base.namespace, base.workflowId) as Run;
  if (request.requestId && current.createRequestId === request.requestId) return current;
  if (!beginsBatch(base.events, finishId - 1)) throw invalidArgument(`StateRebuilder unable to Rebuild mutable state to event ID: ${finishId - 1}, version: 0, this event must be at the boundary`);
  const kept = base.events.slice(0, finishId - 1);
  const runId = uuidV4(svc.host.stream('service/runIds'));
  const run = rebuildRun(base.namespace, runId, kept);
  const pending = run.task.scheduledEventId !== 0;
  if (!pending) throw invalidArgument(`Can only reset workflow to event ID in range [WorkflowTaskScheduled +1, WorkflowTaskStarted + 1]: ${finishId}`);
  const reason = request.reason ?? '';
  if (isOpen(current)) {
    terminateRun(svc, current, reason, undefined, RESETTER_IDENTITY);
    commit(svc, current);
  }

  // A start that is sent again finds this run; a reset that is sent again resets again.
  run.createRequestId = base.createRequestId;
  for (const event of kept) run.historySize += sizeOf(event);
  svc.state.runs[runId] = run;
  base.resetRunId = runId;
  const workflow = svc.state.workflows[workflowKey(run.namespace, run.workflowId)];
  workflow?.runIds.push(runId);
  if (workflow) workflow.currentRunId = runId;
  emitRun(svc, run);
  for (const event of kept) svc.host.emit({ type: 'history', workflowId: run.workflowId, runId, event });

  const at = now(svc);
  run.startedAt = at;
  run.executionAt = at;
  if (run.executionTimeoutMs > 0) run.expiresAt = at + run.executionTimeoutMs;
  const runEnd = run.runTimeoutMs > 0 ? at + run.runTimeoutMs : run.expiresAt;
  if (runEnd) run.runTimer = svc.host.schedule(runEnd as Timestamp, { type: 'workflowRunTimeout', workflowId: run.workflowId, runId });
  run.task.queue = run.taskQueue;
  if (run.task.startedEventId === 0) startTask(svc, run, { requestId: NO_REQUEST, identity: 'history-service', historySize: run.historySize, workerVersion: null });
  failTask(svc, run, 'WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW', { message: reason, resetWorkflowFailureInfo: {} }, 'history-service', { baseRunId: base.runId, newRunId: runId });
  resumePending(svc, run, at);
  reapply(svc, run, laterEvents(svc, base, finishId), request);
  for (const { updateWorkflowOptions: change } of request.postResetOperations ?? []) if (change) changeOptions(svc, run, change.workflowExecutionOptions ?? {}, maskOf(change.updateMask), '');
  flushBuffer(svc, run);
  scheduleTask(svc, run);
  commit(svc, run);
  return run;
}

/** Whether a transaction of the Service began with this event; histories are kept in such batches. */
function beginsBatch(events: readonly HistoryEvent[], index: number): boolean {
  const event = events[index] as HistoryEvent;
  const before = events[index - 1] as HistoryEvent;
  const attributes = event[attributesField(event.eventType)] as { readonly workflowTaskCompletedEventId?: string; readonly startedEventId?: string } | undefined;
  if (attributes?.workflowTaskCompletedEventId || event.workflowExecutionUpdateAcceptedEventAttributes || event.workflowExecutionUpdateCompletedEventAttributes) return false;
  // An activity's start is written when it ends, first of all.
  if (event.activityTaskStartedEventAttributes) return true;
  if (before.activityTaskStartedEventAttributes && attributes?.startedEventId === before.eventId) return false;
  // What was buffered is older than what it follows.
  const [at, beforeAt] = [parseTimestamp(event.eventTime ?? '') ?? 0, parseTimestamp(before.eventTime ?? '') ?? 0];
  const ofTask = event.workflowTaskStartedEventAttributes ?? event.workflowTaskCompletedEventAttributes ?? event.workflowTaskFailedEventAttributes ?? event.workflowTaskTimedOutEventAttributes;
  return ofTask ? at >= beforeAt : at > beforeAt;
}

/** Timers and activities that were open at the reset point run again, their times counted from the events. */
function resumePending(svc: Service, run: Run, at: Timestamp): void {
  for (const id in run.timers) {
    const timer = run.timers[id];
    if (!timer) continue;
    timer.timer = svc.host.schedule(Math.max(at, timer.fireAt) as Timestamp, { type: 'timerFired', workflowId: run.workflowId, runId: run.runId, timerId: timer.timerId });
    svc.host.emit({ type: 'pendingTimer', workflowId: run.workflowId, runId: run.runId, timerId: timer.timerId, state: { startedAt: timer.startedAt, fireAt: timer.fireAt } });
  }
  for (const id in run.activities) {
    const activity = run.activities[id];
    if (!activity) continue;
    activity.scheduledAt = at;
    activity.firstScheduledAt = at;
    dispatch(svc, run, activity);
    armTimeout(svc, run, activity);
    emitActivity(svc, run, activity);
  }
}

/** What came after the reset point: in the base run, and in the runs that it continued as. */
function laterEvents(svc: Service, base: Run, finishId: number): HistoryEvent[] {
  const events = base.events.slice(finishId - 1);
  let run: Run | undefined = base;
  while (run && run.status === 'CONTINUED_AS_NEW' && run.newRunId) {
    run = svc.state.runs[run.newRunId];
    if (run) events.push(...run.events);
  }
  return events;
}

function reapply(svc: Service, run: Run, events: readonly HistoryEvent[], reset: ResetWorkflowExecutionRequest): void {
  const excluded = reset.resetReapplyExcludeTypes ?? [];
  const none = reset.resetReapplyType === 'RESET_REAPPLY_TYPE_NONE';
  const signals = !none && !excluded.includes('RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL');
  const updates = !none && reset.resetReapplyType !== 'RESET_REAPPLY_TYPE_SIGNAL' && !excluded.includes('RESET_REAPPLY_EXCLUDE_TYPE_UPDATE');
  for (const event of events) {
    const signal = event.workflowExecutionSignaledEventAttributes;
    // An update that was applied again before has its request in the event of that.
    const request = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest ?? event.workflowExecutionUpdateAdmittedEventAttributes?.request;
    const options = event.workflowExecutionOptionsUpdatedEventAttributes;
    if (signal && signals) addEvent(svc, run, 'workflowExecutionSignaled', { ...signal }, { links: event.links });
    else if (request && updates) {
      const updateId = request.meta?.updateId ?? '';
      addEvent(svc, run, 'workflowExecutionUpdateAdmitted', { request, origin: 'UPDATE_ADMITTED_EVENT_ORIGIN_REAPPLY' });
      run.updates[updateId] = { updateId, name: request.input?.name ?? '', state: 'admitted', request: null, acceptedEventId: 0, completedEventId: 0, outcome: null, waiters: [] };
      run.updateOrder.push(updateId);
    } else if (options) addEvent(svc, run, 'workflowExecutionOptionsUpdated', { ...options }, { links: event.links });
  }
}
