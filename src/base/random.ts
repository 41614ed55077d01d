/**
 * Named, seeded streams of chance. Each subsystem draws from its own stream, so that one more draw shifts nobody else.
 * A stream is plain data (sfc32), so a checkpoint can hold it.
 */
export interface RandomStream {
  a: number;
  b: number;
  c: number;
  d: number;
}

/** The stream called `name` of the run with this seed. */
export function createStream(seed: number, name: string): RandomStream {
  let h = (0x811c9dc5 ^ seed) >>> 0;
  const stream = { a: 0, b: 0, c: 0, d: 1 };
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193) >>> 0;
  stream.a = h;
  stream.b = Math.imul(h ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  stream.c = Math.imul(seed ^ 0xc2b2ae35, 0x27d4eb2f) >>> 0;
  for (let i = 0; i < 15; i++) nextU32(stream);
  return stream;
}

/** A whole number from 0 to 2^32 − 1. */
export function nextU32(s: RandomStream): number {
  const t = (((s.a + s.b) >>> 0) + s.d) >>> 0;
  s.d = (s.d + 1) >>> 0;
  s.a = (s.b ^ (s.b >>> 9)) >>> 0;
  s.b = (s.c + (s.c << 3)) >>> 0;
  s.c = ((s.c << 21) | (s.c >>> 11)) >>> 0;
  s.c = (s.c + t) >>> 0;
  return t;
}

/** A number in [0, 1). */
export const nextFloat = (s: RandomStream): number => nextU32(s) / 4294967296;

/** A whole number from `low` to `high`, both included. */
export const nextInt = (s: RandomStream, low: number, high: number): number => low + Math.floor(nextFloat(s) * (high - low + 1));

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');

/** A UUID version 4. */
export function uuidV4(s: RandomStream): string {
  const [a, b, c, d] = [nextU32(s), nextU32(s), nextU32(s), nextU32(s)];
  return `${hex(a, 8)}-${hex(b >>> 16, 4)}-4${hex(b & 0xfff, 3)}-${hex(((c >>> 16) & 0x3fff) | 0x8000, 4)}-${hex(c & 0xffff, 4)}${hex(d, 8)}`;
}

/** A UUID version 7: 48 bits of milliseconds, then chance. The Service names runs that a client starts so. */
export function uuidV7(s: RandomStream, now: number): string {
  const [a, b, c] = [nextU32(s), nextU32(s), nextU32(s)];
  const high = Math.floor(now / 65536);
  return `${hex(high, 8)}-${hex(now % 65536, 4)}-7${hex(a & 0xfff, 3)}-${hex(((b >>> 16) & 0x3fff) | 0x8000, 4)}-${hex(b & 0xffff, 4)}${hex(c, 8)}`;
}
