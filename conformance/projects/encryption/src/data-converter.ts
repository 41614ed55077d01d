import type { DataConverter } from '@temporalio/common';
import { EncryptionCodec } from './encryption-codec';

let converter: Promise<DataConverter> | undefined;

export async function getDataConverter(): Promise<DataConverter> {
  return (converter ??= EncryptionCodec.create('test-key').then((codec) => ({ payloadCodecs: [codec] })));
}
