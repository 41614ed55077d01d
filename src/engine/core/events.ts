import { attributesField, eventName } from '../../api/event-names.ts';
import type { EventType, HistoryEvent } from '../../api/proto.ts';

/** What Core knows about kinds of history events. */

/** Events that mirror a command of the workflow, in the order of nothing in particular. */
const COMMAND_EVENTS: readonly EventType[] = [
  'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', 'EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED', 'EVENT_TYPE_MARKER_RECORDED',
  'EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED', 'EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED',
  'EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED', 'EVENT_TYPE_TIMER_CANCELED', 'EVENT_TYPE_TIMER_STARTED',
  'EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', 'EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED', 'EVENT_TYPE_NEXUS_OPERATION_SCHEDULED',
  'EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUESTED', 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED', 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED',
  'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW', 'EVENT_TYPE_WORKFLOW_EXECUTION_FAILED', 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED',
  'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_REJECTED', 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED',
];

const FINAL_EVENTS: readonly EventType[] = [
  'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED', 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED', 'EVENT_TYPE_WORKFLOW_EXECUTION_FAILED',
  'EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT', 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW', 'EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED',
];

/** The only attributes that a worker may skip when the event says `workerMayIgnore`. */
const IGNORABLE_ATTRIBUTES: readonly string[] = [
  'workflowExecutionOptionsUpdatedEventAttributes', 'workflowExecutionPausedEventAttributes', 'workflowExecutionUnpausedEventAttributes',
  'workflowExecutionTimeSkippingTransitionedEventAttributes',
];

const index = (names: readonly string[]): { readonly [name: string]: true | undefined } => {
  const result: { [name: string]: true } = {};
  for (const name of names) result[name] = true;
  return result;
};
const commandEvents = index(COMMAND_EVENTS);
const finalEvents = index(FINAL_EVENTS);
const ignorable = index(IGNORABLE_ATTRIBUTES);

/** True for an event that was made by a command. */
export const isCommandEvent = (event: HistoryEvent): boolean => commandEvents[event.eventType ?? ''] === true;
/** True for an event that closes the run. */
export const isFinalEvent = (event: HistoryEvent): boolean => finalEvents[event.eventType ?? ''] === true;
/** The event's id as a number; 0 when it has none. */
export const idOf = (event: HistoryEvent): number => Number(event.eventId ?? 0);

/** The field of the attributes that names the event which made the machine, by attributes. */
const SCHEDULED = 'scheduledEventId';
const INITIATED = 'initiatedEventId';
const INITIAL_FIELDS: { readonly [attributes: string]: string | undefined } = {
  activityTaskStarted: SCHEDULED, activityTaskCompleted: SCHEDULED, activityTaskFailed: SCHEDULED, activityTaskTimedOut: SCHEDULED,
  activityTaskCancelRequested: SCHEDULED, activityTaskCanceled: SCHEDULED, timerFired: 'startedEventId', timerCanceled: 'startedEventId',
  requestCancelExternalWorkflowExecutionFailed: INITIATED, externalWorkflowExecutionCancelRequested: INITIATED,
  startChildWorkflowExecutionFailed: INITIATED, childWorkflowExecutionStarted: INITIATED, childWorkflowExecutionCompleted: INITIATED,
  childWorkflowExecutionFailed: INITIATED, childWorkflowExecutionCanceled: INITIATED, childWorkflowExecutionTimedOut: INITIATED,
  childWorkflowExecutionTerminated: INITIATED, signalExternalWorkflowExecutionFailed: INITIATED, externalWorkflowExecutionSignaled: INITIATED,
  workflowTaskStarted: SCHEDULED, workflowTaskCompleted: SCHEDULED, workflowTaskTimedOut: SCHEDULED, workflowTaskFailed: SCHEDULED,
  nexusOperationStarted: SCHEDULED, nexusOperationCompleted: SCHEDULED, nexusOperationFailed: SCHEDULED, nexusOperationTimedOut: SCHEDULED,
  nexusOperationCanceled: SCHEDULED, nexusOperationCancelRequested: SCHEDULED, nexusOperationCancelRequestCompleted: SCHEDULED,
  nexusOperationCancelRequestFailed: SCHEDULED,
};
const initialFields: { [attributesKey: string]: string | undefined } = {};
for (const [name, field] of Object.entries(INITIAL_FIELDS)) initialFields[`${name}EventAttributes`] = field;

/** An event as the genuine Core displays it. */
export const displayEvent = (event: HistoryEvent): string => `HistoryEvent(id: ${idOf(event)}, ${eventName(event.eventType)})`;

/** The name of the attributes that the event really carries; '' when none. An altered history may have those of another type. */
export function attributesKey(event: HistoryEvent): string {
  const expected = attributesField(event.eventType);
  const fields = event as { readonly [key: string]: unknown };
  const attributes = fields[expected];
  if (attributes !== undefined && attributes !== null && !isEmpty(attributes)) return expected;
  // An import may have given an event with a changed type empty attributes of that type, beside its own.
  for (const key in fields) if (key !== expected && key.endsWith('EventAttributes') && fields[key] !== null && fields[key] !== undefined) return key;
  return attributes !== undefined && attributes !== null ? expected : '';
}

function isEmpty(value: object): boolean {
  for (const _key in value) return false;
  return true;
}

/** The event that made the machine which this event is for; null when the event is for no machine. */
export function initialEventId(event: HistoryEvent, key: string): number | null {
  const field = initialFields[key];
  if (field === undefined) return null;
  const attributes = (event as { readonly [key: string]: unknown })[key] as { readonly [field: string]: unknown };
  return Number(attributes[field] ?? 0);
}

/** True when the event says that a worker may skip it and Core knows that it can. */
export function isIgnorable(event: HistoryEvent, key: string): boolean {
  if (event.workerMayIgnore !== true) return false;
  return key === '' || ignorable[key] === true;
}

/** A few words about an event for the zipper: its type and whom it is about. */
export function summarizeEvent(event: HistoryEvent): string {
  const subject = event.activityTaskScheduledEventAttributes?.activityType?.name
    ?? event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name
    ?? event.timerStartedEventAttributes?.startToFireTimeout
    ?? event.markerRecordedEventAttributes?.markerName
    ?? event.signalExternalWorkflowExecutionInitiatedEventAttributes?.signalName
    ?? event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name;
  const name = eventName(event.eventType);
  return subject === undefined || subject === null ? name : `${name} ${subject}`;
}
