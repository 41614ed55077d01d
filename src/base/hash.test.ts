import { expect, test } from 'vitest';
import { createHash, hashDigest, updateHash } from './hash.ts';

const hashOf = (...texts: readonly string[]): string => {
  const hash = createHash();
  for (const text of texts) updateHash(hash, text);
  return hashDigest(hash);
};

test('every character, its place and the borders between texts count', () => {
  const base = 'the quick brown cat – jumps over the lazy dog 🦊';
  const seen = new Set([hashOf(base)]);
  for (let i = 0; i <= base.length; i++) {
    seen.add(hashOf(`${base.slice(0, i)}x${base.slice(i)}`));
    seen.add(hashOf(base.slice(0, i), base.slice(i)));
  }
  expect(seen.size).toBe(2 * (base.length + 1) + 1);
});

test('a text longer than the buffer counts whole, and one after it is not mixed with its rest', () => {
  const long = 'ä'.repeat(50_000);
  expect(hashOf(`${long}a`)).not.toBe(hashOf(`${long}b`));
  expect(hashOf(long, 'short')).toBe(hashOf(long, 'short'));
  expect(hashOf('a')).not.toBe(hashOf('a\0'));
});
