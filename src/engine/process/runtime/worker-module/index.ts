/**
 * Our `@temporalio/worker`: the API of the real package's index on the simulated engine. Types are the real package's.
 */
export { NativeConnection } from './connection.ts';
export { IllegalStateError, defaultPayloadConverter } from '@temporalio/common';
export {
  CombinedWorkerRunError, errors, GracefulShutdownPeriodExpiredError, PromiseCompletionTimeoutError, ReplayError, ShutdownError, TransportError,
  UnexpectedError, UnhandledRejectionError,
} from './errors.ts';
export { DefaultLogger, LogTimestamp } from './logger.ts';
export { makeTelemetryFilterString, Runtime } from './runtime.ts';
export { Worker } from './worker.ts';
export { bundleWorkflowCode } from './bundler.ts';
export { ResourceBasedController } from './tuner.ts';
export { activityLogAttributes } from '@temporalio/worker/lib/activity';
export { ActivityInboundLogInterceptor, appendDefaultInterceptors, defaultSinks, defaultWorkflowInterceptorModules, startDebugReplayer } from './deprecated.ts';
