import { assert } from '../../../base/assert.ts';
import { formatTimestamp } from '../../../base/time.ts';
import type { Timestamp } from '../../../base/brand.ts';
import type { EventGroupMarker, EventType, HistoryEvent, Link, UserMetadata } from '../../../api/proto.ts';
import { now, type Service } from '../service.ts';
import type { Run } from '../state.ts';
import { applyEvent, wireStartedEventId } from './apply.ts';
import { protoSize } from '../../../api/proto-size.ts';

/**
 * Writing events. An event of a started Workflow Task's own outcome is written at once. Every other one waits in the buffer until the
 * task has ended, and gets its id only then (`historybuilder/event_store.go`).
 *
 * Which events are written at once:
 */
const WRITTEN_AT_ONCE = {
  workflowExecutionStarted: true,
  workflowExecutionCompleted: true,
  workflowExecutionFailed: true,
  workflowExecutionTimedOut: true,
  workflowExecutionTerminated: true,
  workflowExecutionContinuedAsNew: true,
  workflowExecutionCanceled: true,
  workflowTaskScheduled: true,
  workflowTaskStarted: true,
  workflowTaskCompleted: true,
  workflowTaskFailed: true,
  workflowTaskTimedOut: true,
  activityTaskScheduled: true,
  activityTaskCancelRequested: true,
  timerStarted: true,
  timerCanceled: true,
  requestCancelExternalWorkflowExecutionInitiated: true,
  markerRecorded: true,
  startChildWorkflowExecutionInitiated: true,
  signalExternalWorkflowExecutionInitiated: true,
  upsertWorkflowSearchAttributes: true,
  workflowPropertiesModified: true,
  workflowExecutionUpdateAccepted: true,
  workflowExecutionUpdateCompleted: true,
} as const;

/** What a worker that does not know it may skip. */
const IGNORABLE = { workflowExecutionOptionsUpdated: true, workflowExecutionPaused: true, workflowExecutionUnpaused: true } as const;

/** When flushed, these are moved behind all other buffered events. */
const MOVED_BACK: { readonly [type: string]: true } = {
  EVENT_TYPE_ACTIVITY_TASK_COMPLETED: true,
  EVENT_TYPE_ACTIVITY_TASK_FAILED: true,
  EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: true,
  EVENT_TYPE_ACTIVITY_TASK_CANCELED: true,
  EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED: true,
  EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED: true,
  EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT: true,
  EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED: true,
  EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED: true,
};

/** `timerStarted` for EVENT_TYPE_TIMER_STARTED and timerStartedEventAttributes. */
export type EventKind = { [K in keyof HistoryEvent]-?: K extends `${infer Kind}EventAttributes` ? Kind : never }[keyof HistoryEvent];
export type EventAttributes<K extends EventKind> = NonNullable<HistoryEvent[`${K}EventAttributes`]>;

export interface EventExtras {
  /** Default: now. */
  readonly time?: Timestamp | number | undefined;
  readonly userMetadata?: UserMetadata | undefined;
  readonly eventGroupMarkers?: EventGroupMarker[] | undefined;
  readonly links?: Link[] | undefined;
}

const eventTypes: { [kind: string]: EventType } = {};
const eventType = (kind: string): EventType => (eventTypes[kind] ??= `EVENT_TYPE_${kind.replace(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}` as EventType);

/** Adds an event: applies it to the mutable state and writes or buffers it. */
export function addEvent<K extends EventKind>(svc: Service, run: Run, kind: K, attributes: EventAttributes<K>, extras?: EventExtras): HistoryEvent {
  const at = (extras?.time ?? now(svc)) as Timestamp;
  const event: HistoryEvent = { eventId: undefined, eventTime: formatTimestamp(at), eventType: eventType(kind), taskId: undefined };
  if (kind in IGNORABLE) event.workerMayIgnore = true;
  if (extras?.userMetadata) event.userMetadata = extras.userMetadata;
  if (extras?.links?.length) event.links = extras.links;
  if (extras?.eventGroupMarkers?.length) event.eventGroupMarkers = extras.eventGroupMarkers;
  (event as { [field: string]: unknown })[`${kind}EventAttributes`] = attributes;
  if (kind in WRITTEN_AT_ONCE) {
    const id = run.nextEventId++;
    event.eventId = String(id);
    applyEvent(run, event, kind, id, at);
    write(svc, run, event);
  } else {
    run.buffered.push(event);
    applyEvent(run, event, kind, 0, at);
  }
  return event;
}

/** Writes the buffered events: activity and child results last, ids and references to started events now. */
export function flushBuffer(svc: Service, run: Run): void {
  if (run.buffered.length === 0) return;
  const buffered = run.buffered;
  run.buffered = [];
  if (run.closedAt !== null) return;
  const ordered = buffered.length === 1 ? buffered : [...buffered.filter((e) => !MOVED_BACK[e.eventType as string]), ...buffered.filter((e) => MOVED_BACK[e.eventType as string])];
  for (const event of ordered) {
    const id = run.nextEventId++;
    event.eventId = String(id);
    wireStartedEventId(run, event, id, ordered);
    write(svc, run, event);
  }
}

/** Drops the buffered TimerFired of a timer that is canceled in the same Workflow Task. */
export function dropBufferedTimerFired(run: Run, timerId: string): HistoryEvent | null {
  const index = run.buffered.findIndex((e) => e.timerFiredEventAttributes?.timerId === timerId);
  return index < 0 ? null : (run.buffered.splice(index, 1)[0] ?? null);
}

/** Bytes of an event. */
export const sizeOf = (event: HistoryEvent): number => protoSize('HistoryEvent', event);

function write(svc: Service, run: Run, event: HistoryEvent): void {
  assert(Number(event.eventId) === run.events.length + 1, `event ${event.eventId} at place ${run.events.length + 1}`);
  event.taskId = String(svc.state.nextTaskId++);
  run.events.push(event);
  run.historySize += sizeOf(event);
  svc.host.emit({ type: 'history', workflowId: run.workflowId, runId: run.runId, event });
}
