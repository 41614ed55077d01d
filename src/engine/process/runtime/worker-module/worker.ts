import { Client } from '@temporalio/client';
import { IllegalStateError, noopMetricMeter, SdkComponent, type Logger } from '@temporalio/common';
import { encodeErrorToFailure } from '@temporalio/common/lib/internal-non-workflow';
import { LoggerWithComposedMetadata } from '@temporalio/common/lib/logger';
import { throwIfReservedName } from '@temporalio/common/lib/reserved';
import { msToNumber, type Duration } from '@temporalio/common/lib/time';
import type { CompiledWorkerOptions, ReplayHistoriesIterable, ReplayResult } from '@temporalio/worker';
import { fromCloneJson } from '../../../sandbox/vm/clone-json.ts';
import type { WorkerMessage } from '../../worker/messages.ts';
import { messageToJson } from '../../../sandbox/vm/proto-json.ts';
import { kernel } from '../kernel.ts';
import { ActivityRunner } from './activity-runner.ts';
import { CodecMemory, codeValue } from './codec.ts';
import { NativeConnection } from './connection.ts';
import { checkCoreConfig, registrationOf } from './core-config.ts';
import { CombinedWorkerRunError, GracefulShutdownPeriodExpiredError, PromiseCompletionTimeoutError } from './errors.ts';
import { compiledOptionsOf, compileWorkerOptions, type CompiledOptions } from './options.ts';
import { replayHistories } from './replay.ts';
import { Runtime } from './runtime.ts';
import { runSinkCalls } from './sinks.ts';
import type { ReplayWorkerOptions, State, WorkerOptions, WorkerPlugin, WorkerStatus } from './types.ts';

type MessageOf<T extends WorkerMessage['type']> = Extract<WorkerMessage, { type: T }>;

/** The workers of this process, by number. */
const workers = new Map<number, Worker>();
let nextNumber = 1;

function on<T extends WorkerMessage['type']>(type: T, handler: (worker: Worker, message: MessageOf<T>) => void): void {
  kernel.on(type, (message: MessageOf<T> & { cachedWorkflows?: number }) => {
    const worker = workers.get(message.worker);
    if (!worker) return;
    worker.cachedWorkflows = message.cachedWorkflows ?? 0;
    handler(worker, message);
  });
}

interface RunUntilOptions {
  promiseCompletionTimeout?: Duration;
}

/** Closes with the worker, because the worker made it. */
class InternalNativeConnection extends NativeConnection {}

/**
 * The SDK's Worker without its native half: options, states, activities, sinks and logs are here; polls, slots, cache and workflows are
 * in the engine (src/engine/process/worker).
 */
export class Worker {
  readonly #runtime: Runtime;
  readonly #connection: NativeConnection;
  readonly #options: CompiledOptions;
  readonly #userOptions: WorkerOptions;
  readonly #logger: Logger;
  /** It never drains then: for Core the activation is still out. */
  #completionRefused = false;
  readonly #plugins: readonly WorkerPlugin[];
  readonly #number: number;
  readonly #activities: ActivityRunner;
  readonly #releases: (() => void)[];
  /** The namespace's limits for payloads. */
  #limits: { readonly blob: number; readonly memo: number } | null = null;
  #client: Client | undefined;
  #state: State = 'INITIALIZED';
  /** As of the last message of the engine. */
  cachedWorkflows = 0;
  /** For {@link codeValue}. */
  readonly #codecMemory = new CodecMemory();
  /** Settles `run()`. */
  #ended: { resolve(): void; reject(error: Error): void } | null = null;
  #forceTimer: ReturnType<typeof setTimeout> | undefined;

