import type { PayloadLimits } from './payload-limits.ts';
import type { ActivityResolution, Failure, Payload, PollActivityTaskQueueResponse } from '../../../api/proto.ts';

/**
 * What passes between our `@temporalio/worker` in the process's VM and the worker host in the engine. As in the real SDK the VM
 * side ("lang") runs activities, sinks and loggers, the engine side ("Core") polls, counts slots, caches and retries.
 *
 *   VM                                  engine
 *   workerCreate ─────────────────────►  the options, compiled
 *   workerRun ────────────────────────►  pollers start
 *   ◄──────────────────── activityStart  run this attempt
 *   ◄─────────────────── activityCancel
 *   activityHeartbeat, activityResult ►
 *   ◄──────────────────────── sinkCalls  user's sinks and loggers
 *   workerShutdown ───────────────────►  drain
 *   ◄──────────────────── workerDrained  `run()` resolves
 */

/** How many tasks of a kind run at once. */
export type SlotSupplierConfig =
  | { readonly type: 'fixed-size'; readonly numSlots: number }
  | { readonly type: 'resource-based'; readonly minimumSlots: number; readonly maximumSlots: number; readonly rampThrottle: number; readonly targetMemoryUsage: number; readonly targetCpuUsage: number };

/** How many polls are open at once. */
export type PollerBehaviorConfig =
  | { readonly type: 'simple-maximum'; readonly maximum: number }
  | { readonly type: 'autoscaling'; readonly minimum: number; readonly maximum: number; readonly initial: number };

/** WorkerOptions with all defaults filled in; times in milliseconds. */
export interface WorkerConfig {
  readonly namespace: string;
  readonly taskQueue: string;
  readonly identity: string;
  readonly buildId: string;
  /** Set when `workerDeploymentOptions` was given. */
  readonly deployment: null | {
    readonly deploymentName: string;
    readonly buildId: string;
    readonly useWorkerVersioning: boolean;
    readonly defaultVersioningBehavior: 'PINNED' | 'AUTO_UPGRADE' | null;
  };
  /** Null: the worker does not poll for Workflow Tasks. */
  readonly workflows: null | WorkflowsConfig;
  readonly activityTypes: readonly string[];
  /** False: activities only run as local ones. */
  readonly enableNonLocalActivities: boolean;
  readonly slots: { readonly workflow: SlotSupplierConfig; readonly activity: SlotSupplierConfig; readonly localActivity: SlotSupplierConfig };
  readonly pollers: { readonly workflow: PollerBehaviorConfig; readonly activity: PollerBehaviorConfig };
  readonly nonStickyToStickyPollRatio: number;
  readonly maxCachedWorkflows: number;
  readonly stickyQueueScheduleToStartTimeout: number;
  readonly maxHeartbeatThrottleInterval: number;
  readonly defaultHeartbeatThrottleInterval: number;
  readonly maxActivitiesPerSecond: number | null;
  readonly maxTaskQueueActivitiesPerSecond: number | null;
  readonly maxEagerActivityReservationsPerWorkflowTask: number;
  readonly shutdownGraceTime: number;
  /** How long one activation of workflow code may take. */
  readonly isolateExecutionTimeout: number;
  /** The user's sinks: interface → function → `callDuringReplay`. */
  readonly sinks: { readonly [iface: string]: { readonly [fn: string]: boolean } };
  /** Log entries below this are dropped in the engine already. */
  readonly logLevel: LogLevel;
  /** The Runtime has a logger of the user's: log calls of workflows go to the VM. */
  readonly customLogger: boolean;
  /** There are payload codecs: payloads of Workflow Tasks pass through the VM. */
  readonly hasCodec: boolean;
}

/** Where the workflow code is. Paths as the user gave them, made relative to the project. */
export interface WorkflowsConfig {
  readonly path: string;
  readonly interceptorModules: readonly string[];
  readonly payloadConverterPath: string | null;
  readonly failureConverterPath: string | null;
  /** Modules that workflow code may import although it must not use them. */
  readonly ignoredModules: readonly string[];
  /** Per workflow type ('*': all): error types that fail the workflow instead of the Workflow Task. */
  readonly failureErrorTypes: { readonly [workflowType: string]: readonly string[] };
}

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';

/** Result of an activity attempt as `coresdk.activity_result.ActivityExecutionResult` has it. */
export type ActivityResult = Pick<ActivityResolution, 'completed' | 'failed' | 'cancelled'> & { readonly willCompleteAsync?: object | undefined };

/** `coresdk.activity_task.ActivityCancelReason` and its details. */
export type CancelReason = 'NOT_FOUND' | 'CANCELLED' | 'TIMED_OUT' | 'WORKER_SHUTDOWN' | 'PAUSED' | 'RESET';
export interface CancellationDetails {
  readonly isNotFound?: boolean;
  readonly isCancelled?: boolean;
  readonly isPaused?: boolean;
  readonly isTimedOut?: boolean;
  readonly isWorkerShutdown?: boolean;
  readonly isReset?: boolean;
}

/** From the VM. `worker` is the number of the worker in its process, from 1. */
export type WorkerOp =
  | { readonly op: 'workerCreate'; readonly worker: number; readonly config: WorkerConfig }
  | { readonly op: 'workerRun'; readonly worker: number; readonly limits: PayloadLimits | null }
  | { readonly op: 'workerShutdown'; readonly worker: number }
  /** The VM side gave up on a graceful end (`shutdownForceTime`). */
  | { readonly op: 'workerAbandon'; readonly worker: number }
  | { readonly op: 'activityResult'; readonly worker: number; readonly token: string; readonly result: ActivityResult }
  | { readonly op: 'activityHeartbeat'; readonly worker: number; readonly token: string; readonly details: readonly Payload[] }
  | { readonly op: 'coded'; readonly worker: number; readonly id: number; readonly value: unknown; readonly failure?: Failure | undefined };

/** Arguments and `WorkflowInfo` are as `toCloneJson` writes them. */
export type SinkCall = { readonly ifaceName: string; readonly fnName: string; readonly args: readonly unknown[]; readonly info: unknown };

/** To the VM. Each also brings `cachedWorkflows`, for `Worker.getStatus()`. */
export type WorkerMessage =
  | { readonly type: 'activityStart'; readonly worker: number; readonly token: string; readonly task: ActivityTask; readonly injectedFailure: InjectedFailure | null }
  | { readonly type: 'activityCancel'; readonly worker: number; readonly token: string; readonly reason: CancelReason; readonly details: CancellationDetails }
  | { readonly type: 'sinkCalls'; readonly worker: number; readonly calls: readonly SinkCall[] }
  | { readonly type: 'workerLog'; readonly worker: number; readonly level: LogLevel; /** Message and attributes. */ readonly args: readonly unknown[] }
  | { readonly type: 'workerDrained'; readonly worker: number }
  /** Core did not take the completion of an activation. */
  | { readonly type: 'completionRefused'; readonly worker: number; readonly message: string }
  | { readonly type: 'code'; readonly worker: number; readonly id: number; readonly direction: 'encode' | 'decode'; readonly value: unknown; readonly workflowId: string; readonly runId: string; /** What a failure's line in the log says of a cached run. */ readonly run: object | null };

/** A poll response; local ones are made by the worker itself. */
export type ActivityTask = PollActivityTaskQueueResponse & { readonly isLocal: boolean };

export interface InjectedFailure {
  readonly message: string;
  readonly type?: string | undefined;
  readonly nonRetryable?: boolean | undefined;
}
