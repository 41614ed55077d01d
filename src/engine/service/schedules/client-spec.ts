import type { Timestamp } from '../../../base/brand.ts';
import { readMs } from '../../../base/ms.ts';
import { formatDuration, formatTimestamp, parseTimestamp } from '../../../base/time.ts';
import type { Range, ScheduleSpec, StructuredCalendarSpec } from '../../../api/proto.ts';
import { SpecError } from './calendar.ts';

/**
 * A ScheduleSpec as the TypeScript client takes it (`@temporalio/client` `ScheduleSpec`, times as texts), turned into the one of the protos
 * as that client does. Throws {@link SpecError} with the place of what is wrong.
 */
export function specFromClient(value: unknown): ScheduleSpec {
  const spec = object(value, 'the spec');
  for (const key in spec) if (!['calendars', 'intervals', 'cronExpressions', 'skip', 'startAt', 'endAt', 'jitter', 'timezone'].includes(key)) throw new SpecError(`unknown field ${key}`);
  return {
    structuredCalendar: list(spec['calendars'], 'calendars').map((entry, i) => calendar(entry, `calendars[${i}]`)),
    interval: list(spec['intervals'], 'intervals').map((entry, i) => {
      const { every, offset } = object(entry, `intervals[${i}]`);
      return { interval: duration(every, `intervals[${i}].every`), phase: offset === undefined ? undefined : duration(offset, `intervals[${i}].offset`) };
    }),
    cronString: list(spec['cronExpressions'], 'cronExpressions').map((entry, i) => text(entry, `cronExpressions[${i}]`)),
    excludeStructuredCalendar: list(spec['skip'], 'skip').map((entry, i) => calendar(entry, `skip[${i}]`)),
    startTime: time(spec['startAt'], 'startAt'),
    endTime: time(spec['endAt'], 'endAt'),
    jitter: spec['jitter'] === undefined ? undefined : duration(spec['jitter'], 'jitter'),
    timezoneName: spec['timezone'] === undefined ? undefined : text(spec['timezone'], 'timezone'),
  };
}

const MONTHS = ['JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY', 'AUGUST', 'SEPTEMBER', 'OCTOBER', 'NOVEMBER', 'DECEMBER'];
const WEEKDAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];

const within = (low: number, high: number) => (value: unknown): number | undefined => (typeof value === 'number' && value >= low && value <= high ? value : undefined);
const named = (names: readonly string[], first: number) => (value: unknown): number | undefined => {
  const index = names.indexOf(value as string);
  return index >= 0 ? index + first : undefined;
};

/** Reader of one value, what an unset field means and what `*` means. */
const FIELDS: readonly (readonly [name: keyof StructuredCalendarSpec, read: (value: unknown) => number | undefined, unset: Range[], all: Range[]])[] = [
  ['second', within(0, 59), [{}], [{ end: 59, step: 1 }]],
  ['minute', within(0, 59), [{}], [{ end: 59, step: 1 }]],
  ['hour', within(0, 23), [{}], [{ end: 23, step: 1 }]],
  ['dayOfMonth', within(0, 31), [{ start: 1, end: 31, step: 1 }], [{ start: 1, end: 31, step: 1 }]],
  ['month', named(MONTHS, 1), [{ start: 1, end: 12, step: 1 }], [{ start: 1, end: 12, step: 1 }]],
  ['year', within(-Infinity, Infinity), [], []],
  ['dayOfWeek', named(WEEKDAYS, 0), [{ end: 6, step: 1 }], [{ end: 6, step: 1 }]],
];

function calendar(value: unknown, place: string): StructuredCalendarSpec {
  const input = object(value, place);
  const result: { [field: string]: unknown } = {};
  for (const key in input) if (key !== 'comment' && !FIELDS.some(([name]) => name === key)) throw new SpecError(`${place}: unknown field ${key}`);
  for (const [name, read, unset, all] of FIELDS) {
    const field = input[name];
    if (field === undefined) result[name] = unset;
    else if (field === '*') result[name] = all;
    else result[name] = (Array.isArray(field) ? field : [field]).map((item) => range(item, read, name));
  }
  if (input['comment'] !== undefined) result['comment'] = text(input['comment'], `${place}.comment`);
  return result;
}

function range(item: unknown, read: (value: unknown) => number | undefined, field: string): Range {
  if (typeof item === 'object' && item !== null && 'start' in item) {
    const { start, end, step } = item as { readonly start: unknown; readonly end?: unknown; readonly step?: unknown };
    const first = read(start);
    // Without an end the client sends 1, whatever the start.
    if (first !== undefined) return { start: first, end: end === undefined ? 1 : (read(end) ?? first), step: typeof step === 'number' && step > 0 ? step : 1 };
  }
  const value = read(item);
  if (value !== undefined) return { start: value, end: value, step: 1 };
  throw new SpecError(`Invalid CalendarSpec component for field ${field}: '${typeof item === 'string' ? item : JSON.stringify(item)}' of type '${typeof item}'`);
}

function object(value: unknown, place: string): { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SpecError(`${place}: an object is wanted`);
  return value as { readonly [key: string]: unknown };
}

function list(value: unknown, place: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new SpecError(`${place}: a list is wanted`);
  return value as readonly unknown[];
}

function text(value: unknown, place: string): string {
  if (typeof value !== 'string') throw new SpecError(`${place}: a text is wanted`);
  return value;
}

function duration(value: unknown, place: string): string {
  const ms = typeof value === 'string' || typeof value === 'number' ? readMs(value) : null;
  if (ms === null) throw new SpecError(`${place}: a duration is wanted, such as "1h" or 60000`);
  return formatDuration(ms);
}

function time(value: unknown, place: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  const at = typeof value === 'number' ? (value as Timestamp) : typeof value === 'string' ? (parseTimestamp(value) ?? parseTimestamp(`${value}T00:00:00Z`) ?? parseTimestamp(`${value}Z`)) : null;
  if (at === null) throw new SpecError(`${place}: an ISO time is wanted`);
  return formatTimestamp(at);
}
