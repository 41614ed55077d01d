/** Base64 and UTF-8 without what only a host has. */

interface Natives {
  readonly btoa?: (text: string) => string;
  readonly Uint8Array: { readonly fromBase64?: (text: string) => Uint8Array; readonly prototype: { readonly toBase64?: () => string } };
}
/** The VMs have these, taken before project code could change them: a loop over bytes is slow where it is interpreted. What they give is the same. */
const { btoa, Uint8Array: { fromBase64, prototype: { toBase64 } } } = globalThis as unknown as Natives;

/** More would be too many arguments of one call. */
const MOST_ARGUMENTS = 4_096;
const NOT_ASCII = /[^\0-\x7f]/;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Uint8Array(128);
for (let i = 0; i < 64; i++) VALUES[ALPHABET.charCodeAt(i)] = i;
VALUES['-'.charCodeAt(0)] = 62;
VALUES['_'.charCodeAt(0)] = 63;

/** Two letters at a time. */
const PAIRS: readonly string[] = Array.from({ length: 4096 }, (_, i) => `${ALPHABET[i >> 6]}${ALPHABET[i & 63]}`);

/** Bytes to base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  if (toBase64) return toBase64.call(bytes);
  let out = '';
  const whole = bytes.length - (bytes.length % 3);
  for (let i = 0; i < whole; i += 3) {
    const held = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    out += (PAIRS[held >> 12] as string) + (PAIRS[held & 4095] as string);
  }
  if (bytes.length - whole === 1) out += `${PAIRS[(bytes[whole] as number) << 4]}==`;
  else if (bytes.length - whole === 2) {
    const held = ((bytes[whole] as number) << 10) | ((bytes[whole + 1] as number) << 2);
    out += `${PAIRS[held >> 6]}${ALPHABET[held & 63]}=`;
  }
  return out;
}

/** Base64 (standard or URL alphabet, padding optional) to bytes. */
export function decodeBase64(text: string): Uint8Array {
  try {
    if (fromBase64) return fromBase64.call(Uint8Array, text);
  } catch {
    // The URL alphabet.
  }
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
  if (!NOT_ASCII.test(text)) {
    if (btoa && fromBase64) return fromBase64.call(Uint8Array, btoa(text));
    const plain = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) plain[i] = text.charCodeAt(i);
    return plain;
  }
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

/** UTF-8 to text; bad bytes become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let out = '';
  let known = 0;
  for (let i = 0; i < bytes.length; ) {
    // Nearly all text is ASCII, and built-in functions are much quicker than a loop where code is interpreted (in the VMs).
    if (i >= known) {
      known = i + MOST_ARGUMENTS;
      const text = String.fromCharCode.apply(null, bytes.subarray(i, known) as unknown as number[]);
      if (!NOT_ASCII.test(text)) {
        out += text;
        i = known;
        continue;
      }
    }
    const a = bytes[i++] as number;
    const size = a < 0x80 ? 0 : a >= 0xc2 && a < 0xe0 ? 1 : a >= 0xe0 && a < 0xf0 ? 2 : a >= 0xf0 && a < 0xf5 ? 3 : -1;
    let c = size === 0 ? a : size === 1 ? a & 31 : size === 2 ? a & 15 : a & 7;
    let ok = size >= 0;
    // The second byte of some is limited: no overlong forms, no surrogates, nothing above U+10FFFF.
    let low = a === 0xe0 ? 0xa0 : a === 0xf0 ? 0x90 : 0x80;
    let high = a === 0xed ? 0x9f : a === 0xf4 ? 0x8f : 0xbf;
    for (let k = 0; ok && k < size; k++) {
      const b = bytes[i];
      if (b === undefined || b < low || b > high) ok = false;
      else {
        c = (c << 6) | (b & 63);
        i++;
      }
      low = 0x80;
      high = 0xbf;
    }
    out += ok ? String.fromCodePoint(c) : '\ufffd';
  }
  return out;
}

/** UTF-8 text to base64. */
export const textToBase64 = (text: string): string => encodeBase64(encodeUtf8(text));
/** Base64 of UTF-8 to text. */
export const base64ToText = (base64: string): string => decodeUtf8(decodeBase64(base64));
