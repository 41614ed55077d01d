import * as os from 'node:os';
import type { ActivityFunction, LoadedDataConverter, Logger } from '@temporalio/common';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import { throwIfReservedName } from '@temporalio/common/lib/reserved';
import { msOptionalToNumber, msToNumber, type Duration } from '@temporalio/common/lib/time';
import type { ActivityInterceptorsFactory, CompiledWorkerOptions, InjectedSinks, WorkerInterceptors } from '@temporalio/worker';
import type { PollerBehaviorConfig, SlotSupplierConfig, WorkerConfig, WorkflowsConfig } from '../../worker/messages.ts';
import { kernel } from '../kernel.ts';
import { bundleOptionsOf } from './bundler.ts';
import { DefaultLogger } from './logger.ts';
import { projectPath } from './paths.ts';
import { compileTuner, type CompiledTuner } from './tuner.ts';
import type { WorkerOptions } from './types.ts';

/** WorkerOptions with defaults: `config` is what the engine gets, the rest stays in the VM. */
export interface CompiledOptions {
  readonly config: WorkerConfig;
  readonly activities: ReadonlyMap<string, ActivityFunction>;
  readonly dataConverter: LoadedDataConverter;
  readonly activityInterceptors: ActivityInterceptorsFactory[];
  readonly interceptors: WorkerInterceptors;
  readonly sinks: InjectedSinks<any>;
  readonly shutdownForceTimeMs: number | undefined;
}

/** The heap limit of Node on a machine with 4 GB or more: what the size of the workflow cache is computed from. */
const HEAP_LIMIT_MIB = 4144;

/** Checks options and fills in the real defaults (the SDK's worker-options.ts). `logger` gets warnings; `runtimeLogger` is the Runtime's. */
export function compileWorkerOptions(options: WorkerOptions, logger: Logger, runtimeLogger: Logger): CompiledOptions {
  if (options.nexusServices && options.nexusServices.length > 0) throw new TypeError('WorkerOptions.nexusServices: the simulated Service has no Nexus');
  for (const name of Object.keys(options.sinks ?? {})) throwIfReservedName('sink', name);
  // The logger's former name.
  const sinks: InjectedSinks<any> = options.sinks?.['defaultWorkerLogger'] ? { __temporal_logger: options.sinks['defaultWorkerLogger'], ...options.sinks } : (options.sinks ?? {});
  if (options.useVersioning && !options.buildId) throw new TypeError('Must provide a buildId if useVersioning is true');
  const eager = options.maxEagerActivityReservationsPerWorkflowTask;
  if (eager !== undefined && (!Number.isSafeInteger(eager) || eager < 0)) throw new TypeError('maxEagerActivityReservationsPerWorkflowTask must be a non-negative integer');
  const activities = new Map<string, ActivityFunction>();
  for (const [name, fn] of Object.entries(options.activities ?? {})) if (typeof fn === 'function') activities.set(name, fn as ActivityFunction);
  for (const name of activities.keys()) throwIfReservedName('activity', name);

  const maxCachedWorkflows = cacheSize(options, logger);
  const { slots, maxWorkflowPolls, maxActivityPolls } = slotsOf(options);
  const workflows = workflowsOf(options, logger);
  const deployment = options.workerDeploymentOptions;
  const dataConverter = loadDataConverter(options.dataConverter);
  const config: WorkerConfig = {
    namespace: options.namespace ?? 'default',
    taskQueue: options.taskQueue,
    identity: options.identity ?? `${process.pid}@${os.hostname()}`,
    buildId: options.buildId ?? deployment?.version?.buildId ?? `@temporalio/worker@1.24.0${workflows ? `+${kernel.boot.entry}` : ''}`,
    deployment: deployment
      ? {
          deploymentName: deployment.version?.deploymentName,
          buildId: deployment.version?.buildId,
          useWorkerVersioning: deployment.useWorkerVersioning,
          defaultVersioningBehavior: deployment.defaultVersioningBehavior ?? null,
        }
      : null,
    workflows,
    activityTypes: [...activities.keys()],
    enableNonLocalActivities: (options.enableNonLocalActivities ?? true) && activities.size > 0,
    slots,
    pollers: {
      // The SDK does not look at maxConcurrent…TaskPolls any more.
      workflow: pollerBehavior(maxWorkflowPolls, options.workflowTaskPollerBehavior),
      activity: pollerBehavior(maxActivityPolls, options.activityTaskPollerBehavior),
    },
    nonStickyToStickyPollRatio: options.nonStickyToStickyPollRatio ?? 0.2,
    maxCachedWorkflows,
    stickyQueueScheduleToStartTimeout: msToNumber(options.stickyQueueScheduleToStartTimeout ?? '10s'),
    maxHeartbeatThrottleInterval: msToNumber(options.maxHeartbeatThrottleInterval ?? '60s'),
    defaultHeartbeatThrottleInterval: msToNumber(options.defaultHeartbeatThrottleInterval ?? '30s'),
    maxActivitiesPerSecond: options.maxActivitiesPerSecond ?? null,
    maxTaskQueueActivitiesPerSecond: options.maxTaskQueueActivitiesPerSecond ?? null,
    maxEagerActivityReservationsPerWorkflowTask: eager ?? 3,
    shutdownGraceTime: msToNumber(options.shutdownGraceTime ?? 0),
    isolateExecutionTimeout: msToNumber(isolateExecutionTimeout(options)),
    sinks: callsDuringReplay(sinks),
    logLevel: runtimeLogger instanceof DefaultLogger ? runtimeLogger.level : 'TRACE',
    customLogger: !(runtimeLogger instanceof DefaultLogger && runtimeLogger.isPlain),
    hasCodec: dataConverter.payloadCodecs.length > 0,
  };
  const interceptors = options.interceptors ?? {};
  return {
    config,
    activities,
    dataConverter,
    interceptors,
    // oxlint-disable-next-line typescript/no-deprecated
    activityInterceptors: [...(interceptors.activityInbound ?? []).map((factory) => (ctx: Parameters<typeof factory>[0]) => ({ inbound: factory(ctx) })), ...(interceptors.activity ?? [])],
    sinks,
    shutdownForceTimeMs: msOptionalToNumber(options.shutdownForceTime),
  };
}

