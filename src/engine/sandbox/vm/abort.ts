/** `AbortController` for workflow code: no event loop, listeners are called at once. */

type Listener = ((event: unknown) => void) | { handleEvent(event: unknown): void };

/** The signal of an AbortController. */
export class AbortSignal {
  readonly #listeners: { readonly listener: Listener; readonly once: boolean }[] = [];
  aborted = false;
  reason: unknown = undefined;
  onabort: ((event: unknown) => void) | null = null;

  addEventListener(type: string, listener: Listener, options?: boolean | { readonly once?: boolean }): void {
    if (type === 'abort' && !this.#listeners.some((l) => l.listener === listener)) this.#listeners.push({ listener, once: typeof options === 'object' && options.once === true });
  }
  removeEventListener(type: string, listener: Listener): void {
    const index = type === 'abort' ? this.#listeners.findIndex((l) => l.listener === listener) : -1;
    if (index >= 0) this.#listeners.splice(index, 1);
  }
  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }
  /** For the controller. */
  static trigger(signal: AbortSignal, reason: unknown): void {
    if (signal.aborted) return;
    signal.aborted = true;
    signal.reason = reason;
    const event = { type: 'abort', target: signal };
    signal.onabort?.(event);
    for (const { listener, once } of [...signal.#listeners]) {
      if (once) signal.removeEventListener('abort', listener);
      if (typeof listener === 'function') listener.call(signal, event);
      else listener.handleEvent(event);
    }
  }
}

export class AbortController {
  readonly signal = new AbortSignal();
  abort(reason?: unknown): void {
    AbortSignal.trigger(this.signal, reason ?? Object.assign(new Error('This operation was aborted'), { name: 'AbortError', code: 20 }));
  }
}
