import { timestamp } from '../base/brand.ts';
import { formatTimestamp, parseTimestamp } from '../base/time.ts';
import { enumValues } from './descriptors.ts';
import { eventType } from './event-names.ts';
import type { HistoryEvent } from './proto.ts';

/** A history file read, or what is wrong with it and where. */
export type ReadHistory = { readonly ok: true; readonly events: HistoryEvent[] } | { readonly ok: false; readonly message: string };

const isObject = (v: unknown): v is { [key: string]: unknown } => typeof v === 'object' && v !== null && !Array.isArray(v);
const EVENT_TYPES = enumValues['EventType'] ?? {};
/** Enum values that older exports write in Pascal case (`Normal`, `ScheduleToStart`), by field. */
const ENUM_FIELDS: { readonly [field: string]: { readonly prefix: string } } = {
  timeoutType: { prefix: 'TIMEOUT_TYPE_' },
  retryState: { prefix: 'RETRY_STATE_' },
  parentClosePolicy: { prefix: 'PARENT_CLOSE_POLICY_' },
  workflowIdReusePolicy: { prefix: 'WORKFLOW_ID_REUSE_POLICY_' },
  initiator: { prefix: 'CONTINUE_AS_NEW_INITIATOR_' },
  kind: { prefix: 'TASK_QUEUE_KIND_' },
};

/**
 * Reads a history as `temporal workflow show --output json`, the Web UI or the SDKs export it: `{events}` or `{history: {events}}` or a
 * bare list, both enum spellings. Checks what a replay relies on: each event's id, type and attributes.
 */
export function readHistory(text: string): ReadHistory {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    return { ok: false, message: `not a history: the file is no JSON (${(error as Error).message})` };
  }
  const holder = isObject(json) && isObject(json['history']) ? json['history'] : json;
  const list = Array.isArray(holder) ? (holder as unknown[]) : isObject(holder) ? holder['events'] : undefined;
  if (!Array.isArray(list)) return { ok: false, message: 'not a history: there is no list of events ({"events": […]} or {"history": {"events": […]}})' };
  if (list.length === 0) return { ok: false, message: 'not a history: the list of events is empty' };
  const events: HistoryEvent[] = [];
  for (const [i, raw] of list.entries()) {
    const where = `event ${i + 1} of ${list.length}`;
    if (!isObject(raw)) return { ok: false, message: `${where}: not an object` };
    const type = typeof raw['eventType'] === 'number' ? Object.keys(EVENT_TYPES).find((k) => EVENT_TYPES[k] === raw['eventType']) : typeof raw['eventType'] === 'string' ? eventType(raw['eventType']) : undefined;
    if (type === undefined) return { ok: false, message: `${where}: no eventType` };
    if (!(type in EVENT_TYPES)) return { ok: false, message: `${where}: unknown eventType ${String(raw['eventType'])}` };
    if (!/^\d+$/.test(String(raw['eventId']))) return { ok: false, message: `${where}: eventId is ${JSON.stringify(raw['eventId'])}, a number is needed` };
    const eventTime = readTime(raw['eventTime']);
    if (eventTime === null) return { ok: false, message: `${where}: eventTime is ${JSON.stringify(raw['eventTime'])}, a time such as 2026-01-01T00:00:00Z is needed` };
    const field = attributesField(type);
    const attributes = raw[field] ?? raw['attributes'] ?? {};
    if (!isObject(attributes)) return { ok: false, message: `${where}: ${field} is not an object` };
    const broken = brokenPayload(attributes, field);
    if (broken !== null) return { ok: false, message: `${where}: ${broken} is no base64` };
    const { attributes: _legacy, ...rest } = raw;
    events.push({ ...rest, ...(eventTime === undefined ? {} : { eventTime }), eventId: String(raw['eventId']), eventType: type, [field]: normalizeEnums(attributes) } as HistoryEvent);
  }
  const first = events[0];
  if (first?.eventType !== 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED') return { ok: false, message: `event 1 of ${list.length}: a history starts with WorkflowExecutionStarted, not ${String(first?.eventType)}` };
  if (!first.workflowExecutionStartedEventAttributes?.workflowType?.name) return { ok: false, message: `event 1 of ${list.length}: WorkflowExecutionStarted has no workflowType` };
  return { ok: true, events };
}

/** RFC 3339, or the object that SDKs hold (`{seconds, nanos}`); undefined where there is none, null for what is no time. */
function readTime(value: unknown): string | undefined | null {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return parseTimestamp(value) === null ? null : value;
  if (!isObject(value) || !/^\d+$/.test(String(value['seconds'] ?? '0'))) return null;
  return formatTimestamp(timestamp(Number(value['seconds'] ?? 0) * 1000 + Math.floor(Number(value['nanos'] ?? 0) / 1e6)));
}

/** Where a payload's bytes are no base64; null when all are. */
function brokenPayload(value: unknown, where: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (isObject(value) && isObject(value['metadata'])) {
    for (const [key, bytes] of [['data', value['data']], ...Object.entries(value['metadata']).map(([name, b]): [string, unknown] => [`metadata.${name}`, b])])
      if (typeof bytes === 'string' && !/^[A-Za-z0-9+/_-]*={0,2}$/.test(bytes)) return `${where}.${String(key)}`;
  }
  for (const key in value) {
    const broken = brokenPayload((value as { [key: string]: unknown })[key], Array.isArray(value) ? `${where}[${key}]` : `${where}.${key}`);
    if (broken !== null) return broken;
  }
  return null;
}

/** `EVENT_TYPE_TIMER_STARTED` to `timerStartedEventAttributes`. */
export function attributesField(type: string): keyof HistoryEvent {
  return `${type.replace('EVENT_TYPE_', '').toLowerCase().replace(/_([a-z])/g, (_, c: string) => c.toUpperCase())}EventAttributes` as keyof HistoryEvent;
}

function normalizeEnums(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalizeEnums);
  if (!isObject(value)) return value;
  const out: { [key: string]: unknown } = {};
  for (const [key, v] of Object.entries(value)) {
    const prefix = ENUM_FIELDS[key]?.prefix;
    out[key] = prefix !== undefined && typeof v === 'string' && /^[A-Z][a-z]/.test(v) ? prefix + v.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase() : normalizeEnums(v);
  }
  return out;
}
