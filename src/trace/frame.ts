import type { Failure } from '../api/proto.ts';
import type { CodePosition } from '../api/sandbox.ts';
import type { ProcessId, RunId, Timestamp, WorkflowId } from '../base/brand.ts';
import type {
  ActivationEntry,
  ActivityExecutionEntry,
  FaultEntry,
  HistoryEntry,
  LedgerEntry,
  LogEntry,
  PendingActivityEntry,
  PendingTimerEntry,
  PollersEntry,
  ProcessEntry,
  RunStatus,
  ScheduleEntry,
  ServiceRequestEntry,
  SlotsEntry,
  StepItem,
  TaskQueueEntry,
  TraceEntry,
  UpdateEntry,
  ViolationEntry,
  WorkflowTaskEntry,
} from './entries.ts';
import type { Stamped } from './model.ts';

/**
 * Everything that can be shown after a step. Frames are immutable and share what did not change, so two neighbours cost little
 * and `a.runs === b.runs` tells that nothing happened there.
 */
export interface Frame {
  readonly step: number;
  readonly at: Timestamp;
  /** Virtual time of step 0; clocks show `at - startedAt`. */
  readonly startedAt: Timestamp;
  /** What this step was; null at step 0. */
  readonly item: StepItem | null;
  /** In the order in which they were first started. */
  readonly processes: Dictionary<ProcessView>;
  readonly runs: Dictionary<RunView>;
  /** By `taskQueueKey`. */
  readonly taskQueues: Dictionary<TaskQueueEntry>;
  /** External services by name (without `service-`). */
  readonly services: Dictionary<ServiceView>;
  /** Bodies of activities that began to run, by activity type: what a replay must not raise. */
  readonly activityCalls: Dictionary<number>;
  readonly schedules: Dictionary<ScheduleEntry['state']>;
  readonly faults: Appended<Stamped<FaultEntry>>;
  readonly violations: Appended<Stamped<ViolationEntry>>;
  /** Replays seen so far: activations that ran recorded history again. */
  readonly replays: number;
}

/** Objects by key. */
export interface Dictionary<T> {
  readonly [key: string]: T;
}

/**
 * A list that only grows. Frames share one array and differ in length; use `toArray` or `lastOf` to read.
 */
export interface Appended<T> {
  readonly items: readonly T[];
  readonly length: number;
}

/** One execution of a workflow. */
export interface RunView {
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly status: RunStatus;
  readonly parent: { readonly workflowId: WorkflowId; readonly runId: RunId } | null;
  readonly openedAt: Timestamp;
  readonly history: Appended<Stamped<HistoryEntry>>;
  readonly workflowTask: WorkflowTaskEntry['state'];
  readonly pendingActivities: Dictionary<NonNullable<PendingActivityEntry['state']>>;
  readonly pendingTimers: Dictionary<NonNullable<PendingTimerEntry['state']>>;
  /** Types of the events that wait for the started Workflow Task to end. */
  readonly bufferedEvents: readonly string[];
  readonly updates: Dictionary<{ readonly name: string; readonly state: UpdateEntry['state'] }>;
  /** Failed attempts of activities, which history never shows: the attempts lane. By scheduled event id. */
  readonly attempts: Dictionary<readonly AttemptView[]>;
  /** The last activation of the run, in whichever worker. */
  readonly lastActivation: Stamped<ActivationEntry> | null;
}

/** One attempt of an activity, as the Service saw it start and end. */
export interface AttemptView {
  readonly attempt: number;
  readonly startedAt: Timestamp;
  readonly startedStep: number;
  readonly identity: string | undefined;
  /** Null while it runs, as far as the Service knows. */
  readonly endedAt: Timestamp | null;
  readonly failure: Failure | undefined;
  readonly nextAttemptAt: Timestamp | undefined;
}

