/** Types of the real package under which our code is written. */
import type * as real from '@temporalio/worker';

export type RuntimeOptions = real.RuntimeOptions;
export type CoreLogFilterOptions = Parameters<typeof real.makeTelemetryFilterString>[0];
export type WorkerOptions = real.WorkerOptions;
export type ReplayWorkerOptions = real.ReplayWorkerOptions;
export type NativeConnectionOptions = real.NativeConnectionOptions;
export type WorkerPlugin = real.WorkerPlugin;
export type State = real.State;
export type WorkerStatus = real.WorkerStatus;
