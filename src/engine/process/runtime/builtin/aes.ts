import type * as Aes from '@noble/ciphers/aes.js';

/**
 * AES in the modes that programs use, as Node gives it: piece by piece. The library takes whole messages, so a message that comes in pieces
 * is done anew from its beginning with each.
 */

const BLOCK = 16;

/** Loaded when first asked for: few programs encrypt. */
const aes = (): typeof Aes => require('@noble/ciphers/aes.js');

/** One direction of one message. */
export interface Cipher {
  update(data: Uint8Array): Uint8Array;
  /** What is left at the end, or why there is no end: the last block is not whole, or its padding is none. */
  final(): Uint8Array | 'length' | 'padding';
}

/** What has come of a message, and what was given back for it. */
class Message {
  all: Uint8Array = new Uint8Array(0);
  #given = 0;

  add(data: Uint8Array): void {
    const before = this.all;
    this.all = new Uint8Array(before.length + data.length);
    this.all.set(before);
    this.all.set(data, before.length);
  }
  /** What is new of an output that begins as those before. */
  fresh(output: Uint8Array): Uint8Array {
    const rest = output.slice(this.#given);
    this.#given = output.length;
    return rest;
  }
}

/** Counter mode: both directions are the same. */
export function ctr(key: Uint8Array, iv: Uint8Array): Cipher {
  const message = new Message();
  return {
    update(data) {
      message.add(data);
      return message.fresh(aes().ctr(key, iv).encrypt(message.all));
    },
    final: () => new Uint8Array(0),
  };
}

/** Cipher block chaining, with PKCS #7 padding unless `padded` is false. */
export function cbc(key: Uint8Array, iv: Uint8Array, decrypts: boolean, padded: () => boolean): Cipher {
  const message = new Message();
  const blocks = (length: number): Uint8Array => {
    const cipher = aes().cbc(key, iv, { disablePadding: true });
    const whole = message.all.slice(0, length);
    return length === 0 ? whole : decrypts ? cipher.decrypt(whole) : cipher.encrypt(whole);
  };
  return {
    update(data) {
      message.add(data);
      const { length } = message.all;
      // The last block of a message that is decrypted may be padding: it waits for the end.
      const waits = decrypts && padded() && length > 0 && length % BLOCK === 0 ? BLOCK : length % BLOCK;
      return message.fresh(blocks(length - waits));
    },
    final() {
      const { length } = message.all;
      if (!decrypts && padded()) return message.fresh(aes().cbc(key, iv).encrypt(message.all));
      if (length % BLOCK !== 0 || (padded() && length === 0)) return 'length';
      const rest = message.fresh(blocks(length));
      if (!padded()) return rest;
      const padding = rest[BLOCK - 1] ?? 0;
      return padding >= 1 && padding <= BLOCK && rest.subarray(BLOCK - padding).every((byte) => byte === padding) ? rest.slice(0, BLOCK - padding) : 'padding';
    },
  };
}

/** What GCM adds to a message: data that is authenticated only, and the tag. */
export interface Gcm extends Cipher {
  authenticate(data: Uint8Array): void;
  /** The tag of what went through, whole; after `final`. */
  readonly tag: Uint8Array;
}

/** Galois/counter mode. Who decrypts compares `tag`. */
export function gcm(key: Uint8Array, iv: Uint8Array, decrypts: boolean): Gcm {
  const message = new Message();
  const extra = new Message();
  let tag: Uint8Array = new Uint8Array(BLOCK);
  // Its counter mode is the same in both directions, too.
  const translate = (): Uint8Array => aes().gcm(key, iv).encrypt(message.all).slice(0, -BLOCK);
  return {
    authenticate: (data) => extra.add(data),
    update(data) {
      message.add(data);
      return message.fresh(translate());
    },
    final() {
      tag = aes().gcm(key, iv, extra.all).encrypt(decrypts ? translate() : message.all).slice(-BLOCK);
      return new Uint8Array(0);
    },
    get tag() {
      return tag;
    },
  };
}
