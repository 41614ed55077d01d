import { messageFields } from './descriptors.ts';

/**
 * The size that a message has in protobuf's wire format, computed from its JSON form: exact but for the tags of fields numbered
 * above 15. Cheap enough to be taken once for each event.
 */
export function protoSize(message: string, value: unknown): number {
  const fields = messageFields[message];
  if (!fields || typeof value !== 'object' || value === null) return 0;
  let size = 0;
  const record = value as { [field: string]: unknown };
  for (const name in record) {
    const item = record[name];
    if (item === undefined || item === null) continue;
    const rule = fields[name];
    if (rule === undefined) continue;
    const kind = rule.charCodeAt(0);
    if (kind === 45) size += fieldSize(rule, item);
    else if (kind === 114) for (const element of item as unknown[]) size += fieldSize(rule, element);
    else {
      const map = item as { [key: string]: unknown };
      for (const key in map) size += 4 + key.length + fieldSize(rule, map[key]);
    }
  }
  return size;
}

function fieldSize(rule: string, value: unknown): number {
  switch (rule[1]) {
    case 's':
      return 1 + delimited(textSize(value as string));
    case 'y':
      return 1 + delimited(base64Size(value as string));
    case 'm': {
      const inner = protoSize(rule.slice(2), value);
      return 1 + delimited(inner) + (rule.endsWith('EventAttributes') ? 1 : 0);
    }
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
