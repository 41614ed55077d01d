import { describe, expect, it } from 'vitest';
import { timestamp } from '../../../base/brand.ts';
import { formatTimestamp } from '../../../base/time.ts';
import { checkCron, cronBackoff, nextCronTime, parseCron, type Cron } from './cron.ts';

const next = (text: string, from: string, count = 3) => {
  const times: string[] = [];
  for (let at: number | null = Date.parse(from); times.length < count && at !== null; ) {
    at = nextCronTime(parseCron(text) as Cron, at);
    if (at !== null) times.push(formatTimestamp(timestamp(at)));
  }
  return times;
};

describe('cron strings of workflows', () => {
  it.each<[string, string, string[]]>([
    ['0 9 * * 1-5', '2026-01-02T09:00:00Z', ['2026-01-05T09:00:00Z', '2026-01-06T09:00:00Z', '2026-01-07T09:00:00Z']],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', ['2028-02-29T00:00:00Z']],
    ['*/20 8,20 * jan SUN', '2026-01-01T00:00:00Z', ['2026-01-04T08:00:00Z', '2026-01-04T08:20:00Z', '2026-01-04T08:40:00Z']],
    // Both day fields restricted: either may match; with a star both must.
    ['0 12 13 * FRI', '2026-02-01T00:00:00Z', ['2026-02-06T12:00:00Z', '2026-02-13T12:00:00Z', '2026-02-20T12:00:00Z']],
    ['0 12 */10 * FRI', '2026-02-01T13:00:00Z', ['2026-02-06T12:00:00Z', '2026-02-11T12:00:00Z', '2026-02-13T12:00:00Z']],
    ['@monthly', '2026-01-31T00:00:00Z', ['2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z']],
    ['@every 1m30s', '2026-01-01T00:00:00.5Z', ['2026-01-01T00:01:30Z', '2026-01-01T00:03:00Z', '2026-01-01T00:04:30Z']],
    ['@every -1h', '2026-01-01T00:00:00Z', ['2026-01-01T00:00:01Z', '2026-01-01T00:00:02Z']],
    ['@every +1h', '2026-01-01T00:00:00Z', ['2026-01-01T01:00:00Z', '2026-01-01T02:00:00Z']],
    // The hour that Berlin skips, and the one that it repeats.
    ['CRON_TZ=Europe/Berlin 30 2 * * *', '2026-03-28T00:00:00Z', ['2026-03-28T01:30:00Z', '2026-03-30T00:30:00Z', '2026-03-31T00:30:00Z']],
    ['TZ=Europe/Berlin 30 2 * * *', '2026-10-24T12:00:00Z', ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-26T01:30:00Z']],
  ])('%s after %s', (text, from, times) => {
    expect(next(text, from, times.length)).toEqual(times);
  });

  it.each(['', '* * * *', '60 * * * *', '* * * * 7', '5-1 * * * *', '*/0 * * * *', '1-2-3 * * * *', '@never', '@every x', 'CRON_TZ=Nowhere/No * * * * *'])('refuses "%s"', (text) => {
    expect(() => checkCron(text, 0)).toThrow('invalid CronSchedule.');
  });

  it('refuses a day that never comes', () => {
    expect(() => checkCron('0 0 30 2 *', 0)).toThrow('invalid CronSchedule, no time can be found to satisfy the schedule');
  });

  it('waits for the first time that is not over, in whole seconds', () => {
    const at = (text: string) => Date.parse(`2026-01-01T${text}Z`);
    expect(cronBackoff('@every 10s', at('00:00:00'), at('00:00:03.5'))).toBe(7000);
    expect(cronBackoff('@every 10s', at('00:00:00'), at('00:00:30'))).toBe(0);
    expect(cronBackoff('@every 10s', at('00:00:00'), at('00:00:00'))).toBe(10_000);
    expect(cronBackoff('0 * * * *', at('01:00:00'), at('03:59:59.2'))).toBe(1000);
    expect(cronBackoff('0 * * * *', at('05:00:00'), at('04:30:00'))).toBe(1_800_000);
    expect(cronBackoff('nonsense', 0, 0)).toBe(-1);
  });
});
