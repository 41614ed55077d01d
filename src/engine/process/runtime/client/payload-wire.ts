import { decodeUtf8, encodeUtf8 } from '../../../../base/base64.ts';

/** `temporal.api.common.v1.Payload` as protobuf bytes: `map<string, bytes> metadata = 1; bytes data = 2`. Other fields are skipped. */
interface Payload {
  readonly metadata?: { readonly [key: string]: Uint8Array } | null;
  readonly data?: Uint8Array | null;
}

/** Wire type of what carries its length. */
const LENGTH_DELIMITED = 2;

export function encodePayload({ metadata, data }: Payload): Uint8Array {
  const entries = Object.entries(metadata ?? {}).map(([key, value]) => field(1, [...field(1, [...encodeUtf8(key)]), ...field(2, [...value])]));
  return Uint8Array.from([...entries.flat(), ...(data && data.length > 0 ? field(2, [...data]) : [])]);
}

/** Throws a RangeError when the bytes are no message. */
export function decodePayload(bytes: Uint8Array): { metadata: Record<string, Uint8Array>; data: Uint8Array } {
  const metadata: Record<string, Uint8Array> = {};
  let data: Uint8Array = new Uint8Array(0);
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 2) data = value;
    if (number !== 1) continue;
    let key = '';
    let content: Uint8Array = new Uint8Array(0);
    for (const inner of fieldsOf(value)) {
      if (inner.number === 1) key = decodeUtf8(inner.value);
      if (inner.number === 2) content = inner.value;
    }
    metadata[key] = content;
  }
  return { metadata, data };
}

function field(number: number, content: readonly number[]): number[] {
  return [(number << 3) | LENGTH_DELIMITED, ...varint(content.length), ...content];
}

function varint(n: number): number[] {
  const bytes: number[] = [];
  for (; n >= 0x80; n = Math.floor(n / 0x80)) bytes.push((n % 0x80) | 0x80);
  return [...bytes, n];
}

/** The length-delimited fields of a message; others are skipped. */
function* fieldsOf(bytes: Uint8Array): Generator<{ readonly number: number; readonly value: Uint8Array }> {
  let at = 0;
  const read = (): number => {
    let n = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError(`index out of range: ${at} > ${bytes.length}`);
      n += (byte & 0x7f) * scale;
      if (byte < 0x80) return n;
    }
  };
  while (at < bytes.length) {
    const tag = read();
    const wireType = tag & 7;
    if (wireType === 0) read();
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else if (wireType === LENGTH_DELIMITED) {
      const length = read();
      if (at + length > bytes.length) throw new RangeError(`index out of range: ${at} + ${length} > ${bytes.length}`);
      yield { number: tag >>> 3, value: bytes.slice(at, at + length) };
      at += length;
    } else throw new Error(`invalid wire type ${wireType} at offset ${at}`);
  }
}
