import type { ProcessId, RunId, Timestamp, WorkflowId } from '../../base/brand.ts';
import type { AgendaId, CallId } from '../../api/rpc.ts';
import type {
  Failure, HistoryEvent, Memo, Payload, Payloads, Priority, RetryPolicy, SearchAttributes, SuggestContinueAsNewReason,
  StartBatchOperationRequest, VersioningBehavior, VersioningOverride, WorkerDeploymentVersion, WorkflowExecution,
} from '../../api/proto.ts';
import type { RunStatus } from '../../trace/entries.ts';
import type { ScheduleState } from './schedules/state.ts';

/** The whole state of the Service: one tree of plain data, so that a checkpoint is a copy of it. */
export interface ServiceState {
  /** Namespaces by name. */
  namespaces: { [name: string]: NamespaceState };
  /** The next task id: events and tasks share one counter, as on a shard. */
  nextTaskId: number;
  runs: { [runId: RunId]: Run };
  /** By `workflowKey(namespace, workflowId)`. */
  workflows: { [key: string]: WorkflowState };
  /** Task queues by `queueKey(type, name)`. */
  queues: { [key: string]: TaskQueueState };
  /** Schedules by `scheduleKey(namespace, scheduleId)`, closed ones too. */
  schedules: { [key: string]: ScheduleState };
  /** Which schedule waits for the end of a workflow: `workflowKey` to `scheduleKey`. */
  scheduleWatches: { [workflow: string]: string };
  /** Batch operations by `workflowKey(namespace, jobId)`. */
  batches: { [key: string]: BatchState };
  /** Worker deployments by namespace and name. */
  deployments: { [namespace: string]: { [name: string]: DeploymentState } };
  /** Parked calls, so that a dropped caller can be found. */
  parked: { [callId: CallId]: ParkedCall };
  /** Queries under way that went through matching, by query id. */
  queries: { [queryId: string]: DirectQuery };
}

/** A batch operation. On a real server it is a workflow of the server's own. */
export interface BatchState {
  request: StartBatchOperationRequest;
  /** Of the workflow that it is on a real server. */
  runId: RunId;
  requestId: string;
  status: 'RUNNING' | 'COMPLETED' | 'FAILED';
  startedAt: Timestamp;
  closedAt: Timestamp | null;
  /** Found by the query, or named; null until its first step. */
  targets: WorkflowExecution[] | null;
  succeeded: number;
  failed: number;
}

export interface NamespaceState {
  name: string;
  id: string;
  createdAt: Timestamp;
  description: string;
  ownerEmail: string;
  data: { [key: string]: string };
  retentionMs: number;
  /** Custom search attributes: name to type, such as `INDEXED_VALUE_TYPE_KEYWORD`. */
  searchAttributes: { [name: string]: string };
}

export interface WorkflowState {
  namespace: string;
  workflowId: WorkflowId;
  /** Empty when it was deleted and older ones are left. */
  currentRunId: RunId;
  /** Oldest first. */
  runIds: RunId[];
}

export type ParkedCall =
  | { kind: 'poll'; queueKey: string }
  | { kind: 'history'; runId: RunId }
  | { kind: 'query'; runId: RunId; queryId: string }
  | { kind: 'update'; runId: RunId };

// ---------------------------------------------------------------- one run

/** MutableState: everything the history service knows of one run. */
export interface Run {
  namespace: string;
  workflowId: WorkflowId;
  runId: RunId;
  workflowType: string;
  taskQueue: string;
  status: RunStatus;
  startedAt: Timestamp;
  /** Start plus first Workflow Task back-off. */
  executionAt: Timestamp;
  closedAt: Timestamp | null;
  createRequestId: string;
  /** The run that was made by resetting this one; '' if none was. */
  resetRunId: RunId;

  firstRunId: RunId;
  /** Kept across reset; seeds the SDK's random numbers. */
  originalRunId: RunId;
  continuedFromRunId: RunId | null;
  newRunId: RunId | null;
  attempt: number;
  /** Milliseconds; 0 means none. */
  executionTimeoutMs: number;
  runTimeoutMs: number;
  taskTimeoutMs: number;
  /** When the chain of runs must end; 0 for never. */
  expiresAt: number;
  retryPolicy: RetryPolicy | null;
  cronSchedule: string;
  parent: null | { namespace: string; workflowId: WorkflowId; runId: RunId; initiatedEventId: number };
  root: { workflowId: WorkflowId; runId: RunId };
  memo: Memo | null;
  searchAttributes: SearchAttributes | null;
  priority: Priority | null;

