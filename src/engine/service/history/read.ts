import type { GetWorkflowExecutionHistoryResponse, HistoryEvent } from '../../../api/proto.ts';
import type { Service } from '../service.ts';
import type { HistoryWaiter, Run } from '../state.ts';
import { makeToken } from './token.ts';

/** A page of history from an index; the token names the next page. */
export function historyPage(svc: Service, run: Run, from: number, pageSize: number, end = run.events.length): { readonly events: HistoryEvent[]; readonly next: number } {
  const size = Math.min(pageSize > 0 ? pageSize : svc.options.historyPageSize, svc.options.historyPageSize);
  const to = Math.min(end, from + size);
  return { events: run.events.slice(from, to), next: to };
}

/** The answer to a waiting call; null while there is nothing new. */
export function historyResponse(svc: Service, run: Run, waiter: Pick<HistoryWaiter, 'fromIndex' | 'closeOnly'>): GetWorkflowExecutionHistoryResponse | null {
  const closed = run.closedAt !== null;
  if (waiter.closeOnly) return closed ? { history: { events: [closeEvent(run)] } } : null;
  if (!closed && run.events.length <= waiter.fromIndex) return null;
  const page = historyPage(svc, run, waiter.fromIndex, 0);
  return {
    history: { events: page.events },
    nextPageToken: closed && page.next >= run.events.length ? undefined : makeToken('hist', run.runId, page.next, 0, 1),
  };
}

/**
 * The close event for a client that asks for nothing else. Where a retry or a cron schedule goes on, it says continued as new: the
 * server takes clients that do not send the feature `follows-next-run-id` for old ones, and the TypeScript client is one of them
 * (`get_history_util.go`, FixFollowEvents).
 */
export function closeEvent(run: Run): HistoryEvent {
  const last = run.events[run.events.length - 1] as HistoryEvent;
  const completed = last.workflowExecutionCompletedEventAttributes;
  const failed = last.workflowExecutionFailedEventAttributes;
  const timedOut = last.workflowExecutionTimedOutEventAttributes;
  const newExecutionRunId = completed?.newExecutionRunId || failed?.newExecutionRunId || timedOut?.newExecutionRunId;
  if (!newExecutionRunId) return last;
  const failure = timedOut ? { message: 'workflow timeout', source: 'Server', timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' as const } } : failed?.failure;
  return {
    eventId: last.eventId, eventTime: last.eventTime, eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW', taskId: last.taskId,
    workflowExecutionContinuedAsNewEventAttributes: { newExecutionRunId, lastCompletionResult: completed?.result, failure },
  };
}
