import { messageFields } from './descriptors.ts';

/** A field's rule and type as in descriptors.ts, taken apart. */
interface Field {
  readonly rule: string;
  readonly kind: string;
  /** Of a message field. */
  readonly message: string;
  /** Bytes of its tag. */
  readonly tag: number;
}

const tables = new Map<string, { readonly [field: string]: Field }>();

function tableOf(message: string): { readonly [field: string]: Field } {
  let table = tables.get(message);
  if (!table) {
    table = Object.fromEntries(
      Object.entries(messageFields[message] ?? {}).map(([name, code]): [string, Field] => [
        name, { rule: code.charAt(0), kind: code.charAt(1), message: code.slice(2), tag: code.charAt(1) === 'm' && code.endsWith('EventAttributes') ? 2 : 1 },
      ]),
    );
    tables.set(message, table);
  }
  return table;
}

/**
 * The size that a message has in protobuf's wire format, computed from its JSON form: exact but for the tags of fields numbered
 * above 15. Cheap enough to be taken once for each event.
 */
export function protoSize(message: string, value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const table = tableOf(message);
  let size = 0;
  const record = value as { [field: string]: unknown };
  for (const name in record) {
    const item = record[name];
    if (item === undefined || item === null) continue;
    const field = table[name];
    if (field === undefined) continue;
    if (field.rule === '-') size += fieldSize(field, item);
    else if (field.rule === 'r') for (const element of item as unknown[]) size += fieldSize(field, element);
    else {
      const map = item as { [key: string]: unknown };
      for (const key in map) size += 4 + key.length + fieldSize(field, map[key]);
    }
  }
  return size;
}

function fieldSize({ kind, message, tag }: Field, value: unknown): number {
  switch (kind) {
    case 's':
      return 1 + delimited(textSize(value as string));
    case 'y':
      return 1 + delimited(base64Size(value as string));
    case 'm':
      return tag + delimited(protoSize(message, value));
    case 'l':
      return 1 + varint(Number(value));
    case 'n':
      return 1 + (Number.isInteger(value) ? varint(value as number) : 8);
    case 'b':
    case 'e':
      return 2;
    case 'T':
      return 14;
    case 'D':
      return value === '0s' ? 2 : 4;
    default:
      return 1 + delimited(JSON.stringify(value).length);
  }
}

/** Bytes of a base64 text. */
export function base64Size(text: string): number {
  const n = text.length;
  const padding = n > 0 && text.charCodeAt(n - 1) === 61 ? (text.charCodeAt(n - 2) === 61 ? 2 : 1) : 0;
  return Math.floor((n * 3) / 4) - padding;
}

function textSize(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c > 0x7f) size += c > 0x7ff && (c < 0xd800 || c > 0xdfff) ? 2 : 1;
  }
  return size;
}

const varint = (n: number): number => (n < 0 ? 10 : n < 128 ? 1 : n < 16_384 ? 2 : n < 2_097_152 ? 3 : n < 268_435_456 ? 4 : 5);
const delimited = (size: number): number => varint(size) + size;
