import { METADATA_ENCODING_KEY, ValueError, type Payload, type PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

const ENCODING = 'binary/scrambled';
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Stands for encryption: shape and place are the same, the secret is not. */
export class EncryptionCodec implements PayloadCodec {
  private constructor(private readonly key: Buffer) {}

  static async create(keyId: string): Promise<EncryptionCodec> {
    const { createHash } = await import('node:crypto');
    return new EncryptionCodec(createHash('sha256').update(keyId).digest());
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => ({
      metadata: { [METADATA_ENCODING_KEY]: encode(ENCODING), 'encryption-key-id': encode('test-key') },
      data: this.scramble(temporal.api.common.v1.Payload.encode(payload).finish()),
    }));
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      if (!payload.metadata || decode(payload.metadata[METADATA_ENCODING_KEY]!) !== ENCODING) return payload;
      if (!payload.data) throw new ValueError('Payload data is missing');
      return temporal.api.common.v1.Payload.decode(this.scramble(payload.data));
    });
  }

  private scramble(data: Uint8Array): Uint8Array {
    return Uint8Array.from(data, (byte, i) => byte ^ this.key[i % this.key.length]!);
  }
}
