import type { ProcessId, RunId, Step, Timestamp, WorkflowId } from '../base/brand.ts';
import type { CodePosition } from '../api/sandbox.ts';
import type { Failure, HistoryEvent, RpcName } from '../api/proto.ts';

/** The version of the trace format. A change of shape raises it and adds an upgrade. */
export const VERSION = 1;

/**
 * One recorded fact. The trace is the only source of what panes show. Entries hold what changed, never a copy of everything;
 * where one says "state", it replaces the former state of the same key.
 */
export type TraceEntry =
  | StepEntry
  | InputEntry
  | DeliveryEntry
  | PollsRenewedEntry
  | HistoryEntry
  | RunEntry
  | WorkflowTaskEntry
  | PendingActivityEntry
  | PendingTimerEntry
  | BufferedEventsEntry
  | UpdateEntry
  | QueryEntry
  | ScheduleEntry
  | TaskQueueEntry
  | ProcessEntry
  | LogEntry
  | SlotsEntry
  | PollersEntry
  | CacheEntry
  | ActivationEntry
  | ActivityExecutionEntry
  | ServiceRequestEntry
  | LedgerEntry
  | FaultEntry
  | ViolationEntry;

/** Opens a step: the agenda item that is run. All entries up to the next StepEntry belong to it. */
export interface StepEntry {
  readonly type: 'step';
  readonly step: Step;
  readonly at: Timestamp;
  readonly item: StepItem;
}

/** What an agenda item was, for people. */
export type StepItem =
  | { readonly kind: 'request' | 'response'; readonly callId: number; readonly rpc: RpcName; readonly process: ProcessId }
  | { readonly kind: 'serviceTimer'; readonly name: string; readonly workflowId?: WorkflowId | undefined; readonly runId?: RunId | undefined }
  | { readonly kind: 'processTimer' | 'processStart'; readonly process: ProcessId; readonly name: string }
  | { readonly kind: 'fetchRequest' | 'fetchResponse'; readonly process: ProcessId; readonly service: string; readonly path: string }
  | { readonly kind: 'fault' | 'input'; readonly name: string };

/** Something entered from outside. */
export interface InputEntry {
  readonly type: 'input';
  readonly input: Input;
}

/** One RPC hop. `dropped` never arrives. */
export interface DeliveryEntry {
  readonly type: 'delivery';
  readonly callId: number;
  readonly rpc: RpcName;
  readonly edge: 'request' | 'response';
  readonly process: ProcessId;
  readonly sentAt: Timestamp;
  readonly dropped: boolean;
  /** gRPC code of a failed response. */
  readonly error?: { readonly code: number; readonly message: string } | undefined;
  readonly workflowId?: WorkflowId | undefined;
  readonly runId?: RunId | undefined;
  /** A few words: `task, 16 events`, `empty`, `ScheduleActivityTask greet`. */
  readonly summary: string;
}

/** Long polls that ran out and were asked again while time jumped. */
export interface PollsRenewedEntry {
  readonly type: 'pollsRenewed';
  readonly count: number;
}

/** An event that is now on disk. */
export interface HistoryEntry {
  readonly type: 'history';
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly event: HistoryEvent;
}

export type RunStatus = 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELED' | 'TERMINATED' | 'CONTINUED_AS_NEW' | 'TIMED_OUT' | 'PAUSED';

/** A run opened or changed its status. */
export interface RunEntry {
  readonly type: 'run';
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly status: RunStatus;
  readonly parent?: { readonly workflowId: WorkflowId; readonly runId: RunId } | undefined;
}

/** The pending Workflow Task of a run, in memory; null when there is none. */
export interface WorkflowTaskEntry {
  readonly type: 'workflowTask';
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly state: null | {
    readonly phase: 'scheduled' | 'started';
    /** `transient` and `speculative` ones are not in history. */
    readonly kind: 'normal' | 'transient' | 'speculative';
    readonly attempt: number;
    readonly taskQueue: string;
    readonly sticky: boolean;
    readonly scheduledAt: Timestamp;
    readonly startedAt?: Timestamp | undefined;
    /** When the Service gives up on it. */
    readonly timeoutAt?: Timestamp | undefined;
    readonly identity?: string | undefined;
  };
}