  /** On disk. Written once, never changed. */
  events: HistoryEvent[];
  /** In memory, without ids, until the started Workflow Task ends. */
  buffered: HistoryEvent[];
  /** How many of them are from transactions before this one. */
  bufferedBefore: number;
  /** The trace shows a non-empty buffer. */
  bufferShown: boolean;
  nextEventId: number;
  /** Bytes of `events`. */
  historySize: number;

  task: WorkflowTaskInfo;
  /** The Workflow Task that was scheduled when the run closed. */
  taskAtClose: null | WorkflowTaskInfo;
  sticky: null | { queue: string; timeoutMs: number };
  /** A first Workflow Task that waits for a start delay, cron or retry back-off. */
  backoffTimer: AgendaId | null;
  runTimer: AgendaId | null;
  executionTimer: AgendaId | null;
  lastCompletedTaskStartedEventId: number;
  completedAnyTask: boolean;

  activities: { [scheduledEventId: number]: ActivityInfo };
  activityIds: { [activityId: string]: number };
  timers: { [timerId: string]: TimerInfo };
  children: { [initiatedEventId: number]: ChildInfo };
  signalsOut: { [initiatedEventId: number]: ExternalInfo };
  cancelsOut: { [initiatedEventId: number]: ExternalInfo };
  counts: { activities: number; children: number; signalsOut: number; cancelsOut: number };

  signalCount: number;
  /** Request ids seen (start, signals): a repeated request changes nothing. */
  requestIds: { [requestId: string]: true };
  cancelRequested: boolean;
  cancelRequestId: string;

  updates: { [updateId: string]: UpdateInfo };
  /** Ids in order of admission. */
  updateOrder: string[];
  updateCount: number;
  /** When the oldest waiting request for an update comes again, while the Workflow Task keeps failing. */
  updateRetry: AgendaId | null;
  queries: BufferedQuery[];
  /** Long polls of the history. */
  historyWaiters: HistoryWaiter[];

  paused: null | { at: Timestamp; identity: string; reason: string; requestId: string };
  versioning: VersioningInfo | null;
  /** Where new runs go, as a pinned run was told of it; and as the run before it was told, and did not follow. */
  notifiedTarget: TargetVersion | null;
  /** Revision of the routing that brought it to its version; 0 for none. */
  routingRevision: number;
  declinedTarget: TargetVersion | null;
  /** Build ids seen, as the search attribute BuildIds tells. */
  buildIds: string[];
  resetPoints: { buildId: string; runId: RunId; firstWorkflowTaskCompletedId: number; createdAt: Timestamp; expiresAt: Timestamp | null }[];
  /** The last Workflow Task failure or timeout in a row; for `TemporalReportedProblems`. */
  lastTaskFailure: null | { category: 'WorkflowTaskFailed' | 'WorkflowTaskTimedOut'; cause: string };
  /** A close command failed because of buffered events: no new updates until the next task ends. */
  closeAttempted: boolean;
  /** Set when the history limits have been met. */
  sizeWarned: boolean;
  sdkName: string;
  sdkVersion: string;
  /** Summary and details of the start request. */
  userMetadata: { summary?: Payload | undefined; details?: Payload | undefined } | null;
}

/** The pending Workflow Task; `scheduledEventId` 0 means none. */
export interface WorkflowTaskInfo {
  type: 'none' | 'normal' | 'speculative';
  scheduledEventId: number;
  startedEventId: number;
  requestId: string;
  identity: string;
  timeoutMs: number;
  attempt: number;
  attemptsSinceLastSuccess: number;
  scheduledAt: number;
  startedAt: number;
  /** Set at the first of a row of heartbeats. */
  originalScheduledAt: number;
  suggestContinueAsNew: boolean;
  suggestReasons: SuggestContinueAsNewReason[];
  historySizeBytes: number;
  /** Agenda items: schedule-to-start (sticky, speculative) and start-to-close. */
  scheduleTimer: AgendaId | null;
  startTimer: AgendaId | null;
  scheduleTimeoutAt: number;
  startTimeoutAt: number;
  /** Queue it was scheduled on, and which copy in matching is valid. */
  queue: string;
  stickyQueue: boolean;
  stamp: number;
  workerVersion: { buildId?: string | undefined; useVersioning?: boolean | undefined } | null;
}

