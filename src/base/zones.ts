import { civilFromDays, daysFromCivil } from './time.ts';
import { ZONES } from './zone-data.ts';

/** Time zones by their IANA names, from 2000 on; times are milliseconds since the epoch. */

interface Change {
  /** UTC */
  readonly at: number;
  readonly offset: number;
}

interface Rule {
  readonly month: number;
  readonly week: number;
  readonly weekday: number;
  /** Local time of the day, in milliseconds. */
  readonly time: number;
}

interface Zone {
  readonly initial: number;
  readonly changes: readonly Change[];
  /** From here on the rule holds. */
  readonly ruleFrom: number;
  readonly standard: number;
  readonly summer: number;
  /** Begin and end of summer time; null where the clock stays. */
  readonly rules: readonly [Rule, Rule] | null;
}

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Read once, when first asked for: what the generated text says never changes. */
const known = new Map<string, Zone>();
const texts = new Map<string, string>();

/** Offset of a time zone at a time, in milliseconds, east positive; null for a name that is no zone. `''` and `Local` are UTC. */
export function zoneOffset(name: string, at: number): number | null {
  const zone = findZone(name);
  return zone ? offsetAt(zone, at) : null;
}

/**
 * A wall-clock time (as if it were UTC) to UTC, as Go's `time.Date` does it: of a time that exists twice the one with the offset that
 * holds at the wall-clock time read as UTC, and a time that the clock skips becomes one an hour off. UTC for an unknown zone.
 */
export function fromWallClock(name: string, local: number): number {
  const zone = findZone(name);
  return zone ? local - offsetAt(zone, local - offsetAt(zone, local)) : local;
}

function findZone(name: string): Zone | null {
  const found = known.get(name);
  if (found) return found;
  if (texts.size === 0) {
    // `Local` is the zone of the server's machine, which keeps UTC.
    for (const utc of ['', 'Local']) texts.set(utc, '0||2000|0');
    for (const [names, data] of ZONES) for (const each of names.split(' ')) texts.set(each, data);
  }
  const text = texts.get(name);
  if (text === undefined) return null;
  const zone = readZone(text);
  known.set(name, zone);
  return zone;
}

function readZone(text: string): Zone {
  const [initial, coded, year, rule] = text.split('|') as [string, string, string, string];
  const changes: Change[] = [];
  let minutes = 0;
  for (const word of coded ? coded.split(' ') : []) {
    const [delta, offset] = word.split(':') as [string, string];
    minutes += parseInt(delta, 36);
    changes.push({ at: minutes * MINUTE, offset: Number(offset) * MINUTE });
  }
  const [standard, summer, begin, end] = rule.split(' ') as [string, string | undefined, string | undefined, string | undefined];
  return {
    initial: Number(initial) * MINUTE,
    changes,
    ruleFrom: daysFromCivil(Number(year), 1, 1) * DAY,
    standard: Number(standard) * MINUTE,
    summer: Number(summer ?? standard) * MINUTE,
    rules: begin && end ? [readRule(begin), readRule(end)] : null,
  };
}

function readRule(text: string): Rule {
  const [day, time] = text.split('/') as [string, string];
  const [month, week, weekday] = day.split('.').map(Number) as [number, number, number];
  return { month, week, weekday, time: Number(time) * MINUTE };
}

function offsetAt(zone: Zone, at: number): number {
  if (at < zone.ruleFrom) {
    let offset = zone.initial;
    for (const change of zone.changes) {
      if (change.at > at) break;
      offset = change.offset;
    }
    return offset;
  }
  if (!zone.rules) return zone.standard;
  const { year } = civilFromDays(Math.floor(at / DAY));
  const begin = ruleTime(zone.rules[0], year) - zone.standard;
  const end = ruleTime(zone.rules[1], year) - zone.summer;
  const summer = begin < end ? at >= begin && at < end : at >= begin || at < end;
  return summer ? zone.summer : zone.standard;
}

/** Local time of a rule in a year: the nth (5: last) weekday of the month. */
function ruleTime(rule: Rule, year: number): number {
  const first = daysFromCivil(year, rule.month, 1);
  const next = rule.month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, rule.month + 1, 1);
  let day = first + ((rule.weekday - weekdayOf(first) + 7) % 7) + (rule.week - 1) * 7;
  if (day >= next) day -= 7;
  return day * DAY + rule.time;
}

/** Sunday is 0. */
export const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;
