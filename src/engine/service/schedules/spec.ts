import { encodeUtf8 } from '../../../base/base64.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { fingerprint32 } from '../../../base/farm-hash.ts';
import { civilFromDays, parseDuration, parseTimestamp } from '../../../base/time.ts';
import type { IntervalSpec, Range, ScheduleSpec, StructuredCalendarSpec } from '../../../api/proto.ts';
import { compileCalendar, matches, MAX_YEAR, MIN_YEAR, nextMatch, parseCalendar, parseCronString, SpecError, type Calendar } from './calendar.ts';
import { zoneOffset } from '../../../base/zones.ts';

/** ScheduleSpecs (the server's `service/worker/scheduler/spec.go`): their canonical form and their times, in milliseconds. */

/** A spec made ready for {@link nextTime}. */
export interface CompiledSpec {
  readonly canonical: ScheduleSpec;
  readonly calendars: readonly Calendar[];
  readonly excludes: readonly Calendar[];
  /** Seconds. */
  readonly intervals: readonly { readonly every: number; readonly phase: number }[];
  readonly from: number;
  readonly until: number | null;
  readonly jitterMs: number;
}

/** A time that matches, and that time with its jitter. */
export interface ScheduledTime {
  readonly nominal: number;
  readonly next: number;
}

/** Throws {@link SpecError}. */
export function compileSpec(spec: ScheduleSpec): CompiledSpec {
  const canonical = canonicalSpec(spec);
  const zone = canonical.timezoneName ?? '';
  if (zoneOffset(zone, 0) === null) throw new SpecError(`unknown time zone ${zone}`);
  return {
    canonical,
    calendars: (canonical.structuredCalendar ?? []).map((calendar) => compileCalendar(calendar, zone)),
    excludes: (canonical.excludeStructuredCalendar ?? []).map((calendar) => compileCalendar(calendar, zone)),
    intervals: (canonical.interval ?? []).map((interval) => ({ every: Math.floor(parseDuration(interval.interval) / 1000), phase: Math.floor(parseDuration(interval.phase) / 1000) })),
    from: canonical.startTime ? (parseTimestamp(canonical.startTime) ?? 0) : 0,
    until: canonical.endTime ? parseTimestamp(canonical.endTime) : null,
    jitterMs: parseDuration(canonical.jitter),
  };
}

/** Calendars in texts and cron strings become structured calendars and intervals, as the server stores them. */
function canonicalSpec(spec: ScheduleSpec): ScheduleSpec {
  const calendars = [...(spec.structuredCalendar ?? []), ...(spec.calendar ?? []).map(parseCalendar)];
  const excludes = [...(spec.excludeStructuredCalendar ?? []), ...(spec.excludeCalendar ?? []).map(parseCalendar)];
  const intervals = [...(spec.interval ?? [])];
  let cronZone: string | null = null;
  for (const text of spec.cronString ?? []) {
    const { calendar, interval, zone } = parseCronString(text);
    if (cronZone !== null && zone !== cronZone) throw new SpecError('conflicting timezone names');
    cronZone = zone;
    if (calendar) calendars.push(calendar);
    if (interval) intervals.push(interval);
  }
  if (cronZone && ((spec.timezoneName && spec.timezoneName !== cronZone) || spec.timezoneData)) throw new SpecError('conflicting timezone names');
  calendars.forEach(checkCalendar);
  intervals.forEach(checkInterval);
  return {
    ...spec, cronString: undefined, calendar: undefined, excludeCalendar: undefined, timezoneName: spec.timezoneName || cronZone || undefined,
    structuredCalendar: calendars.length > 0 ? calendars : undefined, interval: intervals.length > 0 ? intervals : undefined, excludeStructuredCalendar: excludes.length > 0 ? excludes : undefined,
  };
}

const LIMITS = [
  ['second', 'Second', 0, 59], ['minute', 'Minute', 0, 59], ['hour', 'Hour', 0, 23], ['dayOfMonth', 'DayOfMonth', 1, 31], ['month', 'Month', 1, 12], ['year', 'Year', MIN_YEAR, MAX_YEAR], ['dayOfWeek', 'DayOfWeek', 0, 6],
] as const;

function checkCalendar(calendar: StructuredCalendarSpec): void {
  const wrong: string[] = [];
  for (const [key, name, low, high] of LIMITS) {
    for (const range of calendar[key] ?? []) {
      const { start = 0, end = 0, step = 0 } = range;
      if (start < low || start > high) wrong.push(`${name} Start is not in range [${low}-${high}]`);
      if (end !== 0 && (end < start || end > high)) wrong.push(`${name} End is before Start or not in range [${low}-${high}]`);
      if (step < 0) wrong.push(`${name} has invalid Step`);
    }
  }
  if (encodeUtf8(calendar.comment ?? '').length > 200) wrong.push('comment is too long');
  if (wrong.length > 0) throw new SpecError(`invalid calendar spec: ${wrong.join(', ')}`);
}

