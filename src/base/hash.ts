/**
 * A running 64-bit hash over text (two lanes in the manner of MurmurHash3). For comparing traces, not for security.
 * Plain data, so that a checkpoint can hold it.
 */
export interface RunningHash {
  a: number;
  b: number;
  length: number;
}

/** The hash of nothing. */
export const createHash = (): RunningHash => ({ a: 0x9747b28c, b: 0x3c6ef372, length: 0 });

/** Adds text to the hash. Four characters a turn, two for each lane: a run's trace is megabytes. */
export function updateHash(hash: RunningHash, text: string): void {
  let a = hash.a;
  let b = hash.b;
  const whole = text.length & ~3;
  let i = 0;
  for (; i < whole; i += 4) {
    a = Math.imul(a ^ (text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16)), 0xcc9e2d51);
    b = Math.imul(b ^ (text.charCodeAt(i + 2) | (text.charCodeAt(i + 3) << 16)), 0x1b873593);
    a = (a << 13) | (a >>> 19);
    b = (b << 15) | (b >>> 17);
  }
  for (; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0xcc9e2d51);
    a = (a << 13) | (a >>> 19);
  }
  hash.a = Math.imul(a ^ b ^ 0x2c, 0x85ebca6b);
  hash.b = Math.imul(b ^ (hash.a >>> 15) ^ 0x2c, 0xc2b2ae35);
  hash.length += text.length + 1;
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
