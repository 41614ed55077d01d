import { civilFromDays, daysFromCivil } from '../../../base/time.ts';
import { invalidArgument } from '../errors.ts';
import { parseGoDuration } from './go-duration.ts';
import { fromWallClock, weekdayOf, zoneOffset } from '../../../base/zones.ts';

/**
 * Cron strings of workflows (the standard parser of `robfig/cron`, that a Temporal server uses for them): five fields, `@every 90s`,
 * `@hourly` and its kin, `CRON_TZ=` or `TZ=` in front. Not the cron strings of schedules: see `calendar.ts`.
 */
export interface Cron {
  /** Sets of numbers as arrays of booleans. */
  readonly minutes: readonly boolean[];
  readonly hours: readonly boolean[];
  readonly days: readonly boolean[];
  readonly months: readonly boolean[];
  readonly weekdays: readonly boolean[];
  /** Whether a day has to be in both sets (one of the two fields is `*`), or in one of them. */
  readonly bothDays: boolean;
  readonly zone: string;
  /** `@every`: milliseconds, else 0. */
  readonly everyMs: number;
}

const HOUR = 3_600_000;
const DAY = 86_400_000;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const NAMED: { readonly [name: string]: string } = {
  '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *',
};

/** Throws InvalidArgument for a text that is no cron string, or one that no time satisfies after `at` (`backoff.ValidateSchedule`). */
export function checkCron(text: string, at: number): void {
  const cron = parseCron(text);
  if (!cron) throw invalidArgument('invalid CronSchedule.');
  if (nextCronTime(cron, at) === null) throw invalidArgument('invalid CronSchedule, no time can be found to satisfy the schedule');
}

/** Reads a cron string; null when it is none. */
export function parseCron(text: string): Cron | null {
  let rest = text;
  let zone = 'UTC';
  if (rest.startsWith('TZ=') || rest.startsWith('CRON_TZ=')) {
    const space = rest.indexOf(' ');
    if (space < 0) return null;
    zone = rest.slice(rest.indexOf('=') + 1, space);
    rest = rest.slice(space).trim();
    if (zoneOffset(zone, 0) === null) return null;
  }
  if (rest.startsWith('@every ')) {
    const every = parseGoDuration(rest.slice(7));
    const none: Cron = { minutes: [], hours: [], days: [], months: [], weekdays: [], bothDays: true, zone, everyMs: 0 };
    return typeof every === 'string' ? null : { ...none, everyMs: Math.max(1000, Math.floor(every / 1000) * 1000) };
  }
  const fields = (NAMED[rest] ?? rest).split(/\s+/).filter((field) => field !== '');
  if (fields.length !== 5) return null;
  const [minutes, hours, days, months, weekdays] = [parseField(fields[0], 0, 59), parseField(fields[1], 0, 23), parseField(fields[2], 1, 31), parseField(fields[3], 1, 12, MONTHS), parseField(fields[4], 0, 6, WEEKDAYS)];
  if (!minutes || !hours || !days || !months || !weekdays) return null;
  return { minutes: minutes.set, hours: hours.set, days: days.set, months: months.set, weekdays: weekdays.set, bothDays: days.star || weekdays.star, zone, everyMs: 0 };
}

/** `1-5,*\/2` and the like; null when it is wrong. A star with a step of more than 1 is not `*`. */
function parseField(text = '', low: number, high: number, names: readonly string[] = []): { readonly set: boolean[]; readonly star: boolean } | null {
  const set: boolean[] = [];
  let star = false;
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const [range = '', stepText, ...more] = part.split('/');
    const [first = '', last, ...rest] = range.split('-');
    const step = stepText === undefined ? 1 : number(stepText, [], 0);
    const any = first === '*' || first === '?';
    if (more.length > 0 || (!any && rest.length > 0)) return null;
    const from = any ? low : number(first, names, low);
    const to = any ? high : last !== undefined ? number(last, names, low) : from;
    const end = stepText !== undefined && last === undefined ? high : to;
    if (!(step > 0 && from >= low && end <= high && from <= end)) return null;
    if (any && step === 1) star = true;
    for (let n = from; n <= end; n += step) set[n] = true;
  }
  return { set, star };
}

function number(text: string, names: readonly string[], firstName: number): number {
  const index = names.indexOf(text.toLowerCase());
  return index >= 0 ? index + firstName : /^\+?\d+$/.test(text) ? Number(text) : NaN;
}

/**
 * The first time after `after` (milliseconds since the epoch); null when there is none within five years. Every minute of a zone that
 * matches counts: one in an hour that the clock repeats twice, one that it skips never.
 */
export function nextCronTime(cron: Cron, after: number): number | null {
  if (cron.everyMs > 0) return Math.floor(after / 1000) * 1000 + cron.everyMs;
  const limit = after + 5 * 366 * DAY;
  let at = Math.floor(after / 60_000) * 60_000 + 60_000;
  while (at < limit) {
    const local = at + (zoneOffset(cron.zone, at) ?? 0);
    const day = Math.floor(local / DAY);
    const { year, month, day: dayOfMonth } = civilFromDays(day);
    const inDays = cron.days[dayOfMonth] === true;
    const inWeekdays = cron.weekdays[weekdayOf(day)] === true;
    const minute = Math.floor((local - day * DAY) / 60_000);
    if (!cron.months[month]) at = Math.max(at + HOUR, fromWallClock(cron.zone, daysFromCivil(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) * DAY));
    else if (!(cron.bothDays ? inDays && inWeekdays : inDays || inWeekdays)) at = Math.max(at + 60_000, fromWallClock(cron.zone, (day + 1) * DAY));
    else if (!cron.hours[Math.floor(minute / 60)]) at += (60 - (minute % 60)) * 60_000;
    else if (!cron.minutes[minute % 60]) at += 60_000;
    else return at;
  }
  return null;
}

/** Wait between a cron run's planned execution and its next (`backoff.GetBackoffForNextSchedule`), rounded up to whole seconds; −1 for no next. */
export function cronBackoff(text: string, executionAt: number, now: number): number {
  const cron = parseCron(text);
  if (!cron) return -1;
  let next: number | null;
  if (now < executionAt) next = executionAt;
  else if (cron.everyMs > 0) {
    const base = Math.floor(executionAt / 1000) * 1000;
    next = base + Math.max(1, Math.ceil((now - base) / cron.everyMs)) * cron.everyMs;
  } else next = nextCronTime(cron, Math.max(executionAt, now - 1));
  return next === null ? -1 : Math.ceil((next - now) / 1000) * 1000;
}
