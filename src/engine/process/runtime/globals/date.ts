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

/** Makes `Date` virtual; how it writes itself is in sandbox/vm/locale.ts. Runs before any other module, because some keep `Date` or `Date.now`. */
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
  define('constructor', VirtualDate);
  Object.defineProperty(VirtualDate, 'name', { value: 'Date' });
  Object.defineProperty(VirtualDate, 'length', { value: 7 });
  globalThis.Date = VirtualDate as unknown as DateConstructor;
}
