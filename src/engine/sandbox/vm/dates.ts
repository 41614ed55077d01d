import { zoneOffset } from '../../../base/zones.ts';

/**
 * Dates as `Intl.DateTimeFormat` writes them: English and German, and the numbers of a few other languages. Without a `timeZone` it is UTC, the
 * zone of servers and of this engine.
 */

export interface DateOptions {
  readonly weekday?: 'long' | 'short' | 'narrow';
  readonly year?: 'numeric' | '2-digit';
  readonly month?: 'numeric' | '2-digit' | 'long' | 'short' | 'narrow';
  readonly day?: 'numeric' | '2-digit';
  readonly hour?: 'numeric' | '2-digit';
  readonly minute?: 'numeric' | '2-digit';
  readonly second?: 'numeric' | '2-digit';
  readonly fractionalSecondDigits?: 1 | 2 | 3;
  readonly timeZoneName?: string;
  readonly hour12?: boolean;
  readonly hourCycle?: 'h11' | 'h12' | 'h23' | 'h24';
  readonly dateStyle?: 'full' | 'long' | 'medium' | 'short';
  readonly timeStyle?: 'full' | 'long' | 'medium' | 'short';
  readonly timeZone?: string;
}

export interface Part {
  readonly type: string;
  readonly value: string;
}

interface Language {
  readonly months: readonly string[];
  readonly shortMonths: readonly string[];
  readonly days: readonly string[];
  readonly shortDays: readonly string[];
  /** Day, month and year in numbers; two letters: always two digits. */
  readonly numeric: string;
  /** The same when month is a word; `E` is the weekday. */
  readonly worded: { readonly [parts: string]: string };
  readonly twelve: boolean;
  readonly at: string;
  readonly utc: string;
  readonly hour: string;
  readonly styles: { readonly [style: string]: string };
}

const split = (text: string): readonly string[] => text.split(' ');
const ENGLISH: Language = {
  months: split('January February March April May June July August September October November December'),
  shortMonths: split('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'),
  days: split('Sunday Monday Tuesday Wednesday Thursday Friday Saturday'),
  shortDays: split('Sun Mon Tue Wed Thu Fri Sat'),
  numeric: 'M/d/y', worded: { EMdy: 'E, M d, y', Mdy: 'M d, y', EMd: 'E, M d', Md: 'M d', My: 'M y', M: 'M' },
  twelve: true, at: ' at ', utc: 'Coordinated Universal Time', hour: '', styles: { medium: 'M d, y', short: 'M/d/yy' },
};
const BRITISH: Language = {
  ...ENGLISH,
  shortMonths: split('Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec'),
  numeric: 'dd/MM/y', worded: { EMdy: 'E, d M y', Mdy: 'd M y', EMd: 'E d M', Md: 'd M', My: 'M y', M: 'M' }, twelve: false, styles: { medium: 'd M y', short: 'dd/MM/y' },
};
const GERMAN: Language = {
  months: split('Januar Februar März April Mai Juni Juli August September Oktober November Dezember'),
  shortMonths: split('Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.'),
  days: split('Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag'),
  shortDays: split('So. Mo. Di. Mi. Do. Fr. Sa.'),
  numeric: 'd.M.y', worded: { EMdy: 'E, d. M y', Mdy: 'd. M y', EMd: 'E, d. M', Md: 'd. M', My: 'M y', M: 'M' },
  twelve: false, at: ' um ', utc: 'Koordinierte Weltzeit', hour: ' Uhr', styles: { medium: 'dd.MM.y', short: 'dd.MM.yy' },
};
/** Languages of which the numbers are known only. */
const NUMERIC: { readonly [language: string]: string } = {
  'en-ca': 'y-MM-dd', sv: 'y-MM-dd', fr: 'dd/MM/y', es: 'd/M/y', it: 'dd/MM/y', pt: 'dd/MM/y', nl: 'd-M-y', ja: 'y/M/d', 'en-au': 'dd/MM/y', 'en-in': 'd/M/y',
};

