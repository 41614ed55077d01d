import { abortError } from '../globals/timers.ts';
import { invalidArgument } from './argument-errors.ts';
import { inspect } from '../../../sandbox/vm/inspect.ts';

/** Node's `events`. */

type Listener = (...args: any[]) => void;
type Registered = Listener & { listener?: Listener };
type Key = string | symbol;

const store = Symbol('listeners');

export interface EventEmitter {
  [store]: Map<Key, Registered[]> | undefined;
  on(type: Key, listener: Listener): this;
  addListener(type: Key, listener: Listener): this;
  prependListener(type: Key, listener: Listener): this;
  once(type: Key, listener: Listener): this;
  prependOnceListener(type: Key, listener: Listener): this;
  off(type: Key, listener: Listener): this;
  removeListener(type: Key, listener: Listener): this;
  removeAllListeners(type?: Key): this;
  emit(type: Key, ...args: any[]): boolean;
  listeners(type: Key): Listener[];
  rawListeners(type: Key): Listener[];
  listenerCount(type: Key, listener?: Listener): number;
  eventNames(): Key[];
  setMaxListeners(n: number): this;
  getMaxListeners(): number;
}

/** A function and no class, because old code calls it without `new` (`util.inherits`). */
export const EventEmitter = function (this: EventEmitter): void {
  this[store] = new Map();
} as unknown as {
  new (): EventEmitter;
  prototype: EventEmitter;
  defaultMaxListeners: number;
  [name: string]: unknown;
};

const mapOf = (emitter: EventEmitter): Map<Key, Registered[]> => (emitter[store] ??= new Map());
const original = (l: Registered): Listener => l.listener ?? l;

function add(emitter: EventEmitter, type: Key, listener: Registered, first: boolean): EventEmitter {
  if (typeof listener !== 'function') throw invalidArgument('listener', 'of type function', listener);
  const map = mapOf(emitter);
  if (map.has('newListener')) emitter.emit('newListener', type, original(listener));
  const list = map.get(type) ?? [];
  map.set(type, first ? [listener, ...list] : [...list, listener]);
  return emitter;
}

function onceWrapper(emitter: EventEmitter, type: Key, listener: Listener): Registered {
  const wrapper: Registered = function (this: unknown, ...args: any[]) {
    emitter.removeListener(type, wrapper);
    return listener.apply(this, args);
  };
  wrapper.listener = listener;
  return wrapper;
}

const methods: Pick<EventEmitter, Exclude<keyof EventEmitter, typeof store>> & ThisType<EventEmitter> = {
  on(type, listener) {
    return add(this, type, listener, false) as any;
  },
  addListener(type, listener) {
    return add(this, type, listener, false) as any;
  },
  prependListener(type, listener) {
    return add(this, type, listener, true) as any;
  },
  once(type, listener) {
    return add(this, type, onceWrapper(this, type, listener), false) as any;
  },
  prependOnceListener(type, listener) {
    return add(this, type, onceWrapper(this, type, listener), true) as any;
  },
  removeListener(type, listener) {
    const map = mapOf(this);
    const list = map.get(type) ?? [];
    const at = list.findLastIndex((l) => l === listener || l.listener === listener);
    if (at < 0) return this as any;
    if (list.length === 1) map.delete(type);
    else map.set(type, list.toSpliced(at, 1));
    if (map.has('removeListener')) this.emit('removeListener', type, listener);
    return this as any;
  },
  off(type, listener) {
    return this.removeListener(type, listener) as any;
  },
  removeAllListeners(type) {
    if (type === undefined) mapOf(this).clear();
    else mapOf(this).delete(type);
    return this as any;
  },
  emit(type, ...args) {
    const list = mapOf(this).get(type);
    if (list) {
      for (const listener of list) listener.apply(this, args);
      return true;
    }
    if (type === 'error') {
      const [error] = args;
      throw error instanceof Error ? error : Object.assign(new Error(`Unhandled error. (${inspect(error)})`), { code: 'ERR_UNHANDLED_ERROR', context: error });
    }
    return false;
  },
  listeners(type) {
    return (mapOf(this).get(type) ?? []).map(original);
  },
  rawListeners(type) {
    return [...(mapOf(this).get(type) ?? [])];
  },
  listenerCount(type, listener) {
    const list = mapOf(this).get(type) ?? [];
    return listener ? list.filter((l) => original(l) === listener).length : list.length;
  },
  eventNames() {
    return [...mapOf(this).keys()];
  },
  setMaxListeners() {
    return this as any;
  },
  getMaxListeners() {
    return EventEmitter.defaultMaxListeners;
  },
};
for (const [name, method] of Object.entries(methods)) Object.defineProperty(EventEmitter.prototype, name, { value: method, writable: true, configurable: true });
EventEmitter.defaultMaxListeners = 10;

