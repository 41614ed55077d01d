// Writes src/base/zone-data.ts from Go's copy of the IANA time zone database (the one that a Temporal server uses).
// Run by hand, with Go on the machine, when the database changes.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Schedules know the years 2000 to 2100; offsets before are not kept. */
const FROM = Date.UTC(2000, 0, 1) / 1000;

/** Files of a zip without compression: name to bytes. */
function* stored(zip) {
  for (let at = 0; zip.readUInt32LE(at) === 0x04034b50; ) {
    const size = zip.readUInt32LE(at + 18);
    const nameLength = zip.readUInt16LE(at + 26);
    const start = at + 30 + nameLength + zip.readUInt16LE(at + 28);
    yield [zip.toString('utf8', at + 30, at + 30 + nameLength), zip.subarray(start, start + size)];
    at = start + size;
  }
}

/** The 64-bit part of a TZif file: changes of the offset in seconds, and the rule for the time after them. */
function readTzif(data) {
  const counts = (at) => [20, 24, 28, 32, 36, 40].map((o) => data.readUInt32BE(at + o));
  const [utc1, std1, leap1, times1, types1, chars1] = counts(0);
  const start = 44 + times1 * 5 + types1 * 6 + chars1 + leap1 * 8 + std1 + utc1;
  const [utc, std, leap, times, types, chars] = counts(start);
  const body = start + 44;
  const type = (i) => data.readInt32BE(body + times * 9 + i * 6);
  const changes = Array.from({ length: times }, (_, i) => [Number(data.readBigInt64BE(body + i * 8)), type(data[body + times * 8 + i])]);
  const footer = data.toString('latin1', body + times * 9 + types * 6 + chars + leap * 12 + std + utc).trim();
  return { first: type(0), changes, footer };
}

/** `CET-1CEST,M3.5.0,M10.5.0/3` as `60 120 3.5.0/120 10.5.0/180`: offsets and local times in minutes. */
function rule(footer) {
  const name = '(?:<[^>]+>|[A-Za-z]+)';
  const time = '[+-]?\\d+(?::\\d+)*';
  const m = new RegExp(`^${name}(${time})(?:${name}(${time})?,M([\\d.]+)(?:/(${time}))?,M([\\d.]+)(?:/(${time}))?)?$`).exec(footer);
  if (!m) throw new Error(`no such rule: ${footer}`);
  const minutes = (text) => {
    const [h, min = '0'] = text.replace(/^[+-]/, '').split(':');
    return (text.startsWith('-') ? -1 : 1) * (Number(h) * 60 + Number(min));
  };
  const standard = -minutes(m[1]) || 0;
  if (!m[3]) return `${standard}`;
  const summer = m[2] ? -minutes(m[2]) : standard + 60;
  return `${standard} ${summer} ${m[3]}/${minutes(m[4] ?? '2')} ${m[5]}/${minutes(m[6] ?? '2')}`;
}

/** Changes of the offset that the rule makes in a year, in seconds since 1970. */
function ruleChanges(text, year) {
  const [standard, summer, begin, end] = text.split(' ');
  if (!begin) return [];
  const at = (date, offset) => {
    const [day, time] = date.split('/');
    const [month, week, weekday] = day.split('.').map(Number);
    const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
    let d = 1 + ((weekday - first + 7) % 7) + (week - 1) * 7;
    if (d > new Date(Date.UTC(year, month, 0)).getUTCDate()) d -= 7;
    return Date.UTC(year, month - 1, d) / 1000 + (Number(time) - offset) * 60;
  };
  return [[at(begin, Number(standard)), Number(summer) * 60], [at(end, Number(summer)), Number(standard) * 60]].sort(([a = 0], [b = 0]) => a - b);
}

const root = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
const zones = [];
for (const [name, data] of stored(readFileSync(join(root, 'lib/time/zoneinfo.zip')))) {
  if (data.length === 0 || name.endsWith('/')) continue;
  const { first, changes, footer } = readTzif(data);
  const text = rule(footer);
  // The file ends with the first change that its rule would make, too: the rest of that year is the rule's.
  const end = changes.at(-1)?.[0] ?? FROM;
  changes.push(...ruleChanges(text, new Date(end * 1000).getUTCFullYear()).filter(([at = 0]) => at > end));
  let initial = changes.filter(([at]) => at <= FROM).at(-1)?.[1] ?? first;
  let kept = changes.filter(([at, offset], i) => at > FROM && offset !== (changes[i - 1]?.[1] ?? first));
  // From the year on in which only the rule speaks, it speaks alone.
  let year = 2038;
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const inYear = (y) => kept.filter(([at]) => new Date(at * 1000).getUTCFullYear() === y);
  const last = kept.length ? new Date((kept.at(-1)?.[0] ?? 0) * 1000).getUTCFullYear() : 1999;
  for (year = last + 1; year > 2000 && same(inYear(year - 1), ruleChanges(text, year - 1)); ) year--;
  kept = kept.filter(([at]) => new Date(at * 1000).getUTCFullYear() < year);
  initial = Math.round(initial / 60);
  let previous = 0;
  const coded = kept.map(([at, offset]) => {
    const minutes = at / 60;
    const word = `${(minutes - previous).toString(36)}:${offset / 60}`;
    previous = minutes;
    return word;
  });
  zones.push([name, `${initial}|${coded.join(' ')}|${kept.length ? year : 2000}|${text}`]);
}
const texts = [...new Set(zones.map(([, text]) => text))];
const names = texts.map((text) => zones.filter(([, other]) => other === text).map(([name]) => name).join(' '));
writeFileSync(
  'src/base/zone-data.ts',
  `// Generated by scripts/generate-zones.mjs from the IANA time zone database. Do not edit.

/**
 * Zones that share all offsets since 2000: their names, and \`offset at 2000|changes|year|rule\`. A change is minutes since the one before
 * (base 36) and the new offset; from the year on the rule alone holds: standard and summer offset, begin and end as month.week.weekday/minute.
 */
export const ZONES: readonly (readonly [names: string, data: string])[] = [
${texts.map((text, i) => `  ['${names[i]}', '${text}'],`).join('\n')}
];
`,
);
console.log(`${zones.length} zones, ${texts.length} different`);
