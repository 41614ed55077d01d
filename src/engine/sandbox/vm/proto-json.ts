import Long from 'long';
import { enumValues, messageFields } from '../../../api/descriptors.ts';
import { camelCase } from '../../../api/event-names.ts';
import { ENCODING_JSON } from '../../../api/json-payload.ts';
import { decodeBase64, encodeBase64 } from '../../../base/base64.ts';
import { timestamp } from '../../../base/brand.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from '../../../base/time.ts';

/**
 * Messages as the SDK's packages hold them (numbers for enums, Long, bytes, `{seconds, nanos}`, absent fields at their defaults through the
 * prototype, all as protobufjs decodes) to proto3 JSON and back, driven by the field tables of src/api/descriptors.ts. Payloads, which are
 * in every message, go by hand.
 */

interface Field {
  readonly name: string;
  /** `-` one, `r` repeated, `k` map. */
  readonly rule: string;
  /** As in descriptors.ts. */
  readonly kind: string;
  /** Message or enum name. */
  readonly type: string;
}

interface Message {
  readonly fields: readonly Field[];
  readonly byName: ReadonlyMap<string, Field>;
  /** Has the defaults. */
  readonly prototype: object;
}

const messages = new Map<string, Message>();

function messageOf(name: string): Message {
  let message = messages.get(name);
  if (!message) {
    const fields = Object.entries(messageFields[name] ?? {}).map(([field, code]) => ({ name: field, rule: code.charAt(0), kind: code.charAt(1), type: code.slice(2) }));
    const prototype = {};
    for (const field of fields) hide(prototype, field.name, defaultOf(field));
    hide(prototype, 'toJSON', function toJSON(this: object) {
      return plain(name, this);
    });
    message = { fields, byName: new Map(fields.map((field) => [field.name, field])), prototype };
    messages.set(name, message);
  }
  return message;
}

function hide(prototype: object, key: string, value: unknown): void {
  Object.defineProperty(prototype, key, { value, writable: true, enumerable: false });
}

/** A message as protobufjs' `toJSON` shows it, so that `JSON.stringify` gives what it gives elsewhere: names of enums, int64 and bytes as text, seconds and nanos of times. */
function plain(name: string, message: any): object {
  const result: Record<string, unknown> = {};
  for (const field of messageOf(name).fields) {
    const value = Object.hasOwn(message, field.name) ? message[field.name] : null;
    if (value === null || value === undefined) continue;
    if (field.rule === 'r') {
      if (value.length > 0) result[field.name] = Array.from(value, (item) => plainValue(field, item));
    } else if (field.rule === 'k') {
      const entries = Object.entries(value);
      if (entries.length > 0) result[field.name] = Object.fromEntries(entries.map(([key, item]) => [key, plainValue(field, item)]));
    } else result[field.name] = plainValue(field, value);
  }
  return result;
}

function plainValue({ kind, type }: Field, value: any): unknown {
  switch (kind) {
    case 'm': return plain(type, value);
    case 'e': return enumName(type, value);
    case 'l': return String(value);
    case 'y': return encodeBase64(value);
    case 'T': case 'D': return plainTime(value);
    default: return value;
  }
}

const plainTime = (value: { seconds?: unknown; nanos?: number | null }): object => {
  const result: Record<string, unknown> = {};
  if (Object.hasOwn(value, 'seconds')) result['seconds'] = String(value.seconds);
  if (Object.hasOwn(value, 'nanos')) result['nanos'] = value.nanos;
  return result;
};

/** What protobufjs gives for bytes that are not there, whatever its types say. */
const NO_BYTES = Object.freeze([]) as unknown as Uint8Array;
let bytesPrototype: object | null = null;

/** From now on bytes come with this prototype: in a process they are Buffers, as protobufjs makes them in Node. */
export function bytesAre(prototype: object): void {
  bytesPrototype = prototype;
  Object.setPrototypeOf(JSON_PLAIN, prototype);
}

