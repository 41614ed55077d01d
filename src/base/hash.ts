import { encoder } from './utf8.ts';

/**
 * A running 64-bit hash over text (two lanes in the manner of MurmurHash3). For comparing traces, not for security.
 * Plain data, so that a checkpoint can hold it.
 */
export interface RunningHash {
  a: number;
  b: number;
  /** Bytes of UTF-8, and one for each text. */
  length: number;
}

/** The hash of nothing. */
export const createHash = (): RunningHash => ({ a: 0x9747b28c, b: 0x3c6ef372, length: 0 });

let words = new Int32Array(8_192);
let bytes = new Uint8Array(words.buffer);

/** Adds text to the hash. As words of its UTF-8, one for each lane a turn: a run's trace is megabytes, and to ask for each character takes four times as long. */
export function updateHash(hash: RunningHash, text: string): void {
  const most = text.length * 3 + 8;
  if (most > bytes.length) {
    words = new Int32Array(most >> 1);
    bytes = new Uint8Array(words.buffer);
  }
  const { written } = encoder.encodeInto(text, bytes);
  bytes.fill(0, written, written + 8);
  let { a, b } = hash;
  for (let i = 0; i < (written + 3) >> 2; i += 2) {
    a = Math.imul(a ^ (words[i] as number), 0xcc9e2d51);
    b = Math.imul(b ^ (words[i + 1] as number), 0x1b873593);
    a = (a << 13) | (a >>> 19);
    b = (b << 15) | (b >>> 17);
  }
  hash.a = Math.imul(a ^ b ^ 0x2c, 0x85ebca6b);
  hash.b = Math.imul(b ^ (hash.a >>> 15) ^ 0x2c, 0xc2b2ae35);
  hash.length += written + 1;
}

/** 16 hexadecimal digits. */
export function hashDigest(hash: RunningHash): string {
  const mix = (h: number): number => {
    let x = h ^ hash.length;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    return (x ^ (x >>> 16)) >>> 0;
  };
  return mix(hash.a).toString(16).padStart(8, '0') + mix(hash.b).toString(16).padStart(8, '0');
}
