import assert, { source as sourceOfAssertions } from './assert.ts';
import { AbortController, AbortSignal } from './abort.ts';
import { TextDecoder, TextEncoder } from './encoding.ts';
import { URL, URLSearchParams } from './url.ts';
import { AsyncLocalStorage, installPromise } from './async.ts';
import { installLocale } from './locale.ts';
import { installArgumentErrors } from './argument-errors.ts';
import { installJsonErrors } from './json-errors.ts';
import { installStackTraces } from './stacks.ts';

/**
 * The globals of a workflow's sandbox, as @temporalio/worker makes them (lib/workflow/vm-shared.js, injectGlobals), and a clock and chance
 * that are the engine's. Imported before the SDK, which keeps `Date` and `Math.random` as it finds them (`workflowInfo().unsafe`).
 */

/** The real clock and the real chance, as far as they exist here: what unsandboxed code gets. */
export const outside = {
  /** Virtual milliseconds since the epoch. */
  now: 0,
  /** State of mulberry32. */
  seed: 1,
};

function outsideRandom(): number {
  outside.seed = (outside.seed + 0x6d2b79f5) >>> 0;
  const seed = outside.seed;
  let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

const NativeDate = Date;
function OutsideDate(this: unknown, ...args: any[]): any {
  if (new.target === undefined) return new NativeDate(outside.now).toString();
  return Reflect.construct(NativeDate, args.length === 0 ? [outside.now] : args, new.target);
}
OutsideDate.prototype = NativeDate.prototype;
OutsideDate.now = (): number => outside.now;
OutsideDate.parse = NativeDate.parse;
OutsideDate.UTC = NativeDate.UTC;
Object.defineProperty(NativeDate.prototype, 'constructor', { value: OutsideDate, writable: true, configurable: true, enumerable: false });
Object.defineProperty(OutsideDate, 'name', { value: 'Date' });
Object.defineProperty(OutsideDate, 'length', { value: 7 });

/** `Date` and `Math.random` of code that runs without the sandbox. */
export const native = { Date: OutsideDate, random: outsideRandom };

/** What the workflow wrote with `console.*` since the last activation. */
export const consoleLines: { level: string; text: string }[] = [];

/** A log argument: text as it is, other values as JSON. */
export function logText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return value.stack ?? String(value);
  if (typeof value === 'function') return value.name === '' ? '[Function (anonymous)]' : `[Function: ${value.name}]`;
  if (typeof value === 'bigint' || typeof value === 'symbol' || value === undefined) return String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

function consoleMethod(level: string) {
  return (...args: unknown[]): void => {
    const activator = (globalThis as any).__TEMPORAL_ACTIVATOR__;
    if (activator?.info.unsafe.isReplayingHistoryEvents) return;
    const prefix = activator ? `[${activator.info.workflowType}(${activator.info.workflowId})]` : '[not in workflow context]';
    consoleLines.push({ level, text: [prefix, ...args.map(logText)].join(' ') });
  };
}

sourceOfAssertions.known = false;
installStackTraces({ sandbox: true });
installPromise();
installJsonErrors();
installArgumentErrors();
installLocale();

/** The SDK's storages are disabled with the workflow, so that they do not keep it alive. */
class SandboxStorage<T> extends AsyncLocalStorage<T> {
  constructor(name?: string) {
    super(name);
    const activator = (globalThis as any).__TEMPORAL_ACTIVATOR__;
    if (activator) activator.workflowSandboxDestructors.push(this.disable.bind(this));
  }
}
Object.defineProperty(SandboxStorage, 'name', { value: 'AsyncLocalStorage' });

/**
 * The sandbox has Node's own TextEncoder, whose arrays are of Node's realm: no `Uint8Array` of the workflow's, so that the payload converter
 * sends them as JSON. A class with the same methods on a prototype of its own is as foreign.
 */
const foreignArray = Object.create(Object.prototype, Object.getOwnPropertyDescriptors(Object.getPrototypeOf(Uint8Array.prototype)));
const foreignBytes = Object.create(foreignArray, Object.getOwnPropertyDescriptors(Uint8Array.prototype));
const ForeignUint8Array = function (...args: any[]): Uint8Array {
  return Object.setPrototypeOf(Reflect.construct(Uint8Array, args), foreignBytes);
};
Object.defineProperty(ForeignUint8Array, 'name', { value: 'Uint8Array' });
Object.defineProperty(ForeignUint8Array, 'prototype', { value: foreignBytes, writable: false });
Object.setPrototypeOf(ForeignUint8Array, Object.getPrototypeOf(Uint8Array));
Object.defineProperty(foreignBytes, 'constructor', { value: ForeignUint8Array, writable: true, configurable: true, enumerable: false });

class SandboxEncoder extends TextEncoder {
  override encode(text?: string): Uint8Array {
    return Object.setPrototypeOf(super.encode(text), foreignBytes);
  }
}
Object.defineProperty(SandboxEncoder, 'name', { value: 'TextEncoder' });
for (const type of [SandboxEncoder, TextDecoder, URL, URLSearchParams, AbortController, AbortSignal]) {
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: type.name, configurable: true });
}

const globals: Record<string, unknown> = { URL, URLSearchParams, assert, TextEncoder: SandboxEncoder, TextDecoder, AbortController, AsyncLocalStorage: SandboxStorage };
for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, writable: false, enumerable: true, configurable: false });
Object.defineProperty(globalThis, 'console', {
  value: { log: consoleMethod('INFO'), info: consoleMethod('INFO'), warn: consoleMethod('WARN'), error: consoleMethod('ERROR'), debug: consoleMethod('DEBUG') },
  writable: true,
  enumerable: false,
  configurable: true,
});
Object.defineProperty(globalThis, 'Date', { value: OutsideDate, writable: true, enumerable: false, configurable: true });
Math.random = outsideRandom;
for (const name of ['dispose', 'asyncDispose'] as const) {
  if (typeof Symbol[name] !== 'symbol') Object.defineProperty(Symbol, name, { value: Symbol.for(`nodejs.${name}`) });
}
// Not there in a vm context of Node either; `performance` would be on a clock of its own.
for (const name of ['performance', 'queueMicrotask', 'navigator', 'gc', 'print', 'scriptArgs', 'DOMException', 'btoa', 'atob', 'structuredClone']) delete (globalThis as any)[name];

