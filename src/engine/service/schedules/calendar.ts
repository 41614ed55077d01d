import { civilFromDays, daysFromCivil } from '../../../base/time.ts';
import type { CalendarSpec, IntervalSpec, Range, StructuredCalendarSpec } from '../../../api/proto.ts';
import { formatDuration } from '../../../base/time.ts';
import { parseGoDurationWithDays } from './go-duration.ts';
import { fromWallClock, weekdayOf, zoneOffset } from '../../../base/zones.ts';

/**
 * Calendars of schedules (the server's `service/worker/scheduler/calendar.go`): texts to ranges, and the next time that matches. A time
 * matches when all fields do; unlike in a crontab, day of month and day of week must both match. Times are milliseconds, whole seconds.
 */

export const MIN_YEAR = 2000;
export const MAX_YEAR = 2100;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** What is wrong with a spec; the caller says which spec. */
export class SpecError extends Error {}

// ---------------------------------------------------------------- matching

export interface Calendar {
  readonly zone: string;
  readonly second: readonly boolean[];
  readonly minute: readonly boolean[];
  readonly hour: readonly boolean[];
  readonly day: readonly boolean[];
  readonly month: readonly boolean[];
  readonly weekday: readonly boolean[];
  /** Null for every year. */
  readonly year: readonly boolean[] | null;
}

export const compileCalendar = (spec: StructuredCalendarSpec, zone: string): Calendar => ({
  zone,
  second: setOf(spec.second),
  minute: setOf(spec.minute),
  hour: setOf(spec.hour),
  day: setOf(spec.dayOfMonth),
  month: setOf(spec.month),
  weekday: setOf(spec.dayOfWeek),
  year: spec.year?.length ? setOf(spec.year) : null,
});

function setOf(ranges: readonly Range[] | undefined): boolean[] {
  const set: boolean[] = [];
  for (const range of ranges ?? []) {
    const start = range.start ?? 0;
    for (let n = start; n <= Math.max(start, range.end ?? 0); n += range.step || 1) set[n] = true;
  }
  return set;
}

interface Clock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** What a clock in the zone shows. */
function clockAt(zone: string, at: number): Clock {
  const local = at + (zoneOffset(zone, at) ?? 0);
  const days = Math.floor(local / DAY);
  const seconds = Math.floor((local - days * DAY) / 1000);
  return { ...civilFromDays(days), weekday: weekdayOf(days), hour: Math.floor(seconds / 3600), minute: Math.floor(seconds / 60) % 60, second: seconds % 60 };
}

export function matches(calendar: Calendar, at: number): boolean {
  const c = clockAt(calendar.zone, at);
  const year = calendar.year === null || calendar.year[c.year] === true;
  return year && calendar.month[c.month] === true && calendar.day[c.day] === true && calendar.weekday[c.weekday] === true && calendar.hour[c.hour] === true && calendar.minute[c.minute] === true && calendar.second[c.second] === true;
}

const daysInMonth = (year: number, month: number): number => (month === 12 ? 31 : daysFromCivil(year, month + 1, 1) - daysFromCivil(year, month, 1));

/**
 * The first matching time after `after`; null when there is none up to 2100. An hour that the clock repeats matches twice, one that it
 * skips not at all.
 */
