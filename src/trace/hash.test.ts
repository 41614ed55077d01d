import { expect, test } from 'vitest';
import type { TraceEntry } from './entries.ts';
import { TraceHash } from './hash.ts';

/** Hash of steps that each log some texts. */
const hashOf = (...steps: readonly (readonly string[])[]): string => {
  const hash = new TraceHash();
  for (const texts of steps) hash.add(texts.map((text): TraceEntry => ({ type: 'log', process: 'worker-1', level: 'INFO', text })));
  return hash.digest;
};

test('every character, its place and the borders between steps count', () => {
  const base = 'the quick brown cat – jumps over the lazy dog 🦊';
  const seen = new Set([hashOf([base])]);
  for (let i = 0; i <= base.length; i++) {
    seen.add(hashOf([`${base.slice(0, i)}x${base.slice(i)}`]));
    seen.add(hashOf([base.slice(0, i), base.slice(i)]));
    seen.add(hashOf([base.slice(0, i)], [base.slice(i)]));
  }
  expect(seen.size).toBe(3 * (base.length + 1) + 1);
  expect(hashOf([base])).toMatch(/^[0-9a-f]{16}$/);
});

test('a step longer than the buffer counts whole, and one after it is not mixed with its rest', () => {
  const long = 'ä'.repeat(50_000);
  expect(hashOf([`${long}a`])).not.toBe(hashOf([`${long}b`]));
  expect(hashOf([long], ['short'])).toBe(hashOf([long], ['short']));
  expect(hashOf(['a'])).not.toBe(hashOf(['a\0']));
});
