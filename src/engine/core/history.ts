import type { HistoryEvent } from '../../api/proto.ts';
import { idOf, isCommandEvent, isFinalEvent } from './events.ts';

/**
 * The part of history that Core has to work off, cut into chunks: each chunk ends with the start of a Workflow Task that succeeded
 * (or is still open). What a Workflow Task did comes at the beginning of the next chunk. The events are never copied; a cursor moves
 * over them.
 */
export interface HistoryUpdate {
  readonly events: readonly HistoryEvent[];
  /** Index of the first event that has not been taken. */
  cursor: number;
  readonly previousStartedEventId: number;
  readonly startedEventId: number;
}

export const createUpdate = (events: readonly HistoryEvent[], previousStartedEventId: number, startedEventId: number): HistoryUpdate =>
  ({ events, cursor: 0, previousStartedEventId, startedEventId });

/** A chunk: events `from` (included) to `to` (excluded) of the update. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
  /** No events come after it. */
  readonly last: boolean;
}

/** Takes the next chunk after the Workflow Task start with this id; null when there is none. */
export function takeChunk(update: HistoryUpdate, startedEventId: number): Chunk | null {
  const { events } = update;
  const first = firstAfter(update, startedEventId);
  if (first !== -1) update.cursor = first;
  const end = chunkEnd(events, update.cursor, startedEventId);
  // One event alone that ends nothing is no chunk: the genuine Core leaves it, too.
  if (!end.complete && end.index <= update.cursor) return null;
  const from = update.cursor;
  update.cursor = end.index + 1;
  return { from, to: end.index + 1, last: update.cursor >= events.length };
}

/** The chunk that `takeChunk` would give next, without taking it. */
export function peekChunk(update: HistoryUpdate, startedEventId: number): { readonly from: number; readonly to: number } {
  const first = firstAfter(update, startedEventId);
  const from = first === -1 ? update.cursor : first;
  if (from >= update.events.length) return { from, to: from };
  return { from, to: chunkEnd(update.events, from, startedEventId).index + 1 };
}

/** The next recorded completion with at least this event id, among what was not taken. */
export function peekCompleted(update: HistoryUpdate, fromId: number) {
  for (let i = update.cursor; i < update.events.length; i++) {
    const event = update.events[i] as HistoryEvent;
    const attributes = event.workflowTaskCompletedEventAttributes;
    if (attributes && idOf(event) >= fromId) return attributes;
  }
  return undefined;
}

function firstAfter(update: HistoryUpdate, eventId: number): number {
  for (let i = update.cursor; i < update.events.length; i++) if (idOf(update.events[i] as HistoryEvent) > eventId) return i;
  return -1;
}

/** Events after a start that mean that the Workflow Task did nothing. */
const SKIPPING: { readonly [eventType: string]: true | undefined } = {
  EVENT_TYPE_WORKFLOW_TASK_FAILED: true, EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT: true, EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: true,
  EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: true, EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: true,
};

/** Where the chunk that begins at index `from` ends: the index of its last event. Not complete: history ended before it. */
function chunkEnd(events: readonly HistoryEvent[], from: number, startedEventId: number): { readonly complete: boolean; readonly index: number } {
  let last = from;
  let sawCommand = false;
  let sawCommandOrStarted = false;
  const starts: { readonly id: number; readonly index: number }[] = [];
  for (let i = from; i < events.length; i++) {
    const event = events[i] as HistoryEvent;
    last = i;
    const id = idOf(event);
    // A run that was kept may see events again that it has handled (after an UnhandledCommand).
    if (id <= startedEventId) continue;
    if (isCommandEvent(event)) {
      sawCommand = true;
      sawCommandOrStarted = true;
    }
    if (event.eventType === 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED') sawCommandOrStarted = true;
    if (isFinalEvent(event)) return { complete: true, index: i };
    if (event.eventType !== 'EVENT_TYPE_WORKFLOW_TASK_STARTED') continue;

    starts.push({ id, index: i });
    const next = events[i + 1];
    if (next !== undefined) {
      if (SKIPPING[next.eventType ?? ''] === true) {
        // It can't be where an update was placed either.
        starts.pop();
        continue;
      }
      if (next.eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED') {
        const afterNext = events[i + 2];
        if (afterNext !== undefined) {
          // Started, completed, scheduled again and nothing done so far: a heartbeat for local activities.
          if (!sawCommand && afterNext.eventType === 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED') continue;
          const accepted = afterNext.workflowExecutionUpdateAcceptedEventAttributes;
          if (accepted) {
            // End the chunk where the update was delivered.
            const sequencingEventId = Number(accepted.acceptedRequestSequencingEventId ?? 0);
            for (let k = starts.length - 1; k >= 0; k--) {
              const start = starts[k] as { readonly id: number; readonly index: number };
              if (start.id < sequencingEventId) return { complete: true, index: start.index };
            }
          }
          return { complete: true, index: i };
        }
      }
    }
    if (sawCommandOrStarted) return { complete: true, index: i };
  }
  return { complete: false, index: last };
}