/** A pending activity of a run; state null when it is closed. */
export interface PendingActivityEntry {
  readonly type: 'pendingActivity';
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly scheduledEventId: number;
  readonly state: null | {
    readonly activityId: string;
    readonly activityType: string;
    readonly taskQueue: string;
    readonly phase: 'scheduled' | 'started' | 'backoff' | 'cancelRequested' | 'paused';
    readonly attempt: number;
    readonly maximumAttempts: number;
    readonly scheduledAt: Timestamp;
    readonly startedAt?: Timestamp | undefined;
    readonly lastHeartbeatAt?: Timestamp | undefined;
    readonly nextAttemptAt?: Timestamp | undefined;
    /** The next timeout that would fire. */
    readonly timeout?: { readonly type: string; readonly at: Timestamp } | undefined;
    readonly lastFailure?: Failure | undefined;
    readonly identity?: string | undefined;
    readonly heartbeatDetails?: string | undefined;
  };
}

/** A running timer; null when it fired or was canceled. */
export interface PendingTimerEntry {
  readonly type: 'pendingTimer';
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly timerId: string;
  readonly state: null | { readonly startedAt: Timestamp; readonly fireAt: Timestamp };
}

/** Events that wait for the started Workflow Task to end (types, in order). */
export interface BufferedEventsEntry {
  readonly type: 'bufferedEvents';
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly eventTypes: readonly string[];
}

/** The life of an update. */
export interface UpdateEntry {
  readonly type: 'update';
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly updateId: string;
  readonly name: string;
  readonly state: 'admitted' | 'sent' | 'accepted' | 'completed' | 'rejected' | 'aborted';
}

/** The life of a query: it leaves nothing in history. */
export interface QueryEntry {
  readonly type: 'query';
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly queryType: string;
  readonly state: 'received' | 'dispatched' | 'answered' | 'failed';
}

/** A schedule's state; null when deleted. */
export interface ScheduleEntry {
  readonly type: 'schedule';
  readonly scheduleId: string;
  readonly state: null | {
    readonly paused: boolean;
    readonly nextAt?: Timestamp | undefined;
    readonly running: readonly string[];
    readonly buffered: number;
    readonly recent: readonly { readonly at: Timestamp; readonly workflowId: WorkflowId }[];
    readonly note?: string | undefined;
  };
}

/** A task queue's state. */
export interface TaskQueueEntry {
  readonly type: 'taskQueue';
  readonly name: string;
  readonly kind: 'workflow' | 'activity';
  readonly sticky: boolean;
  /** Tasks that wait, by partition. */
  readonly backlog: readonly number[];
  readonly pollers: readonly { readonly process: ProcessId; readonly count: number }[];
}

/** A process was born, changed or ended. */
export interface ProcessEntry {
  readonly type: 'process';
  readonly process: ProcessId;
  readonly kind: 'worker' | 'client' | 'service';
  readonly state: 'starting' | 'running' | 'shuttingDown' | 'exited' | 'killed' | 'hung';
  /** How many times it has been started, from 1. */
  readonly incarnation: number;
  readonly exitCode?: number | undefined;
  /** The project folder whose code it runs; '' is the scenario's own. */
  readonly dir: string;
  /** The entry file, such as `src/worker.ts`. */
  readonly entry: string;
  readonly error?: { readonly message: string; readonly position?: CodePosition | undefined } | undefined;
}

export interface LogEntry {
  readonly type: 'log';
  readonly process: ProcessId;
  readonly level: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  readonly text: string;
}

/** Slots of a worker. */
export interface SlotsEntry {
  readonly type: 'slots';
  readonly process: ProcessId;
  readonly kind: 'workflow' | 'activity' | 'localActivity';
  readonly taskQueue: string;
  readonly used: number;
  readonly total: number;
  /** Modelled load of the whole process now: parts of 1 (see process/worker/slots.ts). */
  readonly load: { readonly cpu: number; readonly memory: number };
}

/** Polls of a worker that are open now. */
export interface PollersEntry {
  readonly type: 'pollers';
  readonly process: ProcessId;
  readonly kind: 'workflow' | 'stickyWorkflow' | 'activity';
  readonly taskQueue: string;
  readonly count: number;
}

/** The cache of a worker gained or lost a run. */
export interface CacheEntry {
  readonly type: 'cache';
  readonly process: ProcessId;
  readonly op: 'add' | 'evict';
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly reason?: string | undefined;
}

/** One row of the replay zipper: the line, the command that it made, the event that history has. */
export interface ZipperRow {
  readonly position: CodePosition | null;
  /** `ScheduleActivityTask greet`, `StartTimer 60s`, `CompleteWorkflowExecution`. */
  readonly command: string;
  readonly commandType: string;
  /** The event that it was compared with; null when the command is new and will be sent. */
  readonly event: null | { readonly eventId: number; readonly eventType: string; readonly summary: string };
  readonly match: 'matched' | 'new' | 'mismatch';
}