/** `worker.options`, as the SDK shows them. */
export function compiledOptionsOf(options: WorkerOptions, { config, activities, interceptors, activityInterceptors, dataConverter, shutdownForceTimeMs }: CompiledOptions): CompiledWorkerOptions {
  const { maxConcurrentActivityTaskExecutions: _a, maxConcurrentLocalActivityExecutions: _l, maxConcurrentWorkflowTaskExecutions: _w, tuner: _t, ...rest } = options;
  const { slots, pollers } = config;
  return {
    shutdownGraceTime: 0, stickyQueueScheduleToStartTimeout: '10s', maxHeartbeatThrottleInterval: '60s', defaultHeartbeatThrottleInterval: '30s', workflowThreadPoolSize: 1, reuseV8Context: true, showStackTraceSources: false, debugMode: false, useVersioning: false,
    ...rest,
    namespace: config.namespace, identity: config.identity, buildId: config.buildId, maxCachedWorkflows: config.maxCachedWorkflows, enableNonLocalActivities: config.enableNonLocalActivities,
    nonStickyToStickyPollRatio: config.nonStickyToStickyPollRatio, workflowTaskPollerBehavior: pollers.workflow, activityTaskPollerBehavior: pollers.activity,
    shutdownGraceTimeMs: config.shutdownGraceTime, shutdownForceTimeMs, stickyQueueScheduleToStartTimeoutMs: config.stickyQueueScheduleToStartTimeout,
    maxHeartbeatThrottleIntervalMs: config.maxHeartbeatThrottleInterval, defaultHeartbeatThrottleIntervalMs: config.defaultHeartbeatThrottleInterval,
    isolateExecutionTimeout: isolateExecutionTimeout(options), isolateExecutionTimeoutMs: config.isolateExecutionTimeout,
    nexusServiceHandlers: undefined, nexusTaskPollerBehavior: pollerBehavior(10, options.nexusTaskPollerBehavior),
    activities, loadedDataConverter: dataConverter, sinks: options.sinks ?? {},
    interceptors: {
      client: { workflow: interceptors.client?.workflow ?? [], schedule: interceptors.client?.schedule ?? [] },
      activity: activityInterceptors, nexus: interceptors.nexus ?? [], workflowModules: interceptors.workflowModules ?? [],
    },
    tuner: { workflowTaskSlotSupplier: slots.workflow, activityTaskSlotSupplier: slots.activity, localActivityTaskSlotSupplier: slots.localActivity },
  } as unknown as CompiledWorkerOptions;
}

