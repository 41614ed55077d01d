import { invalidArgument, type ServiceError } from '../errors.ts';
import { now, ok, type Service } from '../service.ts';
import type { HistoryWaiter, Run } from '../state.ts';
import { rebuildRun } from './apply.ts';
import { terminateRun } from './close.ts';
import { flushBuffer, sizeOf } from './event-store.ts';
import { historyResponse } from './read.ts';
import { armUpdateRetry } from './update.ts';
import { convertSpeculative, hasStartedTask } from './workflow-task.ts';

/**
 * Ends a change to a run: what the real Service does when it closes the transaction. A speculative Workflow Task becomes a normal one
 * when anything else is written; buffered events are written unless a Workflow Task is running; the limits of the history hold; long
 * polls are answered.
 */
export function commit(svc: Service, run: Run): void {
  if (run.buffered.length > 0 && run.closedAt === null) endsAtLimit(svc, run, hasStartedTask(run) ? 0 : run.buffered.length);
  if (run.task.type === 'speculative' && run.closedAt === null && (run.buffered.length > 0 || run.events.length >= run.task.scheduledEventId)) convertSpeculative(svc, run);
  if (!hasStartedTask(run)) flushBuffer(svc, run);
  else if (run.buffered.length > 0 && run.closedAt === null) checkBuffer(svc, run);
  run.bufferedBefore = run.buffered.length;
  if (run.closedAt === null && !run.sizeWarned) warnOfLimits(svc, run);
  if (run.buffered.length > 0 || hasStartedTask(run)) emitBuffered(svc, run);
  if (run.historyWaiters.length > 0) answerWaiters(svc, run);
  armUpdateRetry(svc, run);
}

/** Too many or too large buffered events fail the Workflow Task in a real Service; here the oldest rule: force it to end. */
function checkBuffer(svc: Service, run: Run): void {
  const { bufferedEvents, bufferedBytes } = svc.options.limits;
  if (run.buffered.length > bufferedEvents || run.buffered.reduce((bytes, event) => bytes + sizeOf(event), 0) > bufferedBytes) {
    svc.host.schedule(now(svc), { type: 'bufferOverflow', workflowId: run.workflowId, runId: run.runId, scheduledEventId: run.task.scheduledEventId });
  }
}

/**
 * Ends a run at the limit of its history, and says whether it did. What this transaction would have written is not written: the real
 * Service throws it away, loads the run again and terminates it (`context.go`, forceTerminateWorkflow). Bytes are those that the
 * transactions before have written; events count with what this one adds.
 */
export function endsAtLimit(svc: Service, run: Run, adds: number): boolean {
  const { historyCountError, historySizeError } = svc.options.limits;
  if (run.closedAt !== null) return false;
  const reason = run.historySize > historySizeError ? 'Workflow history size exceeds limit.' : adds > 0 && run.nextEventId - 1 + adds > historyCountError ? 'Workflow history count exceeds limit.' : null;
  if (reason === null) return false;
  run.buffered.length = run.bufferedBefore;
  const before = rebuildRun(run.namespace, run.runId, [...run.events, ...run.buffered]);
  run.signalCount = before.signalCount;
  run.cancelRequested = before.cancelRequested;
  terminateRun(svc, run, reason, undefined, 'history-service');
  return true;
}

/** What the caller is told whose change {@link endsAtLimit} threw away. */
export const refusedAtLimit = (run: Run): ServiceError => invalidArgument(run.events.at(-1)?.workflowExecutionTerminatedEventAttributes?.reason ?? '');

function warnOfLimits(svc: Service, run: Run): void {
  const limits = svc.options.limits;
  const count = run.nextEventId - 1;
  if (count <= limits.historyCountWarn && run.historySize <= limits.historySizeWarn) return;
  run.sizeWarned = true;
  svc.host.emit({
    type: 'log', process: 'temporal', level: 'WARN',
    text: `history ${count > limits.historyCountWarn ? 'count' : 'size'} exceeds warn limit. WorkflowId: ${run.workflowId}, RunId: ${run.runId}, count: ${count}, size: ${run.historySize}`,
  });
}

function emitBuffered(svc: Service, run: Run): void {
  const types = run.buffered.map((e) => e.eventType as string);
  if (types.length === 0 && !run.bufferShown) return;
  run.bufferShown = types.length > 0;
  svc.host.emit({ type: 'bufferedEvents', workflowId: run.workflowId, runId: run.runId, eventTypes: types });
}

/** Long polls of the history that now have something to tell. */
function answerWaiters(svc: Service, run: Run): void {
  const waiting = run.historyWaiters;
  const left: HistoryWaiter[] = [];
  for (const waiter of waiting) {
    const response = historyResponse(svc, run, waiter);
    if (!response) {
      left.push(waiter);
      continue;
    }
    delete svc.state.parked[waiter.callId];
    ok(svc, waiter.callId, response);
  }
  run.historyWaiters = left;
}