/** Bytes of a message from base64. */
export function bytesFromJson(base64: string): Uint8Array {
  const bytes = decodeBase64(base64);
  return bytesPrototype ? Object.setPrototypeOf(bytes, bytesPrototype) : bytes;
}

function defaultOf({ rule, kind }: Field): unknown {
  if (rule === 'r') return Object.freeze([]);
  if (rule === 'k') return Object.freeze({});
  switch (kind) {
    case 's': return '';
    case 'b': return false;
    case 'n': case 'e': return 0;
    case 'l': return Long.ZERO;
    case 'y': return NO_BYTES;
    default: return null;
  }
}

/** proto3 JSON as the message that the SDK would have decoded. */
export function messageFromJson(name: string, json: any): any {
  const { byName, prototype } = messageOf(name);
  const message: Record<string, unknown> = Object.create(prototype);
  for (const key in json) {
    const value = json[key];
    const field = byName.get(key);
    if (field === undefined || value === null || value === undefined) continue;
    if (field.rule === 'r') message[key] = value.map((item: unknown) => valueFromJson(field, item));
    else if (field.rule === 'k') {
      const map: Record<string, unknown> = {};
      for (const entry in value) map[entry] = valueFromJson(field, value[entry]);
      message[key] = map;
    } else message[key] = valueFromJson(field, value);
  }
  return message;
}

function valueFromJson({ kind, type }: Field, json: any): unknown {
  switch (kind) {
    case 'm': return type === 'Payload' ? payloadFromJson(json) : messageFromJson(type, json);
    case 'e': return typeof json === 'number' ? json : (enumValues[type]?.[json] ?? 0);
    case 'l': return Long.fromValue(json);
    case 'y': return bytesFromJson(json);
    case 'n': return Number(json);
    case 'T': return secondsAndNanos(parseTimestamp(json) ?? 0);
    case 'D': return secondsAndNanos(parseDuration(json));
    case 'W': return { value: Number(json) };
    case 'F': return { paths: json === '' ? [] : String(json).split(',').map((path) => path.split('.').map(snake).join('.')) };
    case 'A': return { type_url: json['@type'], value: json };
    default: return json;
  }
}

/** What Timestamp and Duration have in common: a part that is zero is not on the wire. */
const timePrototype = {};
hide(timePrototype, 'seconds', Long.ZERO);
hide(timePrototype, 'nanos', 0);
hide(timePrototype, 'toJSON', function toJSON(this: object) {
  return plainTime(this);
});

function secondsAndNanos(ms: number): { seconds: Long; nanos: number } {
  const whole = Math.floor(ms / 1000);
  const time = Object.create(timePrototype);
  if (whole !== 0) time.seconds = Long.fromNumber(whole);
  const nanos = Math.round((ms - whole * 1000) * 1e6);
  if (nanos !== 0) time.nanos = nanos;
  return time;
}

/** A message of the SDK as proto3 JSON, fields in the order of the proto. Fields at their defaults and unknown ones are left out. */
export function messageToJson(name: string, message: any): any {
  const json: Record<string, unknown> = {};
  for (const field of messageOf(name).fields) {
    const value = message[field.name];
    if (value === null || value === undefined) continue;
    if (field.rule === 'r') {
      if (value.length > 0) json[field.name] = Array.from(value, (item) => valueToJson(field, item));
    } else if (field.rule === 'k') {
      const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
      if (entries.length > 0) json[field.name] = Object.fromEntries(entries.map(([key, item]) => [key, valueToJson(field, item)]));
    } else {
      const one = valueToJson(field, value);
      if (!isDefault(field, one)) json[field.name] = one;
    }
  }
  return json;
}

function valueToJson({ kind, type }: Field, value: any): unknown {
  switch (kind) {
    case 'm': return type === 'Payload' ? payloadToJson(value) : messageToJson(type, value);
    case 'e': return enumName(type, value);
    case 'l': return String(value);
    case 'y': return encodeBase64(value);
    case 'T': return formatTimestamp(timestamp(Math.floor(toMs(value))));
    case 'D': return durationToJson(value);
    case 'W': return value.value ?? 0;
    case 'F': return (value.paths ?? []).map((path: string) => path.split('.').map(camelCase).join('.')).join(',');
    case 'E': return {};
    default: return value;
  }
}

