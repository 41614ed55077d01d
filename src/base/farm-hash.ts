/** FarmHash's 32-bit fingerprint (`farmhashmk::Hash32`), by which a Temporal server spreads jitter and ramps up worker versions. */

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

const rotate = (n: number, bits: number): number => (n >>> bits) | (n << (32 - bits));

function mix(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

const five = (h: number): number => (Math.imul(h, 5) + 0xe6546b64) | 0;
const scramble = (a: number): number => Math.imul(rotate(Math.imul(a, C1), 17), C2);
const mur = (a: number, h: number): number => five(rotate(h ^ scramble(a), 19));

/** The fingerprint of bytes, as an unsigned 32-bit number. */
export function fingerprint32(bytes: ArrayLike<number>): number {
  const length = bytes.length;
  const word = (at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  if (length <= 4) {
    let b = 0;
    let c = 9;
    for (let i = 0; i < length; i++) {
      b = (Math.imul(b, C1) + (((bytes[i] ?? 0) << 24) >> 24)) | 0;
      c ^= b;
    }
    return mix(mur(b, mur(length, c)));
  }
  if (length <= 12) {
    const a = (length + word(0)) | 0;
    const b = (length * 5 + word(length - 4)) | 0;
    const c = (9 + word((length >> 1) & 4)) | 0;
    return mix(mur(c, mur(b, mur(a, length * 5))));
  }
  if (length <= 24) {
    const half = length >> 1;
    const [b, c, d, e, f] = [word(4), word(length - 8), word(half), word(0), word(length - 4)] as const;
    let a = (rotate(word(half - 4), 12) + f) | 0;
    let h = (mur(c, (Math.imul(d, C1) + length) | 0) + a) | 0;
    a = (rotate(a, 3) + c) | 0;
    h = (mur(e, h) + a) | 0;
    a = (rotate((a + f) | 0, 12) + d) | 0;
    return mix((mur(b, h) + a) | 0);
  }
  let h = five(rotate(five(rotate(length ^ scramble(word(length - 4)), 19)) ^ scramble(word(length - 16)), 19));
  const start = Math.imul(C1, length);
  let g = five(rotate(five(rotate(start ^ scramble(word(length - 8)), 19)) ^ scramble(word(length - 12)), 19));
  let f = (rotate((start + scramble(word(length - 20))) | 0, 19) + 113) | 0;
  for (let at = 0; length - at > 20; at += 20) {
    const [a, b, c, d, e] = [word(at), word(at + 4), word(at + 8), word(at + 12), word(at + 16)] as const;
    h = (h + a) | 0;
    g = (g + b) | 0;
    f = (f + c) | 0;
    h = (mur(d, h) + e) | 0;
    g = (mur(c, g) + a) | 0;
    f = (mur((b + Math.imul(e, C1)) | 0, f) + d) | 0;
    f = (f + g) | 0;
    g = (g + f) | 0;
  }
  const twice = (n: number): number => Math.imul(rotate(Math.imul(rotate(n, 11), C1), 17), C1);
  const add = (n: number): number => Math.imul(rotate(five(rotate((h + n) | 0, 19)), 17), C1);
  h = add(twice(g));
  h = add(twice(f));
  return h >>> 0;
}
