/**
 * The part of `Intl` that programs use without thinking of it: numbers with separators and currencies, texts in the order of a
 * dictionary. quickjs-ng has none; Node has, with en-US unless told otherwise. Known: English and German ways of writing numbers.
 */

interface NumberOptions {
  readonly style?: 'decimal' | 'currency' | 'percent';
  readonly currency?: string;
  readonly minimumFractionDigits?: number;
  readonly maximumFractionDigits?: number;
  readonly useGrouping?: boolean;
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
  const german = isGerman(locales);
  const usual = style === 'currency' ? (WHOLE_CURRENCIES.has(currency) ? [0, 0] : [2, 2]) : style === 'percent' ? [0, 0] : [0, 3];
  const least = options.minimumFractionDigits ?? Math.min(usual[0] as number, options.maximumFractionDigits ?? 100);
  const most = options.maximumFractionDigits ?? Math.max(usual[1] as number, least);
  if (least > most) throw new RangeError('maximumFractionDigits value is out of range.');
  const negative = value < 0 || Object.is(value, -0);
  const size = typeof value === 'bigint' ? (negative ? -value : value) * (style === 'percent' ? 100n : 1n) : Math.abs(style === 'percent' ? value * 100 : value);
  let text: string;
  if (typeof size === 'number' && !Number.isFinite(size)) text = Number.isNaN(size) ? 'NaN' : '∞';
  else {
    const [whole = '0', fraction] = (typeof size === 'bigint' ? [String(size), '0'.repeat(least)].filter(Boolean).join('.') : digits(size, least, most)).split('.');
    const grouped = useGrouping ? whole.replace(/\B(?=(\d{3})+$)/g, german ? '.' : ',') : whole;
    text = fraction === undefined ? grouped : `${grouped}${german ? ',' : '.'}${fraction}`;
  }
  if (style === 'percent') text += german ? '\u00a0%' : '%';
  const symbol = SYMBOLS[currency] ?? `${currency}\u00a0`;
  if (style === 'currency') text = german ? `${text}\u00a0${symbol.trim()}` : `${symbol}${text}`;
  return negative ? `-${text}` : text;
}

/** The order of a dictionary. Letters without their marks; texts that differ in case only have the small letter first, as in ICU's root order. */
export function compareTexts(a: string, b: string): -1 | 0 | 1 {
  const plain = (text: string): string => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
  const rank = (character: string): number => (/\s/.test(character) ? 0 : /[\p{P}\p{S}]/u.test(character) ? 1 : /\d/.test(character) ? 2 : 3);
  const [x, y] = [plain(a), plain(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [c, d] = [x.charAt(i), y.charAt(i)];
    if (c === d) continue;
    return rank(c) - rank(d) < 0 || (rank(c) === rank(d) && c < d) ? -1 : 1;
  }
  if (x.length !== y.length) return x.length < y.length ? -1 : 1;
  const marks = (text: string): string => text.normalize('NFD').toLowerCase();
  if (marks(a) !== marks(b)) return marks(a) < marks(b) ? -1 : 1;
  return a === b ? 0 : a > b ? -1 : 1;
}

/** Puts it all in place. Runs before any code of the project. */
export function installLocale(): void {
  class NumberFormat {
    readonly #locales: unknown;
    readonly #options: NumberOptions;
    constructor(locales?: unknown, options: NumberOptions = {}) {
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
    get format(): (date?: Date | number) => string {
      return (date) => new Date(date ?? Date.now()).toLocaleDateString();
    }
    resolvedOptions(): object {
      return { locale: 'en-US', calendar: 'gregory', numberingSystem: 'latn', timeZone: 'UTC' };
    }
  }
  class Collator {
    readonly compare = compareTexts;
  }
  const define = (target: object, name: string, value: unknown): void => void Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
  define(globalThis, 'Intl', { NumberFormat, DateTimeFormat, Collator });
  define(Number.prototype, 'toLocaleString', function toLocaleString(this: number, locales?: unknown, options?: NumberOptions) {
    return formatNumber(Number(this), locales, options);
  });
  define(BigInt.prototype, 'toLocaleString', function toLocaleString(this: bigint, locales?: unknown, options?: NumberOptions) {
    return formatNumber(BigInt(this), locales, options);
  });
  define(String.prototype, 'localeCompare', function localeCompare(this: string, other: unknown) {
    return compareTexts(String(this), String(other));
  });
}