function languageOf(locales: unknown): Language {
  const tag = String((Array.isArray(locales) ? locales[0] : locales) ?? 'en-US').toLowerCase();
  const [language = ''] = tag.split('-');
  if (language === 'de') return GERMAN;
  if (tag === 'en-gb') return BRITISH;
  const numeric = NUMERIC[tag] ?? NUMERIC[language];
  return numeric ? { ...ENGLISH, numeric, twelve: language === 'en' } : ENGLISH;
}

const two = (n: number): string => String(n).padStart(2, '0');
const styled = (style: string | undefined, n: number): string => (style === '2-digit' ? two(n) : String(n));

/**
 * A format of V8: what it is asked for, or the parts that its caller wants without being asked.
 * @param wanted `format`: Intl.DateTimeFormat, which gives the date when nothing is asked for; else the method of Date
 */
export function dateParts(time: number, locales: unknown, options: DateOptions = {}, wanted: 'format' | 'date' | 'time' | 'all' = 'format'): Part[] {
  if (!Number.isFinite(time)) throw new RangeError('Invalid time value');
  const language = languageOf(locales);
  // What a clock in the zone shows, as if it were UTC.
  const date = new Date(time + offsetOf(options.timeZone, time));
  const { dateStyle, timeStyle } = options;
  if (dateStyle || timeStyle) {
    const days = !dateStyle ? [] : dateStyle === 'full' || dateStyle === 'long'
      ? worded(date, language, { ...(dateStyle === 'full' && { weekday: 'long' }), year: 'numeric', month: 'long', day: 'numeric' })
      : patterned(date, language, language.styles[dateStyle]!, dateStyle === 'medium' ? { month: 'short' } : {});
    const zone = timeStyle === 'full' || timeStyle === 'long' ? zoneName(options.timeZone, time, language, timeStyle === 'full') : undefined;
    const clock = timeStyle ? clockParts(date, language, { ...options, hour: language.twelve ? 'numeric' : '2-digit', minute: 'numeric', ...(timeStyle !== 'short' && { second: 'numeric' }) }, zone) : [];
    return joined(days, clock, dateStyle === 'full' || dateStyle === 'long' ? language.at : ', ');
  }
  const { weekday, year, month, day, hour, minute, second, fractionalSecondDigits } = options;
  const asksDate = weekday || year || month || day;
  const asksTime = hour || minute || second || fractionalSecondDigits;
  const isUnasked = !(wanted !== 'time' && asksDate) && !(wanted !== 'date' && asksTime);
  const full: DateOptions = {
    ...options,
    ...(isUnasked && wanted !== 'time' ? { year: 'numeric', month: 'numeric', day: 'numeric' } : {}),
    ...(isUnasked && (wanted === 'time' || wanted === 'all') ? { hour: 'numeric', minute: 'numeric', second: 'numeric' } : {}),
  };
  const name = full.timeZoneName ? zoneName(full.timeZone, time, language) : undefined;
  const days = full.year || full.month || full.day || full.weekday ? (isWord(full.month) || !full.month ? worded(date, language, full) : numericParts(date, language, full)) : [];
  const clock = full.hour || full.minute || full.second || full.fractionalSecondDigits ? clockParts(date, language, full, name) : [];
  const all = joined(days, clock, full.month === 'long' ? language.at : days.length === 1 && full.weekday && language !== GERMAN ? ' ' : ', ');
  return name !== undefined && clock.length === 0 ? [...all, { type: 'literal', value: ', ' }, { type: 'timeZoneName', value: name }] : all;
}

export const formatDate = (...args: Parameters<typeof dateParts>): string => dateParts(...args).map(({ value }) => value).join('');

