import { encodeUtf8 } from '../../../../base/base64.ts';
import { invalidArgument } from './argument-errors.ts';

/** What Node's `crypto` takes as data. */
export type Input = string | ArrayBuffer | ArrayBufferView;

/** The bytes that are meant; for a text those of its encoding. */
export function bytesOf(input: Input, encoding: BufferEncoding = 'utf8'): Uint8Array {
  if (typeof input !== 'string' && !(input instanceof ArrayBuffer) && !ArrayBuffer.isView(input)) throw invalidArgument('data', 'of type string or an instance of Buffer, TypedArray, or DataView', input);
  if (typeof input === 'string') return encoding === 'utf8' || encoding === 'utf-8' ? encodeUtf8(input) : Buffer.from(input, encoding);
  return ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);
}
