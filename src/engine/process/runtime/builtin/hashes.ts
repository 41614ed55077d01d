/** The hashes of Node's `crypto` (crypto.ts) and of the Web Crypto API (subtle.ts). */

type Hash = { create(): Hasher; (bytes: Uint8Array): Uint8Array };
export interface Hasher {
  update(bytes: Uint8Array): Hasher;
  digest(): Uint8Array;
  clone(): Hasher;
}

/** A hash by one of the names that Node and the Web Crypto API give it. Loaded when first asked for: most programs hash nothing. */
export function algorithm(name: string): Hash {
  const sha2 = (): any => require('@noble/hashes/sha2.js');
  const legacy = (): any => require('@noble/hashes/legacy.js');
  switch (name.toLowerCase().replace(/^rsa-/, '').replaceAll('-', '')) {
    case 'sha256': return sha2().sha256;
    case 'sha224': return sha2().sha224;
    case 'sha384': return sha2().sha384;
    case 'sha512': return sha2().sha512;
    case 'sha1': return legacy().sha1;
    case 'md5': return legacy().md5;
    case 'rmd160': case 'ripemd160': return legacy().ripemd160;
    default: throw new Error('Digest method not supported');
  }
}
