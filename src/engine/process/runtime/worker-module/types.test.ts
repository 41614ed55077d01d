import { expect, test } from 'vitest';
import type * as real from '@temporalio/worker';
import * as ours from './index.ts';

/**
 * What project code sees of our module fits the real one's types. Classes with private members are compared by their public side.
 */
type PublicSide<T> = { [K in keyof T]: T[K] };

type RealWorker = Pick<real.Worker, 'run' | 'runUntil' | 'shutdown' | 'getState' | 'getStatus' | 'client' | 'options'>;
const worker: {
  create(options: real.WorkerOptions): Promise<RealWorker>;
  runReplayHistory: typeof real.Worker.runReplayHistory;
  runReplayHistories: typeof real.Worker.runReplayHistories;
} = ours.Worker;

type RealConnection = Pick<
  real.NativeConnection,
  'workflowService' | 'operatorService' | 'healthService' | 'ensureConnected' | 'withDeadline' | 'withMetadata' | 'withAbortSignal' | 'close' | 'setMetadata' | 'setApiKey' | 'plugins'
>;
const connection: { connect(options?: real.NativeConnectionOptions): Promise<RealConnection>; create(options?: real.NativeConnectionOptions): Promise<RealConnection> } = ours.NativeConnection;

type RealRuntime = Pick<real.Runtime, 'logger' | 'metricMeter' | 'flushLogs' | 'shutdown' | 'registerShutdownSignalCallback' | 'deregisterShutdownSignalCallback'>;
const runtime: { install(options: real.RuntimeOptions): RealRuntime; instance(): RealRuntime } = ours.Runtime;

const functions: {
  makeTelemetryFilterString: typeof real.makeTelemetryFilterString;
  bundleWorkflowCode: typeof real.bundleWorkflowCode;
  appendDefaultInterceptors: typeof real.appendDefaultInterceptors;
  defaultSinks: typeof real.defaultSinks;
  activityLogAttributes: typeof real.activityLogAttributes;
  defaultPayloadConverter: typeof real.defaultPayloadConverter;
  defaultWorkflowInterceptorModules: typeof real.defaultWorkflowInterceptorModules;
} = ours;

const classes: {
  DefaultLogger: new (level?: real.LogLevel, logFunction?: (entry: real.LogEntry) => void) => PublicSide<real.DefaultLogger>;
  IllegalStateError: typeof real.IllegalStateError;
  GracefulShutdownPeriodExpiredError: typeof real.GracefulShutdownPeriodExpiredError;
  PromiseCompletionTimeoutError: typeof real.PromiseCompletionTimeoutError;
  CombinedWorkerRunError: typeof real.CombinedWorkerRunError;
  UnhandledRejectionError: new (message: string, cause: unknown) => PublicSide<real.UnhandledRejectionError>;
  ReplayError: typeof real.ReplayError;
  ShutdownError: new (message?: string) => PublicSide<InstanceType<typeof real.ShutdownError>>;
  TransportError: new (message?: string) => PublicSide<InstanceType<typeof real.TransportError>>;
} = ours;

test('fits the types of the real package', () => {
  for (const value of [worker, connection, runtime, functions, classes]) expect(value).toBeDefined();
});

/** Workflow modules belong into the workflow's sandbox; metrics have no reader. */
const without = ['WorkflowInboundLogInterceptor', 'WorkflowLogInterceptor', 'workflowLogAttributes', 'MetricsBuffer'];

test('has every export of the real package', async () => {
  const names = Object.keys(await import('@temporalio/worker')).filter((name) => name !== 'default' && name !== 'module.exports' && !without.includes(name));
  expect(names.filter((name) => !(name in ours))).toEqual([]);
});
