import { IllegalStateError, noopMetricMeter, type Logger, type MetricMeter } from '@temporalio/common';
import type { CoreLogFilterOptions, RuntimeOptions } from './types.ts';
import { DefaultLogger } from './logger.ts';

/**
 * The Runtime of the SDK without its native part: logger, metric meter, and the signals that shut workers down. It ends when the last
 * worker and connection are gone, as the real one does, so that a process that has nothing else to do exits.
 */
export class Runtime {
  static _instance: Runtime | undefined;
  static #instantiator: 'install' | 'instance' | undefined;
  static #defaultOptions: RuntimeOptions = {};

  readonly logger: Logger;
  readonly metricMeter: MetricMeter = noopMetricMeter;
  readonly options: RuntimeOptions & { readonly shutdownSignals: readonly NodeJS.Signals[] };
  readonly #callbacks = new Set<() => void>();
  #shuttingDown = false;
  #references = 0;

  protected constructor(options: RuntimeOptions) {
    this.logger = options.logger ?? new DefaultLogger('INFO');
    this.options = { ...options, shutdownSignals: options.shutdownSignals ?? ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR2'] };
    for (const signal of this.options.shutdownSignals) process.on(signal, this.#startShutdown);
  }

  /** Creates the Runtime with these options; throws when there is one already. */
  static install(options: RuntimeOptions): Runtime {
    if (this._instance)
      throw new IllegalStateError(
        this.#instantiator === 'install'
          ? 'Runtime singleton has already been installed'
          : 'Runtime singleton has already been instantiated. Did you start a Worker before calling `install`?',
      );
    return this.#create(options, 'install');
  }

  static instance(): Runtime {
    return this._instance ?? this.#create(this.#defaultOptions, 'instance');
  }

  static #create(options: RuntimeOptions, instantiator: 'install' | 'instance'): Runtime {
    this.#defaultOptions = options;
    this.#instantiator = instantiator;
    this._instance = new this(options);
    return this._instance;
  }

  flushLogs(): void {}

  /** A worker or connection uses the Runtime; the returned function gives it back. */
  reference(): () => void {
    this.#references++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#references--;
      if (this.#references === 0) this.#end();
    };
  }

  shutdown(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  registerShutdownSignalCallback(callback: () => void): void {
    if (this.#shuttingDown) queueMicrotask(callback);
    else this.#callbacks.add(callback);
  }
  deregisterShutdownSignalCallback(callback: () => void): void {
    this.#callbacks.delete(callback);
  }

  #end(): void {
    if (Runtime._instance === this) Runtime._instance = undefined;
    this.#removeHooks();
  }

  #removeHooks(): void {
    for (const signal of this.options.shutdownSignals) process.off(signal, this.#startShutdown);
  }

  readonly #startShutdown = (): void => {
    this.#shuttingDown = true;
    this.#removeHooks();
    for (const callback of this.#callbacks) queueMicrotask(callback);
    this.#callbacks.clear();
  };
}

/** A filter for Core's logs. */
export function makeTelemetryFilterString({ core, other }: CoreLogFilterOptions): string {
  return `${other ?? 'ERROR'},temporalio_sdk_core=${core},temporalio_client=${core},temporalio_common=${core}`;
}
