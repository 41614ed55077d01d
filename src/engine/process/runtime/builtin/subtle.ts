import { fillRandom } from '../globals/random.ts';
import { cbc, ctr, gcm, type Gcm } from './aes.ts';
import { bytesOf, type Input } from './crypto-input.ts';
import { algorithm } from './hashes.ts';

/** `crypto.subtle` of the Web Crypto API: digests, AES-CBC, AES-CTR and AES-GCM, and HMAC. */

type Named = string | ({ readonly name: string } & Parameters_);
interface Parameters_ {
  readonly iv?: Input;
  readonly counter?: Input;
  readonly additionalData?: Input;
  readonly tagLength?: number;
  readonly length?: number;
  readonly hash?: Named;
}

const AES = ['AES-CBC', 'AES-CTR', 'AES-GCM'];
const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
const secrets = new WeakMap<CryptoKey, Uint8Array>();

/** A key whose bytes only the functions here see. */
export class CryptoKey {
  readonly type = 'secret';
  readonly extractable: boolean;
  readonly algorithm: { readonly name: string; readonly length: number; readonly hash?: { readonly name: string } };
  readonly usages: readonly string[];

  constructor(extractable: boolean, algorithm: CryptoKey['algorithm'], usages: readonly string[]) {
    this.extractable = extractable;
    this.algorithm = algorithm;
    this.usages = usages;
  }
  get [Symbol.toStringTag](): string {
    return 'CryptoKey';
  }
}

const refusal = (name: string, message: string): DOMException => new DOMException(message, name);
const failed = (): DOMException => refusal('OperationError', 'The operation failed for an operation-specific reason');
const unknown = (): DOMException => refusal('NotSupportedError', 'Unrecognized algorithm name');
const buffer = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer;

const parametersOf = (algorithm: Named): Parameters_ => (typeof algorithm === 'string' ? {} : algorithm);

/** The name as the standard spells it. */
function nameOf(algorithm: Named, known: readonly string[]): string {
  const given = typeof algorithm === 'string' ? algorithm : algorithm.name;
  const name = known.find((k) => k.toLowerCase() === String(given).toLowerCase());
  if (name === undefined) throw unknown();
  return name;
}

const hasher = (name: Named) => algorithm(nameOf(name, HASHES));

function makeKey(bytes: Uint8Array, algorithm: Named, extractable: boolean, usages: readonly string[]): CryptoKey {
  const name = nameOf(algorithm, [...AES, 'HMAC']);
  const hmac = name === 'HMAC';
  const allowed = hmac ? ['sign', 'verify'] : ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
  if (usages.some((usage) => !allowed.includes(usage))) throw refusal('SyntaxError', `Unsupported key usage for an ${hmac ? 'HMAC' : 'AES'} key`);
  if (usages.length === 0) throw refusal('SyntaxError', 'Usages cannot be empty when importing a secret key.');
  const length = bytes.length * 8;
  if (!hmac && ![128, 192, 256].includes(length)) throw refusal('DataError', 'Invalid key length');
  const hash = hmac ? { hash: { name: nameOf(parametersOf(algorithm).hash ?? '', HASHES) } } : {};
  const key = new CryptoKey(extractable, { name, length, ...hash }, [...usages]);
  secrets.set(key, bytes.slice());
  return key;
}

/** The secret of a key that may do this. */
function secretOf(key: CryptoKey, algorithm: Named, usage: string): Uint8Array {
  const secret = secrets.get(key);
  if (!secret) throw new TypeError('The "key" argument must be an instance of CryptoKey');
  if (nameOf(algorithm, [...AES, 'HMAC']) !== key.algorithm.name || !key.usages.includes(usage)) throw refusal('InvalidAccessError', 'The requested operation is not valid for the provided key');
  return secret;
}

