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

/** Adds text to the hash. */
export function updateHash(hash: RunningHash, text: string): void {
  let a = hash.a;
  let b = hash.b;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0xcc9e2d51);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ c, 0x1b873593);
    b = (b << 15) | (b >>> 17);
  }
  hash.a = Math.imul(a ^ 0x2c, 0x85ebca6b);
  hash.b = Math.imul(b ^ 0x2c, 0xc2b2ae35);
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