function checkInterval(interval: IntervalSpec): void {
  const every = parseDuration(interval.interval);
  const phase = parseDuration(interval.phase);
  if (every < 1000) throw new SpecError('interval is too small');
  if (phase < 0) throw new SpecError('phase is negative');
  if (phase >= every) throw new SpecError('phase cannot be greater than Interval');
}

/** What describe and list show: ends and steps of ranges filled in (`CleanSpec`). */
export function cleanSpec(spec: ScheduleSpec): ScheduleSpec {
  const ranges = (list: readonly Range[] | undefined): Range[] | undefined =>
    list?.map((range) => ({ start: range.start || undefined, end: Math.max(range.start ?? 0, range.end ?? 0) || undefined, step: range.step || 1 }));
  const clean = (c: StructuredCalendarSpec): StructuredCalendarSpec => ({
    second: ranges(c.second), minute: ranges(c.minute), hour: ranges(c.hour), dayOfMonth: ranges(c.dayOfMonth), month: ranges(c.month), year: ranges(c.year), dayOfWeek: ranges(c.dayOfWeek), comment: c.comment,
  });
  return { ...spec, structuredCalendar: spec.structuredCalendar?.map(clean), excludeStructuredCalendar: spec.excludeStructuredCalendar?.map(clean) };
}

/** `scheduler.specMaxIterations`: how many excluded times are looked at. */
const MAX_EXCLUDED = 1_209_600;

/**
 * The first time after `after` that the spec names and does not exclude; null when there is none (left). The seed says how the jitter
 * falls. Throws {@link SpecError} when the exclusions leave nothing for too long.
 */
export function nextTime(spec: CompiledSpec, seed: string, after: number): ScheduledTime | null {
  let nominal = Math.max(after, spec.from - 1000);
  let tried = 0;
  do {
    if (tried++ > MAX_EXCLUDED) throw new SpecError('the schedule calendar specification has too many exclusions. Please modify the specification.');
    const next = matchingTime(spec, nominal);
    if (next === null || (spec.until !== null && next > spec.until) || civilFromDays(Math.floor(next / 86_400_000)).year > MAX_YEAR) return null;
    nominal = next;
  } while (spec.excludes.some((calendar) => matches(calendar, nominal)));
  if (spec.jitterMs <= 0) return { nominal, next: nominal };
  // Jitter never goes past the next time.
  const following = matchingTime(spec, nominal);
  return { nominal, next: nominal + jitter(seed, nominal, following === null ? spec.jitterMs : Math.min(spec.jitterMs, following - nominal)) };
}

function matchingTime(spec: CompiledSpec, after: number): number | null {
  let best = Infinity;
  for (const calendar of spec.calendars) best = Math.min(best, nextMatch(calendar, after) ?? Infinity);
  const seconds = Math.floor(after / 1000);
  for (const { every, phase } of spec.intervals) best = Math.min(best, ((Math.trunc((seconds - phase) / every) + 1) * every + phase) * 1000);
  return best === Infinity ? null : best;
}

/** A share of `limit` that depends on time and seed alone: 32 bits of a hash over Go's binary form of the time, then the seed. */
function jitter(seed: string, nominal: number, limit: number): number {
  // Version 1, seconds since the year 1 (big endian), nanoseconds, zone -1 (UTC).
  const seconds = nominal / 1000 + 62_135_596_800;
  const bytes: number[] = [];
  for (let rest = seconds; bytes.length < 8; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  bytes.unshift(1);
  bytes.push(0, 0, 0, 0, 255, 255, ...encodeUtf8(seed));
  // In two halves, as the product has more than 53 bits.
  const hash = fingerprint32(bytes);
  const ms = Math.min(limit, 0xffffffff);
  const low = (hash & 0xffff) * ms;
  return Math.floor(((hash >>> 16) * ms + Math.floor(low / 65_536)) / 65_536);
}

/** Up to `count` times after `from` and not after `until`, in milliseconds. */
export function timesAfter(spec: CompiledSpec, seed: string, from: number, count: number, until = Infinity): Timestamp[] {
  const times: Timestamp[] = [];
  for (let at: number = from; times.length < count; ) {
    const time = nextTime(spec, seed, at);
    if (!time || time.next > until) break;
    at = time.next;
    times.push(time.next as Timestamp);
  }
  return times;
}
