import { dateParts, formatDate, offsetOf, type DateOptions, type Part } from './dates.ts';

/**
 * The part of `Intl` that programs use without thinking of it: numbers with separators and currencies, texts in the order of a
 * dictionary, dates (dates.ts), plurals and lists. quickjs-ng has none; Node has, with en-US unless told otherwise. Known: English and German.
 */

interface NumberOptions {
  readonly style?: 'decimal' | 'currency' | 'percent';
  readonly currency?: string;
  readonly minimumFractionDigits?: number;
  readonly maximumFractionDigits?: number;
  readonly useGrouping?: boolean;
  readonly minimumIntegerDigits?: number;
  readonly maximumSignificantDigits?: number;
  readonly notation?: 'standard' | 'compact';
  readonly signDisplay?: 'auto' | 'always' | 'never' | 'exceptZero';
}

interface CollatorOptions {
  readonly numeric?: boolean;
  readonly sensitivity?: 'base' | 'accent' | 'case' | 'variant';
}

const SYMBOLS: { readonly [currency: string]: string } = { USD: '$', EUR: '€', GBP: '£', JPY: '¥', INR: '₹', CNY: 'CN¥', KRW: '₩', BRL: 'R$', CAD: 'CA$', AUD: 'A$', MXN: 'MX$', CHF: 'CHF\u00a0' };
const WHOLE_CURRENCIES = new Set(['JPY', 'KRW']);

const isGerman = (locales: unknown): boolean => String(Array.isArray(locales) ? locales[0] : locales).toLowerCase().startsWith('de');

/** Digits of a number: rounded half away from zero as decimals are written, zeros at the end only as far as they are asked for. */
function digits(value: number, least: number, most: number): string {
  const [whole = '0', fraction = ''] = rounded(value, most).split('.');
  const kept = fraction.slice(0, least).padEnd(least, '0') + fraction.slice(least).replace(/0+$/, '');
  return kept === '' ? whole : `${whole}.${kept}`;
}

/** Rounds the decimal that a number is written as (1.005 to 1.01), where `toFixed` rounds the binary one (to 1.00). */
function rounded(value: number, places: number): string {
  const text = String(value);
  const [whole = '0', fraction = ''] = text.split('.');
  if (text.includes('e')) return value >= 1e21 ? String(BigInt(value)) : value.toFixed(Math.min(100, places));
  if (fraction.length <= places) return text;
  const up = Number(fraction.charAt(places)) >= 5 ? 1n : 0n;
  const kept = String(BigInt(whole + fraction.slice(0, places)) + up).padStart(places + 1, '0');
  return places === 0 ? kept : `${kept.slice(0, -places)}.${kept.slice(-places)}`;
}