export interface ActivityInfo {
  scheduledEventId: number;
  activityId: string;
  activityType: string;
  taskQueue: string;
  attempt: number;
  /** When the current attempt was (or will be) put into the queue. */
  scheduledAt: Timestamp;
  firstScheduledAt: Timestamp;
  /** 0 not started, −1 started without an event yet, else the id of the event. */
  startedEventId: number;
  startedAt: number;
  requestId: string;
  identity: string;
  deploymentVersion: WorkerDeploymentVersion | null;
  scheduleToCloseMs: number;
  scheduleToStartMs: number;
  startToCloseMs: number;
  heartbeatMs: number;
  retry: { initialMs: number; coefficient: number; maximumMs: number; maximumAttempts: number; nonRetryable: string[] };
  /** Whether the back-off before the current attempt still runs. */
  backoff: boolean;
  lastFailure: Failure | null;
  lastIdentity: string;
  lastHeartbeatAt: number;
  heartbeatDetails: Payloads | null;
  lastCompletedAt: number;
  cancelRequested: boolean;
  cancelRequestedEventId: number;
  paused: null | { at: Timestamp; identity: string; reason: string; requestId: string };
  /** Reset while an attempt runs: its heartbeats tell it. */
  resetRequested: boolean;
  resetHeartbeats: boolean;
  /** Agenda item of the earliest timeout, and what it is. */
  timer: AgendaId | null;
  timeoutType: '' | 'StartToClose' | 'ScheduleToStart' | 'ScheduleToClose' | 'Heartbeat';
  timeoutAt: number;
  retryTimer: AgendaId | null;
  /** Which copy in matching is valid. */
  stamp: number;
  priority: Priority | null;
}

export interface TimerInfo {
  timerId: string;
  startedEventId: number;
  startedAt: Timestamp;
  fireAt: Timestamp;
  timer: AgendaId | null;
}

export interface ChildInfo {
  initiatedEventId: number;
  workflowId: WorkflowId;
  /** Empty until started. */
  runId: RunId;
  startedEventId: number;
  namespace: string;
  workflowType: string;
  parentClosePolicy: string;
  requestId: string;
}

export interface ExternalInfo {
  initiatedEventId: number;
  requestId: string;
}

export interface UpdateInfo {
  updateId: string;
  name: string;
  /** `sent` is admitted and on a started Workflow Task. */
  state: 'admitted' | 'sent' | 'accepted' | 'completed' | 'rejected' | 'aborted';
  /** proto3 JSON temporal.api.update.v1.Request; dropped when accepted; null, too, where an UpdateAdmitted event has it. */
  request: unknown;
  acceptedEventId: number;
  completedEventId: number;
  /** temporal.api.update.v1.Outcome */
  outcome: unknown;
  /** Calls that wait for a stage. */
  waiters: UpdateWaiter[];
}

export interface UpdateWaiter {
  callId: CallId;
  since: Timestamp;
  stage: 'admitted' | 'accepted' | 'completed';
  /** Set when the call is ExecuteMultiOperation: the answer to its start. */
  started: unknown;
  /** The request, to be sent again to the next run when this one continues as new. */
  request: unknown;
}

export interface BufferedQuery {
  queryId: string;
  callId: CallId;
  query: unknown;
  deadline: Timestamp;
  state: 'buffered' | 'sent';
}

export interface DirectQuery {
  queryId: string;
  callId: CallId;
  runId: RunId;
  query: unknown;
  /** When the caller, or the Service, gives it up. */
  deadline: Timestamp;
  /** Runs while it waits for the sticky worker. */
  stickyTimer: AgendaId | null;
  /** Runs while it waits for anybody, to the time when it is told that nobody is there. */
  noPollerTimer: AgendaId | null;
}