  /** Creates a worker and loads its workflow code; throws what is wrong with options, code or connection. */
  static async create(options: WorkerOptions): Promise<Worker> {
    const ofConnection = (options.connection?.plugins as WorkerPlugin[] | undefined) ?? [];
    options.plugins = (options.plugins ?? []).concat(ofConnection);
    for (const plugin of options.plugins) if (plugin.configureWorker !== undefined) options = await plugin.configureWorker(options);
    if (!options.taskQueue) throw new TypeError('Task queue name is required');
    throwIfReservedName('task queue', options.taskQueue);
    const runtime = Runtime.instance();
    const logger = LoggerWithComposedMetadata.compose(runtime.logger, { sdkComponent: SdkComponent.worker, taskQueue: options.taskQueue });
    const compiled = compileWorkerOptions(options, logger, runtime.logger);
    const number = nextNumber++;
    if (compiled.config.workflows) await loadWorkflows(number, compiled);
    if (compiled.config.workflows && !options.workflowBundle) logger.info('Workflow bundle created');
    const connection = (options.connection as unknown as NativeConnection | undefined) ?? (await InternalNativeConnection.connect());
    let unregister: (() => void) | undefined;
    try {
      checkVersioningBehavior(options);
      checkCoreConfig(compiled.config);
      unregister = connection.register(registrationOf(compiled.config));
      const limits = await connection.namespaceLimits(compiled.config.namespace);
      const worker = new this(runtime, connection, compiled, options, logger, number, unregister);
      if (limits && !options.disablePayloadErrorLimit) worker.#limits = { blob: Number(limits.blobSizeLimitError ?? 0), memo: Number(limits.memoSizeLimitError ?? 0) };
      return worker;
    } catch (error) {
      unregister?.();
      if (!options.connection) await connection.close();
      throw error;
    }
  }

  /** Replays a history against the workflow code; rejects with DeterminismViolationError or ReplayError. */
  static async runReplayHistory(options: ReplayWorkerOptions, history: unknown, workflowId?: string): Promise<void> {
    const results = this.runReplayHistories(options, [{ history, workflowId: workflowId ?? 'fake' }] as unknown as ReplayHistoriesIterable);
    const result = await results.next();
    await results.return?.();
    if (result.done) throw new IllegalStateError('Expected at least one replay result');
    if (result.value.error) throw result.value.error;
  }

  /** Replays histories one after the other. */
  static async *runReplayHistories(options: ReplayWorkerOptions, histories: ReplayHistoriesIterable): AsyncIterableIterator<ReplayResult> {
    for (const plugin of options.plugins ?? []) if (plugin.configureReplayWorker !== undefined) options = await plugin.configureReplayWorker(options);
    const runtime = Runtime.instance();
    const compiled = compileWorkerOptions({ taskQueue: `${options.replayName ?? 'fake_replay_queue'}-0`, ...options } as WorkerOptions, runtime.logger, runtime.logger);
    if (!compiled.config.workflows) throw new TypeError('ReplayWorkerOptions must contain workflowsPath or workflowBundle');
    const replays = replayHistories(compiled.config, compiled.dataConverter.payloadCodecs, histories);
    for (let next = await replays.next(); !next.done; next = await replays.next()) yield next.value;
  }

  protected constructor(runtime: Runtime, connection: NativeConnection, options: CompiledOptions, userOptions: WorkerOptions, logger: Logger, number: number, unregister: () => void) {
    this.#runtime = runtime;
    this.#connection = connection;
    this.#options = options;
    this.#userOptions = userOptions;
    this.#logger = logger;
    this.#plugins = userOptions.plugins ?? [];
    this.#number = number;
    this.#releases = [runtime.reference(), unregister];
    // The thread that runs workflow code keeps a process whose worker is never run.
    if (options.config.workflows) this.#releases.push(kernel.hold());
    this.#activities = new ActivityRunner({ worker: number, options, logger, metricMeter: noopMetricMeter, client: () => this.client });
    workers.set(number, this);
    if (!options.config.workflows) kernel.emit({ op: 'workerCreate', worker: number, config: options.config });
  }

