import Long from 'long';
import { enumValues, messageFields } from '../../../api/descriptors.ts';
import { decodeBase64, encodeBase64 } from '../../../base/base64.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from '../../../base/time.ts';
import type { Timestamp } from '../../../base/brand.ts';

/**
 * proto3 JSON to the objects that protobufjs would have decoded (bytes as Uint8Array, int64 as Long, enums as numbers, absent fields at
 * their defaults through the prototype), and back. Driven by the generated field tables.
 */

interface Field {
  readonly name: string;
  readonly rule: string;
  readonly kind: string;
  /** Message or enum name. */
  readonly type: string;
}

const fieldsOf = new Map<string, { readonly list: readonly Field[]; readonly byName: ReadonlyMap<string, Field> }>();
const prototypes = new Map<string, object>();
const enumNames = new Map<string, ReadonlyMap<number, string>>();
const NO_BYTES = new Uint8Array(0);

function fields(message: string): { readonly list: readonly Field[]; readonly byName: ReadonlyMap<string, Field> } {
  let known = fieldsOf.get(message);
  if (!known) {
    const list = Object.entries(messageFields[message] ?? {}).map(([name, code]) => ({ name, rule: code[0]!, kind: code[1]!, type: code.slice(2) }));
    known = { list, byName: new Map(list.map((field) => [field.name, field])) };
    fieldsOf.set(message, known);
  }
  return known;
}

/** The object that has the defaults of a message's fields, for use as a prototype. */
export function defaultsOf(message: string): object {
  let known = prototypes.get(message);
  if (!known) {
    const made: Record<string, unknown> = {};
    for (const { name, rule, kind } of fields(message).list) {
      made[name] =
        rule === 'r' ? Object.freeze([])
        : rule === 'k' ? Object.freeze({})
        : kind === 's' ? ''
        : kind === 'b' ? false
        : kind === 'n' || kind === 'e' ? 0
        : kind === 'l' ? Long.ZERO
        : kind === 'y' ? NO_BYTES
        : null;
    }
    known = made;
    prototypes.set(message, known);
  }
  return known;
}

/** Reads a message. */
export function fromJson(message: string, json: any): any {
  const { byName } = fields(message);
  const out: Record<string, unknown> = Object.create(defaultsOf(message));
  for (const name in json) {
    const value = json[name];
    const field = byName.get(name);
    if (field === undefined || value === null || value === undefined) continue;
    if (field.rule === 'r') out[name] = value.map((item: unknown) => valueFromJson(field, item));
    else if (field.rule === 'k') {
      const map: Record<string, unknown> = {};
      for (const key in value) map[key] = valueFromJson(field, value[key]);
      out[name] = map;
    } else out[name] = valueFromJson(field, value);
  }
  return out;
}

function valueFromJson(field: Field, value: any): unknown {
  switch (field.kind) {
    case 'y':
      return decodeBase64(value);
    case 'l':
      return Long.fromString(String(value));
    case 'T':
      return timestampFromJson(value);
    case 'D':
      return durationFromJson(value);
    case 'e':
      return typeof value === 'number' ? value : (enumValues[field.type]?.[value] ?? 0);
    case 'm':
      return fromJson(field.type, value);
    case 'n':
      return Number(value);
    default:
      return value;
  }
}

/** `{seconds, nanos}` of an RFC 3339 time. */
export function timestampFromJson(text: string): { seconds: Long; nanos: number } {
  return secondsAndNanos(parseTimestamp(text) ?? 0);
}

/** `{seconds, nanos}` of a Duration. */
export function durationFromJson(text: string): { seconds: Long; nanos: number } {
  return secondsAndNanos(parseDuration(text));
}

function secondsAndNanos(ms: number): { seconds: Long; nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds: Long.fromNumber(seconds), nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

/** Writes a message. Fields at their default values are left out, as proto3 JSON does. */
export function toJson(message: string, value: any): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  const { byName } = fields(message);
  for (const name in value) {
    const v = value[name];
    if (v === null || v === undefined) continue;
    const field = byName.get(name);
    if (!field) continue;
    if (field.rule === 'r') {
      if (v.length > 0) out[name] = v.map((item: unknown) => valueToJson(field, item));
    } else if (field.rule === 'k') {
      const map: Record<string, unknown> = {};
      let any = false;
      for (const key in v) {
        if (v[key] === null || v[key] === undefined) continue;
        any = true;
        map[key] = valueToJson(field, v[key]);
      }
      if (any) out[name] = map;
    } else {
      const json = valueToJson(field, v);
      if (json !== '' && json !== 0 && json !== false && !(field.kind === 'l' && json === '0')) out[name] = json;
    }
  }
  return out;
}

function valueToJson(field: Field, value: any): unknown {
  switch (field.kind) {
    case 'y':
      return encodeBase64(value);
    case 'l':
      return String(value);
    case 'T':
      return formatTimestamp((Number(value.seconds ?? 0) * 1000 + Math.floor((value.nanos ?? 0) / 1e6)) as Timestamp);
    case 'D':
      return durationToJson(value);
    case 'e':
      return enumName(field.type, value);
    case 'm':
      return toJson(field.type, value);
    case 'E':
      return {};
    default:
      return value;
  }
}

/** A Duration as proto3 JSON writes it. */
export function durationToJson(value: any): string {
  const seconds: number = typeof value.seconds === 'number' ? value.seconds : (value.seconds?.toNumber() ?? 0);
  return value.nanos ? formatDuration(seconds * 1000 + value.nanos / 1e6) : `${seconds}s`;
}

/** The name of an enum value; 0, which is left out, for the default one. */
export function enumName(type: string, value: any): unknown {
  if (value === 0) return 0;
  if (typeof value === 'string') return value;
  let names = enumNames.get(type);
  if (!names) {
    names = new Map(Object.entries(enumValues[type] ?? {}).map(([name, number]) => [number, name]));
    enumNames.set(type, names);
  }
  return names.get(value) ?? value;
}

// ------------------------------------------------------------------------------------------------ hot paths

/** Base64 of `json/plain`. */
export const ENCODING_JSON = 'anNvbi9wbGFpbg==';
const JSON_PLAIN = decodeBase64(ENCODING_JSON);

/** A Payload, with the bytes of the usual metadata shared. */
export function payloadFromJson(json: any): any {
  const metadata: Record<string, Uint8Array> = {};
  for (const key in json.metadata) {
    const text = json.metadata[key];
    metadata[key] = text === ENCODING_JSON ? JSON_PLAIN : decodeBase64(text);
  }
  return { metadata, data: json.data === undefined ? NO_BYTES : decodeBase64(json.data) };
}

/** Writes a Payload. */
export function payloadToJson(payload: any): unknown {
  if (payload.externalPayloads?.length > 0) return toJson('Payload', payload);
  const metadata: Record<string, string> = {};
  for (const key in payload.metadata) {
    const bytes: Uint8Array = payload.metadata[key];
    metadata[key] = isJsonPlain(bytes) ? ENCODING_JSON : encodeBase64(bytes);
  }
  return payload.data && payload.data.length > 0 ? { metadata, data: encodeBase64(payload.data) } : { metadata };
}

let lastJsonPlain: Uint8Array = JSON_PLAIN;

/** Whether the bytes are those of `json/plain`. */
export function isJsonPlain(bytes: Uint8Array): boolean {
  if (bytes === lastJsonPlain) return true; // the SDK's converter always uses the same array
  if (bytes.length !== JSON_PLAIN.length) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== JSON_PLAIN[i]) return false;
  lastJsonPlain = bytes;
  return true;
}