/** The workflow code ran: one activation in a worker. */
export interface ActivationEntry {
  readonly type: 'activation';
  readonly process: ProcessId;
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly workflowType: string;
  /** True while recorded history is run through again. */
  readonly replaying: boolean;
  /** First and last event that this activation took in. */
  readonly events: { readonly from: number; readonly to: number };
  /** `initializeWorkflow`, `resolveActivity 1`, `signalWorkflow go` … in the order of the activation. */
  readonly jobs: readonly string[];
  readonly lines: readonly CodePosition[];
  readonly linesOmitted: number;
  readonly rows: readonly ZipperRow[];
  /** Lines at which the code waits now. `eventId` of the scheduled event where known. */
  readonly waiting: readonly { readonly position: CodePosition; readonly reason: string; readonly eventId?: number | undefined }[];
  /** Results that flowed from recorded events into the code. */
  readonly resolved: readonly { readonly seq: number; readonly kind: string; readonly eventId: number; readonly position: CodePosition | null }[];
  readonly failure: null | { readonly kind: 'nondeterminism' | 'failure'; readonly message: string; readonly position: CodePosition | null };
}

/** An activity (or local activity) attempt in a worker. */
export interface ActivityExecutionEntry {
  readonly type: 'activityExecution';
  readonly process: ProcessId;
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly activityId: string;
  readonly activityType: string;
  readonly attempt: number;
  readonly local: boolean;
  readonly phase: 'started' | 'heartbeat' | 'cancelRequested' | 'completed' | 'failed' | 'canceled';
  readonly detail?: string | undefined;
}

/** A request reached an external service, or was answered. */
export interface ServiceRequestEntry {
  readonly type: 'serviceRequest';
  readonly service: string;
  readonly from: ProcessId;
  readonly id: number;
  readonly phase: 'received' | 'answered' | 'refused' | 'lost';
  readonly method: string;
  readonly path: string;
  readonly status?: number | undefined;
}

/** An effect in the outside world. */
export interface LedgerEntry {
  readonly type: 'ledger';
  readonly service: string;
  readonly at: Timestamp;
  readonly entry: { readonly [key: string]: unknown };
}

export interface FaultEntry {
  readonly type: 'fault';
  readonly fault: Fault;
  readonly detail?: string | undefined;
}

/** A checker's finding: our bug. */
export interface ViolationEntry {
  readonly type: 'violation';
  readonly rule: string;
  readonly message: string;
}

/** Injected trouble, as `headless.md` writes it under "do". */
export type Fault =
  | { readonly kill: ProcessId }
  | { readonly start: ProcessId; readonly dir?: string | undefined }
  | { readonly shutdown: ProcessId }
  | { readonly evict: ProcessId }
  | { readonly drop: true }
  | { readonly delay: string }
  | { readonly fail: { readonly activityType: string; readonly attempts: number; readonly message: string; readonly type?: string | undefined; readonly nonRetryable?: boolean | undefined } }
  | { readonly outage: { readonly service: string; readonly for: string } }
  | { readonly signal: { readonly workflowId: WorkflowId; readonly name: string; readonly args?: readonly unknown[] | undefined } }
  | { readonly cancel: { readonly workflowId: WorkflowId } }
  | { readonly terminate: { readonly workflowId: WorkflowId } };

/** Settings of a scenario's variant; they mean what the flags of the headless runner mean. */
export interface RunSetup {
  readonly workers?: readonly string[] | undefined;
  /** How many of each worker; 1 when absent. */
  readonly workerCount?: number | undefined;
  readonly clients?: readonly string[] | undefined;
  readonly clientArgs?: readonly string[] | undefined;
  readonly services?: string | undefined;
  readonly workflows?: string | undefined;
  /** `idle` (default) or a duration. */
  readonly until?: string | undefined;
  /** Environment variables of workers and clients. */
  readonly env?: { readonly [name: string]: string } | undefined;
  readonly faults?: readonly FaultRule[] | undefined;
}

/** When a fault strikes, as `headless.md` writes it under "when". */
export type FaultTrigger =
  | { readonly at: string }
  | { readonly step: number }
  | { readonly event: string; readonly nth?: number | undefined; readonly workflowId?: WorkflowId | undefined }
  | { readonly rpc: RpcName; readonly nth?: number | undefined; readonly edge?: 'request' | 'response' | undefined; readonly process?: ProcessId | undefined };

export interface FaultRule {
  readonly when: FaultTrigger;
  readonly do: Fault;
}

/** Anything that enters from outside at a step. The log of inputs and the files and the seed make the run. */
export type Input =
  | { readonly type: 'injectFault'; readonly fault: Fault }
  /** New code for a process, which is killed if it runs and started with that code. */
  | { readonly type: 'deploy'; readonly process: ProcessId; readonly dir: string };