/** Something that can die: a worker, a client, an external service. */
export interface ProcessView {
  readonly id: ProcessId;
  readonly kind: ProcessEntry['kind'];
  readonly state: ProcessEntry['state'];
  readonly incarnation: number;
  readonly exitCode: number | undefined;
  readonly dir: string;
  readonly entry: string;
  readonly error: { readonly message: string; readonly position?: CodePosition | undefined } | undefined;
  /** When it came into its state. */
  readonly since: { readonly step: number; readonly at: Timestamp };
  readonly log: Appended<Stamped<LogEntry>>;
  /** By kind and task queue. */
  readonly slots: Dictionary<SlotsEntry>;
  /** Modelled, parts of 1; a worker's resource-based tuner looks at it. */
  readonly load: SlotsEntry['load'];
  readonly pollers: Dictionary<PollersEntry>;
  /** Runs in the sticky cache, oldest first. */
  readonly cache: readonly CachedRun[];
  /** What the cache held when the process died. */
  readonly lost: readonly CachedRun[];
  /** Activities whose body runs now, by run and activity id. */
  readonly activities: Dictionary<Stamped<ActivityExecutionEntry>>;
  /** What the workflow code did since it was loaded into this incarnation, by run id. */
  readonly episodes: Dictionary<Episode>;
}

export interface CachedRun {
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
}

/** The activations of one run in one worker, from the one that started its code at line 1. */
export interface Episode {
  readonly process: ProcessId;
  readonly incarnation: number;
  readonly workflowId: WorkflowId;
  readonly runId: RunId;
  readonly workflowType: string;
  readonly startedStep: number;
  /** True when recorded history was run through again. */
  readonly replayed: boolean;
  readonly activations: Appended<Stamped<ActivationEntry>>;
}

/** An external service and what it did to the world. */
export interface ServiceView {
  readonly name: string;
  readonly requests: number;
  readonly ledger: Appended<Stamped<LedgerEntry>>;
  readonly exchanges: Appended<Stamped<ServiceRequestEntry>>;
}

/** Key of a task queue in a frame. */
export const taskQueueKey = (queue: Pick<TaskQueueEntry, 'name' | 'kind'>): string => `${queue.kind}/${queue.name}`;

/** The list as it was in this frame. */
export const toArray = <T>(list: Appended<T>): readonly T[] => (list.length === list.items.length ? list.items : list.items.slice(0, list.length));

export const lastOf = <T>(list: Appended<T>): T | undefined => list.items[list.length - 1];

/**
 * The list and one more. Going forward again over a known stretch finds the value in its place; only a fork, where another value
 * stands there, copies.
 */
function appended<T>(list: Appended<T>, value: T): Appended<T> {
  if (list.items.length === list.length) {
    (list.items as T[]).push(value);
    return { items: list.items, length: list.length + 1 };
  }
  if (list.items[list.length] === value) return { items: list.items, length: list.length + 1 };
  return { items: [...list.items.slice(0, list.length), value], length: list.length + 1 };
}

const none = <T>(): Appended<T> => ({ items: [], length: 0 });

/** Before the first step. */
export const emptyFrame = (start: Timestamp): Frame => ({
  step: 0,
  at: start,
  startedAt: start,
  item: null,
  processes: {},
  runs: {},
  taskQueues: {},
  services: {},
  activityCalls: {},
  schedules: {},
  faults: none(),
  violations: none(),
  replays: 0,
});

