import { kernel } from '../kernel.ts';
import { Timeout } from './timers.ts';

/** Event, EventTarget, AbortSignal and AbortController, as far as programs on Node use them. */

export class Event {
  readonly type: string;
  readonly cancelable: boolean;
  readonly bubbles: boolean;
  readonly timeStamp = kernel.booted ? kernel.now() - kernel.boot.now : 0;
  target: EventTarget | null = null;
  currentTarget: EventTarget | null = null;
  defaultPrevented = false;
  /** Set by stopImmediatePropagation. */
  stopped = false;
  constructor(type: string, options: { cancelable?: boolean; bubbles?: boolean } = {}) {
    this.type = String(type);
    this.cancelable = options.cancelable ?? false;
    this.bubbles = options.bubbles ?? false;
  }
  preventDefault(): void {
    if (this.cancelable) this.defaultPrevented = true;
  }
  stopPropagation(): void {}
  stopImmediatePropagation(): void {
    this.stopped = true;
  }
}

export class CustomEvent<T = unknown> extends Event {
  readonly detail: T | null;
  constructor(type: string, options: { cancelable?: boolean; bubbles?: boolean; detail?: T } = {}) {
    super(type, options);
    this.detail = options.detail ?? null;
  }
}

type Listener = ((event: Event) => void) | { handleEvent(event: Event): void };
interface Registration {
  readonly listener: Listener;
  readonly once: boolean;
  removed: boolean;
}

export class EventTarget {
  readonly #listeners = new Map<string, Registration[]>();
  addEventListener(type: string, listener: Listener | null, options?: boolean | { once?: boolean; signal?: AbortSignal }): void {
    if (!listener) return;
    const { once = false, signal } = typeof options === 'object' ? options : {};
    if (signal?.aborted) return;
    const list = this.#listeners.get(type) ?? [];
    if (list.some((r) => r.listener === listener)) return;
    this.#listeners.set(type, [...list, { listener, once, removed: false }]);
    signal?.addEventListener('abort', () => this.removeEventListener(type, listener), { once: true });
  }
  removeEventListener(type: string, listener: Listener | null): void {
    const list = this.#listeners.get(type) ?? [];
    for (const r of list) if (r.listener === listener) r.removed = true;
    this.#listeners.set(type, list.filter((r) => !r.removed));
  }
  /** An error of a listener is an uncaught error of the process; the other listeners still run. */
  dispatchEvent(event: Event): boolean {
    event.target = this;
    event.currentTarget = this;
    for (const r of this.#listeners.get(event.type) ?? []) {
      if (r.removed || event.stopped) continue;
      if (r.once) this.removeEventListener(event.type, r.listener);
      try {
        if (typeof r.listener === 'function') r.listener.call(this, event);
        else r.listener.handleEvent(event);
      } catch (error) {
        kernel.uncaught(error);
      }
    }
    event.currentTarget = null;
    return !event.defaultPrevented;
  }
}

const make = Symbol('make');

export class AbortSignal extends EventTarget {
  aborted = false;
  reason: unknown = undefined;
  onabort: ((event: Event) => void) | null = null;
  constructor(key?: symbol) {
    super();
    if (key !== make) throw Object.assign(new TypeError('Illegal constructor'), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  }
  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }
  static create(): AbortSignal {
    return new AbortSignal(make);
  }
  static abort(reason?: unknown): AbortSignal {
    const signal = AbortSignal.create();
    abortSignal(signal, reason);
    return signal;
  }
  static timeout(delay: number): AbortSignal {
    const signal = AbortSignal.create();
    new Timeout(() => abortSignal(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError')), Math.max(0, Math.trunc(delay)), false).unref();
    return signal;
  }
  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const result = AbortSignal.create();
    const sources = [...signals];
    const aborted = sources.find((s) => s.aborted);
    if (aborted) abortSignal(result, aborted.reason);
    else for (const s of sources) s.addEventListener('abort', () => abortSignal(result, s.reason), { once: true });
    return result;
  }
}

function abortSignal(signal: AbortSignal, reason?: unknown): void {
  if (signal.aborted) return;
  signal.aborted = true;
  signal.reason = reason ?? new DOMException('This operation was aborted', 'AbortError');
  const event = new Event('abort');
  if (signal.onabort) {
    try {
      signal.onabort(event);
    } catch (error) {
      kernel.uncaught(error);
    }
  }
  signal.dispatchEvent(event);
}

export class AbortController {
  readonly signal = AbortSignal.create();
  abort(reason?: unknown): void {
    abortSignal(this.signal, reason);
  }
}
