import { createCipheriv, createDecipheriv, getCiphers } from './ciphers.ts';
import { bytesOf, type Input } from './crypto-input.ts';
import { algorithm, type Hasher } from './hashes.ts';
import { subtle } from './subtle.ts';
import { fillRandom, random, randomUUID } from '../globals/random.ts';

/** Node's `crypto`: chance from the process's stream, hashes, AES (ciphers.ts), and the Web Crypto API (subtle.ts). */

class Digest {
  #hasher: Hasher;
  #done = false;
  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }
  update(input: Input, encoding?: BufferEncoding): this {
    if (this.#done) throw Object.assign(new Error('Digest already called'), { code: 'ERR_CRYPTO_HASH_FINALIZED' });
    this.#hasher.update(bytesOf(input, encoding));
    return this;
  }
  digest(encoding?: BufferEncoding): any {
    if (this.#done) throw Object.assign(new Error('Digest already called'), { code: 'ERR_CRYPTO_HASH_FINALIZED' });
    this.#done = true;
    const bytes = Buffer.from(this.#hasher.digest());
    return encoding === undefined ? bytes : bytes.toString(encoding);
  }
  copy(): Digest {
    return new Digest(this.#hasher.clone());
  }
}

export const createHash = (name: string): Digest => new Digest(algorithm(name).create());
export const createHmac = (name: string, key: Input): Digest => new Digest(require('@noble/hashes/hmac.js').hmac.create(algorithm(name), bytesOf(key)));
export const hash = (name: string, input: Input, encoding: BufferEncoding = 'hex'): string => createHash(name).update(input).digest(encoding);

export function randomBytes(size: number, callback?: (error: null, bytes: Buffer) => void): Buffer | undefined {
  const bytes = fillRandom(Buffer.alloc(size));
  if (!callback) return bytes;
  queueMicrotask(() => callback(null, bytes));
  return undefined;
}

/** A whole number from `min` (default 0) to `max` − 1. */
export function randomInt(min: number, max?: number | ((error: null, n: number) => void), callback?: (error: null, n: number) => void): number | undefined {
  const done = typeof max === 'function' ? max : callback;
  const [low, high] = typeof max === 'number' ? [min, max] : [0, min];
  if (low >= high) throw Object.assign(new RangeError(`The value of "max" is out of range. It must be greater than the value of "min" (${low}). Received ${high}`), { code: 'ERR_OUT_OF_RANGE' });
  const n = low + Math.floor(random() * (high - low));
  if (!done) return n;
  queueMicrotask(() => done(null, n));
  return undefined;
}

export function timingSafeEqual(a: Input, b: Input): boolean {
  const [x, y] = [bytesOf(a), bytesOf(b)];
  if (x.length !== y.length) throw Object.assign(new RangeError('Input buffers must have the same byte length'), { code: 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH' });
  return x.every((byte, i) => byte === y[i]);
}

export const getRandomValues = fillRandom;
export { randomUUID };
export const randomFillSync = fillRandom;

export { createCipheriv, createDecipheriv, getCiphers, subtle };
export const webcrypto = { getRandomValues, randomUUID, subtle };

export default {
  createCipheriv, createDecipheriv, createHash, createHmac, hash, randomBytes, randomInt, timingSafeEqual, getRandomValues, randomUUID, randomFillSync, subtle, webcrypto,
  getCiphers, getHashes: () => ['md5', 'ripemd160', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
};