const isEmitter = (target: any): target is EventEmitter => typeof target.on === 'function';

/** A promise for the arguments of the next event; rejects on `error` and on abort. */
export function once(target: EventEmitter | EventTarget, type: string, options: { signal?: AbortSignal } = {}): Promise<any[]> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    if (signal?.aborted) return reject(abortError(signal));
    const stop = (): void => {
      signal?.removeEventListener('abort', abort);
      if (!isEmitter(target)) return target.removeEventListener(type, done as any);
      target.removeListener(type, done);
      target.removeListener('error', fail);
    };
    const done = (...args: any[]): void => {
      stop();
      resolve(args);
    };
    const fail = (error: unknown): void => {
      stop();
      reject(error);
    };
    const abort = (): void => fail(abortError(signal));
    signal?.addEventListener('abort', abort, { once: true });
    if (!isEmitter(target)) return target.addEventListener(type, done as any, { once: true });
    target.on(type, done);
    if (type !== 'error') target.on('error', fail);
  });
}

/** The events of a type as an async iterator of their arguments. */
export function on(emitter: EventEmitter, type: string, options: { signal?: AbortSignal } = {}): AsyncIterableIterator<any[]> {
  const { signal } = options;
  if (signal?.aborted) throw abortError(signal);
  const events: any[][] = [];
  const waiting: { resolve: (r: IteratorResult<any[]>) => void; reject: (e: unknown) => void }[] = [];
  let failure: { readonly error: unknown } | null = null;
  let finished = false;
  const push = (...args: any[]): void => {
    const next = waiting.shift();
    if (next) next.resolve({ value: args, done: false });
    else events.push(args);
  };
  const fail = (error: unknown): void => {
    stop();
    const next = waiting.shift();
    if (next) next.reject(error);
    else failure = { error };
  };
  const abort = (): void => fail(abortError(signal));
  const stop = (): void => {
    finished = true;
    signal?.removeEventListener('abort', abort);
    emitter.off(type, push);
    emitter.off('error', fail);
  };
  emitter.on(type, push);
  if (type !== 'error') emitter.on('error', fail);
  signal?.addEventListener('abort', abort, { once: true });
  return {
    next() {
      const value = events.shift();
      if (value) return Promise.resolve({ value, done: false });
      if (failure) {
        const { error } = failure;
        failure = null;
        return Promise.reject(error);
      }
      if (finished) return Promise.resolve({ value: undefined, done: true });
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
      });
    },
    return() {
      stop();
      for (const w of waiting.splice(0)) w.resolve({ value: undefined, done: true });
      return Promise.resolve({ value: undefined, done: true });
    },
    throw(error) {
      fail(error);
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** What `require('events')` gives: the class itself, with everything on it. */
const events: any = Object.assign(EventEmitter, {
  EventEmitter, default: EventEmitter, once, on, errorMonitor: Symbol('events.errorMonitor'), captureRejectionSymbol: Symbol.for('nodejs.rejection'),
  getEventListeners: (emitter: EventEmitter, type: string) => emitter.listeners(type),
  listenerCount: (emitter: EventEmitter, type: string) => emitter.listenerCount(type),
  setMaxListeners: () => {},
});
export default events;
