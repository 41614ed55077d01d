/** Base64 and UTF-8 without host functions, because the engine has none. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Uint8Array(128);
for (let i = 0; i < 64; i++) VALUES[ALPHABET.charCodeAt(i)] = i;
VALUES['-'.charCodeAt(0)] = 62;
VALUES['_'.charCodeAt(0)] = 63;

/** Bytes to base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i] as number;
    const b = bytes[i + 1];
    const c = bytes[i + 2];
    out += ALPHABET[a >> 2];
    out += ALPHABET[((a & 3) << 4) | ((b ?? 0) >> 4)];
    out += b === undefined ? '=' : ALPHABET[((b & 15) << 2) | ((c ?? 0) >> 6)];
    out += c === undefined ? '=' : ALPHABET[c & 63];
  }
  return out;
}

/** Base64 (standard or URL alphabet, padding optional) to bytes. */
export function decodeBase64(text: string): Uint8Array {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 61) end--;
  const bytes = new Uint8Array((end * 3) >> 2);
  const whole = end - (end % 4);
  let n = 0;
  let i = 0;
  for (; i < whole; i += 4) {
    const held = ((VALUES[text.charCodeAt(i) & 127] as number) << 18) | ((VALUES[text.charCodeAt(i + 1) & 127] as number) << 12) | ((VALUES[text.charCodeAt(i + 2) & 127] as number) << 6) | (VALUES[text.charCodeAt(i + 3) & 127] as number);
    bytes[n++] = held >> 16;
    bytes[n++] = held >> 8;
    bytes[n++] = held;
  }
  if (end - i >= 2) bytes[n++] = ((VALUES[text.charCodeAt(i) & 127] as number) << 2) | ((VALUES[text.charCodeAt(i + 1) & 127] as number) >> 4);
  if (end - i === 3) bytes[n++] = ((VALUES[text.charCodeAt(i + 1) & 127] as number) << 4) | ((VALUES[text.charCodeAt(i + 2) & 127] as number) >> 2);
  return bytes;
}

/** Text to UTF-8. Lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const out = new Uint8Array(text.length * 3);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    let c = text.charCodeAt(i);
    if (c >= 0xd800 && c < 0xe000) {
      const low = c < 0xdc00 && i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      if (low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        i++;
      } else c = 0xfffd;
    }
    if (c < 0x80) out[n++] = c;
    else if (c < 0x800) {
      out[n++] = 0xc0 | (c >> 6);
      out[n++] = 0x80 | (c & 63);
    } else if (c < 0x10000) {
      out[n++] = 0xe0 | (c >> 12);
      out[n++] = 0x80 | ((c >> 6) & 63);
      out[n++] = 0x80 | (c & 63);
    } else {
      out[n++] = 0xf0 | (c >> 18);
      out[n++] = 0x80 | ((c >> 12) & 63);
      out[n++] = 0x80 | ((c >> 6) & 63);
      out[n++] = 0x80 | (c & 63);
    }
  }
  return out.subarray(0, n);
}

/** More would be too many arguments of one call. */
const MOST_ARGUMENTS = 4_096;
const NOT_ASCII = /[^\0-\x7f]/;

/** UTF-8 to text; bad bytes become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  // Nearly all text is ASCII, and built-in functions are much quicker than a loop where code is interpreted (in the VMs).
  if (bytes.length <= MOST_ARGUMENTS) {
    const text = String.fromCharCode.apply(null, bytes as unknown as number[]);
    if (!NOT_ASCII.test(text)) return text;
  }
  let out = '';
  for (let i = 0; i < bytes.length; ) {
    const a = bytes[i++] as number;
    const size = a < 0x80 ? 0 : a >= 0xc2 && a < 0xe0 ? 1 : a >= 0xe0 && a < 0xf0 ? 2 : a >= 0xf0 && a < 0xf5 ? 3 : -1;
    let c = size === 0 ? a : size === 1 ? a & 31 : size === 2 ? a & 15 : a & 7;
    let ok = size >= 0;
    for (let k = 0; ok && k < size; k++) {
      const b = bytes[i];
      if (b === undefined || (b & 0xc0) !== 0x80) ok = false;
      else {
        c = (c << 6) | (b & 63);
        i++;
      }
    }
    out += ok ? String.fromCodePoint(c) : '\ufffd';
  }
  return out;
}

/** UTF-8 text to base64. */
export const textToBase64 = (text: string): string => encodeBase64(encodeUtf8(text));
/** Base64 of UTF-8 to text. */
export const base64ToText = (base64: string): string => decodeUtf8(decodeBase64(base64));
