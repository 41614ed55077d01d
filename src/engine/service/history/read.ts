import type { GetWorkflowExecutionHistoryResponse, HistoryEvent } from '../../../api/proto.ts';
import type { Service } from '../service.ts';
import type { HistoryWaiter, Run } from '../state.ts';
import { makeToken } from './token.ts';
import { transientEvents } from './workflow-task.ts';

/** A page of history from an index; the token names the next page. */
export function historyPage(svc: Service, run: Run, from: number, pageSize: number, end = run.events.length): { readonly events: HistoryEvent[]; readonly next: number } {
  const size = Math.min(pageSize > 0 ? pageSize : svc.options.historyPageSize, svc.options.historyPageSize);
  const to = Math.min(end, from + size);
  return { events: run.events.slice(from, to), next: to };
}

/** The answer to a waiting call; null while there is nothing new. */
export function historyResponse(svc: Service, run: Run, waiter: Pick<HistoryWaiter, 'fromIndex' | 'closeOnly'>): GetWorkflowExecutionHistoryResponse | null {
  const closed = run.closedAt !== null;
  if (waiter.closeOnly) return closed ? { history: { events: [run.events[run.events.length - 1] as HistoryEvent] } } : null;
  if (!closed && run.events.length <= waiter.fromIndex) return null;
  const page = historyPage(svc, run, waiter.fromIndex, 0);
  return {
    history: { events: page.events },
    nextPageToken: closed && page.next >= run.events.length ? undefined : makeToken('hist', run.runId, page.next, 0, 1),
  };
}

/** History as it is shown: what is on disk, and the transient or speculative Workflow Task behind it. */
export const shownEvents = (run: Run): HistoryEvent[] => (run.closedAt === null ? [...run.events, ...transientEvents(run)] : run.events);