/** The frame after one more entry. */
export function reduceEntry(frame: Frame, stamped: Stamped<TraceEntry>): Frame {
  const { entry } = stamped;
  switch (entry.type) {
    case 'step':
      return { ...frame, step: entry.step, at: entry.at, item: entry.item };
    case 'history':
      return withRun(frame, entry.runId, (run) => ({ ...run, history: appended(run.history, stamped as Stamped<HistoryEntry>) }), entry.workflowId);
    case 'run':
      return withRun(
        frame,
        entry.runId,
        (run) => ({ ...run, workflowType: entry.workflowType, taskQueue: entry.taskQueue, status: entry.status, parent: entry.parent ?? run.parent }),
        entry.workflowId,
      );
    case 'workflowTask':
      return withRun(frame, entry.runId, (run) => ({ ...run, workflowTask: entry.state }), entry.workflowId);
    case 'pendingActivity':
      return withRun(frame, entry.runId, (run) => withPendingActivity(run, entry, stamped), entry.workflowId);
    case 'pendingTimer':
      return withRun(frame, entry.runId, (run) => ({ ...run, pendingTimers: withKey(run.pendingTimers, entry.timerId, entry.state) }), entry.workflowId);
    case 'bufferedEvents':
      return withRun(frame, entry.runId, (run) => ({ ...run, bufferedEvents: entry.eventTypes }), entry.workflowId);
    case 'update':
      return withRun(frame, entry.runId, (run) => ({ ...run, updates: withKey(run.updates, entry.updateId, { name: entry.name, state: entry.state }) }), entry.workflowId);
    case 'schedule':
      return { ...frame, schedules: withKey(frame.schedules, entry.scheduleId, entry.state) };
    case 'taskQueue':
      return { ...frame, taskQueues: { ...frame.taskQueues, [taskQueueKey(entry)]: entry } };
    case 'process':
      return { ...frame, processes: { ...frame.processes, [entry.process]: withProcessState(frame.processes[entry.process], entry, stamped) } };
    case 'log':
      return withProcess(frame, entry.process, (process) => ({ ...process, log: appended(process.log, stamped as Stamped<LogEntry>) }));
    case 'slots':
      return withProcess(frame, entry.process, (process) => ({ ...process, load: entry.load, slots: { ...process.slots, [`${entry.kind}/${entry.taskQueue}`]: entry } }));
    case 'pollers':
      return withProcess(frame, entry.process, (process) => ({ ...process, pollers: { ...process.pollers, [`${entry.kind}/${entry.taskQueue}`]: entry } }));
    case 'cache':
      return withProcess(frame, entry.process, (process) => {
        const others = process.cache.filter((cached) => cached.runId !== entry.runId);
        return entry.op === 'add'
          ? { ...process, cache: [...others, { workflowId: entry.workflowId, runId: entry.runId }] }
          : { ...process, cache: others, episodes: withKey(process.episodes, entry.runId, null) };
      });
    case 'activation':
      return withActivation(frame, stamped as Stamped<ActivationEntry>);
    case 'activityExecution':
      return withActivityExecution(frame, stamped as Stamped<ActivityExecutionEntry>);
    case 'serviceRequest':
      return withService(frame, entry.service, (service) => ({
        ...service,
        requests: service.requests + (entry.phase === 'received' ? 1 : 0),
        exchanges: appended(service.exchanges, stamped as Stamped<ServiceRequestEntry>),
      }));
    case 'ledger':
      return withService(frame, entry.service, (service) => ({ ...service, ledger: appended(service.ledger, stamped as Stamped<LedgerEntry>) }));
    case 'fault':
      return { ...frame, faults: appended(frame.faults, stamped as Stamped<FaultEntry>) };
    case 'violation':
      return { ...frame, violations: appended(frame.violations, stamped as Stamped<ViolationEntry>) };
    case 'delivery':
    case 'pollsRenewed':
    case 'query':
    case 'input':
      return frame; // moments without a lasting state: views read them from the step's entries
  }
}

function withKey<T>(dictionary: Dictionary<T>, key: string | number, value: T | null): Dictionary<T> {
  if (value !== null) return { ...dictionary, [key]: value };
  if (!(key in dictionary)) return dictionary;
  const { [key]: _removed, ...rest } = dictionary;
  return rest;
}

function withRun(frame: Frame, runId: RunId, change: (run: RunView) => RunView, workflowId: WorkflowId): Frame {
  const run: RunView = frame.runs[runId] ?? {
    workflowId,
    runId,
    workflowType: '',
    taskQueue: '',
    status: 'RUNNING',
    parent: null,
    openedAt: frame.at,
    history: none(),
    workflowTask: null,
    pendingActivities: {},
    pendingTimers: {},
    bufferedEvents: [],
    updates: {},
    attempts: {},
    lastActivation: null,
  };
  return { ...frame, runs: { ...frame.runs, [runId]: change(run) } };
}