/** Offset of a zone in milliseconds; throws for a name that is none, as making a format does. */
export function offsetOf(timeZone: string | undefined, time: number): number {
  if (timeZone === undefined) return 0;
  const offset = /^(?:Local)?$/.test(timeZone) ? null : zoneOffset(timeZone, time);
  if (offset === null) throw new RangeError(`Invalid time zone specified: ${timeZone}`);
  return offset;
}

const isUtc = (timeZone: string | undefined): boolean => timeZone === undefined || /^(?:Etc\/)?(?:UTC|GMT|UCT|Zulu|Greenwich|Universal)$/.test(timeZone);

/** Zones that have short names of their own, by the language that uses them: standard and summer time. */
const SHORT_NAMES: { readonly [locale: string]: { readonly [zone: string]: readonly [string, string] } } = {
  'en-US': {
    'America/New_York': ['EST', 'EDT'], 'America/Toronto': ['EST', 'EDT'], 'America/Detroit': ['EST', 'EDT'], 'America/Chicago': ['CST', 'CDT'], 'America/Denver': ['MST', 'MDT'], 'America/Phoenix': ['MST', 'MDT'],
    'America/Los_Angeles': ['PST', 'PDT'], 'America/Vancouver': ['PST', 'PDT'], 'America/Anchorage': ['AKST', 'AKDT'], 'Pacific/Honolulu': ['HST', 'HDT'],
  },
  'en-GB': { 'Europe/London': ['GMT', 'BST'], ...central('CET', 'CEST') },
  'de-DE': central('MEZ', 'MESZ'),
};

function central(...names: readonly [string, string]): { readonly [zone: string]: readonly [string, string] } {
  return Object.fromEntries('Amsterdam Berlin Brussels Budapest Copenhagen Madrid Oslo Paris Prague Rome Stockholm Vienna Warsaw Zurich'.split(' ').map((city) => [`Europe/${city}`, names]));
}

/** The name of a zone at a time: its own, or how far it is from Greenwich. */
function zoneName(timeZone: string | undefined, time: number, language: Language, full = false): string {
  if (isUtc(timeZone)) return full ? language.utc : 'UTC';
  const offset = offsetOf(timeZone, time);
  const names = SHORT_NAMES[language === GERMAN ? 'de-DE' : language === BRITISH ? 'en-GB' : 'en-US']![timeZone!];
  const year = new Date(time).getUTCFullYear();
  if (names && !full) return names[offset > Math.min(offsetOf(timeZone, Date.UTC(year, 0)), offsetOf(timeZone, Date.UTC(year, 6))) ? 1 : 0];
  const minutes = Math.abs(offset) / 60_000;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return offset === 0 ? (language === GERMAN ? 'GMT+0' : 'GMT') : `GMT${offset < 0 ? '-' : '+'}${hours}${rest ? `:${two(rest)}` : ''}`;
}

const isWord = (month: DateOptions['month']): boolean => month === 'long' || month === 'short' || month === 'narrow';

function joined(days: readonly Part[], clock: readonly Part[], between: string): Part[] {
  return days.length > 0 && clock.length > 0 ? [...days, { type: 'literal', value: between }, ...clock] : [...days, ...clock];
}

/** Fills in a pattern: letters stand for parts, everything else for itself. */
function patterned(date: Date, language: Language, pattern: string, options: DateOptions): Part[] {
  const parts: Part[] = [];
  for (const [token] of pattern.matchAll(/E+|M+|d+|y+|[^EMdy]+/g)) {
    const month = date.getUTCMonth();
    if (token.startsWith('E')) {
      const name = language.days[date.getUTCDay()]!;
      parts.push({ type: 'weekday', value: options.weekday === 'narrow' ? name.charAt(0) : options.weekday === 'short' ? language.shortDays[date.getUTCDay()]!.replace(pattern === 'E' ? '.' : '', '') : name });
    } else if (token.startsWith('M')) {
      const { month: style } = options;
      const word = style === 'long' ? language.months[month] : style === 'short' ? language.shortMonths[month] : style === 'narrow' ? language.months[month]!.charAt(0) : undefined;
      parts.push({ type: 'month', value: token !== 'MM' && word ? word : token === 'MM' ? two(month + 1) : styled(style, month + 1) });
    } else if (token.startsWith('d')) parts.push({ type: 'day', value: token === 'dd' ? two(date.getUTCDate()) : styled(options.day, date.getUTCDate()) });
    else if (token.startsWith('y')) parts.push({ type: 'year', value: token === 'yy' || options.year === '2-digit' ? two(date.getUTCFullYear() % 100) : String(date.getUTCFullYear()) });
    else parts.push({ type: 'literal', value: token });
  }
  return parts;
}