/** What proto3 JSON leaves out. */
function isDefault({ kind, type }: Field, json: any): boolean {
  switch (kind) {
    case 's': case 'y': return json === '';
    case 'b': return json === false;
    case 'n': return json === 0;
    case 'l': return json === '0';
    case 'e': return json === 0 || enumValues[type]?.[json] === 0;
    default: return false;
  }
}

/** Milliseconds, with a fraction for what is below. The SDK's nanoseconds may have a fraction themselves, which protobuf's int32 cuts. */
const toMs = (value: { seconds?: unknown; nanos?: number | null }): number => Number(value.seconds ?? 0) * 1000 + Math.trunc(value.nanos ?? 0) / 1e6;
const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** A Duration as proto3 JSON writes it. */
export function durationToJson(value: { seconds?: unknown; nanos?: number | null }): string {
  if (value.nanos || !Long.isLong(value.seconds)) return formatDuration(toMs(value));
  return `${value.seconds.toNumber()}s`;
}

const enumNames = new Map<string, Map<number, string>>();

/** The name of an enum's value; the value itself when it has none. */
export function enumName(type: string, value: number | string): string | number {
  if (typeof value === 'string') return value;
  let names = enumNames.get(type);
  if (!names) {
    names = new Map();
    for (const [name, number] of Object.entries(enumValues[type] ?? {})) if (!names.has(number)) names.set(number, name);
    enumNames.set(type, names);
  }
  return names.get(value) ?? value;
}

// ------------------------------------------------------------------------------------------------ payloads

/** Bytes of `json/plain`, shared by all payloads that come in. */
export const JSON_PLAIN = decodeBase64(ENCODING_JSON);
/** The same for payloads that come by way of Core, whose bytes are never Buffers. */
export const JSON_PLAIN_OF_CORE = decodeBase64(ENCODING_JSON);

const payloadPrototype = {};
hide(payloadPrototype, 'data', NO_BYTES);
hide(payloadPrototype, 'toJSON', function toJSON(this: object) {
  return plain('Payload', this);
});

/** A Payload as the SDK would have decoded it. */
export function payloadFromJson(json: any): any {
  if (json.externalPayloads !== undefined) return { ...payloadFromJson({ ...json, externalPayloads: undefined }), externalPayloads: json.externalPayloads.map((one: unknown) => messageFromJson('PayloadExternalPayloadDetails', one)) };
  const metadata: Record<string, Uint8Array> = {};
  for (const key in json.metadata) {
    const text = json.metadata[key];
    metadata[key] = text === ENCODING_JSON ? JSON_PLAIN : bytesFromJson(text);
  }
  return payloadOf(metadata, json.data);
}

/** The Payload of a value whose JSON is given in base64. */
export const payloadOfJson = (data: string): any => payloadOf({ encoding: JSON_PLAIN }, data);

function payloadOf(metadata: object, data: string | undefined): any {
  const payload = Object.create(payloadPrototype);
  payload.metadata = metadata;
  if (data !== undefined) payload.data = bytesFromJson(data);
  return payload;
}

/** A Payload of the SDK as proto3 JSON. */
export function payloadToJson(payload: any): any {
  const json: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  for (const key in payload.metadata) {
    const bytes: Uint8Array = payload.metadata[key];
    metadata[key] = isJsonPlain(bytes) ? ENCODING_JSON : encodeBase64(bytes);
    json['metadata'] = metadata;
  }
  if (payload.data?.length > 0) json['data'] = encodeBase64(payload.data);
  if (payload.externalPayloads?.length > 0) json['externalPayloads'] = payload.externalPayloads.map((one: unknown) => messageToJson('PayloadExternalPayloadDetails', one));
  return json;
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
