/**
 * `AsyncLocalStorage` and unhandled rejections for code whose async functions are lowered: each await is a `.then()`, so a patched `then`
 * sees every continuation. quickjs-ng has no promise hooks. None of it adds or moves a microtask that project code can see.
 */

/** The values of all storages here: an immutable list that every continuation keeps. */
interface Frame {
  readonly storage: object;
  readonly value: unknown;
  readonly next: Frame | null;
}

let frame: Frame | null = null;

const NativePromise = Promise;
const nativeThen = NativePromise.prototype.then;
/** Rejected promises with none of their reactions run yet, and the reasons. */
const rejected = new Map<unknown, unknown>();

/** Reasons of the rejections that nobody has handled since the last call. To be asked when no jobs are left. */
export function takeUnhandledRejections(): unknown[] {
  if (rejected.size === 0) return [];
  const reasons = [...rejected.values()];
  rejected.clear();
  return reasons;
}

let reaction: () => void = () => {};

/** Has a function called before each reaction of a promise, so whenever other code may go on. */
export function onReaction(callback: () => void): void {
  reaction = callback;
}

/** Runs a function outside every `AsyncLocalStorage.run`. */
export function withoutFrame<T>(run: () => T): T {
  const before = frame;
  frame = null;
  try {
    return run();
  } finally {
    frame = before;
  }
}

/** `AsyncLocalStorage` of Node's async_hooks. */
export class AsyncLocalStorage<T = any> {
  #enabled = true;
  readonly name: string;
  constructor(name: string | object = 'anonymous') {
    this.name = typeof name === 'string' ? name : 'anonymous';
  }
  run<R>(value: T, callback: (...args: any[]) => R, ...args: any[]): R {
    const before = frame;
    this.#enabled = true;
    frame = { storage: this, value, next: before };
    try {
      return callback(...args);
    } finally {
      frame = before;
    }
  }
  exit<R>(callback: (...args: any[]) => R, ...args: any[]): R {
    return this.run(undefined as T, callback, ...args);
  }
  enterWith(value: T): void {
    this.#enabled = true;
    frame = { storage: this, value, next: frame };
  }
  getStore(): T | undefined {
    if (!this.#enabled) return undefined;
    for (let f = frame; f !== null; f = f.next) if (f.storage === this) return f.value as T;
    return undefined;
  }
  disable(): void {
    this.#enabled = false;
  }
  static bind<F extends (...args: any[]) => any>(callback: F): F {
    const captured = frame;
    return function (this: unknown, ...args: any[]) {
      const before = frame;
      frame = captured;
      try {
        return callback.apply(this, args);
      } finally {
        frame = before;
      }
    } as F;
  }
  static snapshot(): <R>(callback: (...args: any[]) => R, ...args: any[]) => R {
    return AsyncLocalStorage.bind((callback: any, ...args: any[]) => callback(...args));
  }
}

/** Replaces `Promise` and its `then`. Has to run before any other code of the bundle makes a promise. */
export function installPromise(): void {
  const then = function then(this: Promise<unknown>, onFulfilled: unknown, onRejected: unknown): Promise<unknown> {
    const captured = frame;
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const source = this;
    let derived: Promise<unknown>;
    const promiseReaction = (callback: (value: unknown) => unknown, value: unknown): unknown => {
      const before = frame;
      frame = captured;
      reaction();
      try {
        const result = callback(value);
        if (typeof result === 'object' && result !== null && result instanceof NativePromise) nativeThen.call(result, undefined, (reason) => void rejected.set(derived, reason));
        return result;
      } catch (error) {
        rejected.set(derived, error);
        throw error;
      } finally {
        frame = before;
      }
    };
    const promiseFulfilled = typeof onFulfilled !== 'function' ? undefined : (value: unknown) => promiseReaction(onFulfilled as (value: unknown) => unknown, value);
    const promiseRejected = (reason: unknown) => {
      if (rejected.size > 0) rejected.delete(source);
      if (typeof onRejected === 'function') return promiseReaction(onRejected as (value: unknown) => unknown, reason);
      rejected.set(derived, reason);
      throw reason;
    };
    derived = nativeThen.call(source, promiseFulfilled, promiseRejected) as Promise<unknown>;
    return derived;
  };
  Object.defineProperty(NativePromise.prototype, 'then', { value: then, writable: true, configurable: true, enumerable: false });

  const Wrapped = function Promise(this: unknown, executor: unknown): Promise<unknown> {
    if (new.target === undefined) throw new TypeError("Promise constructor cannot be invoked without 'new'");
    if (typeof executor !== 'function') throw new TypeError(`Promise resolver ${String(executor)} is not a function`);
    let promise: Promise<unknown> | undefined;
    let settled = false;
    let early: { readonly reason: unknown } | undefined;
    const fail = (reason: unknown): void => {
      if (settled) return;
      settled = true;
      if (promise) rejected.set(promise, reason);
      else early = { reason };
    };
    const promiseExecutor = (resolve: (value: unknown) => void, reject: (reason: unknown) => void): void => {
      try {
        executor(
          (value: unknown) => {
            if (!settled) {
              settled = true;
              if (typeof value === 'object' && value !== null && value instanceof NativePromise && value !== promise) {
                nativeThen.call(value, undefined, (reason) => void rejected.set(promise, reason));
              }
            }
            resolve(value);
          },
          (reason: unknown) => {
            fail(reason);
            reject(reason);
          },
        );
      } catch (error) {
        fail(error);
        throw error;
      }
    };
    promise = (new.target as unknown) === Wrapped ? new NativePromise(promiseExecutor) : (Reflect.construct(NativePromise, [promiseExecutor], new.target) as Promise<unknown>);
    if (early) rejected.set(promise, early.reason);
    return promise;
  } as unknown as PromiseConstructor;
  Object.setPrototypeOf(Wrapped, NativePromise);
  Object.defineProperty(Wrapped, 'prototype', { value: NativePromise.prototype, writable: false, enumerable: false, configurable: false });
  // Promises made by `then` skip the constructor above: `then` looks after them itself.
  Object.defineProperty(Wrapped, Symbol.species, { get: () => NativePromise, configurable: true });
  Object.defineProperty(NativePromise.prototype, 'constructor', { value: Wrapped, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(globalThis, 'Promise', { value: Wrapped, writable: true, enumerable: false, configurable: true });
}