function worded(date: Date, language: Language, options: DateOptions): Part[] {
  const { weekday, month, day, year } = options;
  const key = `${weekday ? 'E' : ''}${month ? 'M' : ''}${day ? 'd' : ''}${year ? 'y' : ''}`;
  return patterned(date, language, language.worded[key] ?? (key === 'Ed' ? 'd E' : key.split('').join(' ')), options);
}

/** The date in numbers: of the pattern's parts those that are wanted, with what stands between them. */
function numericParts(date: Date, language: Language, options: DateOptions): Part[] {
  const whole = options.day && options.month && options.year;
  // A pattern with two digits is for whole dates, and for those that ask for them.
  const pattern = language.numeric.replace(/dd|MM/g, (token) => (whole || language !== GERMAN ? token : token.charAt(0)));
  const separator = /[^dMy]/.exec(pattern)?.[0] ?? '/';
  const wanted = pattern.split(separator).filter((token) => (token.startsWith('d') ? options.day : token.startsWith('M') ? options.month : options.year));
  const end = separator === '.' && !options.year ? '.' : '';
  return patterned(date, language, `${options.weekday ? 'E, ' : ''}${wanted.join(separator)}${end}`, options);
}

function clockParts(date: Date, language: Language, options: DateOptions, zone: string | undefined): Part[] {
  const twelve = options.hour12 ?? (options.hourCycle ? options.hourCycle === 'h12' || options.hourCycle === 'h11' : language.twelve);
  const hours = date.getUTCHours();
  const parts: Part[] = [];
  const add = (type: string, value: string, before = ''): void => {
    if (before) parts.push({ type: 'literal', value: before });
    parts.push({ type, value });
  };
  if (options.hour) {
    // `hour12: false` counts from 1 to 24 in the language that usually counts to 12.
    const shown = twelve ? hours % 12 || (language.twelve || options.hourCycle === 'h12' ? 12 : 0) : hours === 0 && language.twelve && options.hour12 === false ? 24 : hours;
    // As the patterns of CLDR have it.
    const oneDigit = options.hour === 'numeric' && (options.minute === '2-digit') === (zone === undefined) && !language.twelve;
    add('hour', twelve ? styled(options.hour, shown) : oneDigit ? String(shown) : two(shown));
  }
  if (options.minute) add('minute', options.hour || options.second ? two(date.getUTCMinutes()) : String(date.getUTCMinutes()), options.hour ? ':' : '');
  if (options.second) add('second', options.minute ? two(date.getUTCSeconds()) : String(date.getUTCSeconds()), options.minute ? ':' : '');
  if (options.fractionalSecondDigits) add('fractionalSecond', String(date.getUTCMilliseconds()).padStart(3, '0').slice(0, options.fractionalSecondDigits), options.second ? (language === GERMAN ? ',' : '.') : '');
  if (options.hour && twelve) add('dayPeriod', language === BRITISH ? (hours < 12 ? 'am' : 'pm') : hours < 12 ? 'AM' : 'PM', ' ');
  if (options.hour && !options.minute && !twelve && language.hour) add('literal', language.hour);
  if (zone !== undefined) add('timeZoneName', zone, ' ');
  return parts;
}
