import { encodeUtf8 } from '../../base/base64.ts';

/**
 * The seed of `Math.random` and `uuid4`: SipHash-1-3 with key 0 over the run id's UTF-8 bytes and a final 0xFF, as Rust's `str`
 * hashes. Once per run, so BigInt is cheap enough.
 */
export function randomnessSeed(runId: string): bigint {
  const text = encodeUtf8(runId);
  const length = text.length + 1;
  const byte = (i: number): bigint => BigInt(i < text.length ? (text[i] as number) : 0xff);
  let [v0, v1, v2, v3] = [0x736f6d6570736575n, 0x646f72616e646f6dn, 0x6c7967656e657261n, 0x7465646279746573n];
  const round = (): void => {
    v0 = wrap(v0 + v1);
    v1 = rotate(v1, 13n) ^ v0;
    v0 = rotate(v0, 32n);
    v2 = wrap(v2 + v3);
    v3 = rotate(v3, 16n) ^ v2;
    v0 = wrap(v0 + v3);
    v3 = rotate(v3, 21n) ^ v0;
    v2 = wrap(v2 + v1);
    v1 = rotate(v1, 17n) ^ v2;
    v2 = rotate(v2, 32n);
  };
  const absorb = (word: bigint): void => {
    v3 ^= word;
    round();
    v0 ^= word;
  };
  let i = 0;
  for (; i + 8 <= length; i += 8) {
    let word = 0n;
    for (let k = 0; k < 8; k++) word |= byte(i + k) << BigInt(8 * k);
    absorb(word);
  }
  let last = BigInt(length & 0xff) << 56n;
  for (let k = 0; i + k < length; k++) last |= byte(i + k) << BigInt(8 * k);
  absorb(last);
  v2 ^= 0xffn;
  round();
  round();
  round();
  return v0 ^ v1 ^ v2 ^ v3;
}

/** The seed as the SDK gets it: eight bytes, highest first (`Long.toBytes`), as the recorded side-effects history shows. */
export function seedBytes(seed: bigint): number[] {
  const bytes: number[] = [];
  for (let k = 0; k < 8; k++) bytes.unshift(Number((seed >> BigInt(8 * k)) & 0xffn));
  return bytes;
}

const MASK = 0xffffffffffffffffn;
const wrap = (n: bigint): bigint => n & MASK;
const rotate = (n: bigint, by: bigint): bigint => wrap(n << by) | (n >> (64n - by));
