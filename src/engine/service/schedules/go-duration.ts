import { encodeUtf8 } from '../../../base/base64.ts';

/** Durations as Go reads them (`time.ParseDuration`): `1h30m`, `-1.5h`, `90s`. */

const UNITS: { readonly [unit: string]: number } = { ns: 1e-6, us: 1e-3, 'µs': 1e-3, 'μs': 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** 2^63 nanoseconds. */
const TOO_LONG_MS = 9_223_372_036_854.775;

/** Milliseconds; for a text that is no duration Go's error message. */
export function parseGoDuration(text: string): number | string {
  const wrong = (what: string): string => `time: ${what} ${quote(text)}`;
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0;
  if (rest === '') return wrong('invalid duration');
  let total = 0;
  while (rest !== '') {
    const [all, number] = /^(\d+(?:\.\d*)?|\.\d+)/.exec(rest) ?? [];
    if (all === undefined) return wrong('invalid duration');
    rest = rest.slice(all.length);
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? '';
    if (unit === '') return wrong('missing unit in duration');
    const factor = UNITS[unit];
    if (factor === undefined) return wrong(`unknown unit ${quote(unit)} in duration`);
    total += Number(number) * factor;
    if (total > TOO_LONG_MS) return wrong('invalid duration');
    rest = rest.slice(unit.length);
  }
  return text.startsWith('-') ? -total : total;
}

/** The same with days of 24 hours (the server's `timestamp.ParseDuration`), which it writes as hours first, in messages, too. */
export function parseGoDurationWithDays(text: string): number | string {
  return parseGoDuration(text.replace(/(\d+(?:\.\d*)?|\.\d+)d/g, (_, days: string) => `${(24 * Number(days)).toFixed(6)}h`));
}

/** As that function of Go quotes: what is not printable ASCII byte by byte. */
function quote(text: string): string {
  let out = '';
  for (const char of text) {
    if (char < ' ' || char > '\u007f') for (const byte of encodeUtf8(char)) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += char === '"' || char === '\\' ? `\\${char}` : char;
  }
  return `"${out}"`;
}
