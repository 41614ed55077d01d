import { Connection, defaultGrpcRetryOptions, isGrpcServiceError, makeGrpcRetryInterceptor, type CallContext, type ConnectionLike, type Metadata } from '@temporalio/client';
import { InternalConnectionLikeSymbol } from '@temporalio/client/lib/types';
import { IllegalStateError } from '@temporalio/common';
import { normalizeGrpcEndpointAddress } from '@temporalio/common/lib/internal-non-workflow/parse-host-uri';
import type { NativeConnectionPlugin } from '@temporalio/worker';
import { checkOverlap, type Registration } from './core-config.ts';
import { TransportError } from './errors.ts';
import { Runtime } from './runtime.ts';
import type { NativeConnectionOptions } from './types.ts';

type Interceptor = ReturnType<typeof makeGrpcRetryInterceptor>;

/** How Core says that nobody listens at an address. */
const refused = (target: string): string =>
  `tonic::transport::Error(Transport, ConnectError(ConnectError("tcp connect error", ${target.replace(/^localhost(?=:)/, '127.0.0.1')}, Os { code: 111, kind: ConnectionRefused, message: "Connection refused" })))`;

/** A worker's connection: the client's Connection under the worker package's rules. */
export class NativeConnection implements ConnectionLike {
  readonly plugins: NativeConnectionPlugin[];
  readonly #inner: Connection;
  readonly #release: () => void;
  #closed = false;
  readonly #workers = new Set<Registration>();

  protected constructor(inner: Connection, plugins: NativeConnectionPlugin[]) {
    this.#inner = inner;
    this.plugins = plugins;
    // The client asks for an eager start over a connection that it shares with a worker only.
    Object.defineProperty(this, InternalConnectionLikeSymbol, { value: { supportsEagerStart: true } });
    this.#release = Runtime.instance().reference();
  }

  /** Connects; throws a TransportError when the Service can't be reached. */
  static async connect(options: NativeConnectionOptions = {}): Promise<NativeConnection> {
    for (const plugin of options.plugins ?? []) options = plugin.configureNativeConnection?.(options) ?? options;
    Runtime.instance();
    const { address, metadata, apiKey } = options;
    const target = normalizeGrpcEndpointAddress(address ?? 'localhost', 7233);
    // Core tries once to connect; what comes later it tries again.
    const interceptors: Interceptor[] = [];
    try {
      const inner = await Connection.connect({
        interceptors, ...(address === undefined ? {} : { address }), ...(metadata === undefined ? {} : { metadata }), ...(apiKey === undefined ? {} : { apiKey }),
      });
      interceptors.push(makeGrpcRetryInterceptor(defaultGrpcRetryOptions()));
      return new this(inner, options.plugins ?? []);
    } catch (error) {
      const { cause } = error as { cause?: unknown };
      if (isGrpcServiceError(cause) && cause.details === 'connection refused') throw new TransportError(refused(target));
      throw new TransportError(error instanceof Error ? error.message : String(error));
    }
  }

  static create(options?: NativeConnectionOptions): Promise<NativeConnection> {
    return this.connect(options);
  }

  get workflowService(): Connection['workflowService'] {
    return this.#inner.workflowService;
  }
  get operatorService(): Connection['operatorService'] {
    return this.#inner.operatorService;
  }
  get healthService(): Connection['healthService'] {
    return this.#inner.healthService;
  }
  get callContextStorage(): { getStore(): CallContext | undefined } {
    return (this.#inner as unknown as { callContextStorage: { getStore(): CallContext | undefined } }).callContextStorage;
  }

  async ensureConnected(): Promise<void> {}
  withDeadline<R>(deadline: number | Date, fn: () => Promise<R>): Promise<R> {
    return this.#inner.withDeadline(deadline, fn);
  }
  withMetadata<R>(metadata: Metadata, fn: () => Promise<R>): Promise<R> {
    return this.#inner.withMetadata(metadata, fn);
  }
  withAbortSignal<R>(signal: AbortSignal, fn: () => Promise<R>): Promise<R> {
    return this.#inner.withAbortSignal(signal, fn);
  }
  async setMetadata(_metadata: Metadata): Promise<void> {}
  async setApiKey(_apiKey: string): Promise<void> {}

  /** A worker uses the connection; the returned function gives it back. Throws when another worker of the connection does the same. */
  register(worker: Registration): () => void {
    if (this.#closed) throw new IllegalStateError('Client already closed');
    checkOverlap(this.#workers, worker);
    this.#workers.add(worker);
    return () => void this.#workers.delete(worker);
  }

  async close(): Promise<void> {
    if (this.#workers.size > 0) throw new IllegalStateError('Cannot close connection while Workers hold a reference to it');
    if (this.#closed) throw new IllegalStateError('Client already closed');
    this.#closed = true;
    await this.#inner.close();
    this.#release();
  }
}
