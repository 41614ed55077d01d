import { timestamp } from '../base/brand.ts';
import { formatTimestamp, parseTimestamp } from '../base/time.ts';
import { enumValues, messageFields } from './descriptors.ts';
import { attributesField, eventType } from './event-names.ts';
import type { HistoryEvent } from './proto.ts';

/** A history file read, or what is wrong with it and where. */
export type ReadHistory = { readonly ok: true; readonly events: HistoryEvent[] } | { readonly ok: false; readonly message: string };

const isObject = (v: unknown): v is { [key: string]: unknown } => typeof v === 'object' && v !== null && !Array.isArray(v);
const EVENT_TYPES = enumValues['EventType'] ?? {};
/** Enum values that older exports write in Pascal case (`Normal`, `ScheduleToStart`), by field. */
const ENUM_FIELDS: { readonly [field: string]: string } = {
  timeoutType: 'TIMEOUT_TYPE_',
  retryState: 'RETRY_STATE_',
  parentClosePolicy: 'PARENT_CLOSE_POLICY_',
  workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_',
  initiator: 'CONTINUE_AS_NEW_INITIATOR_',
  kind: 'TASK_QUEUE_KIND_',
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
    const broken = tidy(attributes);
    if (broken !== null) return { ok: false, message: `${where}: ${field}${broken} is no base64` };
    const misfit = findMisfit(attributes, `${field.charAt(0).toUpperCase()}${field.slice(1)}`);
    if (misfit !== null) return { ok: false, message: `${where}: ${field}${misfit}` };
    // In place: the parsed text is nobody else's, and a long history has half a million objects.
    delete raw['attributes'];
    if (eventTime !== undefined) raw['eventTime'] = eventTime;
    raw['eventId'] = String(raw['eventId']);
    raw['eventType'] = type;
    raw[field] = attributes;
    events.push(raw as HistoryEvent);
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

const isNumber = (v: unknown): boolean => typeof v === 'number' || (typeof v === 'string' && /^-?\d+(?:\.\d+)?$/.test(v));
/** What a value of each type of field has to be (see descriptors.ts), as strictly as the SDK reads proto3 JSON. */
const KINDS: { readonly [type: string]: readonly [(v: unknown) => boolean, string] } = {
  s: [(v) => typeof v === 'string', 'a text'],
  b: [(v) => typeof v === 'boolean', 'true or false'],
  n: [isNumber, 'a number'],
  l: [isNumber, 'a number'],
  e: [(v) => typeof v === 'string' || typeof v === 'number', 'a name'],
  y: [(v) => typeof v === 'string' && BASE64.test(v), 'base64'],
  T: [(v) => typeof v === 'string' && parseTimestamp(v) !== null, 'a time'],
  D: [(v) => typeof v === 'string' && /^-?\d+(?:\.\d+)?s$/.test(v), 'a duration such as 10s'],
  m: [isObject, 'an object'],
};

/** Where a message does not have the shape of its proto, and what is wanted there; null when all fits. What is null counts as absent, and goes. */
function findMisfit(message: { [key: string]: unknown }, name: string): string | null {
  const fields = messageFields[name];
  if (!fields) return null;
  for (const key in message) {
    const value = message[key];
    const kind = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (value === null) delete message[key];
    if (kind === undefined || value === null || value === undefined) continue;
    const [rule, type] = [kind.charAt(0), kind.slice(1)];
    if (rule === 'r' && !Array.isArray(value)) return wanted(`.${key}`, value, 'a list');
    if (rule === 'k' && !isObject(value)) return wanted(`.${key}`, value, 'an object');
    if (rule === '-') {
      const misfit = findIn(value, type);
      if (misfit !== null) return `.${key}${misfit}`;
    } else
      for (const item in value as object) {
        const misfit = findIn((value as { [item: string]: unknown })[item], type);
        if (misfit !== null) return `.${key}${rule === 'r' ? `[${item}]` : `.${item}`}${misfit}`;
      }
  }
  return null;
}

function findIn(value: unknown, type: string): string | null {
  const kind = KINDS[type.charAt(0)];
  if (kind && !kind[0](value)) return wanted('', value, kind[1]);
  return type.startsWith('m') ? findMisfit(value as { [key: string]: unknown }, type.slice(1)) : null;
}

const wanted = (path: string, value: unknown, words: string): string => `${path} is ${JSON.stringify(value)?.slice(0, 60)}, ${words} is needed`;

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const isBroken = (bytes: unknown): boolean => typeof bytes === 'string' && !BASE64.test(bytes);

/** Writes old spellings of enums anew, in place. Gives the path to a payload whose bytes are no base64; null when all are. */
function tidy(value: object): string | null {
  const fields = value as { [key: string]: unknown };
  const { metadata } = fields;
  if (isObject(metadata)) {
    if (isBroken(fields['data'])) return '.data';
    for (const name in metadata) if (isBroken(metadata[name])) return `.metadata.${name}`;
  }
  for (const key in fields) {
    const field = fields[key];
    if (typeof field === 'string') {
      const prefix = ENUM_FIELDS[key];
      if (prefix !== undefined && /^[A-Z][a-z]/.test(field)) fields[key] = prefix + field.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
    } else if (typeof field === 'object' && field !== null) {
      const broken = tidy(field);
      if (broken !== null) return Array.isArray(value) ? `[${key}]${broken}` : `.${key}${broken}`;
    }
  }
  return null;
}
