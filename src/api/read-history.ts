import { timestamp } from '../base/brand.ts';
import { formatTimestamp, parseTimestamp } from '../base/time.ts';
import { enumValues, messageFields } from './descriptors.ts';
import { attributesField, eventType, screaming } from './event-names.ts';
import type { HistoryEvent } from './proto.ts';

/** A history file read, or what is wrong with it and where. */
export type ReadHistory = { readonly ok: true; readonly events: HistoryEvent[] } | { readonly ok: false; readonly message: string };

const isObject = (v: unknown): v is { [key: string]: unknown } => typeof v === 'object' && v !== null && !Array.isArray(v);
const EVENT_TYPES = enumValues['EventType'] ?? {};
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
  for (let i = 0; i < list.length; i++) {
    const raw: unknown = list[i];
    const wrong = isObject(raw) ? readEvent(raw) : 'not an object';
    if (wrong !== null) return { ok: false, message: `event ${i + 1} of ${list.length}: ${wrong}` };
  }
  const events = list as HistoryEvent[];
  const first = events[0];
  if (first?.eventType !== 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED') return { ok: false, message: `event 1 of ${list.length}: a history starts with WorkflowExecutionStarted, not ${String(first?.eventType)}` };
  if (!first.workflowExecutionStartedEventAttributes?.workflowType?.name) return { ok: false, message: `event 1 of ${list.length}: WorkflowExecutionStarted has no workflowType` };
  return { ok: true, events };
}

/** Makes what was parsed an event, in place: it is nobody else's, and a long history has half a million objects. Says what is wrong with it. */
function readEvent(raw: { [key: string]: unknown }): string | null {
  const { eventType: given, eventId } = raw;
  const type = typeof given === 'number' ? Object.keys(EVENT_TYPES).find((k) => EVENT_TYPES[k] === given) : typeof given === 'string' ? eventType(given) : undefined;
  if (type === undefined) return 'no eventType';
  if (!(type in EVENT_TYPES)) return `unknown eventType ${String(given)}`;
  if (!/^\d+$/.test(String(eventId))) return `eventId is ${JSON.stringify(eventId)}, a number is needed`;
  const eventTime = readTime(raw['eventTime']);
  if (eventTime === null) return `eventTime is ${JSON.stringify(raw['eventTime'])}, a time such as 2026-01-01T00:00:00Z is needed`;
  const field = attributesField(type);
  const attributes = raw[field] ?? raw['attributes'] ?? {};
  if (!isObject(attributes)) return `${field} is not an object`;
  const misfit = findMisfit(attributes, `${field.charAt(0).toUpperCase()}${field.slice(1)}`);
  if (misfit !== null) return `${field}${misfit}`;
  if ('attributes' in raw) delete raw['attributes'];
  if (eventTime !== undefined) raw['eventTime'] = eventTime;
  raw['eventId'] = String(eventId);
  raw['eventType'] = type;
  if (raw[field] !== attributes) raw[field] = attributes;
  return null;
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

/** A field's code of descriptors.ts, taken apart once: a long history has half a million fields. */
interface Shape {
  readonly isRight: (v: unknown) => boolean;
  readonly words: string;
  /** Message of the value, or of each item. */
  readonly message: string | null;
  /** What the names of an enum begin with; older exports write them in Pascal case and without it (`Normal`, `ScheduleToStart`). */
  readonly prefix: string | null;
  readonly items: null | { readonly isRight: (v: unknown) => boolean; readonly words: string };
}

const shapes = new Map<string, ReadonlyMap<string, Shape>>();

function shapeOf(code: string): Shape {
  const [isRight, words] = KINDS[code.charAt(1)] ?? [() => true, ''];
  const message = code.charAt(1) === 'm' ? code.slice(2) : null;
  const prefix = code.startsWith('-e') ? `${screaming(code.slice(2))}_` : null;
  if (code.startsWith('r')) return { isRight: Array.isArray, words: 'a list', message, prefix, items: { isRight, words } };
  if (code.startsWith('k')) return { isRight: isObject, words: 'an object', message, prefix, items: { isRight, words } };
  return { isRight, words, message, prefix, items: null };
}

function shapesOf(name: string): ReadonlyMap<string, Shape> {
  let fields = shapes.get(name);
  if (!fields) shapes.set(name, (fields = new Map(Object.entries(messageFields[name] ?? {}).map(([field, code]) => [field, shapeOf(code)]))));
  return fields;
}

/**
 * Where a message does not have the shape of its proto, and what is wanted there; null when all fits. In place: what is null counts as
 * absent and goes, names of enums are written as proto3 JSON does.
 */
function findMisfit(message: { [key: string]: unknown }, name: string): string | null {
  const fields = shapesOf(name);
  for (const key in message) {
    const value = message[key];
    const shape = fields.get(key);
    if (value === null) delete message[key];
    if (shape === undefined || value === null || value === undefined) continue;
    if (!shape.isRight(value)) return wanted(`.${key}`, value, shape.words);
    if (shape.prefix !== null && /^[A-Z][a-z]/.test(value as string)) message[key] = shape.prefix + screaming(value as string);
    if (shape.items === null) {
      const misfit = shape.message === null ? null : findMisfit(value as { [key: string]: unknown }, shape.message);
      if (misfit !== null) return `.${key}${misfit}`;
    } else
      for (const item in value as object) {
        const one = (value as { [item: string]: unknown })[item];
        const misfit = !shape.items.isRight(one) ? wanted('', one, shape.items.words) : shape.message === null ? null : findMisfit(one as { [key: string]: unknown }, shape.message);
        if (misfit !== null) return `.${key}${Array.isArray(value) ? `[${item}]` : `.${item}`}${misfit}`;
      }
  }
  return null;
}

const wanted = (path: string, value: unknown, words: string): string => `${path} is ${JSON.stringify(value)?.slice(0, 60)}, ${words} is needed`;

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
