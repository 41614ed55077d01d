import { expect, test } from 'vitest';
import { createStream, nextInt } from './random.ts';
import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from './base64.ts';

/** Against the implementations of Node, which the engine does not have. */
test('bytes and texts of any kind and length', () => {
  const stream = createStream(1, 'base64');
  for (let i = 0; i < 400; i++) {
    const n = i < 50 ? i : nextInt(stream, 0, 9000);
    const bytes = Uint8Array.from({ length: n }, () => nextInt(stream, 0, 255));
    expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    expect(Buffer.from(decodeBase64(encodeBase64(bytes))).equals(bytes)).toBe(true);
    expect(decodeUtf8(bytes)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    // Mostly ASCII, with whatever else here and there, lone surrogates too.
    const text = Array.from({ length: n }, () => (nextInt(stream, 0, 999) < (i % 3 === 0 ? 500 : 998) ? 'a' : String.fromCodePoint(nextInt(stream, 0, 0x10ffff)))).join('');
    expect(Buffer.from(encodeUtf8(text)).equals(new TextEncoder().encode(text))).toBe(true);
    expect(decodeUtf8(encodeUtf8(text))).toBe(Buffer.from(text).toString());
  }
});
