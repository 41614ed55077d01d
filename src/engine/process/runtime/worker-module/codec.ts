import type { ActivitySerializationContext, PayloadCodec, SerializationContext } from '@temporalio/common';
import { base64ToText } from '../../../../base/base64.ts';
import { JSON_PLAIN, JSON_PLAIN_OF_CORE, payloadFromJson, payloadToJson } from '../../../sandbox/vm/proto-json.ts';

/** What a worker's codecs have to know of earlier messages. */
export class CodecMemory {
  /** Updates under way by their protocol instance, as they came: what Core accepts or rejects it sends back like that. */
  readonly requests = new Map<string, unknown>();
  /** Ids of pending activities by run and event: the events that close them do not say. */
  readonly activities = new Map<string, Map<string, string>>();

  activitiesOf(runId: string): Map<string, string> {
    const known = this.activities.get(runId) ?? new Map<string, string>();
    this.activities.set(runId, known);
    return known;
  }
}

/** Whose payloads are coded. */
export interface CodedRun {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
}

/**
 * Payload codecs on Workflow Tasks and their completions in proto3 JSON. As in the SDK headers, search attributes and what Core itself writes
 * into markers are left alone, and of a history only what workflow code is told is decoded: a codec may count or log its calls. Each call
 * is told whose payloads it gets, as the SDK's `WorkflowCodecRunner` does it: the workflow's, an activity's, another workflow's.
 */