function withPendingActivity(run: RunView, entry: PendingActivityEntry, stamped: Stamped<unknown>): RunView {
  const { state } = entry;
  const key = String(entry.scheduledEventId);
  const known = run.attempts[key] ?? [];
  const open = known.find((attempt) => attempt.endedAt === null);
  let attempts = known;
  const close = (failure: Failure | undefined, nextAttemptAt: Timestamp | undefined): void => {
    attempts = attempts.map((attempt) => (attempt.endedAt === null ? { ...attempt, endedAt: stamped.at, failure, nextAttemptAt } : attempt));
  };
  if (state === null) close(undefined, undefined);
  else if (state.phase === 'started' || state.phase === 'cancelRequested') {
    if (open?.attempt !== state.attempt && state.startedAt !== undefined) {
      close(state.lastFailure, undefined);
      attempts = [
        ...attempts,
        { attempt: state.attempt, startedAt: state.startedAt, startedStep: stamped.step, identity: state.identity, endedAt: null, failure: undefined, nextAttemptAt: undefined },
      ];
    }
  } else close(state.lastFailure, state.nextAttemptAt);
  return { ...run, pendingActivities: withKey(run.pendingActivities, key, state), attempts: attempts === known ? run.attempts : { ...run.attempts, [key]: attempts } };
}

function withProcess(frame: Frame, id: ProcessId, change: (process: ProcessView) => ProcessView): Frame {
  const process = frame.processes[id];
  return process ? { ...frame, processes: { ...frame.processes, [id]: change(process) } } : frame;
}

const NO_LOAD = { cpu: 0, memory: 0 };

/** A process that stops holds nothing any more; a new incarnation begins with nothing but its log. */
function withProcessState(known: ProcessView | undefined, entry: ProcessEntry, stamped: Stamped<unknown>): ProcessView {
  const gone = entry.state === 'killed' || entry.state === 'exited';
  const reborn = known === undefined || known.incarnation !== entry.incarnation;
  const empty = { slots: {}, load: NO_LOAD, pollers: {}, cache: [], activities: {}, episodes: {} };
  return {
    id: entry.process,
    kind: entry.kind,
    state: entry.state,
    incarnation: entry.incarnation,
    exitCode: entry.exitCode,
    dir: entry.dir,
    entry: entry.entry,
    error: entry.error,
    since: known && !reborn && known.state === entry.state ? known.since : { step: stamped.step, at: stamped.at },
    log: known?.log ?? none(),
    lost: gone && known && !reborn ? (known.cache.length > 0 ? known.cache : known.lost) : [],
    ...(gone || reborn ? empty : { slots: known.slots, load: known.load, pollers: known.pollers, cache: known.cache, activities: known.activities, episodes: known.episodes }),
  };
}

function withActivation(frame: Frame, stamped: Stamped<ActivationEntry>): Frame {
  const { entry } = stamped;
  const next = withProcess(frame, entry.process, (process) => {
    const known = process.episodes[entry.runId];
    const begins = known === undefined || entry.jobs.some((job) => job.startsWith('initializeWorkflow'));
    const episode: Episode = {
      process: entry.process,
      incarnation: process.incarnation,
      workflowId: entry.workflowId,
      runId: entry.runId,
      workflowType: entry.workflowType,
      startedStep: begins ? stamped.step : known.startedStep,
      replayed: entry.replaying || (!begins && known.replayed),
      activations: appended(begins ? none() : known.activations, stamped),
    };
    return { ...process, episodes: { ...process.episodes, [entry.runId]: episode } };
  });
  const replays = frame.replays + (entry.replaying ? 1 : 0);
  return withRun({ ...next, replays }, entry.runId, (run) => ({ ...run, lastActivation: stamped }), entry.workflowId);
}

function withActivityExecution(frame: Frame, stamped: Stamped<ActivityExecutionEntry>): Frame {
  const { entry } = stamped;
  const key = `${entry.runId}/${entry.local ? 'local-' : ''}${entry.activityId}`;
  const runs = entry.phase === 'started' || entry.phase === 'heartbeat' || entry.phase === 'cancelRequested';
  const next = withProcess(frame, entry.process, (process) => ({ ...process, activities: withKey(process.activities, key, runs ? stamped : null) }));
  if (entry.phase !== 'started') return next;
  return { ...next, activityCalls: { ...next.activityCalls, [entry.activityType]: (next.activityCalls[entry.activityType] ?? 0) + 1 } };
}

function withService(frame: Frame, name: string, change: (service: ServiceView) => ServiceView): Frame {
  const service = frame.services[name] ?? { name, requests: 0, ledger: none<Stamped<LedgerEntry>>(), exchanges: none<Stamped<ServiceRequestEntry>>() };
  return { ...frame, services: { ...frame.services, [name]: change(service) } };
}
