import { describe, expect, it } from 'vitest';
import { compareTexts, formatNumber, joinList, pluralOf, relativeTime } from './locale.ts';

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
    ['en-US', { minimumIntegerDigits: 2 }],
    ['en-US', { maximumSignificantDigits: 3 }],
    ['en-US', { notation: 'compact' }],
    ['en-US', { signDisplay: 'always' }],
    ['en-US', { signDisplay: 'exceptZero', style: 'percent' }],
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

it('and by their numbers, or with small and large letters alike, when told so', () => {
  const texts = ['item10', 'item2', 'Item1', 'x', 'item', 'é2', 'e10', '3', '20'];
  expect(texts.toSorted((a, b) => compareTexts(a, b, { numeric: true }))).toEqual(texts.toSorted(new Intl.Collator('en-US', { numeric: true }).compare));
  for (const sensitivity of ['base', 'accent'] as const) {
    for (const [a, b] of [['a', 'A'], ['a', 'á'], ['a', 'b']] as const) expect(compareTexts(a, b, { sensitivity })).toBe(a.localeCompare(b, 'en-US', { sensitivity }));
  }
});

it('plurals, lists and times from now', () => {
  for (let n = 0; n < 125; n++) {
    expect(pluralOf(n, false)).toBe(new Intl.PluralRules('en-US').select(n));
    expect(pluralOf(n, true)).toBe(new Intl.PluralRules('en-US', { type: 'ordinal' }).select(n));
  }
  for (const locale of ['en-US', 'de-DE']) {
    for (const type of ['conjunction', 'disjunction', 'unit'] as const) {
      for (const items of [[], ['a'], ['a', 'b'], ['a', 'b', 'c', 'd']]) expect(joinList(items, locale, { type })).toBe(new Intl.ListFormat(locale, { type }).format(items));
    }
  }
  for (const unit of ['second', 'minutes', 'hour', 'days', 'week', 'months', 'year'] as const) {
    for (const n of [-2000, -2, -1, 0, 1, 3]) {
      for (const numeric of ['always', 'auto'] as const) expect(relativeTime(n, unit, { numeric })).toBe(new Intl.RelativeTimeFormat('en-US', { numeric }).format(n, unit));
    }
  }
});
