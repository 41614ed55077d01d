/** AES (FIPS 197) with the modes that programs use: CBC, CTR and GCM (NIST SP 800-38A and D), block by block as the data comes. */

const BLOCK = 16;

/** S-box, its inverse, and multiplication by 2 in GF(2^8). */
const sbox = new Uint8Array(256);
const inverse = new Uint8Array(256);
const twice = (a: number): number => ((a << 1) ^ (a & 0x80 ? 0x11b : 0)) & 0xff;

/** Computed when the first key comes: few programs encrypt. */
function makeTables(): void {
  if (inverse[0x63] === 0 && sbox[0] === 0x63) return;
  let [p, q] = [1, 1];
  do {
    p ^= twice(p);
    q ^= q << 1;
    q ^= q << 2;
    q ^= q << 4;
    q &= 0xff;
    if (q & 0x80) q ^= 0x09;
    const rotated = (n: number): number => ((q << n) | (q >> (8 - n))) & 0xff;
    sbox[p] = q ^ rotated(1) ^ rotated(2) ^ rotated(3) ^ rotated(4) ^ 0x63;
  } while (p !== 1);
  sbox[0] = 0x63;
  sbox.forEach((s, i) => (inverse[s] = i));
}

/** The block cipher under one key of 16, 24 or 32 bytes. */
class Aes {
  readonly #keys: Uint8Array;

  constructor(key: Uint8Array) {
    makeTables();
    const words = key.length / 4;
    const keys = new Uint8Array((words + 7) * BLOCK);
    keys.set(key);
    let constant = 1;
    for (let i = key.length; i < keys.length; i += 4) {
      let word = [keys[i - 4]!, keys[i - 3]!, keys[i - 2]!, keys[i - 1]!];
      const place = (i / 4) % words;
      if (place === 0) {
        word = [sbox[word[1]!]! ^ constant, sbox[word[2]!]!, sbox[word[3]!]!, sbox[word[0]!]!];
        constant = twice(constant);
      } else if (words > 6 && place === 4) word = word.map((byte) => sbox[byte]!);
      for (let n = 0; n < 4; n++) keys[i + n] = keys[i + n - key.length]! ^ word[n]!;
    }
    this.#keys = keys;
  }

  encrypt(block: Uint8Array): Uint8Array {
    const last = this.#keys.length - BLOCK;
    const state = this.#addKey(block.slice(), 0);
    for (let round = BLOCK; ; round += BLOCK) {
      // SubBytes and ShiftRows: the row r of a column comes from r columns to the right.
      const from = state.map((_, i) => sbox[state[(i + 4 * (i % 4)) % BLOCK]!]!);
      if (round === last) return this.#addKey(from, round);
      for (let c = 0; c < BLOCK; c += 4) {
        const all = from[c]! ^ from[c + 1]! ^ from[c + 2]! ^ from[c + 3]!;
        for (let r = 0; r < 4; r++) state[c + r] = from[c + r]! ^ all ^ twice(from[c + r]! ^ from[c + ((r + 1) % 4)]!);
      }
      this.#addKey(state, round);
    }
  }

  decrypt(block: Uint8Array): Uint8Array {
    let state = this.#addKey(block.slice(), this.#keys.length - BLOCK);
    for (let round = this.#keys.length - 2 * BLOCK; ; round -= BLOCK) {
      const from = state;
      state = this.#addKey(from.map((_, i) => inverse[from[(i + 12 * (i % 4)) % BLOCK]!]!), round);
      if (round === 0) return state;
      // The inverse of MixColumns is MixColumns after a step that multiplies by 5 and 4.
      for (let c = 0; c < BLOCK; c += 4) {
        const u = twice(twice(state[c]! ^ state[c + 2]!));
        const v = twice(twice(state[c + 1]! ^ state[c + 3]!));
        const column = [state[c]! ^ u, state[c + 1]! ^ v, state[c + 2]! ^ u, state[c + 3]! ^ v];
        const all = column[0]! ^ column[1]! ^ column[2]! ^ column[3]!;
        for (let r = 0; r < 4; r++) state[c + r] = column[r]! ^ all ^ twice(column[r]! ^ column[(r + 1) % 4]!);
      }
    }
  }

  #addKey(state: Uint8Array, at: number): Uint8Array {
    for (let i = 0; i < BLOCK; i++) state[i]! ^= this.#keys[at + i]!;
    return state;
  }
}

/** One direction of one message. */
export interface Cipher {
  update(data: Uint8Array): Uint8Array;
  /** What is left at the end, or why there is no end: the last block is not whole, or its padding is none. */
  final(): Uint8Array | 'length' | 'padding';
}

const concat = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
};

/** Adds one to the counter in the last `bytes` bytes of a block. */
function increment(counter: Uint8Array, bytes: number): void {
  for (let i = BLOCK - 1; i >= BLOCK - bytes; i--) if ((counter[i] = (counter[i]! + 1) & 0xff) !== 0) return;
}

/** Counter mode: both directions are the same. `bytes` of the counter count, the others stay. */
export function ctr(key: Uint8Array, iv: Uint8Array, bytes = BLOCK): Cipher {
  const aes = new Aes(key);
  const counter = iv.slice();
  let stream = new Uint8Array(0);
  let used = 0;
  return {
    update: (data) =>
      data.slice().map((byte) => {
        if (used === stream.length) {
          stream = aes.encrypt(counter) as Uint8Array<ArrayBuffer>;
          increment(counter, bytes);
          used = 0;
        }
        return byte ^ stream[used++]!;
      }),
    final: () => new Uint8Array(0),
  };
}