export async function codeValue(value: unknown, codecs: readonly PayloadCodec[], direction: 'encode' | 'decode', memory: CodecMemory, { namespace, workflowId, runId }: CodedRun): Promise<unknown> {
  const { requests } = memory;
  const ofWorkflow = (id: string = workflowId, itsNamespace?: string): SerializationContext => ({ type: 'workflow', namespace: itsNamespace || namespace, workflowId: id });
  const ofActivity = (activityId: string | undefined, isLocal: boolean): SerializationContext => ({ type: 'activity', namespace, workflowId, activityId: activityId || undefined, isLocal } as ActivitySerializationContext);
  const code = async (payloads: readonly unknown[], context: SerializationContext): Promise<unknown[]> => {
    let coded = payloads.map(payloadFromCore);
    for (const codec of direction === 'encode' ? codecs : [...codecs].reverse()) coded = await codec[direction](coded, context);
    return coded.map((payload) => payloadToJson(payload));
  };
  const visit = async (node: any, context: SerializationContext): Promise<any> => {
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return Promise.all(node.map((child) => visit(child, context)));
    if (isPayload(node)) return (await code([node], context))[0];
    const out: Record<string, unknown> = {};
    // What is said of updates is encoded first: it stands before the command that closes the workflow.
    if (Array.isArray(node.messages)) out['messages'] = await Promise.all(node.messages.map(visitMessage));
    for (const [key, child] of Object.entries<any>(node)) {
      if (key === 'messages') continue;
      if (key === 'searchAttributes' || key === 'indexedFields' || key === 'header') out[key] = child;
      else if (key === 'events') out[key] = await visitEvents(child);
      else if (key === 'commands') out[key] = await Promise.all(child.map((command: any) => visit(command, contextOfCommand(command))));
      else if (key === 'payloads' && Array.isArray(child)) out[key] = await code(child, context);
      else if (key === 'markerRecordedEventAttributes' || key === 'recordMarkerCommandAttributes') out[key] = await visitMarker(child);
      else out[key] = await visit(child, context);
    }
    return out;
  };
  const contextOfCommand = (command: any): SerializationContext => {
    const child = command.startChildWorkflowExecutionCommandAttributes;
    const signal = command.signalExternalWorkflowExecutionCommandAttributes;
    const activity = command.scheduleActivityTaskCommandAttributes;
    if (child) return ofWorkflow(child.workflowId, child.namespace);
    if (signal) return ofWorkflow(signal.execution?.workflowId, signal.namespace);
    return activity ? ofActivity(activity.activityId, false) : contextOfMarker(command.recordMarkerCommandAttributes);
  };
  const contextOfMarker = (marker: any): SerializationContext => (marker?.markerName === LOCAL_ACTIVITY_MARKER ? ofActivity(activityIdOf(marker), true) : ofWorkflow());
  const visitMessage = async (message: any): Promise<any> => {
    const id = message.protocolInstanceId;
    if (direction === 'decode') requests.set(id, message.body);
    const { acceptedRequest, rejectedRequest, ...body } = message.body ?? {};
    const { ['@type']: _type, ...original } = (requests.get(id) ?? acceptedRequest ?? rejectedRequest ?? {}) as Record<string, unknown>;
    if (body.outcome ?? rejectedRequest) requests.delete(id);
    return { ...message, body: { ...(await visit(body, ofWorkflow())), ...(acceptedRequest && { acceptedRequest: original }), ...(rejectedRequest && { rejectedRequest: original }) } };
  };
  const visitEvents = (events: any[]): Promise<any[]> => {
    const replayed = events[0]?.eventId === '1';
    if (replayed) memory.activities.delete(runId);
    const activities = memory.activitiesOf(runId);
    const visited = events.map((event) => visitEvent(event, replayed, activities));
    if (activities.size === 0) memory.activities.delete(runId);
    return Promise.all(visited);
  };
  const visitEvent = async (event: any, replayed: boolean, activities: Map<string, string>): Promise<any> => {
    const { eventId, eventType } = event;
    if (eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED') activities.set(eventId, event.activityTaskScheduledEventAttributes.activityId);
    if (!TOLD.has(eventType) && !(replayed && TOLD_AGAIN.has(eventType))) return event;
    const attributes: any = Object.entries(event).find(([key]) => key.endsWith('EventAttributes'))?.[1];
    let context = ofWorkflow();
    if (eventType.startsWith('EVENT_TYPE_CHILD_WORKFLOW')) context = ofWorkflow(attributes.workflowExecution?.workflowId, attributes.namespace);
    else if (eventType.startsWith('EVENT_TYPE_ACTIVITY')) {
      context = ofActivity(activities.get(attributes.scheduledEventId), false);
      activities.delete(attributes.scheduledEventId);
    }
    return { ...(await visit({ ...event, userMetadata: undefined }, context)), userMetadata: event.userMetadata };
  };
  const visitMarker = async (marker: any): Promise<any> => {
    const details: Record<string, unknown> = { ...marker.details };
    const context = contextOfMarker(marker);
    if (details['result']) details['result'] = await visit(details['result'], context);
    return { ...marker, details, ...(marker.failure ? { failure: await visit(marker.failure, context) } : {}) };
  };
  return visit(value, ofWorkflow());
}

const LOCAL_ACTIVITY_MARKER = 'core_local_activity';

/** What Core says of a local activity in its marker. */
function activityIdOf(marker: any): string | undefined {
  const data = marker.details?.data?.payloads?.[0]?.data;
  return data === undefined ? undefined : (JSON.parse(base64ToText(data)) as { activity_id?: string }).activity_id;
}

/** Events whose payloads an activation hands on. */
const TOLD = new Set(
  ('WORKFLOW_EXECUTION_STARTED WORKFLOW_EXECUTION_SIGNALED WORKFLOW_EXECUTION_UPDATE_ADMITTED ACTIVITY_TASK_COMPLETED ACTIVITY_TASK_FAILED ' +
    'ACTIVITY_TASK_TIMED_OUT ACTIVITY_TASK_CANCELED CHILD_WORKFLOW_EXECUTION_COMPLETED CHILD_WORKFLOW_EXECUTION_FAILED CHILD_WORKFLOW_EXECUTION_CANCELED CHILD_WORKFLOW_EXECUTION_TIMED_OUT ' +
    'NEXUS_OPERATION_COMPLETED NEXUS_OPERATION_FAILED NEXUS_OPERATION_CANCELED NEXUS_OPERATION_TIMED_OUT').split(' ').map((name) => `EVENT_TYPE_${name}`),
);

/** What came out of the workflow itself, or not in an event: told by an event in a replay only. */
const TOLD_AGAIN = new Set(['EVENT_TYPE_MARKER_RECORDED', 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED']);

const isPayload = (node: object): boolean => 'metadata' in node && typeof node.metadata === 'object' && node.metadata !== null && 'encoding' in node.metadata;

/** A Payload as Core gives it to the Worker: its bytes are no Buffers, other than those that the client gets. */
export function payloadFromCore(json: unknown): any {
  const payload = payloadFromJson(json);
  for (const key in payload.metadata) payload.metadata[key] = payload.metadata[key] === JSON_PLAIN ? JSON_PLAIN_OF_CORE : new Uint8Array(payload.metadata[key]);
  if (Object.hasOwn(payload, 'data')) Object.setPrototypeOf(payload.data, Uint8Array.prototype);
  return payload;
}