export interface HistoryWaiter {
  callId: CallId;
  fromIndex: number;
  closeOnly: boolean;
}

/** The version that new runs go to, and the revision of the deployment's routing that says so. */
export interface TargetVersion {
  version: WorkerDeploymentVersion | null;
  revision: number;
}

export interface VersioningInfo {
  behavior: VersioningBehavior;
  deploymentVersion: WorkerDeploymentVersion | null;
  override: VersioningOverride | null;
  transition: WorkerDeploymentVersion | null;
  /** The versions that completed a task of it, as `deployment:build`. */
  used: string[];
}

// ---------------------------------------------------------------- matching

export type QueueType = 'workflow' | 'activity';

export interface TaskQueueState {
  key: string;
  name: string;
  namespace: string;
  type: QueueType;
  /** The normal queue that a sticky one belongs to; '' for a normal queue. */
  normalName: string;
  partitions: PartitionState[];
  /** Tasks per second of the whole queue, as the last worker asked for it; 0 for no limit. */
  rate: number;
  /** The same by UpdateTaskQueueConfig, which goes first; its rate 0 stops the queue. */
  config: null | { rate: number; reason: string; identity: string; at: Timestamp };
  /** Counts of 5 seconds each, the last ones of 30 seconds; `bucket` is the number of the newest. */
  recent: { bucket: number; added: number[]; dispatched: number[] };
  /** Wakes a queue whose tasks wait for its limit. */
  rateTimer: AgendaId | null;
  /** Known pollers by identity: when last seen. */
  seen: { [identity: string]: PollerSeen };
  added: number;
  dispatched: number;
}

export interface PollerSeen {
  lastAt: number;
  process: ProcessId;
  rate: number;
  deployment: DeploymentOptionsSeen | null;
}

export interface DeploymentOptionsSeen {
  deploymentName: string;
  buildId: string;
  versioned: boolean;
}

export interface PartitionState {
  /** From `head`: what has priority first, then the oldest. */
  backlog: QueueTask[];
  head: number;
  pollers: Poller[];
  /** No task leaves before, where the queue has a limit; Infinity when its limit is 0. */
  nextTokenAt: number;
}

export interface Poller {
  callId: CallId;
  /** When the poll arrived. */
  startedAt: Timestamp;
  process: ProcessId;
  identity: string;
  rate: number;
  workerVersion: { buildId?: string | undefined; useVersioning?: boolean | undefined } | null;
  deployment: DeploymentOptionsSeen | null;
}

interface TaskOfRun {
  runId: RunId;
  addedAt: number;
  /** 1 goes first, 5 last. */
  priority: number;
  version: string | null;
}

export type QueueTask = TaskOfRun & (
  | { kind: 'workflowTask'; scheduledEventId: number; stamp: number }
  | { kind: 'activityTask'; scheduledEventId: number; stamp: number }
  | { kind: 'query'; queryId: string }
);

// ---------------------------------------------------------------- worker deployments

export interface DeploymentState {
  name: string;
  createdAt: Timestamp;
  /** Build id of the current version; '' for unversioned workers. */
  current: string;
  /** Build id of the ramping version; '' for unversioned workers, null for no ramp. */
  ramping: string | null;
  rampPercentage: number;
  /** 0 for never. */
  currentChangedAt: number;
  rampingChangedAt: number;
  percentageChangedAt: number;
  changedAt: Timestamp;
  revision: number;
  versions: { [buildId: string]: DeploymentVersionState };
  lastModifierIdentity: string;
  /** The only one who may change it; '' for anybody. */
  managerIdentity: string;
}

export interface DeploymentVersionState {
  buildId: string;
  createdAt: Timestamp;
  taskQueues: { name: string; type: QueueType }[];
  /** Times; 0 for never. */
  currentSince: number;
  rampingSince: number;
  firstActiveAt: number;
  lastCurrentAt: number;
  deactivatedAt: number;
  routingChangedAt: number;
  /** Since when new work goes elsewhere. */
  drainingSince: number;
  /** Null until there was any. */
  metadata: { [key: string]: Payload } | null;
  /** Who changed the metadata. */
  lastModifierIdentity: string;
}

