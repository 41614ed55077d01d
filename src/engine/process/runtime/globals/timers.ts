import { invalidArgument } from '../builtin/argument-errors.ts';
import { kernel } from '../kernel.ts';
import { AsyncLocalStorage } from '../../../sandbox/vm/async.ts';

/** Timers on virtual time. Every timer is an item on the engine's agenda. */

const running = new Map<number, Timeout>();

/** What setTimeout returns, as Node's Timeout. */
export class Timeout {
  readonly #callback: () => void;
  readonly #delay: number;
  readonly #repeat: boolean;
  #id = 0;
  #release: (() => void) | null = null;
  #ref = true;
  #op: { op: 'timer'; id: number; delay: number; ref: boolean } | null = null;
  constructor(callback: () => void, delay: number, repeat: boolean) {
    this.#callback = AsyncLocalStorage.bind(callback);
    this.#delay = delay;
    this.#repeat = repeat;
    this.#arm();
  }
  #arm(): void {
    this.#id = kernel.nextId();
    running.set(this.#id, this);
    if (this.#ref) this.#release = kernel.hold();
    this.#op = { op: 'timer', id: this.#id, delay: this.#delay, ref: this.#ref };
    kernel.emit(this.#op);
  }
  #disarm(): void {
    this.#release?.();
    this.#release = null;
  }
  fire(): void {
    running.delete(this.#id);
    this.#disarm();
    try {
      this.#callback();
    } finally {
      if (this.#repeat && this.#id !== 0) this.#arm();
    }
  }
  close(): this {
    if (running.delete(this.#id)) kernel.emit({ op: 'clearTimer', id: this.#id });
    this.#disarm();
    this.#id = 0;
    return this;
  }
  ref(): this {
    if (!this.#ref && running.has(this.#id)) this.#release = kernel.hold();
    this.#ref = true;
    return this;
  }
  unref(): this {
    this.#ref = false;
    // The engine has not read it yet when unref() follows setTimeout() at once, as it does in practice.
    if (this.#op) this.#op.ref = false;
    this.#disarm();
    return this;
  }
  hasRef(): boolean {
    return this.#ref;
  }
  refresh(): this {
    if (running.delete(this.#id)) kernel.emit({ op: 'clearTimer', id: this.#id });
    this.#disarm();
    this.#arm();
    return this;
  }
  [Symbol.toPrimitive](): number {
    return this.#id;
  }
}

kernel.on('timer', (message: { id: number }) => running.get(message.id)?.fire());

function checkCallback(callback: unknown): asserts callback is (...args: any[]) => void {
  if (typeof callback === 'function') return;
  throw invalidArgument('callback', 'of type function', callback);
}

/** Node's rule: below 1 ms, above 2^31 − 1 and no number are 1 ms. */
function clampDelay(delay: unknown): number {
  const ms = Number(delay);
  return ms >= 1 && ms <= 2147483647 ? Math.trunc(ms) : 1;
}

export function setTimeout(callback: (...args: any[]) => void, delay?: number, ...args: any[]): Timeout {
  checkCallback(callback);
  return new Timeout(() => callback(...args), clampDelay(delay), false);
}

export function setInterval(callback: (...args: any[]) => void, delay?: number, ...args: any[]): Timeout {
  checkCallback(callback);
  return new Timeout(() => callback(...args), clampDelay(delay), true);
}

export function setImmediate(callback: (...args: any[]) => void, ...args: any[]): Timeout {
  checkCallback(callback);
  return new Timeout(() => callback(...args), 0, false);
}

/** Takes a Timeout, its number, or anything (then it does nothing). */
export function clearTimeout(timer?: unknown): void {
  if (timer instanceof Timeout) timer.close();
  else if (typeof timer === 'number' || typeof timer === 'string') running.get(Number(timer))?.close();
}

export function queueMicrotask(callback: () => void): void {
  checkCallback(callback);
  const bound = AsyncLocalStorage.bind(callback);
  void Promise.resolve().then(() => {
    try {
      bound();
    } catch (error) {
      kernel.uncaught(error);
    }
  });
}

/** A promise for `value` in `delay` ms, as `timers/promises`. */
export function sleep<T>(delay: number, value?: T, options: { signal?: AbortSignal; ref?: boolean } = {}, immediate = false): Promise<T> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    const abort = (): void => {
      timer.close();
      reject(abortError(signal));
    };
    const timer = new Timeout(
      () => {
        signal?.removeEventListener('abort', abort);
        resolve(value as T);
      },
      immediate ? 0 : clampDelay(delay),
      false,
    );
    if (options.ref === false) timer.unref();
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

// What util.promisify makes of them.
const promisified = Symbol.for('nodejs.util.promisify.custom');
Object.defineProperty(setTimeout, promisified, { value: <T>(delay?: number, value?: T, options?: object) => sleep(delay ?? 1, value, options) });
Object.defineProperty(setImmediate, promisified, { value: <T>(value?: T, options?: object) => sleep(0, value, options, true) });

/** The AbortError that Node's APIs reject with. */
export function abortError(signal: AbortSignal | undefined): Error {
  return Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), { name: 'AbortError', code: 'ABORT_ERR' });
}