export function nextMatch(calendar: Calendar, after: number): number | null {
  const zone = calendar.zone;
  const start = clockAt(zone, after);
  let { year, month, day, hour, minute, second } = start;
  const at = (): number => fromWallClock(zone, daysFromCivil(year, month, day) * DAY + hour * HOUR + minute * 60_000 + second * 1000);
  const hourAt = (): number => fromWallClock(zone, daysFromCivil(year, month, day) * DAY + hour * HOUR);
  // In the second copy of a repeated hour `fromWallClock` is an hour short.
  let repeated = clockAt(zone, after - HOUR).hour === hour ? HOUR : 0;
  second++;
  for (;;) {
    if (second >= 60) {
      minute++;
      second = 0;
    }
    if (minute >= 60) {
      const before = hourAt();
      hour++;
      minute = 0;
      if (repeated === 0 && hourAt() - before > HOUR) {
        // The next hour is two hours away: this one comes again first.
        hour--;
        repeated = HOUR;
      } else repeated = 0;
    }
    if (hour >= 24) {
      day++;
      hour = 0;
    }
    if (day > daysInMonth(year, month)) {
      month++;
      day = 1;
    }
    if (month > 12) {
      year++;
      month = 1;
    }
    if (year > MAX_YEAR) return null;
    if (calendar.year && !calendar.year[year]) {
      year++;
      month = 1;
      day = 1;
      hour = minute = second = repeated = 0;
    } else if (!calendar.month[month]) {
      month++;
      day = 1;
      hour = minute = second = repeated = 0;
    } else if (!calendar.day[day] || !calendar.weekday[clockAt(zone, at()).weekday]) {
      // The weekday as the server reads it: where the clock skips midnight it is that of the day before.
      day++;
      hour = minute = second = repeated = 0;
    } else {
      while (hour < 24 && !calendar.hour[hour]) {
        hour++;
        minute = second = repeated = 0;
      }
      if (hour >= 24) continue;
      while (minute < 60 && !calendar.minute[minute]) {
        minute++;
        second = 0;
      }
      if (minute >= 60) continue;
      while (second < 60 && !calendar.second[second]) second++;
      if (second >= 60) continue;
      const found = at();
      if (clockAt(zone, found).hour === hour) return found + repeated;
      hour++;
      minute = second = 0;
    }
  }
}

// ---------------------------------------------------------------- texts

const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

interface Field {
  readonly name: string;
  /** What an empty text means. */
  readonly otherwise: '0' | '*';
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
  /** Letters that a name needs at least, and the number of the first. */
  readonly letters?: number;
  readonly firstName?: number;
}

const FIELDS = {
  second: { name: 'Second', otherwise: '0', low: 0, high: 59 },
  minute: { name: 'Minute', otherwise: '0', low: 0, high: 59 },
  hour: { name: 'Hour', otherwise: '0', low: 0, high: 23 },
  dayOfWeek: { name: 'DayOfWeek', otherwise: '*', low: 0, high: 7, names: WEEKDAYS, letters: 2, firstName: 0 },
  dayOfMonth: { name: 'DayOfMonth', otherwise: '*', low: 1, high: 31 },
  month: { name: 'Month', otherwise: '*', low: 1, high: 12, names: MONTHS, letters: 3, firstName: 1 },
  year: { name: 'Year', otherwise: '*', low: MIN_YEAR, high: MAX_YEAR },
} as const satisfies { readonly [field: string]: Field };

type FieldName = keyof typeof FIELDS;

/** `CalendarSpec` (texts) as ranges. Throws {@link SpecError}, with all that is wrong. */
export function parseCalendar(spec: CalendarSpec): StructuredCalendarSpec {
  const wrong: string[] = [];
  const result: { [field in FieldName]?: Range[] } & { comment?: string } = {};
  for (const key of Object.keys(FIELDS) as FieldName[]) {
    try {
      const ranges = parseRanges(spec[key] ?? '', FIELDS[key]);
      if (ranges.length > 0) result[key] = ranges;
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      wrong.push(error.message);
    }
  }
  if (wrong.length > 0) throw new SpecError(wrong.join(', '));
  if (spec.comment) result.comment = spec.comment;
  return result;
}

