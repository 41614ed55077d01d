import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '../../../base/base64.ts';

/** TextEncoder, TextDecoder, atob and btoa. */

const bytesOf = (input: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);

export class TextEncoder {
  readonly encoding = 'utf-8';
  encode(text = ''): Uint8Array {
    return encodeUtf8(String(text));
  }
  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    let read = 0;
    let written = 0;
    for (const character of text) {
      const bytes = encodeUtf8(character);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      read += character.length;
      written += bytes.length;
    }
    return { read, written };
  }
}

const LABELS: { readonly [label: string]: string } = {
  'utf-8': 'utf-8', utf8: 'utf-8', 'unicode-1-1-utf-8': 'utf-8', 'utf-16le': 'utf-16le', 'utf-16': 'utf-16le', latin1: 'windows-1252', ascii: 'windows-1252', 'iso-8859-1': 'windows-1252', 'windows-1252': 'windows-1252',
};

export class TextDecoder {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  #rest = new Uint8Array(0);
  constructor(label = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    const encoding = LABELS[label.trim().toLowerCase()];
    if (!encoding) throw Object.assign(new RangeError(`The "${label}" encoding is not supported`), { code: 'ERR_ENCODING_NOT_SUPPORTED' });
    this.encoding = encoding;
    this.fatal = options.fatal ?? false;
    this.ignoreBOM = options.ignoreBOM ?? false;
  }
  decode(input: ArrayBuffer | ArrayBufferView = new Uint8Array(0), options: { stream?: boolean } = {}): string {
    let bytes = bytesOf(input);
    if (this.#rest.length > 0) {
      const joined = new Uint8Array(this.#rest.length + bytes.length);
      joined.set(this.#rest);
      joined.set(bytes, this.#rest.length);
      bytes = joined;
    }
    const cut = options.stream ? this.#incomplete(bytes) : 0;
    this.#rest = bytes.slice(bytes.length - cut);
    if (cut > 0) bytes = bytes.subarray(0, bytes.length - cut);
    const text = this.#text(bytes);
    return !this.ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }
  #text(bytes: Uint8Array): string {
    if (this.encoding === 'windows-1252') return Array.from(bytes, (b) => String.fromCharCode(b)).join('');
    if (this.encoding === 'utf-16le') {
      let text = '';
      for (let i = 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode((bytes[i] as number) | ((bytes[i + 1] as number) << 8));
      return text;
    }
    const text = decodeUtf8(bytes);
    if (this.fatal && text.includes('\ufffd') && !sameBytes(encodeUtf8(text), bytes)) {
      throw Object.assign(new TypeError('The encoded data was not valid for encoding utf-8'), { code: 'ERR_ENCODING_INVALID_ENCODED_DATA' });
    }
    return text;
  }
  /** Bytes at the end that begin a character which the next chunk ends. */
  #incomplete(bytes: Uint8Array): number {
    if (this.encoding === 'utf-16le') return bytes.length % 2;
    if (this.encoding !== 'utf-8') return 0;
    for (let n = 1; n <= Math.min(3, bytes.length); n++) {
      const b = bytes[bytes.length - n] as number;
      if (b >= 0xc0) return n < (b >= 0xf0 ? 4 : b >= 0xe0 ? 3 : 2) ? n : 0;
      if (b < 0x80) return 0;
    }
    return 0;
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((x, i) => x === b[i]);

export function btoa(text: string): string {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 255) throw new DOMException('Invalid character', 'InvalidCharacterError');
    bytes[i] = text.charCodeAt(i);
  }
  return encodeBase64(bytes);
}

export function atob(text: string): string {
  const clean = String(text).replace(/[\t\n\f\r ]/g, '');
  if (/[^A-Za-z0-9+/=]/.test(clean) || clean.replace(/=+$/, '').length % 4 === 1) throw new DOMException('The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
  return Array.from(decodeBase64(clean), (b: number) => String.fromCharCode(b)).join('');
}
