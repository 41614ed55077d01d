import type { PayloadCodec } from '@temporalio/common';
import { JSON_PLAIN, JSON_PLAIN_OF_CORE, payloadFromJson, payloadToJson } from '../../../sandbox/vm/proto-json.ts';

/**
 * Payload codecs on Workflow Tasks and their completions in proto3 JSON. As in the SDK headers, search attributes and what Core itself writes
 * into markers are left alone, and of a history only what workflow code is told is decoded: a codec may count or log its calls.
 * @param requests updates under way by their protocol instance, as they came: what Core accepts or rejects it sends back like that
 */
export async function codeValue(value: unknown, codecs: readonly PayloadCodec[], direction: 'encode' | 'decode', requests: Map<string, unknown>): Promise<unknown> {
  const code = async (payloads: readonly unknown[]): Promise<unknown[]> => {
    let coded = payloads.map(payloadFromCore);
    for (const codec of direction === 'encode' ? codecs : [...codecs].reverse()) coded = await codec[direction](coded);
    return coded.map((payload) => payloadToJson(payload));
  };
  const visit = async (node: any): Promise<any> => {
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return Promise.all(node.map(visit));
    if (isPayload(node)) return (await code([node]))[0];
    const out: Record<string, unknown> = {};
    // What is said of updates is encoded first: it stands before the command that closes the workflow.
    if (Array.isArray(node.messages)) out['messages'] = await Promise.all(node.messages.map(visitMessage));
    for (const [key, child] of Object.entries<any>(node)) {
      if (key === 'messages') continue;
      if (key === 'searchAttributes' || key === 'indexedFields' || key === 'header') out[key] = child;
      else if (key === 'events') out[key] = await Promise.all(child.map((event: any) => visitEvent(event, child[0].eventId === '1')));
      else if (key === 'payloads' && Array.isArray(child)) out[key] = await code(child);
      else if (key === 'markerRecordedEventAttributes' || key === 'recordMarkerCommandAttributes') out[key] = await visitMarker(child);
      else out[key] = await visit(child);
    }
    return out;
  };
  const visitMessage = async (message: any): Promise<any> => {
    const id = message.protocolInstanceId;
    if (direction === 'decode') requests.set(id, message.body);
    const { acceptedRequest, rejectedRequest, ...body } = message.body ?? {};
    const { ['@type']: _type, ...original } = (requests.get(id) ?? acceptedRequest ?? rejectedRequest ?? {}) as Record<string, unknown>;
    if (body.outcome ?? rejectedRequest) requests.delete(id);
    return { ...message, body: { ...(await visit(body)), ...(acceptedRequest && { acceptedRequest: original }), ...(rejectedRequest && { rejectedRequest: original }) } };
  };
  const visitEvent = async (event: any, replayed: boolean): Promise<any> => (TOLD.has(event.eventType) || (replayed && TOLD_AGAIN.has(event.eventType)) ? { ...(await visit({ ...event, userMetadata: undefined })), userMetadata: event.userMetadata } : event);
  const visitMarker = async (marker: any): Promise<any> => {
    const details: Record<string, unknown> = { ...marker.details };
    if (details['result']) details['result'] = await visit(details['result']);
    return { ...marker, details, ...(marker.failure ? { failure: await visit(marker.failure) } : {}) };
  };
  return visit(value);
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
