import { durationMs, type DurationMs } from './brand.ts';

const UNITS: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_557_600_000 };
const ALIASES: { readonly [word: string]: string } = {
  '': 'ms', msec: 'ms', msecs: 'ms', millisecond: 'ms', milliseconds: 'ms', sec: 's', secs: 's', second: 's', seconds: 's',
  min: 'm', mins: 'm', minute: 'm', minutes: 'm', hr: 'h', hrs: 'h', hour: 'h', hours: 'h', day: 'd', days: 'd', week: 'w', weeks: 'w',
  yr: 'y', yrs: 'y', year: 'y', years: 'y',
};

/** Reads a duration in the syntax of the package `ms`, such as `90d`, `12.5s`, `1 minute`, or a number of milliseconds; null if it is none. */
export function readMs(text: string | number): DurationMs | null {
  if (typeof text === 'number') return Number.isFinite(text) ? durationMs(text) : null;
  const m = /^\s*(-?(?:\d+)?\.?\d+)\s*([a-z]*)\s*$/i.exec(text);
  if (!m) return null;
  const word = (m[2] as string).toLowerCase();
  const unit = UNITS[ALIASES[word] ?? word];
  return unit === undefined ? null : durationMs(Math.round(Number(m[1]) * unit));
}

/** As {@link readMs}; throws a RangeError that names the text when it is no duration. */
export function parseMs(text: string | number): DurationMs {
  const value = readMs(text);
  if (value === null) throw new RangeError(`not a duration: ${JSON.stringify(text)} (write 500ms, 12.5s, 90d)`);
  return value;
}
