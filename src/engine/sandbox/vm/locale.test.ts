import { describe, expect, it } from 'vitest';
import { compareTexts, formatNumber } from './locale.ts';

/** Node's own `Intl` says what is right. */
describe('numbers are written as Node writes them', () => {
  const numbers = [0, -0, 5, 0.5, 2.5, 1.005, 99.5, 999.9996, 1234.5, -1234.5, 1234567.891, 1e6, -0.001, Number.NaN, Infinity];
  it.each<[string, Intl.NumberFormatOptions | undefined]>([
    ['en-US', undefined],
    ['en-US', { maximumFractionDigits: 0 }],
    ['en-US', { maximumFractionDigits: 2 }],
    ['en-US', { minimumFractionDigits: 2 }],
    ['en-US', { useGrouping: false }],
    ['en-US', { style: 'currency', currency: 'USD' }],
    ['en-US', { style: 'currency', currency: 'JPY' }],
    ['en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 }],
    ['en-US', { style: 'percent', minimumFractionDigits: 1 }],
    ['de-DE', undefined],
    ['de-DE', { style: 'currency', currency: 'EUR' }],
  ])('%s %j', (locale, options) => {
    for (const n of numbers) expect(formatNumber(n, locale, options as never)).toBe(new Intl.NumberFormat(locale, options).format(n));
    expect(formatNumber(123456789n, locale, options as never)).toBe(new Intl.NumberFormat(locale, options).format(123456789n));
  });
});

it('texts are in the order in which Node puts them', () => {
  const texts = ['b', 'a', 'C', 'ä', 'A', '_x', '1', '10', '2', 'B', 'Z', 'é', 'e', 'f', ' z', 'a b', 'ab', 'a-b', 'Apple', 'apple', 'apples'];
  expect(texts.toSorted(compareTexts)).toEqual(texts.toSorted(new Intl.Collator('en-US').compare));
});
