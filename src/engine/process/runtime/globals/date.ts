import { kernel } from '../kernel.ts';

/**
 * `Date` on the virtual clock, in UTC, whatever the host's clock and time zone are. Everything that QuickJS's own Date would ask the
 * host for is answered here: the present time and the offset of local time.
 */

const Native = globalThis.Date;
const proto = Native.prototype as any;

/** Text without a zone is local time, which is UTC here; a date alone is UTC by the standard anyway. */
function parse(text: string): number {
  const hasZone = /(?:[zZ]|[+-]\d\d:?\d\d|\b(?:GMT|UTC)\b.*)\s*$/.test(text.trim());
  if (hasZone || /^\s*[+-]?\d{4,6}(?:-\d\d)?(?:-\d\d)?\s*$/.test(text)) return Native.parse(text);
  const iso = /^\s*([+-]?\d{4,6}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*$/.exec(text);
  return Native.parse(iso ? `${iso[1]}T${iso[2]}Z` : `${text} UTC`);
}

function timeOf(args: readonly any[]): number {
  if (args.length === 0) return kernel.now();
  if (args.length > 1) return (Native.UTC as (...a: any[]) => number)(...args);
  const value = args[0] instanceof Native ? args[0].getTime() : args[0]?.[Symbol.toPrimitive]?.('default') ?? args[0]?.valueOf?.() ?? args[0];
  return typeof value === 'string' ? parse(value) : Number(value);
}

function VirtualDate(this: unknown, ...args: any[]): any {
  if (new.target === undefined) return new Native(kernel.now()).toString();
  return Reflect.construct(Native, [timeOf(args)], new.target);
}
VirtualDate.prototype = proto;
VirtualDate.now = (): number => kernel.now();
VirtualDate.UTC = Native.UTC;
VirtualDate.parse = (text: unknown): number => parse(String(text));

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const pad = (n: number, width = 2): string => String(n).padStart(width, '0');
const dateText = (d: Date): string => `${DAYS[d.getUTCDay()]} ${MONTHS[d.getUTCMonth()]} ${pad(d.getUTCDate())} ${pad(d.getUTCFullYear(), 4)}`;
const timeText = (d: Date): string => `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())} GMT+0000 (Coordinated Universal Time)`;
const valid = (d: Date, text: (d: Date) => string): string => (Number.isNaN(d.getTime()) ? 'Invalid Date' : text(d));
const localeDate = (d: Date): string => `${d.getUTCMonth() + 1}/${d.getUTCDate()}/${d.getUTCFullYear()}`;
const localeTime = (d: Date): string => `${d.getUTCHours() % 12 || 12}:${pad(d.getUTCMinutes())}:${pad(d.getUTCSeconds())} ${d.getUTCHours() < 12 ? 'AM' : 'PM'}`;

/** Makes `Date` virtual. Runs before any other module, because some keep `Date` or `Date.now`. */
export function installDate(): void {
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(proto, name, { value, writable: true, configurable: true, enumerable: false });
  };
  for (const part of ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']) {
    define(`get${part}`, proto[`getUTC${part}`]);
    define(`set${part}`, proto[`setUTC${part}`]);
  }
  define('getDay', proto.getUTCDay);
  define('getYear', function (this: Date) { return this.getUTCFullYear() - 1900; });
  define('getTimezoneOffset', function (this: Date) { return Number.isNaN(this.getTime()) ? NaN : 0; });
  define('toString', function (this: Date) { return valid(this, (d) => `${dateText(d)} ${timeText(d)}`); });
  define('toDateString', function (this: Date) { return valid(this, dateText); });
  define('toTimeString', function (this: Date) { return valid(this, timeText); });
  define('toLocaleString', function (this: Date) { return valid(this, (d) => `${localeDate(d)}, ${localeTime(d)}`); });
  define('toLocaleDateString', function (this: Date) { return valid(this, localeDate); });
  define('toLocaleTimeString', function (this: Date) { return valid(this, localeTime); });
  define('constructor', VirtualDate);
  Object.defineProperty(VirtualDate, 'name', { value: 'Date' });
  Object.defineProperty(VirtualDate, 'length', { value: 7 });
  globalThis.Date = VirtualDate as unknown as DateConstructor;
}