function crypt(algorithm: Named, key: CryptoKey, data: Input, decrypts: boolean): ArrayBuffer {
  const secret = secretOf(key, algorithm, decrypts ? 'decrypt' : 'encrypt');
  const { iv, counter, additionalData, tagLength = 128 } = parametersOf(algorithm);
  const bytes = bytesOf(data);
  if (key.algorithm.name === 'AES-GCM') return sealed(gcm(secret, bytesOf(iv as Input), decrypts), bytes, additionalData, tagLength / 8, decrypts);
  const start = bytesOf((key.algorithm.name === 'AES-CTR' ? counter : iv) as Input);
  if (start.length !== 16) throw refusal('OperationError', key.algorithm.name === 'AES-CTR' ? 'AES-CTR algorithm.counter must be 16 bytes' : 'algorithm.iv must contain exactly 16 bytes');
  const cipher = key.algorithm.name === 'AES-CTR' ? ctr(secret, start) : cbc(secret, start, decrypts, () => true);
  const body = cipher.update(bytes);
  const rest = cipher.final();
  if (typeof rest === 'string') throw failed();
  return buffer(Buffer.concat([body, rest]));
}

/** A message of GCM has its tag at its end. */
function sealed(cipher: Gcm, data: Uint8Array, extra: Input | undefined, tagLength: number, decrypts: boolean): ArrayBuffer {
  if (decrypts && data.length < tagLength) throw refusal('OperationError', 'The provided data is too small.');
  if (extra !== undefined) cipher.authenticate(bytesOf(extra));
  const body = cipher.update(decrypts ? data.subarray(0, data.length - tagLength) : data);
  cipher.final();
  const tag = cipher.tag.slice(0, tagLength);
  if (!decrypts) return buffer(Buffer.concat([body, tag]));
  if (!tag.every((byte, i) => byte === data[data.length - tagLength + i])) throw failed();
  return buffer(body);
}

const mac = (algorithm: Named, key: CryptoKey, data: Input, usage: string): Uint8Array =>
  require('@noble/hashes/hmac.js').hmac(hasher(key.algorithm.hash?.name ?? ''), secretOf(key, algorithm, usage), bytesOf(data));

export const subtle = {
  async digest(algorithm: Named, data: Input): Promise<ArrayBuffer> {
    return buffer(hasher(algorithm)(bytesOf(data)));
  },
  async importKey(format: string, data: Input, algorithm: Named, extractable: boolean, usages: readonly string[]): Promise<CryptoKey> {
    if (format !== 'raw') throw refusal('NotSupportedError', `Unable to import a key in the format ${format}: only raw keys are known here`);
    return makeKey(bytesOf(data), algorithm, extractable, usages);
  },
  async exportKey(format: string, key: CryptoKey): Promise<ArrayBuffer> {
    const secret = secrets.get(key);
    if (!secret) throw new TypeError('The "key" argument must be an instance of CryptoKey');
    if (!key.extractable) throw refusal('InvalidAccessException', 'key is not extractable');
    if (format !== 'raw') throw refusal('NotSupportedError', `Unable to export a key in the format ${format}: only raw keys are known here`);
    return buffer(secret);
  },
  async generateKey(algorithm: Named, extractable: boolean, usages: readonly string[]): Promise<CryptoKey> {
    const name = nameOf(algorithm, [...AES, 'HMAC']);
    const { length, hash } = parametersOf(algorithm);
    if (name !== 'HMAC' && ![128, 192, 256].includes(length ?? 0)) throw refusal('OperationError', 'AES key length must be 128, 192, or 256 bits');
    const bits = length ?? (['SHA-384', 'SHA-512'].includes(nameOf(hash ?? '', HASHES)) ? 1024 : 512);
    return makeKey(fillRandom(new Uint8Array(bits / 8)), algorithm, extractable, usages);
  },
  encrypt: async (algorithm: Named, key: CryptoKey, data: Input): Promise<ArrayBuffer> => crypt(algorithm, key, data, false),
  decrypt: async (algorithm: Named, key: CryptoKey, data: Input): Promise<ArrayBuffer> => crypt(algorithm, key, data, true),
  sign: async (algorithm: Named, key: CryptoKey, data: Input): Promise<ArrayBuffer> => buffer(mac(algorithm, key, data, 'sign')),
  async verify(algorithm: Named, key: CryptoKey, signature: Input, data: Input): Promise<boolean> {
    const [own, given] = [mac(algorithm, key, data, 'verify'), bytesOf(signature)];
    return own.length === given.length && own.every((byte, i) => byte === given[i]);
  },
};
