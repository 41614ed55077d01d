import Long from 'long';
import { decodeBase64, encodeBase64 } from '../../../../base/base64.ts';
import { timestamp, type Timestamp } from '../../../../base/brand.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from '../../../../base/time.ts';
import { enumValues, messageFields } from '../../../../api/descriptors.ts';

/**
 * Messages as the SDK's packages hold them (numbers for enums, Long, bytes, `{seconds, nanos}`) to proto3 JSON and back, driven by the
 * field tables of src/api/descriptors.ts.
 */

type Json = any;

interface Field {
  readonly name: string;
  readonly rule: '-' | 'r' | 'k';
  readonly kind: string;
  /** Message or enum name. */
  readonly type: string;
}

const fieldLists = new Map<string, readonly Field[]>();

function fieldsOf(message: string): readonly Field[] {
  let list = fieldLists.get(message);
  if (!list) {
    list = Object.entries(messageFields[message] ?? {}).map(([name, code]) => ({ name, rule: code[0] as Field['rule'], kind: code[1] as string, type: code.slice(2) }));
    fieldLists.set(message, list);
  }
  return list;
}

const enumNames = new Map<string, Map<number, string>>();

function enumName(type: string, value: number): string | number {
  let names = enumNames.get(type);
  if (!names) {
    names = new Map();
    for (const [name, number] of Object.entries(enumValues[type] ?? {})) if (!names.has(number)) names.set(number, name);
    enumNames.set(type, names);
  }
  return names.get(value) ?? value;
}

/** Milliseconds, with a fraction for what is below. */
const toMs = (value: { seconds?: unknown; nanos?: number | null }): number => Number(value.seconds ?? 0) * 1000 + (value.nanos ?? 0) / 1e6;
const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());

function valueToJson(field: Field, value: any): Json {
  switch (field.kind) {
    case 'm': return messageToJson(field.type, value);
    case 'e': return typeof value === 'number' ? enumName(field.type, value) : value;
    case 'l': return String(value);
    case 'y': return encodeBase64(value);
    case 'T': return formatTimestamp(timestamp(Math.floor(toMs(value))));
    case 'D': return formatDuration(toMs(value));
    case 'F': return (value.paths ?? []).map((p: string) => p.split('.').map(camel).join('.')).join(',');
    case 'E': return {};
    default: return value;
  }
}

/** What proto3 JSON leaves out. */
function isDefault(field: Field, json: Json): boolean {
  switch (field.kind) {
    case 's': case 'y': return json === '';
    case 'b': return json === false;
    case 'n': return json === 0;
    case 'l': return json === '0';
    case 'e': return json === 0 || enumValues[field.type]?.[json] === 0;
    default: return false;
  }
}

/** A message of the SDK as proto3 JSON. Unknown fields are left out. */
export function messageToJson(message: string, value: any): Json {
  const json: Json = {};
  for (const field of fieldsOf(message)) {
    const v = value[field.name];
    if (v === null || v === undefined) continue;
    if (field.rule === 'r') {
      if (v.length > 0) json[field.name] = Array.from(v, (item) => valueToJson(field, item));
    } else if (field.rule === 'k') {
      const entries = Object.entries(v);
      if (entries.length > 0) json[field.name] = Object.fromEntries(entries.map(([key, item]) => [key, valueToJson(field, item)]));
    } else {
      const one = valueToJson(field, v);
      if (!isDefault(field, one)) json[field.name] = one;
    }
  }
  return json;
}

function secondsAndNanos(ms: number): { seconds: Long; nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds: Long.fromNumber(seconds), nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

function valueFromJson(field: Field, json: Json): any {
  switch (field.kind) {
    case 'm': return messageFromJson(field.type, json);
    case 'e': return typeof json === 'number' ? json : (enumValues[field.type]?.[json] ?? 0);
    case 'l': return Long.fromValue(json);
    case 'y': return decodeBase64(json);
    case 'n': return Number(json);
    case 'T': return secondsAndNanos(parseTimestamp(json) ?? (0 as Timestamp));
    case 'D': return secondsAndNanos(parseDuration(json));
    case 'F': return { paths: json === '' ? [] : String(json).split(',').map((p) => p.split('.').map(snake).join('.')) };
    case 'A': return { type_url: json['@type'], value: json };
    default: return json;
  }
}

function defaultOf(field: Field): unknown {
  if (field.rule === 'r') return Object.freeze([]);
  if (field.rule === 'k') return Object.freeze({});
  switch (field.kind) {
    case 's': return '';
    case 'b': return false;
    case 'n': case 'e': return 0;
    case 'l': return Long.ZERO;
    case 'y': return new Uint8Array(0);
    default: return null;
  }
}

const prototypes = new Map<string, object>();

/** Absent fields read as their defaults through the prototype, as with protobufjs. */
function prototypeOf(message: string): object {
  let prototype = prototypes.get(message);
  if (!prototype) {
    prototype = Object.create(Object.prototype) as object;
    for (const field of fieldsOf(message)) Object.defineProperty(prototype, field.name, { value: defaultOf(field), writable: true, enumerable: false });
    prototypes.set(message, prototype);
  }
  return prototype;
}

/** proto3 JSON as the message that the SDK would have decoded. */
export function messageFromJson(message: string, json: Json): any {
  const value = Object.create(prototypeOf(message));
  for (const field of fieldsOf(message)) {
    const v = json[field.name];
    if (v === null || v === undefined) continue;
    if (field.rule === 'r') value[field.name] = v.map((item: Json) => valueFromJson(field, item));
    else if (field.rule === 'k') value[field.name] = Object.fromEntries(Object.entries(v).map(([key, item]) => [key, valueFromJson(field, item)]));
    else value[field.name] = valueFromJson(field, v);
  }
  return value;
}