/** `1-5/2,8` and the like. Defaults of a range (end 0: the start; step 0: 1) are left out, as the server stores it. */
function parseRanges(text: string, field: Field): Range[] {
  const trimmed = text.trim() || field.otherwise;
  if (field.name === 'Year' && trimmed === '*') return [];
  const ranges: Range[] = [];
  for (const part of trimmed.split(',')) {
    const [values, stepText, ...more] = part.split('/') as [string, string | undefined];
    if (more.length > 0) throw new SpecError(`${field.name} has too many slashes`);
    if (stepText === '') throw new SpecError(`${field.name} missing step value`);
    const step = stepText === undefined ? 1 : integer(stepText);
    if (step === null) throw new SpecError(`strconv.Atoi: parsing ${JSON.stringify(stepText)}: invalid syntax`);
    if (step < 1) throw new SpecError(`${field.name} has invalid Step`);
    let { low: start, high: end }: { low: number; high: number } = field;
    if (values !== '*') {
      const [first, last, ...rest] = values.split('-') as [string, string | undefined];
      if (rest.length > 0) throw new SpecError(`${field.name} has too many dashes`);
      const range = `[${field.low}-${field.high}]`;
      start = value(first, field, field.low) ?? -1;
      if (start < 0) throw new SpecError(last === undefined ? `${field.name} is not in range ${range}` : `${field.name} Start is not in range ${range}`);
      if (last !== undefined) {
        end = value(last, field, start) ?? -1;
        if (end < 0) throw new SpecError(`${field.name} End is before Start or not in range ${range}`);
      } else if (stepText === undefined) end = start;
    }
    // Sunday is 0 and 7.
    if (field.name === 'DayOfWeek' && end === 7) {
      if ((7 - start) % step === 0 && (step > 1 || start > 1)) {
        ranges.push({});
        if (start === 7) continue;
      }
      end = 6;
    }
    ranges.push({ start: start || undefined, end: start === end ? undefined : end, step: step === 1 ? undefined : step });
  }
  return ranges;
}

/** A number or the beginning of a name, from `low` on; null when out of range. */
function value(text: string, field: Field, low: number): number | null {
  const index = field.names && text.length >= (field.letters ?? 0) ? field.names.findIndex((name) => name.startsWith(text.toLowerCase())) : -1;
  const n = index >= 0 ? index + (field.firstName ?? 0) : integer(text);
  return n !== null && n >= low && n <= field.high ? n : null;
}

const integer = (text: string): number | null => (/^[+-]?\d+$/.test(text) ? Number(text) : null);

const NAMED: { readonly [name: string]: string } = {
  '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *',
};

/** A cron string of a schedule: a time zone in front, 5 to 7 fields, a comment behind `#`; or `@every 1h/5m`. Throws {@link SpecError}. */
export function parseCronString(text: string): { readonly calendar?: StructuredCalendarSpec; readonly interval?: IntervalSpec; readonly zone: string } {
  let rest = text.trim();
  let zone = '';
  if (rest.startsWith('TZ=') || rest.startsWith('CRON_TZ=')) {
    const space = rest.indexOf(' ');
    if (space < 0) throw new SpecError('CronString has time zone but missing fields');
    zone = rest.slice(rest.indexOf('=') + 1, space);
    rest = rest.slice(space + 1);
  }
  const hash = rest.indexOf('#');
  const comment = hash < 0 ? '' : rest.slice(hash + 1).trim();
  rest = (hash < 0 ? rest : rest.slice(0, hash)).trim();
  if (rest.startsWith('@every')) return { interval: parseEvery(rest), zone: '' };
  const fields = (NAMED[rest] ?? rest).split(/\s+/).filter((field) => field !== '');
  if (fields.length < 5 || fields.length > 7) throw new SpecError('CronString does not have 5-7 fields');
  const [second] = fields.length === 7 ? fields.splice(0, 1) : [''];
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields;
  return { calendar: parseCalendar({ second, minute, hour, dayOfMonth, month, dayOfWeek, year, comment }), zone };
}

function parseEvery(text: string): IntervalSpec {
  const space = text.indexOf(' ');
  if (space < 0) throw new SpecError('CronString does not have interval after @every');
  const rest = text.slice(space + 1);
  const slash = rest.indexOf('/');
  const every = slash < 0 ? rest : rest.slice(0, slash);
  const phase = slash < 0 ? '' : rest.slice(slash + 1);
  const duration = (part: string): string => {
    const ms = parseGoDurationWithDays(part);
    if (typeof ms === 'string') throw new SpecError(ms);
    return formatDuration(ms);
  };
  return phase ? { interval: duration(every), phase: duration(phase) } : { interval: duration(every) };
}
