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
const nativeResolve = NativePromise.resolve;
/** Rejected promises with none of their reactions run yet, and the reasons. */
const rejected = new Map<unknown, unknown>();

/** Promises whose rejection nobody has handled since the last call, with the reasons. To be asked when no jobs are left. */
export function takeUnhandledRejections(): (readonly [promise: unknown, reason: unknown])[] {
  if (rejected.size === 0) return [];
  const rejections = [...rejected];
  rejected.clear();
  return rejections;
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

/** A promise takes the fate of another one: when that is rejected, so is this, and nobody may have handled it. */
function follow(promise: Promise<unknown>, value: unknown): void {
  if (typeof value === 'object' && value instanceof NativePromise && value !== promise) {
    nativeThen.call(value, undefined, (reason: unknown) => void rejected.set(promise, reason));
  }
}

// What the last promise made by `newPromise` is settled with: one closure for all.
let lastResolve!: (value: unknown) => void;
let lastReject!: (reason: unknown) => void;
const keep = (resolve: (value: unknown) => void, reject: (reason: unknown) => void): void => {
  lastResolve = resolve;
  lastReject = reject;
};

/** Runs a callback of `then` in the frame in which it was given. */
function promiseReaction(captured: Frame | null, callback: (value: unknown) => unknown, value: unknown, derived: Promise<unknown>): unknown {
  const before = frame;
  frame = captured;
  reaction();
  try {
    const result = callback(value);
    follow(derived, result);
    return result;
  } catch (error) {
    rejected.set(derived, error);
    throw error;
  } finally {
    frame = before;
  }
}

/** Replaces `Promise` and its `then`. Has to run before any other code of the bundle makes a promise. */
export function installPromise(): void {
  const then = function then(this: Promise<unknown>, onFulfilled: unknown, onRejected: unknown): Promise<unknown> {
    const captured = frame;
    const derived: Promise<unknown> = nativeThen.call(
      this,
      typeof onFulfilled === 'function' ? function promiseFulfilled(value: unknown) {
        return promiseReaction(captured, onFulfilled as (value: unknown) => unknown, value, derived);
      } : undefined,
      (reason: unknown) => {
        if (rejected.size > 0) rejected.delete(this);
        if (typeof onRejected === 'function') return promiseReaction(captured, onRejected as (value: unknown) => unknown, reason, derived);
        rejected.set(derived, reason);
        throw reason;
      },
    );
    return derived;
  };
  Object.defineProperty(NativePromise.prototype, 'then', { value: then, writable: true, configurable: true, enumerable: false });

  const Wrapped = function Promise(this: unknown, executor: unknown): Promise<unknown> {
    if (new.target === undefined) throw new TypeError("Promise constructor cannot be invoked without 'new'");
    if (typeof executor !== 'function') throw new TypeError(`Promise resolver ${String(executor)} is not a function`);
    const promise: Promise<unknown> = (new.target as unknown) === Wrapped ? new NativePromise(keep) : (Reflect.construct(NativePromise, [keep], new.target) as Promise<unknown>);
    const resolve = lastResolve;
    const reject = lastReject;
    let settled = false;
    const fail = (reason: unknown): void => {
      if (!settled) rejected.set(promise, reason);
      settled = true;
      reject(reason);
    };
    try {
      executor((value: unknown) => {
        if (!settled) follow(promise, value);
        settled = true;
        resolve(value);
      }, fail);
    } catch (error) {
      fail(error);
    }
    return promise;
  } as unknown as PromiseConstructor;
  Object.defineProperty(Wrapped, 'name', { value: 'Promise', configurable: true }); // whatever a bundler calls it
  Object.setPrototypeOf(Wrapped, NativePromise);
  Object.defineProperty(Wrapped, 'prototype', { value: NativePromise.prototype, writable: false, enumerable: false, configurable: false });
  // Promises made by `then` skip the constructor above: `then` looks after them itself.
  Object.defineProperty(Wrapped, Symbol.species, { value: NativePromise, configurable: true });
  Object.defineProperty(NativePromise.prototype, 'constructor', { value: Wrapped, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(globalThis, 'Promise', { value: Wrapped, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(globalThis, '__async', { value: lowered });
  Object.defineProperty(globalThis, '__w', { value: (value: unknown, site: string, file: string): unknown => {
    lastSite = site;
    lastFile = file;
    return value;
  } });
  wrapped = Wrapped;
}

let wrapped: PromiseConstructor;

/** What an async function ran without a break, from its call or its last `await` to the next one. */
interface Segment {
  /** The `await` that ended it, as src/compile/async-bodies.ts says it, and its file; '' before, and for code that is not the project's. */
  site: string;
  file: string;
  /** What called it without waiting; null when it is a continuation. */
  readonly caller: Segment | null;
}

let running: Segment | null = null;
let lastSite = '';
let lastFile = '';

/** The project's async functions that wait, by what they ran last; null: nobody asks. */
let waiting: Set<Segment> | null = null;

/** Makes a set the one that is kept up to date. */
export function watchWaiting(set: Set<Segment>): void {
  waiting = set;
}

/** The functions that wait: each a list of places, `line:column:name` and file, from the inside to its callers. */
export function waitingPlaces(): (readonly [site: string, file: string])[][] {
  return [...(waiting ?? [])].map((segment) => {
    const places: (readonly [string, string])[] = [];
    for (let s: Segment | null = segment; s !== null; s = s.caller) if (s.site !== '') places.push([s.site, s.file]);
    return places;
  });
}

/** A lowered async function that was called and has not ended. */
interface AsyncCall {
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  generator: Generator<unknown, unknown, unknown>;
  /** As it was at the present `await`. */
  frame: Frame | null;
  segment: Segment;
  waitsFor: Promise<unknown>;
  asyncFulfilled: (value: unknown) => void;
  asyncRejected: (reason: unknown) => void;
}

const nothing = (): void => {};
const noGenerator = (function* (): Generator<unknown, void, unknown> {})() as Generator<unknown, unknown, unknown>;

/** The call is over: without its closures, which hold it, it is freed at once and needs no collector. */
function end(call: AsyncCall): void {
  call.asyncFulfilled = nothing;
  call.asyncRejected = nothing;
}

/**
 * Runs a lowered async function. Does what esbuild's and TypeScript's own helpers do, with fewer promises and closures: the lowered code
 * of both comes here (scripts/build-vm-bundles.mjs, src/compile/lower.ts).
 */
function lowered(self: unknown, args: ArrayLike<unknown> | undefined, body: (...args: unknown[]) => Generator<unknown, unknown, unknown>): Promise<unknown> {
  const promise: Promise<unknown> = new NativePromise(keep);
  const outer = running;
  const segment: Segment = { site: '', file: '', caller: outer };
  running = segment;
  const call: AsyncCall = { promise, resolve: lastResolve, reject: lastReject, generator: noGenerator, frame: null, segment, waitsFor: promise, asyncFulfilled: nothing, asyncRejected: nothing };
  try {
    call.generator = args === undefined ? body.call(self) : body.apply(self, args as unknown[]);
    const first = call.generator.next();
    if (!first.done) {
      call.asyncFulfilled = (value) => asyncResumed(call, false, value);
      call.asyncRejected = (reason) => asyncResumed(call, true, reason);
    }
    asyncStep(call, first);
  } catch (error) {
    end(call);
    rejected.set(promise, error);
    call.reject(error);
  }
  running = outer;
  return promise;
}

function asyncStep(call: AsyncCall, result: IteratorResult<unknown, unknown>): void {
  const { value } = result;
  if (result.done) {
    end(call);
    follow(call.promise, value);
    call.resolve(value);
    return;
  }
  call.frame = frame;
  if (lastSite !== '') {
    const { segment } = call;
    segment.site = lastSite;
    segment.file = lastFile;
    lastSite = '';
    waiting?.add(segment);
  }
  // What `await` waits for: the promise itself, or one for the value.
  const waitsFor: Promise<unknown> = typeof value === 'object' && value instanceof NativePromise && value.constructor === wrapped ? value : nativeResolve.call(NativePromise, value);
  call.waitsFor = waitsFor;
  nativeThen.call(waitsFor, call.asyncFulfilled, call.asyncRejected);
}

function asyncResumed(call: AsyncCall, failed: boolean, value: unknown): void {
  if (failed && rejected.size > 0) rejected.delete(call.waitsFor);
  const before = frame;
  frame = call.frame;
  if (call.segment.site !== '') {
    waiting?.delete(call.segment);
    call.segment = { site: '', file: '', caller: null };
  }
  running = call.segment;
  reaction();
  try {
    asyncStep(call, failed ? call.generator.throw(value) : call.generator.next(value));
  } catch (error) {
    end(call);
    rejected.set(call.promise, error);
    call.reject(error);
  }
  running = null;
  frame = before;
}
