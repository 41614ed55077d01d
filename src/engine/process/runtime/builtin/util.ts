import { TextDecoder, TextEncoder } from '../../../sandbox/vm/encoding.ts';
import { invalidArgument } from './argument-errors.ts';
import { isDeepEqual } from '../../../sandbox/vm/deep-equal.ts';
import { inspect } from '../../../sandbox/vm/inspect.ts';
import { parseArgs } from './parse-args.ts';

/** Node's `util`. */
export { inspect, TextDecoder, TextEncoder };

export const custom = Symbol.for('nodejs.util.promisify.custom');

/** printf-like text: %s %d %i %f %j %o %O %c %%, then the rest by `inspect`. */
export function format(...args: unknown[]): string {
  const [first, ...rest] = args;
  if (typeof first !== 'string') return args.map((a) => (typeof a === 'string' ? a : inspect(a))).join(' ');
  const text = first.replace(/%[sdifjoOc%]/g, (directive) => {
    if (directive === '%%') return '%';
    if (rest.length === 0) return directive;
    const value = rest.shift();
    switch (directive) {
      case '%s': return typeof value === 'object' && value !== null && !tellsItself(value) ? inspect(value, { depth: 0, colors: false, compact: 3 }) : typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : String(value);
      case '%d': return typeof value === 'bigint' ? `${value}n` : String(typeof value === 'object' ? NaN : Number(value));
      case '%i': return String(Number.parseInt(String(value), 10));
      case '%f': return String(Number.parseFloat(String(value)));
      case '%j': return json(value);
      case '%c': return '';
      case '%o': return inspect(value, { showHidden: true, showProxy: true, depth: 4 });
      default: return inspect(value);
    }
  });
  return [text, ...rest.map((r) => (typeof r === 'string' ? r : inspect(r)))].join(' ');
}

/** Whether an object has a `toString` that is not the one of a built-in class. */
function tellsItself(value: object): boolean {
  if (Object.hasOwn(value, 'toString')) return true;
  let from: any = Object.getPrototypeOf(value);
  while (from !== null && !Object.hasOwn(from, 'toString')) from = Object.getPrototypeOf(from);
  return from !== null && !(typeof from.constructor === 'function' && (globalThis as any)[from.constructor.name] === from.constructor);
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch (error) {
    if (error instanceof TypeError && /circular/i.test(error.message)) return '[Circular]';
    throw error;
  }
}

export function promisify(fn: any): (...args: any[]) => Promise<any> {
  if (typeof fn !== 'function') throw invalidArgument('original', 'of type function', fn);
  if (fn[custom]) return fn[custom];
  return function (this: unknown, ...args: any[]) {
    return new Promise((resolve, reject) => {
      fn.call(this, ...args, (error: unknown, value: unknown) => (error ? reject(error) : resolve(value)));
    });
  };
}
promisify.custom = custom;

export function callbackify(fn: (...args: any[]) => Promise<any>): (...args: any[]) => void {
  return function (this: unknown, ...args: any[]) {
    const callback = args.pop();
    const falsy = (reason: unknown): Error => Object.assign(new Error('Promise was rejected with falsy value'), { code: 'ERR_FALSY_VALUE_REJECTION', reason });
    fn.apply(this, args).then((value) => process.nextTick(callback, null, value), (error) => process.nextTick(callback, error || falsy(error)));
  };
}

export function inherits(child: any, parent: any): void {
  Object.defineProperty(child, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(child.prototype, parent.prototype);
}

const tagged = (tag: string) => (value: unknown) => Object.prototype.toString.call(value) === `[object ${tag}]`;
export const types = {
  isPromise: (v: unknown) => v instanceof Promise, isDate: (v: unknown) => v instanceof Date, isRegExp: (v: unknown) => v instanceof RegExp, isMap: (v: unknown) => v instanceof Map,
  isSet: (v: unknown) => v instanceof Set, isNativeError: (v: unknown) => v instanceof Error, isUint8Array: (v: unknown) => v instanceof Uint8Array, isArrayBuffer: (v: unknown) => v instanceof ArrayBuffer,
  isAnyArrayBuffer: (v: unknown) => v instanceof ArrayBuffer, isTypedArray: (v: unknown) => ArrayBuffer.isView(v) && !(v instanceof DataView), isArrayBufferView: (v: unknown) => ArrayBuffer.isView(v),
  isWeakMap: (v: unknown) => v instanceof WeakMap, isWeakSet: (v: unknown) => v instanceof WeakSet, isProxy: () => false, isAsyncFunction: () => false, isGeneratorFunction: tagged('GeneratorFunction'), isArgumentsObject: tagged('Arguments'), isDataView: (v: unknown) => v instanceof DataView,
  isGeneratorObject: tagged('Generator'), isSymbolObject: tagged('Symbol'), isBoxedPrimitive: (v: unknown) => v instanceof Number || v instanceof String || v instanceof Boolean,
};

export const isDeepStrictEqual = (a: unknown, b: unknown): boolean => isDeepEqual(a, b, true);

export default {
  inspect, format, formatWithOptions: (_options: unknown, ...args: unknown[]) => format(...args), parseArgs, promisify, callbackify, inherits, types, isDeepStrictEqual, TextDecoder, TextEncoder,
  deprecate: <F>(fn: F): F => fn, debuglog: () => () => {}, debug: () => () => {}, isArray: Array.isArray, stripVTControlCharacters: (text: string) => text.split('\u001b[').map((part, i) => (i === 0 ? part : part.replace(/^[0-9;]*m/, ''))).join(''),
  toUSVString: (text: string) => text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd'), styleText: (_style: unknown, text: string) => text, // as where output is no terminal
 
};