export function formatNumber(value: number | bigint, locales: unknown, options: NumberOptions = {}): string {
  const { style = 'decimal', currency = 'USD', useGrouping = true } = options;
  if (options.notation === 'compact' && Number.isFinite(Number(value))) return compact(Number(value), locales, options);
  const german = isGerman(locales);
  const usual = style === 'currency' ? (WHOLE_CURRENCIES.has(currency) ? [0, 0] : [2, 2]) : style === 'percent' ? [0, 0] : [0, 3];
  const least = options.minimumFractionDigits ?? Math.min(usual[0] as number, options.maximumFractionDigits ?? 100);
  const most = options.maximumFractionDigits ?? Math.max(usual[1] as number, least);
  if (least > most) throw new RangeError('maximumFractionDigits value is out of range.');
  const negative = value < 0 || Object.is(value, -0);
  if (options.maximumSignificantDigits && Number.isFinite(Number(value)) && Number(value) !== 0) {
    const { maximumSignificantDigits, ...rest } = options;
    value = Number(value);
    const places = maximumSignificantDigits - 1 - Math.floor(Math.log10(Math.abs(value)));
    return formatNumber(Number(places < 0 ? value.toPrecision(maximumSignificantDigits) : (value < 0 ? '-' : '') + rounded(Math.abs(value), places)), locales, { maximumFractionDigits: 20, minimumFractionDigits: 0, ...rest });
  }
  const size = typeof value === 'bigint' ? (negative ? -value : value) * (style === 'percent' ? 100n : 1n) : Math.abs(style === 'percent' ? Number((value * 100).toPrecision(15)) : value);
  let text: string;
  if (typeof size === 'number' && !Number.isFinite(size)) text = Number.isNaN(size) ? 'NaN' : '∞';
  else {
    const [whole = '0', fraction] = (typeof size === 'bigint' ? [String(size), '0'.repeat(least)].filter(Boolean).join('.') : digits(size, least, most)).split('.');
    const padded = whole.padStart(options.minimumIntegerDigits ?? 1, '0');
    const grouped = useGrouping ? padded.replace(/\B(?=(\d{3})+$)/g, german ? '.' : ',') : whole;
    text = fraction === undefined ? grouped : `${grouped}${german ? ',' : '.'}${fraction}`;
  }
  if (style === 'percent') text += german ? '\u00a0%' : '%';
  const symbol = SYMBOLS[currency] ?? `${currency}\u00a0`;
  if (style === 'currency') text = german ? `${text}\u00a0${symbol.trim()}` : `${symbol}${text}`;
  const { signDisplay = 'auto' } = options;
  if (signDisplay === 'never') return text;
  const plus = signDisplay === 'always' || (signDisplay === 'exceptZero' && Number(value) !== 0);
  if (signDisplay === 'exceptZero' && !/[1-9∞]/.test(text)) return text;
  return negative ? `-${text}` : plus ? `+${text}` : text;
}

/** `1.2K`: at most two digits, unless there are more before the point. */
function compact(value: number, locales: unknown, { notation: _, ...options }: NumberOptions): string {
  const size = Math.abs(value);
  const step = [1e12, 1e9, 1e6, 1e3].findIndex((unit) => size >= unit * 0.9995);
  const scaled = step < 0 ? value : value / 10 ** (12 - 3 * step);
  const whole = Math.abs(scaled) >= 99.5;
  return `${formatNumber(scaled, locales, { ...options, ...(whole ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 2 }) })}${step < 0 ? '' : 'TBMK'.charAt(step)}`;
}

