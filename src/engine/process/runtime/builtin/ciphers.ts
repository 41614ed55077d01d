import { cbc, ctr, gcm, type Cipher, type Gcm } from './aes.ts';
import { invalidArgument } from './argument-errors.ts';
import { bytesOf, type Input } from './crypto-input.ts';

/** Node's `createCipheriv` and `createDecipheriv` for `aes-128|192|256-cbc|ctr|gcm`. */

const coded = <E extends Error>(error: E, code: string): E => Object.assign(error, { code });
const ossl = (number: string, reason: string): Error =>
  Object.assign(new Error(`error:${number}:Provider routines::${reason}`), { library: 'Provider routines', reason, code: `ERR_OSSL_${reason.toUpperCase().replaceAll(' ', '_')}` });
const invalidState = (operation: string): Error => coded(new Error(`Invalid state for operation ${operation}`), 'ERR_CRYPTO_INVALID_STATE');

interface Options {
  readonly authTagLength?: number;
}

class CipherBase {
  readonly #cipher: Cipher;
  readonly #gcm: Gcm | undefined;
  readonly #decrypts: boolean;
  readonly #tagLength: number;
  #tag: Uint8Array | undefined;
  #waiting: Uint8Array = new Uint8Array(0);
  #padded = true;
  #done = false;

  constructor(name: string, key: Input, iv: Input | null, options: Options | undefined, decrypts: boolean) {
    const [, bits, mode] = /^aes-?(128|192|256)-(cbc|ctr|gcm)$/i.exec(String(name)) ?? [];
    if (mode === undefined) throw coded(new Error('Unknown cipher'), 'ERR_CRYPTO_UNKNOWN_CIPHER');
    const secret = keyBytes(key);
    const start = iv === null ? new Uint8Array(0) : bytesOf(iv);
    if (secret.length * 8 !== Number(bits)) throw coded(new RangeError('Invalid key length'), 'ERR_CRYPTO_INVALID_KEYLEN');
    this.#decrypts = decrypts;
    this.#tagLength = options?.authTagLength ?? 16;
    const kind = mode.toLowerCase();
    if (kind === 'gcm' ? start.length === 0 : start.length !== 16) throw coded(new TypeError('Invalid initialization vector'), 'ERR_CRYPTO_INVALID_IV');
    if (kind === 'gcm') this.#cipher = this.#gcm = gcm(secret, start, decrypts);
    else this.#cipher = kind === 'ctr' ? ctr(secret, start) : cbc(secret, start, decrypts, () => this.#padded);
  }

  update(data: Input, from?: BufferEncoding, to?: BufferEncoding): any {
    const bytes = bytesOf(data, from);
    if (this.#done) throw new Error('Trying to add data in unsupported state');
    return this.#encoded(this.#cipher.update(bytes), to, false);
  }

  final(to?: BufferEncoding): any {
    if (this.#done) throw coded(new Error('Invalid state'), 'ERR_CRYPTO_INVALID_STATE');
    this.#done = true;
    const rest = this.#cipher.final();
    if (this.#gcm && this.#decrypts) {
      const own = this.#gcm.tag;
      if (!this.#tag?.every((byte, i) => byte === own[i])) throw new Error('Unsupported state or unable to authenticate data');
    }
    if (rest === 'length') throw ossl('1C80006B', 'wrong final block length');
    if (rest === 'padding') throw ossl('1C800064', 'bad decrypt');
    return this.#encoded(rest, to, true);
  }

  /** As text, what comes in pieces is one text: bytes that are no whole character or group yet wait for the next piece. */
  #encoded(bytes: Uint8Array, encoding: BufferEncoding | 'buffer' | undefined, last: boolean): any {
    if (encoding === undefined || encoding === 'buffer') return Buffer.from(bytes);
    const all = Buffer.concat([this.#waiting, bytes]);
    const whole = last ? all.length : all.length - unfinished(all, encoding);
    this.#waiting = all.subarray(whole);
    return all.subarray(0, whole).toString(encoding);
  }

  setAutoPadding(padded = true): this {
    this.#padded = padded;
    return this;
  }

  setAAD(data: Input): this {
    if (!this.#gcm || this.#done) throw invalidState('setAAD');
    this.#gcm.authenticate(bytesOf(data));
    return this;
  }

  getAuthTag(): Buffer {
    if (!this.#gcm || !this.#done || this.#decrypts) throw invalidState('getAuthTag');
    return Buffer.from(this.#gcm.tag.slice(0, this.#tagLength));
  }

  setAuthTag(tag: Input, encoding?: BufferEncoding): this {
    const bytes = bytesOf(tag, encoding);
    if (![4, 8, 12, 13, 14, 15, 16].includes(bytes.length)) throw coded(new TypeError(`Invalid authentication tag length: ${bytes.length}`), 'ERR_CRYPTO_INVALID_AUTH_TAG');
    if (!this.#gcm || !this.#decrypts || this.#done || this.#tag) throw invalidState('setAuthTag');
    this.#tag = bytes.slice();
    return this;
  }
}

class Cipheriv extends CipherBase {
  constructor(name: string, key: Input, iv: Input | null, options?: Options) {
    super(name, key, iv, options, false);
  }
}

class Decipheriv extends CipherBase {
  constructor(name: string, key: Input, iv: Input | null, options?: Options) {
    super(name, key, iv, options, true);
  }
}

export const createCipheriv = (name: string, key: Input, iv: Input | null, options?: Options): Cipheriv => new Cipheriv(name, key, iv, options);
export const createDecipheriv = (name: string, key: Input, iv: Input | null, options?: Options): Decipheriv => new Decipheriv(name, key, iv, options);
export const getCiphers = (): string[] => ['128', '192', '256'].flatMap((bits) => ['cbc', 'ctr', 'gcm'].map((mode) => `aes-${bits}-${mode}`));

function keyBytes(key: Input): Uint8Array {
  if (typeof key !== 'string' && !(key instanceof ArrayBuffer) && !ArrayBuffer.isView(key))
    throw invalidArgument('key', 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, KeyObject, or CryptoKey', key);
  return bytesOf(key);
}

/** How many bytes at the end begin something that the next ones end. */
function unfinished(bytes: Uint8Array, encoding: BufferEncoding): number {
  if (encoding.startsWith('base64')) return bytes.length % 3;
  if (!/^utf-?8$/i.test(encoding)) return 0;
  // The length of a character stands in its first byte.
  for (let n = 1; n <= Math.min(3, bytes.length); n++) {
    const byte = bytes[bytes.length - n]!;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > n ? n : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}
