import { describe, expect, it } from 'vitest';
import { fromWallClock, zoneOffset } from './zones.ts';
import { ZONES } from './zone-data.ts';

/** The offset as the machine's own copy of the time zone database has it, in minutes. */
function platformOffset(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  return (at) => {
    const [, sign, hours, minutes = '0'] = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(format.format(at)) as RegExpExecArray;
    return sign ? (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) : 0;
  };
}

describe('time zones', () => {
  it.each(['Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Africa/Casablanca', 'Europe/Dublin', 'America/Santiago'])(
    '%s has the offsets of the database in every hour around its changes, 2000 to 2036',
    (zone) => {
      // Every 12 days, and every hour of the days between which the offset changes.
      const step = 12 * 86_400_000;
      const hour = 3_600_000;
      const platform = platformOffset(zone);
      let before = platform(Date.UTC(2000, 0, 2));
      for (let at = Date.UTC(2000, 0, 2); at < Date.UTC(2036, 0, 1); at += step) {
        const offset = platform(at);
        if (offset !== before) for (let t = at - step; t < at; t += hour) expect([zone, t, (zoneOffset(zone, t) ?? NaN) / 60_000]).toEqual([zone, t, platform(t)]);
        expect([zone, at, (zoneOffset(zone, at) ?? NaN) / 60_000]).toEqual([zone, at, offset]);
        before = offset;
      }
    },
  );

  it('knows all names, and no other', () => {
    expect(ZONES.flatMap(([names]) => names.split(' ')).every((name) => zoneOffset(name, 1.8e12) !== null)).toBe(true);
    expect(zoneOffset('', 0)).toBe(0);
    expect(zoneOffset('Europe/Nowhere', 0)).toBeNull();
  });

  it('turns wall-clock times into UTC: skipped and doubled ones as Go does', () => {
    const at = (text: string) => new Date(fromWallClock('Europe/Berlin', Date.parse(`${text}Z`))).toISOString();
    expect(at('2026-07-01T12:00:00')).toBe('2026-07-01T10:00:00.000Z');
    expect(at('2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00.000Z');
    expect(at('2026-10-25T02:30:00')).toBe('2026-10-25T01:30:00.000Z');
  });
});
