import type { DurationMs, ProcessId, RunId, Timestamp, WorkflowId } from '../base/brand.ts';
import type { RandomStream } from '../base/random.ts';
import type {
  ActivityResolution, HistoryEvent, PollWorkflowTaskQueueResponse, RespondQueryTaskCompletedRequest, RespondWorkflowTaskCompletedRequest,
  RespondWorkflowTaskFailedRequest, RpcName, ScheduleLocalActivity, VersioningBehavior,
} from '../api/proto.ts';
import type { AgendaId, CallId, RpcCall, RpcResult } from '../api/rpc.ts';
import type { ActivationResult, CompiledProject, TemplateName, Vm, WorkflowVm, WorkflowVmOptions } from '../api/sandbox.ts';
import type { ReplayVerdict } from '../api/verdict.ts';
import type { ActivationEntry, TraceEntry } from '../trace/entries.ts';

/** The types through which the parts of the engine reach each other; none of them imports another. */

// ---------------------------------------------------------------- Service
/** What the simulation gives the Service. */
export interface ServiceHost {
  now(): Timestamp;
  /** Puts an item on the agenda; `ServicePort.fire` gets it at `at`. Items at equal times fire in the order they were scheduled. */
  schedule(at: Timestamp, item: ServiceItem): AgendaId;
  /** Takes an item off; no error when it has fired. */
  cancel(id: AgendaId): void;
  /** The stream of chance of this name; always the same object. */
  stream(name: string): RandomStream;
  /** Answers a call, now or later (a parked call is no agenda item). */
  reply(callId: CallId, result: RpcResult): void;
  emit(entry: TraceEntry): void;
}

