import { assert } from './assert.ts';
import { durationMs, timestamp, type DurationMs, type Timestamp } from './brand.ts';

/**
 * Time without `Date`: proto3 JSON times and durations to numbers and back. Times are whole milliseconds in the engine; what
 * has more digits (imported histories) is cut.
 */

const DAY = 86_400_000;

/** Days since 1970-01-01 of a civil date (Howard Hinnant's algorithm). */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
  return era * 146_097 + doe - 719_468;
}

/** Civil date of a day number since 1970-01-01. */
export function civilFromDays(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp + (mp < 10 ? 3 : -9);
  return { year: yoe + era * 400 + (month <= 2 ? 1 : 0), month, day: doy - Math.floor((153 * mp + 2) / 5) + 1 };
}

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
let lastDay = NaN;
let lastDayText = '';

/** RFC 3339 in UTC as protobuf prints it: no fraction, or 3 digits. What is below a millisecond (a time plus a duration like 1.5 ms) is cut. */
export function formatTimestamp(time: Timestamp): string {
  const at = Math.floor(time);
  const day = Math.floor(at / DAY);
  if (day !== lastDay) {
    const c = civilFromDays(day);
    lastDay = day;
    lastDayText = `${String(c.year).padStart(4, '0')}-${two(c.month)}-${two(c.day)}T`;
  }
  const ms = at - day * DAY;
  const s = Math.floor(ms / 1000);
  const f = ms % 1000;
  const fraction = f === 0 ? '' : `.${f < 10 ? '00' : f < 100 ? '0' : ''}${f}`;
  return `${lastDayText}${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}${fraction}Z`;
}

/** Two digits at `i`; negative when they are none. */
function digits(text: string, i: number): number {
  const tens = text.charCodeAt(i) - 48;
  const ones = text.charCodeAt(i + 1) - 48;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1_000_000 : tens * 10 + ones;
}

let readDay = NaN;
let readDayText = 'none';

/** A time as `formatTimestamp` writes it, on the day of the one before; null for all else. */
function parseSameDay(text: string): Timestamp | null {
  const { length } = text;
  if ((length !== 20 && length !== 24) || !text.startsWith(readDayText) || text.charCodeAt(length - 1) !== 90) return null;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return null;
  const [hours, minutes, seconds] = [digits(text, 11), digits(text, 14), digits(text, 17)];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  let ms = hours * 3_600_000 + minutes * 60_000 + seconds * 1000;
  if (length === 24) {
    const last = digits(text, 21);
    if (text.charCodeAt(19) !== 46 || last < 0) return null;
    ms += digits(text, 20) * 10 + (last % 10);
  }
  return ms < 0 ? null : timestamp(readDay * DAY + ms);
}

let lastText = '';
let lastRead: Timestamp | null = null;

/** Reads RFC 3339; null when the text is no time. */
export function parseTimestamp(text: string): Timestamp | null {
  // One time is often read several times in a row, and the VM's interpreter is slow at characters.
  if (text !== lastText) {
    lastRead = readTimestamp(text);
    lastText = text;
  }
  return lastRead;
}

function readTimestamp(text: string): Timestamp | null {
  const sameDay = parseSameDay(text);
  if (sameDay !== null) return sameDay;
  const m = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):?(\d\d))$/.exec(text);
  if (!m) return null;
  const days = daysFromCivil(Number(m[1]), Number(m[2]), Number(m[3]));
  const date = civilFromDays(days);
  if (date.month !== Number(m[2]) || date.day !== Number(m[3]) || Number(m[4]) > 23 || Number(m[5]) > 59 || Number(m[6]) > 59) return null; // no such day or time
  readDay = days;
  readDayText = `${text.slice(0, 10)}T`;
  const offset = m[9] ? (m[9] === '-' ? -1 : 1) * (Number(m[10]) * 60 + Number(m[11])) * 60_000 : 0;
  const ms = m[7] ? Math.floor(Number(`0.${m[7]}`) * 1000 + 1e-6) : 0;
  return timestamp(days * DAY + Number(m[4]) * 3_600_000 + Number(m[5]) * 60_000 + Number(m[6]) * 1000 + ms - offset);
}

/** proto3 JSON Duration, such as `1.500s`. */
export function formatDuration(ms: DurationMs | number): string {
  const whole = Math.trunc(ms / 1000);
  const nanos = Math.round((ms - whole * 1000) * 1e6);
  if (nanos === 0) return `${whole}s`;
  const sign = ms < 0 && whole === 0 ? '-' : '';
  const digits = String(Math.abs(nanos)).padStart(9, '0');
  const cut = digits.endsWith('000000') ? 3 : digits.endsWith('000') ? 6 : 9;
  return `${sign}${whole}.${digits.slice(0, cut)}s`;
}

/** Durations read before: a run has few different ones, and reads them all the time. */
const durations = new Map<string, DurationMs>();
const DURATIONS_KEPT = 100;

/** Reads a proto3 JSON Duration; 0 when absent. */
export function parseDuration(text: string | null | undefined): DurationMs {
  if (text === null || text === undefined || text === '') return durationMs(0);
  let known = durations.get(text);
  if (known === undefined) {
    const m = /^(-?\d+(?:\.\d+)?)s$/.exec(text);
    assert(m, `not a duration: ${text}`);
    known = durationMs(Math.round(Number(m[1]) * 1e6) / 1000);
    if (durations.size === DURATIONS_KEPT) durations.clear();
    durations.set(text, known);
  }
  return known;
}
