import { describe, expect, it } from 'vitest';
import { formatTimestamp, parseTimestamp } from '../../../base/time.ts';
import type { ScheduleSpec } from '../../../api/proto.ts';
import { specFromClient } from './client-spec.ts';
import { cleanSpec, compileSpec, timesAfter } from './spec.ts';

const times = (spec: ScheduleSpec, from: string, count: number, seed = '') => timesAfter(compileSpec(spec), seed, parseTimestamp(from) ?? NaN, count).map(formatTimestamp);
const clientTimes = (spec: unknown, from: string, count: number) => times(specFromClient(spec), from, count);

/** Every expected time comes from the scheduler package of server 1.32.0. */
describe('times of a schedule', () => {
  it.each<[string, ScheduleSpec, string, string[]]>([
    ['an interval counts from 1970', { interval: [{ interval: '90061s', phase: '3s' }] }, '2026-01-01T00:00:00Z', ['2026-01-01T11:30:06Z', '2026-01-02T12:31:07Z', '2026-01-03T13:32:08Z']],
    ['a skipped hour has no run', { cronString: ['CRON_TZ=America/New_York 30 2 * * *'] }, '2026-03-07T12:00:00Z', ['2026-03-09T06:30:00Z', '2026-03-10T06:30:00Z']],
    ['a repeated hour has two', { cronString: ['30 1 * * *'], timezoneName: 'America/New_York' }, '2026-10-31T12:00:00Z', ['2026-11-01T05:30:00Z', '2026-11-01T06:30:00Z', '2026-11-02T06:30:00Z']],
    ['summer time moves the hour', { calendar: [{ hour: '9' }], timezoneName: 'Europe/Berlin' }, '2026-03-27T12:00:00Z', ['2026-03-28T08:00:00Z', '2026-03-29T07:00:00Z', '2026-03-30T07:00:00Z']],
    ['a leap day', { cronString: ['0 0 29 2 *'] }, '2026-01-01T00:00:00Z', ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z']],
    ['the 31st', { cronString: ['0 12 31 * *'] }, '2026-01-31T12:00:00Z', ['2026-03-31T12:00:00Z', '2026-05-31T12:00:00Z']],
    ['day of month and day of week must both match', { cronString: ['0 12 13 * FRI'] }, '2026-01-01T00:00:00Z', ['2026-02-13T12:00:00Z', '2026-03-13T12:00:00Z', '2026-11-13T12:00:00Z']],
    ['seconds and years', { cronString: ['*/30 59 23 31 12 * 2027'] }, '2026-01-01T00:00:00Z', ['2027-12-31T23:59:00Z', '2027-12-31T23:59:30Z']],
    ['@every with a phase', { cronString: ['@every 14h/3h'] }, '2026-01-01T00:00:00Z', ['2026-01-01T03:00:00Z', '2026-01-01T17:00:00Z']],
    ['@every with days behind hours', { cronString: ['@every +1h1d'] }, '2026-01-01T00:00:00Z', ['2026-01-01T04:00:00Z', '2026-01-02T05:00:00Z']],
    ['the server\'s own zone is UTC', { cronString: ['0 9 * * *'], timezoneName: 'Local' }, '2026-07-01T00:00:00Z', ['2026-07-01T09:00:00Z']],
    ['several at once', { cronString: ['0 9 * * *', '0 9,10 * * *'], interval: [{ interval: '86400s', phase: '36000s' }] }, '2026-01-01T00:00:00Z', ['2026-01-01T09:00:00Z', '2026-01-01T10:00:00Z', '2026-01-02T09:00:00Z']],
    ['what is excluded', { cronString: ['0 9 * * *'], excludeCalendar: [{ second: '*', minute: '*', hour: '*', dayOfWeek: 'sat,sun' }, { second: '*', minute: '*', hour: '*', dayOfMonth: '1' }] }, '2025-12-31T09:00:00Z', ['2026-01-02T09:00:00Z', '2026-01-05T09:00:00Z']],
    ['start and end', { interval: [{ interval: '3600s' }], startTime: '2026-01-01T05:00:00Z', endTime: '2026-01-01T07:00:00Z' }, '2026-01-01T00:00:00Z', ['2026-01-01T05:00:00Z', '2026-01-01T06:00:00Z', '2026-01-01T07:00:00Z']],
    ['half an hour of summer time', { cronString: ['45 1 * * *'], timezoneName: 'Australia/Lord_Howe' }, '2026-04-03T20:00:00Z', ['2026-04-04T15:15:00Z', '2026-04-05T15:15:00Z']],
  ])('%s', (_, spec, from, expected) => {
    expect(times(spec, from, expected.length)).toEqual(expected);
  });

  it('spreads jitter as the server does, never past the next time', () => {
    expect(times({ interval: [{ interval: '3600s' }], jitter: '60s' }, '2026-01-01T00:00:00Z', 3, '32049b68-7872-4094-8e63-d0dd59896a83-my-schedule')).toEqual(['2026-01-01T01:00:38.211Z', '2026-01-01T02:00:43.691Z', '2026-01-01T03:00:46.358Z']);
    for (const [i, at] of times({ interval: [{ interval: '60s' }], jitter: '86400s' }, '2026-01-01T00:00:00Z', 50, 'seed').entries()) expect(Math.floor(Date.parse(at) / 60_000) - Date.parse('2026-01-01T00:01:00Z') / 60_000).toBe(i);
  });

  it.each<[string, ScheduleSpec, string[]]>([
    ['jitter', { interval: [{ interval: '60s' }], jitter: '30s' }, ['22T01:47:08.160Z', '22T01:48:28.117Z', '22T01:49:17.380Z', '22T01:50:28.198Z', '22T01:51:02.120Z']],
    ['jittercal', { calendar: [{ hour: '3', minute: '30' }], jitter: '7200s' }, ['22T03:58:24.123Z', '23T03:51:04.266Z', '24T04:00:45.747Z', '25T03:59:36.508Z', '26T03:40:12.355Z', '27T03:49:32.759Z', '28T05:23:10.919Z']],
    ['jitterbig', { interval: [{ interval: '60s', phase: '7s' }], jitter: '600s' }, ['22T01:48:03.382Z', '22T01:48:24.938Z', '22T01:49:23.995Z', '22T01:51:04.006Z', '22T01:52:02.267Z', '22T01:52:22.470Z']],
  ])('has the future action times that a running server described: %s', (scheduleId, spec, expected) => {
    expect(times(spec, '2026-11-22T01:46:12Z', expected.length, `01a200ee-7d09-7320-b163-157e3e117827-${scheduleId}`)).toEqual(expected.map((time) => `2026-11-${time}`));
  });

  it.each<[ScheduleSpec, string]>([
    [{ cronString: ['* * * *'] }, 'CronString does not have 5-7 fields'],
    [{ cronString: ['TZ=Europe/Berlin'] }, 'CronString has time zone but missing fields'],
    [{ cronString: ['@every'] }, 'CronString does not have interval after @every'],
    [{ cronString: ['TZ=Europe/Berlin 0 * * * *', '0 * * * *'] }, 'conflicting timezone names'],
    [{ cronString: ['TZ=Europe/Berlin 0 * * * *'], timezoneName: 'UTC' }, 'conflicting timezone names'],
    [{ calendar: [{ hour: '24', minute: '1-x', second: '5-1', dayOfMonth: '1/2/3', month: '1-2-3', dayOfWeek: '1/' }] }, 'Second End is before Start or not in range [0-59], Minute End is before Start or not in range [0-59], Hour is not in range [0-23], DayOfWeek missing step value, DayOfMonth has too many slashes, Month has too many dashes'],
    [{ structuredCalendar: [{ second: [{ start: 60 }], hour: [{ start: 5, end: 1 }], year: [{ start: 1999 }] }] }, 'invalid calendar spec: Second Start is not in range [0-59], Hour End is before Start or not in range [0-23], Year Start is not in range [2000-2100]'],
    [{ interval: [{ interval: '0.500s' }] }, 'interval is too small'],
    [{ interval: [{ interval: '60s', phase: '60s' }] }, 'phase cannot be greater than Interval'],
    [{ cronString: ['@every 1h/-5m'] }, 'phase is negative'],
    [{ cronString: ['@every -1h'] }, 'interval is too small'],
    [{ cronString: ['@every 90'] }, 'time: missing unit in duration "90"'],
    [{ cronString: ['@every 1h 5m'] }, 'time: unknown unit "h " in duration "1h 5m"'],
    [{ cronString: ['@every 1h/5m/2m'] }, 'time: unknown unit "m/" in duration "5m/2m"'],
    [{ cronString: ['@every  1d12h'] }, 'time: invalid duration " 24.000000h12h"'],
    [{ cronString: ['@every 2 µs'] }, 'time: unknown unit " \\xc2\\xb5s" in duration "2 \\xc2\\xb5s"'],
    [{ timezoneName: 'Europe/Nowhere' }, 'unknown time zone Europe/Nowhere'],
  ])('%j is refused', (spec, message) => {
    expect(() => compileSpec(spec)).toThrow(message);
  });

  it('stores texts as ranges and shows them with their defaults', () => {
    const canonical = compileSpec({ cronString: ['TZ=Europe/Berlin 0 9-17/2 * * MON-FRI # work'] }).canonical;
    expect(canonical).toMatchObject({ timezoneName: 'Europe/Berlin', structuredCalendar: [{ hour: [{ start: 9, end: 17, step: 2 }], dayOfWeek: [{ start: 1, end: 5 }], minute: [{}], comment: 'work' }] });
    expect(cleanSpec(canonical).structuredCalendar?.[0]).toMatchObject({ minute: [{ step: 1 }], dayOfWeek: [{ start: 1, end: 5, step: 1 }] });
  });
});

describe('a spec as the TypeScript client takes it', () => {
  it('has the same times', () => {
    expect(clientTimes({ calendars: [{ hour: { start: 9, end: 11 }, dayOfWeek: ['MONDAY', { start: 'THURSDAY', end: 'FRIDAY' }], month: 'JANUARY', comment: 'c' }], timezone: 'UTC' }, '2026-01-01T10:30:00Z', 4)).toEqual([
      '2026-01-01T11:00:00Z', '2026-01-02T09:00:00Z', '2026-01-02T10:00:00Z', '2026-01-02T11:00:00Z',
    ]);
    expect(clientTimes({ intervals: [{ every: '1 day', offset: '3h' }, { every: 3_600_000 }], skip: [{ hour: { start: 0, end: 22 }, minute: '*' }], startAt: '2026-01-02', endAt: '2026-01-03T23:00:00Z' }, '2026-01-01T00:00:00Z', 9)).toEqual(['2026-01-02T23:00:00Z', '2026-01-03T23:00:00Z']);
    expect(clientTimes({ cronExpressions: ['0 0 * * *'] }, '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-02T00:00:00Z']);
  });

  it.each<[unknown, string]>([
    [[], 'the spec: an object is wanted'],
    [{ calendar: [] }, 'unknown field calendar'],
    [{ calendars: [{ hour: 25 }] }, "Invalid CalendarSpec component for field hour: '25' of type 'number'"],
    [{ calendars: [{ month: 'JAN' }] }, "Invalid CalendarSpec component for field month: 'JAN' of type 'string'"],
    [{ intervals: [{ every: 'often' }] }, 'intervals[0].every: a duration is wanted'],
    [{ startAt: 'soon' }, 'startAt: an ISO time is wanted'],
  ])('%j is refused', (spec, message) => {
    expect(() => specFromClient(spec)).toThrow(message);
  });
});
