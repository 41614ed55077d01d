import type { Failure, HistoryEvent, Payload, Payloads } from '../../api/proto.ts';
import { jsonPayload } from '../../api/json-payload.ts';
import { base64ToText } from '../../base/base64.ts';
import { parseDuration, parseTimestamp, formatTimestamp } from '../../base/time.ts';
import { timestamp, type Timestamp } from '../../base/brand.ts';

/** Markers that Core itself writes: patches and local activities. Their data is JSON, so that people can read it in a UI. */

const PATCH_MARKER = 'core_patch';
const LOCAL_ACTIVITY_MARKER = 'core_local_activity';
/** The search attribute that lists the patches of a run. */
export const VERSION_SEARCH_ATTRIBUTE = 'TemporalChangeVersion';
/** The server takes values below this many bytes. */
const MAX_SEARCH_ATTRIBUTE_BYTES = 2048;
const markerOf = (event: HistoryEvent) => (event.eventType === 'EVENT_TYPE_MARKER_RECORDED' ? event.markerRecordedEventAttributes : undefined);

/** Decoded JSON of a payload; null when it is none. */
function decode(payloads: Payloads | undefined): { readonly [key: string]: unknown } | null {
  const data = payloads?.payloads?.[0]?.data;
  if (data === undefined || data === null) return null;
  try {
    const value: unknown = JSON.parse(base64ToText(data));
    return typeof value === 'object' && value !== null ? (value as { readonly [key: string]: unknown }) : null;
  } catch {
    return null;
  }
}

// ---------------------------------------------------------------- patches

export interface PatchMarker {
  readonly id: string;
  readonly deprecated: boolean;
}

/** The patch that this event records; null when it is another event. */
export function patchMarkerOf(event: HistoryEvent): PatchMarker | null {
  const marker = markerOf(event);
  if (marker?.markerName !== PATCH_MARKER) return null;
  const details = marker.details ?? {};
  if (details['patch-data'] !== undefined) {
    const data = decode(details['patch-data']);
    return typeof data?.['id'] === 'string' && typeof data['deprecated'] === 'boolean' ? { id: data['id'], deprecated: data['deprecated'] } : null;
  }
  // As SDKs wrote it long ago: plain bytes.
  const id = details['patch_id']?.payloads?.[0]?.data;
  const deprecated = details['deprecated']?.payloads?.[0]?.data;
  if (id === undefined || deprecated === undefined) return null;
  return { id: base64ToText(id), deprecated: base64ToText(deprecated).charCodeAt(0) !== 0 };
}

/** Attributes of the command that records a patch. */
export const patchMarkerAttributes = (id: string, deprecated: boolean) => ({
  markerName: PATCH_MARKER,
  details: { 'patch-data': { payloads: [jsonPayload({ id, deprecated })] } },
});

/** The search attribute that lists these patches (in order); null when it would be too large for the server. */
export function versionSearchAttribute(patchIds: readonly string[]): Payload | null {
  const payload = jsonPayload(patchIds, 'KeywordList');
  return (payload.data ?? '').length * 3 / 4 >= MAX_SEARCH_ATTRIBUTE_BYTES ? null : payload;
}

// ---------------------------------------------------------------- local activities

export interface LocalActivityMarker {
  readonly seq: number;
  readonly attempt: number;
  readonly activityId: string;
  readonly activityType: string;
  readonly completeTime: Timestamp | null;
  readonly backoff?: string | undefined;
  readonly originalScheduleTime?: string | undefined;
  readonly result?: Payload | undefined;
  readonly failure?: Failure | undefined;
}

export const isLocalActivityMarker = (event: HistoryEvent): boolean => markerOf(event)?.markerName === LOCAL_ACTIVITY_MARKER;

interface SecondsAndNanos { readonly seconds: number; readonly nanos: number }

const isInstant = (value: unknown): value is SecondsAndNanos =>
  typeof value === 'object' && value !== null && typeof (value as SecondsAndNanos).seconds === 'number' && typeof (value as SecondsAndNanos).nanos === 'number';
const toMs = (at: SecondsAndNanos): number => at.seconds * 1000 + Math.floor(at.nanos / 1e6);

/** A span with all its digits. */
function durationText({ seconds, nanos }: SecondsAndNanos): string {
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/(000)+$/, '')}`;
  return `${seconds}${fraction}s`;
}

/** The local activity that this event records; null when its data is missing or malformed. */
export function localActivityMarkerOf(event: HistoryEvent): LocalActivityMarker | null {
  const marker = markerOf(event);
  const data = decode(marker?.details?.['data']);
  if (marker === undefined || data === null) return null;
  const { seq, attempt, activity_id: activityId, activity_type: activityType, complete_time: completeTime, backoff, original_schedule_time: scheduled } = data;
  if (typeof seq !== 'number' || typeof attempt !== 'number' || typeof activityId !== 'string' || typeof activityType !== 'string') return null;
  return {
    seq, attempt, activityId, activityType,
    completeTime: isInstant(completeTime) ? timestamp(toMs(completeTime)) : null,
    backoff: isInstant(backoff) ? durationText(backoff) : undefined,
    originalScheduleTime: isInstant(scheduled) ? formatTimestamp(timestamp(toMs(scheduled))) : undefined,
    result: marker.details?.['result']?.payloads?.[0],
    failure: marker.failure,
  };
}

const secondsAndNanos = (ms: number): SecondsAndNanos => {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
};

/** Attributes of the command that records how a local activity ended. */
export function localActivityMarkerAttributes(marker: LocalActivityMarker, input: readonly Payload[] | null) {
  const scheduled = marker.originalScheduleTime === undefined ? null : parseTimestamp(marker.originalScheduleTime);
  const data = {
    seq: marker.seq, attempt: marker.attempt, activity_id: marker.activityId, activity_type: marker.activityType,
    complete_time: marker.completeTime === null ? null : secondsAndNanos(marker.completeTime),
    backoff: marker.backoff === undefined ? null : secondsAndNanos(parseDuration(marker.backoff)),
    original_schedule_time: scheduled === null ? null : secondsAndNanos(scheduled),
  };
  const details: { [key: string]: Payloads } = { data: { payloads: [jsonPayload(data)] } };
  if (marker.result !== undefined) details['result'] = { payloads: [marker.result] };
  if (input !== null) details['input'] = { payloads: [...input] };
  return { markerName: LOCAL_ACTIVITY_MARKER, details, ...(marker.failure !== undefined && { failure: marker.failure }) };
}
