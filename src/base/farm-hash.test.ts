import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from './base64.ts';
import { fingerprint32 } from './farm-hash.ts';

/** Values of the Go library that a Temporal server uses. */
describe('FarmHash', () => {
  it.each<[string, number]>([
    ['a', 1016544589],
    ['abcd', 2562006677],
    ['ä', 2320536416],
    ['order-1', 1545644054],
    ['abcdefgh', 4252944569],
    ['123456789012', 3307383567],
    ['0123456789abc', 3790145694],
    ['0123456789abcdefghijklmn', 59490138],
    ['0123456789abcdefghijklmno', 40847581],
    ['x'.repeat(100), 133597080],
  ])('%s', (text, hash) => {
    expect(fingerprint32(encodeUtf8(text))).toBe(hash);
  });
});