/** The order of a dictionary. Letters without their marks; texts that differ in case only have the small letter first, as in ICU's root order. */
export function compareTexts(a: string, b: string, options: CollatorOptions = {}): -1 | 0 | 1 {
  if (options.numeric) return compareNumeric(a, b, options);
  const plain = (text: string): string => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
  const rank = (character: string): number => (/\s/.test(character) ? 0 : /[\p{P}\p{S}]/u.test(character) ? 1 : /\d/.test(character) ? 2 : 3);
  const [x, y] = [plain(a), plain(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [c, d] = [x.charAt(i), y.charAt(i)];
    if (c === d) continue;
    return rank(c) - rank(d) < 0 || (rank(c) === rank(d) && c < d) ? -1 : 1;
  }
  if (x.length !== y.length) return x.length < y.length ? -1 : 1;
  if (options.sensitivity === 'base') return 0;
  const marks = (text: string): string => text.normalize('NFD').toLowerCase();
  if (marks(a) !== marks(b)) return marks(a) < marks(b) ? -1 : 1;
  return a === b || options.sensitivity === 'accent' ? 0 : a > b ? -1 : 1;
}

/** `item2` before `item10`. */
function compareNumeric(a: string, b: string, { numeric: _, ...options }: CollatorOptions): -1 | 0 | 1 {
  const [x, y] = [a, b].map((text) => text.split(/(\d+)/)) as [string[], string[]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const order = i % 2 === 1 ? Number(x[i]) - Number(y[i]) : compareTexts(x[i]!, y[i]!, { sensitivity: 'base' });
    if (order !== 0) return order < 0 ? -1 : 1;
  }
  return x.length === y.length ? compareTexts(a, b, options) : x.length < y.length ? -1 : 1;
}

/** The category of a number in English and, but for ordinals, in German. */
export function pluralOf(n: number, ordinal: boolean): 'one' | 'two' | 'few' | 'other' {
  if (!ordinal) return n === 1 ? 'one' : 'other';
  const last = n % 10;
  const teen = n % 100 >= 11 && n % 100 <= 13;
  return teen ? 'other' : last === 1 ? 'one' : last === 2 ? 'two' : last === 3 ? 'few' : 'other';
}

export function joinList(items: readonly string[], locales: unknown, options: { readonly type?: string; readonly style?: string } = {}): string {
  const german = isGerman(locales);
  if (options.type === 'unit') return german && items.length > 2 ? `${items.slice(0, -1).join(', ')} und ${items.at(-1)}` : items.join(options.style === 'narrow' ? ' ' : ', ');
  const word = options.type === 'disjunction' ? (german ? 'oder' : 'or') : german ? 'und' : options.style === 'short' || options.style === 'narrow' ? '&' : 'and';
  const narrow = options.type !== 'disjunction' && options.style === 'narrow' && !german;
  if (items.length < 2) return items.join('');
  if (items.length === 2) return narrow ? items.join(', ') : `${items[0]} ${word} ${items[1]}`;
  return narrow ? items.join(', ') : `${items.slice(0, -1).join(', ')}${german ? '' : ','} ${word} ${items.at(-1)}`;
}

const NAMED_TIMES: { readonly [unit: string]: readonly [string, string, string] } = {
  second: ['', 'now', ''], minute: ['', 'this minute', ''], hour: ['', 'this hour', ''], day: ['yesterday', 'today', 'tomorrow'],
  week: ['last week', 'this week', 'next week'], month: ['last month', 'this month', 'next month'], quarter: ['last quarter', 'this quarter', 'next quarter'], year: ['last year', 'this year', 'next year'],
};

/** Times from now in English. */
export function relativeTime(value: number, unit: string, options: { readonly numeric?: string } = {}): string {
  const name = unit.replace(/s$/, '');
  const named = NAMED_TIMES[name];
  if (!named) throw new RangeError(`Invalid unit argument for format() '${unit}'`);
  const word = Math.abs(value) <= 1 ? named[value + 1] : undefined;
  if (options.numeric === 'auto' && word) return word;
  const count = `${formatNumber(Math.abs(value), 'en-US')} ${name}${Math.abs(value) === 1 ? '' : 's'}`;
  return value < 0 || Object.is(value, -0) ? `${count} ago` : `in ${count}`;
}

/** Refuses what is no language tag; every tag is taken, though most are shown as en-US. */
function checkLocales(locales: unknown): void {
  for (const tag of Array.isArray(locales) ? locales : [locales]) {
    if (tag !== undefined && !/^[A-Za-z]{2,8}(?:-[A-Za-z\d]{1,8})*$/.test(String(tag))) throw new RangeError(`Incorrect locale information provided`);
  }
}

/** Puts it all in place. Runs before any code of the project. */
export function installLocale(): void {
  class NumberFormat {
    readonly #locales: unknown;
    readonly #options: NumberOptions;
    constructor(locales?: unknown, options: NumberOptions = {}) {
      if (options.style === 'currency' && options.currency === undefined) throw new TypeError('Currency code is required with currency style.');
      checkLocales(locales);
      if (options.currency !== undefined && !/^[A-Za-z]{3}$/.test(options.currency)) throw new RangeError(`Invalid currency code : ${options.currency}`);
      this.#locales = locales;
      this.#options = options;
    }
    get format(): (value: number | bigint) => string {
      return (value) => formatNumber(value, this.#locales, this.#options);
    }
    resolvedOptions(): object {
      return { locale: isGerman(this.#locales) ? 'de-DE' : 'en-US', numberingSystem: 'latn', style: 'decimal', ...this.#options };
    }
  }
  class DateTimeFormat {
    readonly #locales: unknown;
    readonly #options: DateOptions;
    constructor(locales?: unknown, options: DateOptions = {}) {
      checkLocales(locales);
      offsetOf(options.timeZone, 0);
      this.#locales = locales;
      this.#options = options;
    }
    get format(): (date?: Date | number) => string {
      return (date) => this.formatToParts(date).map(({ value }) => value).join('');
    }
    formatToParts(date?: Date | number): Part[] {
      return dateParts(Number(date ?? Date.now()), this.#locales, this.#options);
    }
    resolvedOptions(): object {
      return { locale: isGerman(this.#locales) ? 'de-DE' : 'en-US', calendar: 'gregory', numberingSystem: 'latn', timeZone: 'UTC', ...this.#options };
    }
  }
  class Collator {
    readonly compare: (a: string, b: string) => number;
    constructor(_locales?: unknown, options: CollatorOptions = {}) {
      this.compare = (a, b) => compareTexts(String(a), String(b), options);
    }
  }
  class PluralRules {
    readonly #ordinal: boolean;
    constructor(_locales?: unknown, options: { readonly type?: string } = {}) {
      this.#ordinal = options.type === 'ordinal';
    }
    select(n: number): string {
      return pluralOf(n, this.#ordinal);
    }
  }
  class ListFormat {
    readonly format: (items: Iterable<string>) => string;
    constructor(locales?: unknown, options: { readonly type?: string; readonly style?: string } = {}) {
      this.format = (items) => joinList([...items], locales, options);
    }
  }
  class RelativeTimeFormat {
    readonly format: (value: number, unit: string) => string;
    constructor(_locales?: unknown, options: { readonly numeric?: string } = {}) {
      this.format = (value, unit) => relativeTime(value, unit, options);
    }
  }
  const define = (target: object, name: string, value: unknown): void => void Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  define(globalThis, 'Intl', { NumberFormat: callable(NumberFormat), DateTimeFormat: callable(DateTimeFormat), Collator: callable(Collator), PluralRules, ListFormat, RelativeTimeFormat });
  define(Number.prototype, 'toLocaleString', function toLocaleString(this: number, locales?: unknown, options?: NumberOptions) {
    return formatNumber(Number(this), locales, options);
  });
  define(BigInt.prototype, 'toLocaleString', function toLocaleString(this: bigint, locales?: unknown, options?: NumberOptions) {
    return formatNumber(BigInt(this), locales, options);
  });
  define(String.prototype, 'localeCompare', function localeCompare(this: string, other: unknown, _locales?: unknown, options?: CollatorOptions) {
    return compareTexts(String(this), String(other), options);
  });
  const dates = Date.prototype;
  const invalid = (date: Date): boolean => Number.isNaN(date.getTime());
  for (const [name, wanted] of [['toLocaleString', 'all'], ['toLocaleDateString', 'date'], ['toLocaleTimeString', 'time']] as const) {
    define(dates, name, { [name](this: Date, locales?: unknown, options?: DateOptions) {
      return invalid(this) ? 'Invalid Date' : formatDate(this.getTime(), locales, options, wanted);
    } }[name]);
  }
  for (const name of ['toString', 'toTimeString'] as const) {
    const native = dates[name];
    define(dates, name, { [name](this: Date) {
      const text = native.call(this);
      return invalid(this) ? text : `${text} (Coordinated Universal Time)`;
    } }[name]);
  }
}

/** Some of the classes of `Intl` can be called without `new`. */
function callable<T extends new (...args: any[]) => object>(type: T): T {
  return new Proxy(type, { apply: (target, _self, args: unknown[]) => new target(...args) });
}
