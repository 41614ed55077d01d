import { HealthService, OperatorService, WorkflowService, type CallContext, type ConnectionLike, type Metadata } from '@temporalio/client';
import { AsyncLocalStorage } from '../builtin/async-hooks.ts';
import { InternalConnectionLikeSymbol } from '@temporalio/client/lib/types';
import { IllegalStateError } from '@temporalio/common';
import { normalizeGrpcEndpointAddress } from '@temporalio/common/lib/internal-non-workflow/parse-host-uri';
import type { NativeConnectionPlugin } from '@temporalio/worker';
import { kernel } from '../kernel.ts';
import { localAddress, OPERATOR_SERVICE, trailers, WORKFLOW_SERVICE } from '../client/wire.ts';
import { callCore } from './core-call.ts';
import { checkOverlap, type Registration } from './core-config.ts';
import { ServiceError, TransportError } from './errors.ts';
import { Runtime } from './runtime.ts';
import { displayStatus, rustStatus, transportSource } from './rust-status.ts';
import type { NativeConnectionOptions } from './types.ts';

type Callback = (error: Error | null, response?: any) => void;

/** A worker's connection, which is Core's: its deadlines, retries and errors are not those of the client's Connection. */
export class NativeConnection implements ConnectionLike {
  readonly plugins: NativeConnectionPlugin[];
  readonly workflowService: WorkflowService = WorkflowService.create(this.#sender(WORKFLOW_SERVICE), false, false);
  readonly operatorService: OperatorService = OperatorService.create(this.#sender(OPERATOR_SERVICE), false, false);
  readonly healthService: HealthService = HealthService.create(this.#sender('grpc.health.v1.Health'), false, false);
  readonly callContextStorage = new AsyncLocalStorage<CallContext>();
  readonly #target: string;
  readonly #release: () => void;
  #closed = false;
  readonly #workers = new Set<Registration>();

  protected constructor(target: string, plugins: NativeConnectionPlugin[]) {
    this.#target = target;
    this.plugins = plugins;
    // The client asks for an eager start over a connection that it shares with a worker only.
    Object.defineProperty(this, InternalConnectionLikeSymbol, { value: { supportsEagerStart: true } });
    this.#release = Runtime.instance().reference();
  }

  /** Connects, trying once; throws a TransportError when the Service can't be reached. */
  static async connect(options: NativeConnectionOptions = {}): Promise<NativeConnection> {
    for (const plugin of options.plugins ?? []) options = plugin.configureNativeConnection?.(options) ?? options;
    Runtime.instance();
    const target = localAddress(normalizeGrpcEndpointAddress(options.address ?? 'localhost', 7233));
    const error = await new Promise<string | null>((resolve) => kernel.connect(target, resolve));
    if (error !== null) throw new TransportError(transportSource(error, target));
    const info = await callCore(`/${WORKFLOW_SERVICE}/GetSystemInfo`, {}, null);
    if (!info.ok) throw new TransportError(`Failed to call GetSystemInfo: ${displayStatus(info.status, target)}`);
    return new this(target, options.plugins ?? []);
  }

  static create(options?: NativeConnectionOptions): Promise<NativeConnection> {
    return this.connect(options);
  }

  #sender(service: string) {
    return (method: { readonly name: string }, request: unknown, callback: Callback): void => {
      if (this.#closed) return callback(new IllegalStateError('Client already closed'));
      const { deadline } = this.callContextStorage.getStore() ?? {};
      void callCore(`/${service}/${method.name}`, request, deadline === undefined ? null : Math.max(0, Number(deadline) - kernel.now())).then((result) => {
        if (result.ok) callback(null, result.response);
        else callback(new ServiceError(result.status.message, result.status.code, trailers(result.status)));
      });
    };
  }

  async ensureConnected(): Promise<void> {}
  withDeadline<R>(deadline: number | Date, fn: () => Promise<R>): Promise<R> {
    return this.#with({ deadline }, fn);
  }
  withMetadata<R>(metadata: Metadata, fn: () => Promise<R>): Promise<R> {
    return this.#with({ metadata: { ...this.callContextStorage.getStore()?.metadata, ...metadata } }, fn);
  }
  /** Like the real one, it does not take calls back. */
  withAbortSignal<R>(abortSignal: AbortSignal, fn: () => Promise<R>): Promise<R> {
    return this.#with({ abortSignal }, fn);
  }
  async #with<R>(context: CallContext, fn: () => Promise<R>): Promise<R> {
    return await this.callContextStorage.run({ ...this.callContextStorage.getStore(), ...context }, fn);
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

  /** A namespace's limits, for a worker; throws a TransportError when it can't be described. */
  async namespaceLimits(
    namespace: string,
  ): Promise<{ readonly blobSizeLimitError?: unknown; readonly memoSizeLimitError?: unknown } | undefined> {
    const result = await callCore(`/${WORKFLOW_SERVICE}/DescribeNamespace`, { namespace }, null);
    if (!result.ok)
      throw new TransportError(
        `Namespace ${namespace} was not found or otherwise could not be described: ${rustStatus(result.status, this.#target)}`,
      );
    return result.response.namespaceInfo?.limits;
  }

  async close(): Promise<void> {
    if (this.#workers.size > 0) throw new IllegalStateError('Cannot close connection while Workers hold a reference to it');
    if (this.#closed) throw new IllegalStateError('Client already closed');
    this.#closed = true;
    this.#release();
  }
}
