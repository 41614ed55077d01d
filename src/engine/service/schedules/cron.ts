import { civilFromDays, daysFromCivil } from '../../../base/time.ts';
import { invalidArgument } from '../errors.ts';
import { zoneOffset } from './zones.ts';

/**
 * Cron strings of workflows (`robfig/cron` standard parser): five fields, `@every 90s`, `@hourly` and its kin, `CRON_TZ=` or `TZ=` in
 * front. Sets of numbers are bit-free arrays of booleans; both day fields restricted means either may match.
 */
export interface Cron {
  readonly minutes: readonly boolean[];
  readonly hours: readonly boolean[];
  readonly days: readonly boolean[];
  readonly months: readonly boolean[];
  readonly weekdays: readonly boolean[];
  readonly anyDay: boolean;
  readonly anyWeekday: boolean;
  readonly zone: string;
  /** `@every`: milliseconds, else 0. */
  readonly everyMs: number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const NAMED: { readonly [name: string]: string } = {
  '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *',
};

/** Reads a cron string. Throws InvalidArgument "invalid CronSchedule…". */
export function parseCron(text: string): Cron {
  let rest = text.trim();
  let zone = 'UTC';
  const tz = /^(?:CRON_)?TZ=(\S+)\s+/.exec(rest);
  if (tz) {
    zone = tz[1] as string;
    rest = rest.slice(tz[0].length);
    if (zoneOffset(zone, 0) === null) throw invalidArgument(`invalid CronSchedule, provided bad location ${zone}: unknown time zone ${zone}`);
  }
  const none: Cron = { minutes: [], hours: [], days: [], months: [], weekdays: [], anyDay: true, anyWeekday: true, zone, everyMs: 0 };
  if (rest.startsWith('@every ')) {
    const everyMs = parseGoDuration(rest.slice(7).trim());
    if (everyMs === null) throw invalidArgument(`invalid CronSchedule, failed to parse duration ${rest}`);
    return { ...none, everyMs: Math.max(1000, Math.floor(everyMs / 1000) * 1000) };
  }
  const named = NAMED[rest];
  if (rest.startsWith('@') && !named) throw invalidArgument(`invalid CronSchedule, unrecognized descriptor: ${rest}`);
  const fields = (named ?? rest).split(/\s+/);
  if (fields.length !== 5) throw invalidArgument(`invalid CronSchedule, expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  return {
    minutes: field(minute, 0, 59, []),
    hours: field(hour, 0, 23, []),
    days: field(day, 1, 31, []),
    months: field(month, 1, 12, MONTHS, 1),
    weekdays: field(weekday, 0, 6, WEEKDAYS),
    anyDay: isStar(day),
    anyWeekday: isStar(weekday),
    zone,
    everyMs: 0,
  };
}

const isStar = (text: string): boolean => text.startsWith('*') || text.startsWith('?');

function field(text: string, low: number, high: number, names: readonly string[], firstName = 0): boolean[] {
  const set: boolean[] = [];
  for (const part of text.split(',')) {
    const [range, stepText] = part.split('/') as [string, string | undefined];
    const step = stepText === undefined ? 1 : Number(stepText);
    let from = low;
    let to = high;
    if (range !== '*' && range !== '?') {
      const ends = range.split('-');
      from = number(ends[0] ?? '', names, firstName);
      to = ends.length > 1 ? number(ends[1] ?? '', names, firstName) : stepText === undefined ? from : high;
    }
    if (!(from >= low && to <= high && from <= to && step > 0)) throw invalidArgument(`invalid CronSchedule, failed to parse field: ${part}`);
    for (let n = from; n <= to; n += step) set[n] = true;
  }
  return set;
}

function number(text: string, names: readonly string[], firstName: number): number {
  const index = names.indexOf(text.toLowerCase());
  if (index >= 0) return index + firstName;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

/** Go's duration syntax in milliseconds: `1h30m`, `90s`, `1.5h`; null when it is none. */
export function parseGoDuration(text: string): number | null {
  const units: { readonly [unit: string]: number } = { ns: 1e-6, us: 1e-3, 'µs': 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  let total = 0;
  let rest = text;
  if (rest === '') return null;
  while (rest !== '') {
    const m = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/.exec(rest);
    if (!m) return null;
    total += Number(m[1]) * (units[m[2] as string] as number);
    rest = rest.slice(m[0].length);
  }
  return total;
}

/** The first time after `after` (milliseconds since the epoch); null when there is none within five years. */
export function nextCronTime(cron: Cron, after: number): number | null {
  if (cron.everyMs > 0) return Math.floor(after / 1000) * 1000 + cron.everyMs;
  const offset = zoneOffset(cron.zone, after) ?? 0;
  let local = Math.floor((after + offset) / 60_000) * 60_000 + 60_000;
  const limit = local + 5 * 366 * 86_400_000;
  while (local < limit) {
    const day = Math.floor(local / 86_400_000);
    const date = civilFromDays(day);
    if (!cron.months[date.month]) {
      local = daysFromCivil(date.month === 12 ? date.year + 1 : date.year, date.month === 12 ? 1 : date.month + 1, 1) * 86_400_000;
      continue;
    }
    const dayMatches = cron.days[date.day] === true;
    const weekdayMatches = cron.weekdays[(day + 4) % 7] === true;
    if (!(cron.anyDay || cron.anyWeekday ? dayMatches && weekdayMatches : dayMatches || weekdayMatches)) {
      local = (day + 1) * 86_400_000;
      continue;
    }
    const minuteOfDay = Math.floor((local - day * 86_400_000) / 60_000);
    const hour = Math.floor(minuteOfDay / 60);
    if (!cron.hours[hour]) {
      local = day * 86_400_000 + (hour + 1) * 3_600_000;
      continue;
    }
    if (!cron.minutes[minuteOfDay % 60]) {
      local += 60_000;
      continue;
    }
    const at = toUtc(cron.zone, local);
    if (at !== null && at > after) return at;
    local += 60_000;
  }
  return null;
}

/** A wall-clock time of a zone to UTC; null when the clock skips it. */
export function toUtc(zone: string, local: number): number | null {
  const guess = local - (zoneOffset(zone, local) ?? 0);
  for (const candidate of [local - (zoneOffset(zone, guess - 3_600_000 * 12) ?? 0), local - (zoneOffset(zone, guess + 3_600_000 * 12) ?? 0)]) {
    if (candidate + (zoneOffset(zone, candidate) ?? 0) === local) return candidate;
  }
  return null;
}

/** Wait between a cron run's planned execution and its next (`backoff.GetBackoffForNextSchedule`): rounded up to whole seconds. */
export function cronBackoff(text: string, executionAt: number, closedAt: number): number {
  const cron = parseCron(text);
  let next = nextCronTime(cron, executionAt);
  while (next !== null && next < closedAt) {
    const following: number | null = nextCronTime(cron, Math.max(next, cron.everyMs > 0 ? next : closedAt - 60_000));
    if (following === null || following <= next) break;
    next = following;
  }
  if (next === null) return -1;
  return Math.ceil((next - closedAt) / 1000) * 1000;
}