/** How long an activation may take; one that waits for a debugger as long as can be said. */
const isolateExecutionTimeout = ({ debugMode, isolateExecutionTimeout: given }: WorkerOptions & { isolateExecutionTimeout?: Duration }): Duration => (debugMode ? '4294967295ms' : given ?? '5s');

function cacheSize(options: WorkerOptions, logger: Logger): number {
  const reuse = options.reuseV8Context ?? true;
  const size = options.maxCachedWorkflows ?? Math.max(Math.floor(reuse ? ((HEAP_LIMIT_MIB - 200) * 600) / 1024 : ((HEAP_LIMIT_MIB - 400) * 250) / 1024), 10);
  if (size === 0 || size >= 2) return size;
  logger.warn('maxCachedWorkflows must be either 0 (ie. cache is disabled) or greater than 1. Defaulting to 2.');
  return 2;
}

function slotsOf(options: WorkerOptions): { slots: CompiledTuner; maxWorkflowPolls: number; maxActivityPolls: number } {
  if (options.tuner !== undefined) {
    for (const name of ['maxConcurrentActivityTaskExecutions', 'maxConcurrentLocalActivityExecutions', 'maxConcurrentWorkflowTaskExecutions'] as const)
      if (options[name] !== undefined) throw new TypeError(`Cannot set both tuner and ${name}`);
    return { slots: compileTuner(options.tuner), maxWorkflowPolls: 10, maxActivityPolls: 10 };
  }
  const fixed = (numSlots: number): SlotSupplierConfig => ({ type: 'fixed-size', numSlots: nativeCount(numSlots) });
  const workflow = options.maxConcurrentWorkflowTaskExecutions ?? 40;
  const activity = options.maxConcurrentActivityTaskExecutions ?? 100;
  return {
    slots: { workflow: fixed(workflow), activity: fixed(activity), localActivity: fixed(options.maxConcurrentLocalActivityExecutions ?? 100) },
    maxWorkflowPolls: Math.min(10, workflow),
    maxActivityPolls: Math.min(10, activity),
  };
}

function pollerBehavior(defaultMaximum: number, behavior: WorkerOptions['workflowTaskPollerBehavior']): PollerBehaviorConfig {
  if (!behavior || behavior.type === 'simple-maximum') return { type: 'simple-maximum', maximum: nativeCount(behavior?.maximum ?? defaultMaximum) };
  return { type: 'autoscaling', minimum: nativeCount(behavior.minimum ?? 1), initial: nativeCount(behavior.initial ?? 5), maximum: nativeCount(behavior.maximum ?? 100) };
}

/** A number as it arrives in Rust: whole and not negative. */
const nativeCount = (value: number): number => Math.max(0, Math.trunc(value) || 0);

/** Where the workflow code is. A bundle names the options that it was made with (see bundler.ts). */
function workflowsOf(options: WorkerOptions, logger: Logger): WorkflowsConfig | null {
  if (options.workflowBundle && options.workflowsPath) logger.warn('Ignoring WorkerOptions.workflowsPath because WorkerOptions.workflowBundle is set');
  const bundle = options.workflowBundle ? bundleOptionsOf(options.workflowBundle) : null;
  const path = bundle?.workflowsPath ?? options.workflowsPath;
  if (path === undefined) return null;
  const modules = bundle ? bundle.workflowInterceptorModules : options.interceptors?.workflowModules;
  const payloadConverterPath = bundle ? bundle.payloadConverterPath : options.dataConverter?.payloadConverterPath;
  const failureConverterPath = bundle ? bundle.failureConverterPath : options.dataConverter?.failureConverterPath;
  return {
    path: kernel.boot.workflowsOverride ?? projectPath(path),
    interceptorModules: [...new Set(modules ?? [])].map(projectPath),
    payloadConverterPath: payloadConverterPath === undefined ? null : projectPath(payloadConverterPath),
    failureConverterPath: failureConverterPath === undefined ? null : projectPath(failureConverterPath),
    ignoredModules: (bundle ? bundle.ignoreModules : options.bundlerOptions?.ignoreModules) ?? [],
    failureErrorTypes: options.workflowFailureErrorTypes ?? {},
  };
}

function callsDuringReplay(sinks: InjectedSinks<any>): WorkerConfig['sinks'] {
  return Object.fromEntries(
    Object.entries(sinks).map(([iface, fns]) => [iface, Object.fromEntries(Object.entries(fns as object).map(([fn, sink]) => [fn, (sink as { callDuringReplay?: boolean }).callDuringReplay === true]))]),
  );
}