  /** The options with their defaults. */
  get options(): CompiledWorkerOptions {
    return compiledOptionsOf(this.#userOptions, this.#options);
  }

  getState(): State {
    return this.#state;
  }

  getStatus(): WorkerStatus {
    const { total, local } = this.#activities.counts();
    const polling = this.#state === 'RUNNING';
    const { workflows, activityTypes } = this.#options.config;
    // A poller is SHUTDOWN where there is nothing to poll for, which `run()` finds out, and when its last poll is over.
    const pollerState = (registered: boolean): WorkerStatus['workflowPollerState'] =>
      this.#state === 'INITIALIZED' || (registered && ['RUNNING', 'STOPPING', 'DRAINING'].includes(this.#state)) ? 'POLLING' : 'SHUTDOWN';
    return {
      runState: this.#state,
      numHeartbeatingActivities: total,
      workflowPollerState: pollerState(workflows !== null),
      activityPollerState: pollerState(activityTypes.length > 0),
      hasOutstandingWorkflowPoll: polling && workflows !== null,
      hasOutstandingActivityPoll: polling && activityTypes.length > 0,
      numCachedWorkflows: this.cachedWorkflows,
      numInFlightWorkflowActivations: 0,
      numInFlightActivities: total,
      numInFlightNonLocalActivities: total - local,
      numInFlightLocalActivities: local,
    };
  }

  /** A client on the worker's connection. */
  get client(): Client | undefined {
    this.#client ??= new Client({
      namespace: this.#options.config.namespace,
      connection: this.#connection,
      identity: this.#options.config.identity,
      ...(this.#userOptions.dataConverter ? { dataConverter: this.#userOptions.dataConverter } : {}),
      ...(this.#options.interceptors.client ? { interceptors: this.#options.interceptors.client } : {}),
    } as ConstructorParameters<typeof Client>[0]);
    return this.#client;
  }

  get connection(): NativeConnection | undefined {
    return this.#connection;
  }

  /** Polls until `shutdown()` or a signal; resolves when everything has ended. */
  async run(): Promise<void> {
    let run = (worker: Worker): Promise<void> => worker.#run();
    for (const plugin of [...this.#plugins].reverse()) {
      if (plugin.runWorker === undefined) continue;
      const next = run;
      run = (worker) => plugin.runWorker!(worker as never, next as never);
    }
    return run(this);
  }

  /** Runs until `fnOrPromise` is done. */
  async runUntil<R>(fnOrPromise: Promise<R> | (() => Promise<R>), options?: RunUntilOptions): Promise<R> {
    const running = this.run();
    let inner: PromiseSettledResult<R> | undefined;
    const innerDone = (async () => {
      try {
        inner = { status: 'fulfilled', value: await (typeof fnOrPromise === 'function' ? fnOrPromise() : fnOrPromise) };
      } catch (reason) {
        inner = { status: 'rejected', reason };
      }
      if (this.#state === 'RUNNING') this.shutdown();
    })();
    let workerError: unknown;
    let failed = false;
    try {
      await running;
    } catch (error) {
      failed = true;
      workerError = error;
    }
    const timeout = msToNumber(options?.promiseCompletionTimeout ?? 0);
    if (inner === undefined && timeout > 0) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await Promise.race([innerDone, new Promise((resolve) => (timer = setTimeout(resolve, timeout)))]);
      clearTimeout(timer);
    }
    const result = (inner ?? {
      status: 'rejected',
      reason: new PromiseCompletionTimeoutError(`Promise did not resolve within ${timeout}ms after Worker completed shutdown`),
    }) as PromiseSettledResult<R>;
    if (!failed) {
      if (result.status === 'fulfilled') return result.value;
      throw result.reason;
    }
    if (result.status === 'fulfilled') throw workerError;
    throw new CombinedWorkerRunError('Worker terminated with fatal error in `runUntil`', { cause: { workerError, innerError: result.reason } });
  }

  /** Stops polling and asks running activities to end. */
  shutdown(): void {
    if (this.#state !== 'RUNNING') throw new IllegalStateError(`Not running. Current state: ${this.#state}`);
    this.#setState('STOPPING');
    const force = this.#options.shutdownForceTimeMs;
    if (force !== undefined)
      this.#forceTimer = setTimeout(() => {
        kernel.emit({ op: 'workerAbandon', worker: this.#number });
        // A poll is open until the last activity has ended, and what `run()` says in the end is that Core is not free.
        const busy = this.#activities.counts().total > 0 ? new IllegalStateError('Worker still in use: Expected 1 reference, but got 2') : undefined;
        this.#fail(new GracefulShutdownPeriodExpiredError('Timed out while waiting for worker to shutdown gracefully'), busy);
      }, force);
    kernel.emit({ op: 'workerShutdown', worker: this.#number });
    this.#setState('DRAINING');
  }

  async #run(): Promise<void> {
    if (this.#state !== 'INITIALIZED') throw new IllegalStateError('Poller was already started');
    this.#setState('RUNNING');
    const { workflows, activityTypes } = this.#options.config;
    if (!workflows) this.#logger.warn('No workflows registered, not polling for workflow tasks');
    if (activityTypes.length === 0) this.#logger.warn('No activities registered, not polling for activity tasks');
    this.#logger.info('No Nexus services registered, not polling for Nexus tasks');
    const onSignal = (): void => {
      if (this.#state === 'RUNNING') this.shutdown();
    };
    this.#runtime.registerShutdownSignalCallback(onSignal);
    const release = kernel.hold();
    try {
      await new Promise<void>((resolve, reject) => {
        this.#ended = { resolve, reject };
        kernel.emit({ op: 'workerRun', worker: this.#number, limits: this.#limits });
      });
    } finally {
      clearTimeout(this.#forceTimer);
      this.#runtime.deregisterShutdownSignalCallback(onSignal);
      workers.delete(this.#number);
      for (const give of this.#releases) give();
      if (this.#connection instanceof InternalNativeConnection) await this.#connection.close();
      release();
    }
  }

  #setState(state: State): void {
    this.#state = state;
    this.#logger.info('Worker state changed', { state });
  }

  /** `told` is what `run()` rejects with, where that is not the reason. */
  #fail(error: Error, told = error): void {
    this.#logger.error('Worker failed', { error });
    this.#setState('FAILED');
    this.#ended?.reject(told);
  }

  // What the engine says. Called by the handlers below only.

  static {
    on('activityStart', (worker, { token, task, injectedFailure }) => worker.#activities.start(token, task, injectedFailure));
    on('activityCancel', (worker, { token, reason, details }) => worker.#activities.cancel(token, reason, details));
    on('sinkCalls', (worker, { calls }) => void runSinkCalls(calls, worker.#options.sinks, worker.#logger));
    on('workerLog', (worker, { level, args }) => worker.#logger.log(level, ...(fromCloneJson(args) as [string, object])));
    on('workerDrained', (worker) => {
      if (worker.#state === 'FAILED' || worker.#completionRefused) return;
      worker.#setState('DRAINED');
      worker.#setState('STOPPED');
      worker.#ended?.resolve();
    });
    on('completionRefused', (worker, { message }) => {
      worker.#completionRefused = true;
      worker.#logger.error('Core reported failure in completeWorkflowActivation(). Initiating Worker shutdown.', { error: new TypeError(message) });
      if (worker.#state === 'RUNNING') worker.shutdown();
    });
    on('code', (worker, { id, direction, value, workflowId, runId, run }) => {
      const { dataConverter, config } = worker.#options;
      codeValue(value, dataConverter.payloadCodecs, direction, worker.#codecMemory, { namespace: config.namespace, workflowId, runId }).then(
        (coded) => kernel.emit({ op: 'coded', worker: worker.#number, id, value: coded }),
        async (error: unknown) => {
          worker.#logger.error('Failed to process Workflow Activation', { runId, ...run, error, workflowExists: run !== null });
          kernel.emit({ op: 'coded', worker: worker.#number, id, value: null, failure: messageToJson('Failure', await encodeErrorToFailure(dataConverter, error)) });
        },
      );
    });
  }
}

/** The one check of the deployment that the SDK makes itself. */
function checkVersioningBehavior({ workerDeploymentOptions: deployment }: WorkerOptions): void {
  const behavior = deployment?.useWorkerVersioning ? (deployment.defaultVersioningBehavior as string | undefined) : 'PINNED';
  if (behavior !== 'PINNED' && behavior !== 'AUTO_UPGRADE') throw new Error(`Unknown versioning behavior: ${behavior}`);
}

/** Asks the engine to load workflow code; what is wrong with it is thrown. */
function loadWorkflows(worker: number, { config }: CompiledOptions): Promise<void> {
  const release = kernel.hold();
  return new Promise<void>((resolve, reject) => {
    loading.set(worker, { resolve, reject });
    kernel.emit({ op: 'workerCreate', worker, config });
  }).finally(release);
}
const loading = new Map<number, { resolve(): void; reject(error: Error): void }>();
kernel.on('workerCreated', (message: { worker: number; error: string | null }) => {
  const waiting = loading.get(message.worker);
  loading.delete(message.worker);
  if (message.error === null) waiting?.resolve();
  else waiting?.reject(loadError(message.error));
});

/** What file system and bundler say: a missing file comes with what Node says of it. */
function loadError(message: string): Error {
  const [, code, syscall, path] = /^(ENOENT): .*, (stat) '(.*)'$/.exec(message) ?? [];
  return Object.assign(new Error(message), code && { errno: -2, code, syscall, path });
}
