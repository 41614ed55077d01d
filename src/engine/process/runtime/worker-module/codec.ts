import type { PayloadCodec } from '@temporalio/common';
import { payloadFromJson, payloadToJson } from '../../../sandbox/vm/proto-json.ts';

/**
 * Payload codecs on Workflow Tasks and their completions in proto3 JSON. As in the SDK search attributes and what Core itself writes
 * into markers are left alone.
 */
export async function codeValue(value: unknown, codecs: readonly PayloadCodec[], direction: 'encode' | 'decode'): Promise<unknown> {
  const code = async (payloads: readonly unknown[]): Promise<unknown[]> => {
    let coded = payloads.map((payload) => payloadFromJson(payload));
    for (const codec of direction === 'encode' ? codecs : [...codecs].reverse()) coded = await codec[direction](coded);
    return coded.map((payload) => payloadToJson(payload));
  };
  const visit = async (node: any): Promise<any> => {
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return Promise.all(node.map(visit));
    if (isPayload(node)) return (await code([node]))[0];
    const out: Record<string, unknown> = {};
    for (const [key, child] of Object.entries<any>(node)) {
      if (key === 'searchAttributes' || key === 'indexedFields') out[key] = child;
      else if (key === 'payloads' && Array.isArray(child)) out[key] = await code(child);
      else if (key === 'markerRecordedEventAttributes' || key === 'recordMarkerCommandAttributes') out[key] = await visitMarker(child);
      else out[key] = await visit(child);
    }
    return out;
  };
  const visitMarker = async (marker: any): Promise<any> => {
    const details: Record<string, unknown> = { ...marker.details };
    if (details['result']) details['result'] = await visit(details['result']);
    return { ...marker, details, ...(marker.failure ? { failure: await visit(marker.failure) } : {}) };
  };
  return visit(value);
}

const isPayload = (node: object): boolean => 'metadata' in node && typeof node.metadata === 'object' && node.metadata !== null && 'encoding' in node.metadata;
