import { webcrypto } from 'node:crypto';
import { METADATA_ENCODING_KEY, ValueError, type Payload, type PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

const ENCODING = 'binary/encrypted';
const IV_LENGTH = 12;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** AES-GCM with a key of 256 bits; the initialization vector stands before the message. */
export class EncryptionCodec implements PayloadCodec {
  private constructor(private readonly key: webcrypto.CryptoKey) {}

  static async create(keyId: string): Promise<EncryptionCodec> {
    const { createHash } = await import('node:crypto');
    const secret = createHash('sha256').update(keyId).digest();
    return new EncryptionCodec(await webcrypto.subtle.importKey('raw', secret, { name: 'AES-GCM' }, false, ['encrypt', 'decrypt']));
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(
      payloads.map(async (payload) => {
        const iv = webcrypto.getRandomValues(new Uint8Array(IV_LENGTH));
        const sealed = await webcrypto.subtle.encrypt({ name: 'AES-GCM', iv, tagLength: 128 }, this.key, temporal.api.common.v1.Payload.encode(payload).finish());
        return { metadata: { [METADATA_ENCODING_KEY]: encode(ENCODING), 'encryption-key-id': encode('test-key') }, data: Buffer.concat([iv, new Uint8Array(sealed)]) };
      }),
    );
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.all(
      payloads.map(async (payload) => {
        if (!payload.metadata || decode(payload.metadata[METADATA_ENCODING_KEY]!) !== ENCODING) return payload;
        if (!payload.data) throw new ValueError('Payload data is missing');
        const opened = await webcrypto.subtle.decrypt({ name: 'AES-GCM', iv: payload.data.subarray(0, IV_LENGTH), tagLength: 128 }, this.key, payload.data.subarray(IV_LENGTH));
        return temporal.api.common.v1.Payload.decode(new Uint8Array(opened));
      }),
    );
  }
}
