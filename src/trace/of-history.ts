import { parseTimestamp } from '../base/time.ts';
import { step as stepNumber, timestamp, type Timestamp } from '../base/brand.ts';
import type { HistoryEvent } from '../api/proto.ts';
import type { RunStatus, TraceEntry } from './entries.ts';

/** Statuses by the event that closes a run. */
const CLOSED: Readonly<Record<string, RunStatus>> = {
  EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: 'COMPLETED',
  EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: 'FAILED',
  EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: 'TIMED_OUT',
  EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: 'CANCELED',
  EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: 'TERMINATED',
  EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: 'CONTINUED_AS_NEW',
};

/**
 * The trace that a history from elsewhere leaves: a step an event, with all that can be said of a run by its events alone. Panes show
 * it as they show a run of ours. Steps go forward in time; an event that was written late keeps its own time in `eventTime`.
 */
export function traceOfHistory(events: readonly HistoryEvent[]): { readonly start: Timestamp; readonly entries: readonly TraceEntry[] } {
  const entries: TraceEntry[] = [];
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const runId = started?.originalExecutionRunId ?? started?.firstExecutionRunId ?? 'imported';
  const of = { workflowId: started?.workflowId ?? started?.workflowType?.name ?? '', runId };
  const timeOf = (event: HistoryEvent | undefined): number | null => (event?.eventTime === undefined ? null : parseTimestamp(event.eventTime));
  const start = timestamp(timeOf(events[0]) ?? 0);
  let at: number = start;
  for (const [index, event] of events.entries()) {
    at = Math.max(at, timeOf(event) ?? at);
    entries.push({ type: 'step', step: stepNumber(index + 1), at: timestamp(at), item: { kind: 'input', name: event.eventType ?? '' } });
    const status = index === 0 ? 'RUNNING' : CLOSED[event.eventType ?? ''];
    if (status !== undefined) entries.push({ type: 'run', ...of, workflowType: started?.workflowType?.name ?? '', taskQueue: started?.taskQueue?.name ?? '', status });
    entries.push({ type: 'history', ...of, event });
    const scheduled = event.workflowTaskScheduledEventAttributes;
    if (scheduled)
      entries.push({ type: 'workflowTask', ...of, state: { phase: 'scheduled', kind: 'normal', attempt: scheduled.attempt ?? 1, taskQueue: scheduled.taskQueue?.name ?? '', sticky: scheduled.taskQueue?.kind === 'TASK_QUEUE_KIND_STICKY', scheduledAt: timestamp(at) } });
    else if (event.workflowTaskCompletedEventAttributes) entries.push({ type: 'workflowTask', ...of, state: null });
  }
  return { start, entries };
}