/** Plain data, private to the Service: a timer, a transfer between its parts. */
export interface ServiceItem {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** The simulated Temporal Service. */
export interface ServicePort {
  /** Runs an RPC: answers through `ServiceHost.reply`, at once or later (long polls, queries, updates park). */
  handle(call: RpcCall): void;
  /** The caller of a parked call is gone (connection closed or deadline reached). */
  dropCall(callId: CallId): void;
  /** An item of `ServiceHost.schedule` is due. */
  fire(item: ServiceItem): void;
}

// ---------------------------------------------------------------- Core

/** What the worker tells Core about itself. */
export interface CoreConfig {
  readonly namespace: string;
  readonly taskQueue: string;
  readonly identity: string;
  /** Present when the sticky queue is used; goes into RespondWorkflowTaskCompleted. */
  readonly stickyTaskQueue: string | null;
  readonly stickyScheduleToStartTimeout: DurationMs;
  /** Worker deployment version, when versioning is on. */
  readonly deployment: null | { readonly deploymentName: string; readonly buildId: string };
  /** `@temporalio/worker@1.24.0+<hash of the bundle>` of an unversioned worker; written into Workflow Task events. */
  readonly buildId?: string | undefined;
  /** For workflows that do not say how they are versioned. */
  readonly defaultVersioningBehavior?: VersioningBehavior | undefined;
  /** Names of the activities the worker has (for eager dispatch and local activities). */
  readonly activityTypes: readonly string[];
  /** How many activities of this completion may be executed eagerly (free slots, at most 3); 0 turns it off. */
  eagerActivitySlots(taskQueue: string): number;
  now(): Timestamp;
}

/**
 * One cached run in a worker: takes Workflow Tasks, gives activations to the VM and checks commands against history.
 * `src/engine/core` exports `createWorkflowRun(vm, config, task)`.
 */
export interface CoreRun {
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  /** A poll response, its history complete from where the run stands (from event 1 when new; the worker pages the rest in first). */
  handleTask(task: PollWorkflowTaskQueueResponse): CoreOutcome;
  /**
   * A local activity ended at `attempt`, which ran for `runtime`: the workflow's clock goes on by so much. With `backoff` the resolution
   * also has the `failed` of that attempt, for the marker.
   */
  resolveLocalActivity(seq: number, resolution: ActivityResolution, attempt: number, runtime: DurationMs): CoreOutcome;
  /** 80 % of the Workflow Task timeout passed while local activities run. */
  heartbeatDue(): CoreOutcome;
  /** The answer to a completion says that nothing of it was kept (a speculative Workflow Task that rejected its updates): back to this started event. */
  resetLastStarted(startedEventId: number): void;
}

/** What came of it: records for the trace and things for the worker to do, in order. */
export interface CoreOutcome {
  readonly activations: readonly Omit<ActivationEntry, 'type' | 'process'>[];
  readonly effects: readonly CoreEffect[];
  /** Console lines and sink calls of the workflow; `replaying` ones are only for sinks with `callDuringReplay`. */
  readonly consoleLines: ActivationResult['consoleLines'];
  readonly sinkCalls: readonly { readonly ifaceName: string; readonly fnName: string; readonly args: readonly unknown[]; readonly replaying: boolean; readonly info: unknown }[];
  /** The run can't go on in this cache: evict it (after the effects). `vmBroken` takes every run of the VM along. */
  readonly evict: null | { readonly reason: string; readonly vmBroken: boolean };
}

export type CoreEffect =
  | { readonly type: 'completeTask'; readonly request: RespondWorkflowTaskCompletedRequest }
  /** `report` is false from attempt 2 on: the failure is swallowed and the Service times the task out. */
  | { readonly type: 'failTask'; readonly request: RespondWorkflowTaskFailedRequest; readonly report: boolean }
  | { readonly type: 'respondQuery'; readonly request: RespondQueryTaskCompletedRequest }
  /** Core does not take what the workflow's code made; the Workflow Task stays as it is. */
  | { readonly type: 'refuseCompletion'; readonly reason: string }
  | { readonly type: 'startLocalActivity'; readonly command: ScheduleLocalActivity; readonly workflowType: string; readonly scheduledAt: Timestamp; readonly header: unknown }
  | { readonly type: 'cancelLocalActivity'; readonly seq: number }
  /** Ask again with `heartbeatDue` at this time, unless the task ends before. */
  | { readonly type: 'setHeartbeat'; readonly at: Timestamp };

export type { ReplayVerdict };

// ---------------------------------------------------------------- Processes

/** What the simulation gives every process. */
export interface ProcessHost {
  now(): Timestamp;
  /** Puts an item on the agenda; `ProcessPort.fire` of the process gets it, unless it died in between. An item that is no work (an unref'ed timer) does not keep a run from being idle. */
  schedule(process: ProcessId, at: Timestamp, item: ProcessItem, work?: boolean): AgendaId;
  cancel(id: AgendaId): void;
  stream(name: string): RandomStream;
  /**
   * Sends an RPC; the answer comes through `ProcessPort.onReply` after two hops. After `timeout` without an answer: DEADLINE_EXCEEDED
   * (long polls have none). Retries are the caller's.
   */
  call(process: ProcessId, rpc: RpcName, request: unknown, timeout: DurationMs | null): CallId;
  /** Whether the Service can be reached at `host:port`: null, or the code with which connecting fails. Takes no time. */
  connect(address: string): 'ECONNREFUSED' | 'ENOTFOUND' | null;
  /** Takes back a call (a poll at shutdown): no answer will come. */
  cancelCall(callId: CallId): void;
  /** Sends an HTTP request to a simulated external service; answered through `ProcessPort.onFetchResult`. */
  fetch(process: ProcessId, request: FetchRequest): number;
  cancelFetch(id: number): void;
  /** Answers a request that `ProcessPort.onRequest` of an external service brought. */
  respond(process: ProcessId, requestId: number, response: FetchResponse): void;
  emit(entry: TraceEntry): void;
  acquireVm(template: TemplateName): Vm;
  releaseVm(vm: Vm): void;
  createWorkflowVm(project: CompiledProject, entry: string, options: WorkflowVmOptions): WorkflowVm;
  /** The code in a folder ('' is the project itself). */
  project(dir: string): CompiledProject;
  /** A process ended by itself (`exit`, uncaught error, worker.run resolved and nothing left to do). */
  exited(process: ProcessId, exitCode: number): void;
  /** A worker polls for the first time (the first client starts once every worker does). */
  polling(process: ProcessId): void;
  /** True when the next attempt of this activity type has to throw before its body (fault `fail`); counts it. */
  takeInjectedFailure(activityType: string): null | { readonly message: string; readonly type?: string | undefined; readonly nonRetryable?: boolean | undefined };
}

/** Plain data, private to the process. */
export interface ProcessItem {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface FetchRequest {
  /** `http://<service><path>` */
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** `error` is set when no response came: refused, connection lost. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly error?: string | undefined;
}

/** A simulated process: worker, client or external service. `kill` and a later `start` make a new incarnation. */
export interface ProcessPort {
  readonly id: ProcessId;
  /** Starts (or restarts) with the code of `dir`. */
  start(dir: string): void;
  /** No goodbye: VM, cache, open polls and timers are gone. */
  kill(): void;
  /** As SIGTERM: a worker drains, others exit. */
  shutdown(): void;
  fire(item: ProcessItem): void;
  onReply(callId: CallId, result: RpcResult): void;
  onFetchResult(fetchId: number, response: FetchResponse): void;
}

/** The simulated external service's side. */
export interface ExternalServicePort extends ProcessPort {
  /** Time of a request each way; 5 ms until `services.ts` says otherwise. */
  readonly latency: DurationMs;
  onRequest(requestId: number, from: ProcessId, request: FetchRequest): void;
}

/** A worker's extra entrances. */
export interface WorkerPort extends ProcessPort {
  /** Empties the workflow cache (fault `evict`). */
  evictAll(): void;
  /**
   * Replays a history as the worker of this process that runs the workflow code of `entry` would, or else its first: with that worker's
   * interceptors, converters and payload codecs. The verdict may take steps. False: none of its workers has workflows.
   */
  replay(entry: string, history: readonly HistoryEvent[], workflowId: string, done: (verdict: ReplayVerdict) => void): boolean;
}

/** How a process is started. */
export interface ProcessSpec {
  readonly id: ProcessId;
  readonly kind: 'worker' | 'client' | 'service';
  /** Entry module in the project, such as `src/worker.ts`; a service process also names its service. */
  readonly entry: string;
  readonly serviceName?: string | undefined;
  /** `process.argv` from index 2. */
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string };
  /** Workflows file used when the worker's own `workflowsPath` is overridden (`--workflows`). */
  readonly workflowsOverride?: string | undefined;
}