/** Cipher block chaining, with PKCS #7 padding unless `padded` is false. */
export function cbc(key: Uint8Array, iv: Uint8Array, decrypts: boolean, padded: () => boolean): Cipher {
  const aes = new Aes(key);
  let before = iv.slice();
  let rest: Uint8Array = new Uint8Array(0);
  const block = (data: Uint8Array): Uint8Array => {
    const out = decrypts ? aes.decrypt(data) : aes.encrypt(data.map((byte, i) => byte ^ before[i]!));
    if (decrypts) for (let i = 0; i < BLOCK; i++) out[i]! ^= before[i]!;
    before = (decrypts ? data : out).slice();
    return out;
  };
  return {
    update(data) {
      rest = concat(rest, data);
      // The last block of a message that is decrypted may be padding: it waits for the end.
      const whole = rest.length - (decrypts && padded() && rest.length % BLOCK === 0 && rest.length > 0 ? BLOCK : rest.length % BLOCK);
      const out = new Uint8Array(whole);
      for (let at = 0; at < whole; at += BLOCK) out.set(block(rest.slice(at, at + BLOCK)), at);
      rest = rest.slice(whole);
      return out;
    },
    final() {
      if (!padded()) return rest.length === 0 ? rest : 'length';
      const missing = BLOCK - rest.length;
      if (!decrypts) return block(concat(rest, new Uint8Array(missing).fill(missing)));
      if (rest.length !== BLOCK) return 'length';
      const out = block(rest);
      const padding = out[BLOCK - 1]!;
      return padding >= 1 && padding <= BLOCK && out.subarray(BLOCK - padding).every((byte) => byte === padding) ? out.slice(0, BLOCK - padding) : 'padding';
    },
  };
}

/** What GCM adds to a message: data that is authenticated only, and the tag. */
export interface Gcm extends Cipher {
  authenticate(data: Uint8Array): void;
  /** The tag of what went through, whole; after `final`. */
  readonly tag: Uint8Array;
}

/** Galois/counter mode with an `iv` of any length. Who decrypts compares `tag`. */
export function gcm(key: Uint8Array, iv: Uint8Array, decrypts: boolean): Gcm {
  const zero = new Uint8Array(BLOCK);
  const h = words(new Aes(key).encrypt(zero));
  let first = zero.slice();
  if (iv.length === 12) {
    first.set(iv);
    first[15] = 1;
  } else {
    const hash = ghash(h);
    hash.update(iv);
    first = hash.digest(0, iv.length) as Uint8Array<ArrayBuffer>;
  }
  const counter = first.slice();
  increment(counter, 4);
  const inner = ctr(key, counter, 4);
  const hash = ghash(h);
  let [extra, length] = [0, 0];
  let tag: Uint8Array = zero;
  return {
    authenticate(data) {
      extra += data.length;
      hash.update(data);
    },
    update(data) {
      if (length === 0) hash.fill();
      length += data.length;
      const out = inner.update(data);
      hash.update(decrypts ? data : out);
      return out;
    },
    final() {
      tag = ctr(key, first).update(hash.digest(extra, length));
      return new Uint8Array(0);
    },
    get tag() {
      return tag;
    },
  };
}

type Words = [number, number, number, number];

const words = (bytes: Uint8Array): Words => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, BLOCK);
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
};

/** The hash of GCM over blocks; `fill` ends a block with zeros. */
function ghash(h: Words): { update(data: Uint8Array): void; fill(): void; digest(extra: number, length: number): Uint8Array } {
  let state: Words = [0, 0, 0, 0];
  const open = new Uint8Array(BLOCK);
  let filled = 0;
  const flush = (): void => {
    const block = words(open);
    state = multiply([state[0] ^ block[0], state[1] ^ block[1], state[2] ^ block[2], state[3] ^ block[3]], h);
    open.fill(0);
    filled = 0;
  };
  const hash = {
    update(data: Uint8Array): void {
      for (const byte of data) {
        open[filled++] = byte;
        if (filled === BLOCK) flush();
      }
    },
    fill(): void {
      if (filled > 0) flush();
    },
    digest(extra: number, length: number): Uint8Array {
      hash.fill();
      const view = new DataView(open.buffer);
      view.setBigUint64(0, BigInt(extra) * 8n);
      view.setBigUint64(8, BigInt(length) * 8n);
      flush();
      state.forEach((word, i) => view.setUint32(4 * i, word));
      return open.slice();
    },
  };
  return hash;
}

/** The product in GF(2^128), whose bits begin with the lowest power. */
function multiply(x: Words, y: Words): Words {
  let [z0, z1, z2, z3] = [0, 0, 0, 0];
  let [v0, v1, v2, v3] = y;
  for (const word of x)
    for (let bit = 31; bit >= 0; bit--) {
      if ((word >>> bit) & 1) {
        z0 ^= v0;
        z1 ^= v1;
        z2 ^= v2;
        z3 ^= v3;
      }
      const carry = v3 & 1;
      v3 = (v3 >>> 1) | (v2 << 31);
      v2 = (v2 >>> 1) | (v1 << 31);
      v1 = (v1 >>> 1) | (v0 << 31);
      v0 = (v0 >>> 1) ^ (carry ? 0xe1000000 : 0);
    }
  return [z0, z1, z2, z3];
}
