import { describe, expect, it } from 'vitest';
import { dateParts, formatDate } from './dates.ts';

/** Node's own `Intl` says what is right. */
const times = [0, Date.UTC(2024, 0, 5, 3, 4, 5, 678), Date.UTC(2023, 8, 30, 23, 59, 59, 7), Date.UTC(2024, 11, 25, 12, 0, 0), Date.UTC(1999, 4, 1, 0, 30)];
const all: readonly (Intl.DateTimeFormatOptions | undefined)[] = [
  undefined, { dateStyle: 'medium' }, { dateStyle: 'short' }, { dateStyle: 'long' }, { dateStyle: 'full' }, { timeStyle: 'short' }, { timeStyle: 'medium' }, { timeStyle: 'long' }, { timeStyle: 'full' },
  { dateStyle: 'medium', timeStyle: 'short' }, { dateStyle: 'full', timeStyle: 'long' }, { dateStyle: 'short', timeStyle: 'short' },
  { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }, { weekday: 'short', month: 'short', day: 'numeric' }, { month: 'short', day: 'numeric' }, { month: 'long', year: 'numeric' }, { month: 'long' }, { weekday: 'long' }, { weekday: 'short' }, { year: 'numeric' },
  { year: 'numeric', month: '2-digit', day: '2-digit' }, { year: '2-digit', month: 'numeric', day: 'numeric' }, { month: 'numeric', day: 'numeric' }, { year: 'numeric', month: 'short', day: 'numeric' },
  { hour: '2-digit', minute: '2-digit' }, { hour: 'numeric', minute: '2-digit' }, { hour: 'numeric' }, { hour: '2-digit', minute: '2-digit', second: '2-digit' }, { hour: '2-digit', minute: '2-digit', hour12: false }, { hour: 'numeric', minute: '2-digit', hour12: true },
  { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' }, { year: 'numeric', month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit' }, { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false },
  { hour: 'numeric', minute: 'numeric', second: 'numeric', timeZoneName: 'short' }, { minute: '2-digit', second: '2-digit' }, { hourCycle: 'h23', hour: '2-digit', minute: '2-digit' },
];
const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe.each(['en-US', 'en-GB', 'de-DE'])('dates are written as Node writes them: %s', (locale) => {
  it.each(all)('%j', (options) => {
    for (const time of times) {
      const format = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options });
      expect(formatDate(time, locale, options as never)).toBe(plain(format.format(time)));
    }
  });
  it.each(['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Europe/London', 'Australia/Sydney', 'America/Los_Angeles', 'UTC'])('in the time zone %s', (timeZone) => {
    for (const time of [...times, Date.UTC(2024, 2, 31, 0, 59), Date.UTC(2024, 2, 31, 1, 0), Date.UTC(2024, 6, 1, 23, 30)].filter((t) => t >= Date.UTC(2000, 0)))
      for (const options of [{}, { dateStyle: 'full', timeStyle: 'short' }, { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' }, { dateStyle: 'medium', timeStyle: 'long' }] as const)
        expect(formatDate(time, locale, { timeZone, ...options })).toBe(plain(new Intl.DateTimeFormat(locale, { timeZone, ...options }).format(time)));
  });
  it('as methods of Date', () => {
    for (const time of times) {
      const date = new Date(time);
      for (const options of [{}, { hour12: false }, { weekday: 'long' }, { day: 'numeric' }, { hour: '2-digit' }, { hour: 'numeric', minute: '2-digit' }, { timeZoneName: 'short' }] as const) {
        expect(formatDate(time, locale, options, 'all')).toBe(plain(date.toLocaleString(locale, { timeZone: 'UTC', ...options })));
        expect(formatDate(time, locale, options, 'time')).toBe(plain(date.toLocaleTimeString(locale, { timeZone: 'UTC', ...options })));
        expect(formatDate(time, locale, options, 'date')).toBe(plain(date.toLocaleDateString(locale, { timeZone: 'UTC', ...options })));
      }
    }
  });
});

it('in parts', () => {
  const options = { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' } as const;
  const parts = new Intl.DateTimeFormat('en-US', options).formatToParts(times[1]).map(({ type, value }) => ({ type, value: plain(value) }));
  expect(dateParts(times[1]!, 'en-US', options)).toEqual(parts);
});

it.each(['en-CA', 'sv-SE', 'fr-FR', 'es-ES', 'it-IT', 'pt-BR', 'nl-NL', 'ja-JP', 'en-AU', 'en-IN'])('numbers of %s', (locale) => {
  for (const time of times) expect(formatDate(time, locale)).toBe(new Intl.DateTimeFormat(locale, { timeZone: 'UTC' }).format(time));
});
