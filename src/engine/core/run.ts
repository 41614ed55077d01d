import type {
  ActivityResolution, Command, Failure, HistoryEvent, Message, PollWorkflowTaskQueueResponse, QueryResult, QueryWorkflow, RespondQueryTaskCompletedRequest,
  RespondWorkflowTaskCompletedRequest, VersioningBehavior, WorkflowActivation, WorkflowQueryResult, WorkflowTaskFailedCause,
} from '../../api/proto.ts';
import { pascalCase } from '../../api/event-names.ts';
import type { WorkflowVm } from '../../api/sandbox.ts';
import { durationMs, timestamp, type DurationMs, type Timestamp } from '../../base/brand.ts';
import { formatDuration, parseDuration } from '../../base/time.ts';
import type { CoreConfig, CoreEffect, CoreOutcome, CoreRun } from '../ports.ts';
import { FatalMachinesError, MachinesError } from './errors.ts';
import { isCommandEvent, isFinalEvent } from './events.ts';
import { addLangUsed, metadataForCompletion } from './flags.ts';
import { createUpdate, type HistoryUpdate } from './history.ts';
import { parseMessage, queryJob, type UpdateRequestMessage } from './jobs.ts';
import { handleLangCommands, preprocess, type PositionedCommand } from './lang-commands.ts';
import type { LocalResolution } from './machines/machine.ts';
import { resolveLocalActivity, type LocalActivityMachine } from './machines/local-activity.ts';
import { closeRecord, noteChunk, openRecord, type OpenRecord } from './records.ts';
import { randomnessSeed, seedBytes } from './seed.ts';
import {
  applyNextChunk, applyPreresolutions, commandsToSend, createMachines, findMachine, localActivityDone, newWork, outstandingLocalActivities, prepareCommands,
  resetLastStarted, respond, takeActivation, type WorkflowMachines,
} from './workflow-machines.ts';

/** Queries in the field `query` of a task; they are answered by an RPC of their own. */
const LEGACY_QUERY_ID = 'legacy_query';
/** Part of the Workflow Task timeout after which a heartbeat is due while local activities run. */
const HEARTBEAT_FRACTION = 0.8;
const DEFAULT_WORKFLOW_TASK_TIMEOUT = durationMs(10_000);

/** Why a run is given up, in the genuine Core's words. A replay's verdict depends on it. */
export type EvictionReason = 'NONDETERMINISM' | 'FATAL' | 'LANG_FAIL' | 'UNSPECIFIED' | 'WORKFLOW_EXECUTION_ENDING' | 'LANG_REQUESTED';

/** The Workflow Task in hand. */
interface OutstandingTask {
  readonly taskToken: string;
  readonly attempt: number;
  readonly receivedAt: Timestamp;
  pendingQueries: QueryWorkflow[];
  /** The task is a query's only. */
  readonly legacyQuery: boolean;
}

interface RunState {
  readonly vm: WorkflowVm;
  readonly config: CoreConfig;
  readonly m: WorkflowMachines;
  task: OutstandingTask | null;
  /** Local activities run, and when they do for long a heartbeat keeps the Workflow Task. */
  waitingOnLocal: null | { readonly timeout: DurationMs; heartbeatPending: boolean };
  /** History and code have fallen out: the run is of no use any more. */
  broken: boolean;
  /** First event of the next activation. */
  nextEvent: number;
  out: Output;
  readonly hooks: RunHooks;
}

interface Output {
  readonly records: OpenRecord[];
  readonly effects: CoreEffect[];
  readonly consoleLines: CoreOutcome['consoleLines'][number][];
  readonly sinkCalls: CoreOutcome['sinkCalls'][number][];
  evict: CoreOutcome['evict'];
}

/** What a replay wants to know on top. */
export interface RunHooks {
  /** Keep only the last activation's record: nobody looks at the others. */
  readonly lastRecordOnly?: boolean;
  /** A completion was worked off. */
  readonly afterCompletion?: (replaying: boolean) => void;
  readonly failed?: (reason: EvictionReason, failure: Failure) => void;
}

const emptyOutput = (): Output => ({ records: [], effects: [], consoleLines: [], sinkCalls: [], evict: null });

/**
 * Makes a run of the workflow that a task is for. The task itself is given to `handleTask`.
 * @param vm where the workflow code runs
 * @param task its history starts with event 1
 */
export function createRun(vm: WorkflowVm, config: CoreConfig, task: PollWorkflowTaskQueueResponse, hooks: RunHooks = {}): CoreRun {
  const r: RunState = {
    vm, config,
    m: createMachines({
      workflowId: task.workflowExecution?.workflowId ?? '', workflowType: task.workflowType?.name ?? '', runId: task.workflowExecution?.runId ?? '',
      namespace: config.namespace, taskQueue: config.taskQueue,
      deployment: config.deployment ?? (config.buildId === undefined ? null : { deploymentName: '', buildId: config.buildId }),
    }, updateOf(task)),
    task: null, waitingOnLocal: null, broken: false, nextEvent: 1, out: emptyOutput(), hooks,
  };
  return {
    workflowId: r.m.workflowId,
    runId: r.m.runId,
    handleTask: (given) => outcome(r, () => handleTask(r, given)),
    resolveLocalActivity: (seq, resolution, attempt, runtime) => outcome(r, () => localActivityEnded(r, seq, resolution, attempt, runtime)),
    heartbeatDue: () => outcome(r, () => {
      if (r.waitingOnLocal === null || r.task === null) return;
      r.waitingOnLocal.heartbeatPending = true;
      work(r);
    }),
    resetLastStarted: (startedEventId) => backTo(r, startedEventId),
  };
}

function updateOf(task: PollWorkflowTaskQueueResponse): HistoryUpdate {
  const previousStartedEventId = Number(task.previousStartedEventId ?? 0);
  const startedEventId = Number(task.startedEventId ?? 0);
  const events = task.history?.events ?? [];
  return task.query && startedEventId === 0 ? seenUpdate(events, previousStartedEventId) : createUpdate(events, previousStartedEventId, startedEventId);
}

/**
 * What a query on its own may look at: history as far as the last completed Workflow Task brought it. New events must not reach the code
 * but with the Workflow Task that is scheduled meanwhile. History that had to be fetched may know of a later completion than the query
 * did when it was given out; the Service counts on that one: its next task begins there.
 */
function seenUpdate(events: readonly HistoryEvent[], previousStartedEventId: number): HistoryUpdate {
  const last = events[events.length - 1];
  const completed = events.findLastIndex((event) => event.eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED');
  const attributes = events[completed]?.workflowTaskCompletedEventAttributes;
  if (last === undefined || attributes === undefined || isFinalEvent(last)) return createUpdate(events, previousStartedEventId, 0);
  let end = completed + 1;
  for (let event = events[end]; event !== undefined && isCommandEvent(event); event = events[end]) end++;
  return createUpdate(events.slice(0, end), Number(attributes.startedEventId ?? 0), 0);
}

/** Runs one entrance and hands out what came of it. What history and code disagree about fails the Workflow Task. */
function outcome(r: RunState, act: () => void): CoreOutcome {
  r.out = emptyOutput();
  guarded(r, act, true);
  const { records, effects, consoleLines, sinkCalls, evict } = r.out;
  return { activations: records.map(closeRecord), effects, consoleLines, sinkCalls, evict };
}

/**
 * Runs a part whose errors fail the Workflow Task; false when it did. `beforeCode`: history was at fault before the code had a say,
 * which the genuine Core reports as a failure of unspecified reason.
 */
function guarded(r: RunState, act: () => void, beforeCode: boolean): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof MachinesError)) throw error;
    r.broken = true;
    const nondeterminism = error.kind === 'nondeterminism';
    failTask(r, {
      cause: nondeterminism ? 'WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR' : 'WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE',
      reason: beforeCode ? 'UNSPECIFIED' : nondeterminism ? 'NONDETERMINISM' : 'FATAL',
      failure: { message: error.message, applicationFailureInfo: {} },
      byCore: true, nondeterminism, detail: nondeterminism ? error.detail : error.message,
    });
    return false;
  }
}

// ---------------------------------------------------------------- tasks

function handleTask(r: RunState, task: PollWorkflowTaskQueueResponse): void {
  const { m } = r;
  const previousStartedEventId = Number(task.previousStartedEventId ?? 0);
  const queries = Object.entries(task.queries ?? {}).map(([id, query]) => queryJob(id, query));
  if (task.query) queries.push(queryJob(LEGACY_QUERY_ID, task.query));
  r.task = {
    taskToken: task.taskToken ?? '', attempt: task.attempt ?? 1, receivedAt: r.config.now(), pendingQueries: queries, legacyQuery: task.query !== undefined,
  };
  if (r.waitingOnLocal !== null) r.waitingOnLocal.heartbeatPending = false;
  if (task.query && Number(task.startedEventId ?? 0) === 0 && previousStartedEventId < m.currentStartedEventId) {
    const failure = { message: 'Query expired', applicationFailureInfo: {} };
    const cause = 'WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE';
    failTask(r, { cause, reason: 'UNSPECIFIED', failure, byCore: true, nondeterminism: false, detail: failure.message });
    return;
  }

  newWork(m, updateOf(task), messagesOf(task.messages ?? []));
  if (m.jobs.length === 0) applyNextChunk(m);
  if (m.jobs.length === 0) {
    if (outstandingLocalActivities(m) > 0 && r.waitingOnLocal !== null) {
      setHeartbeat(r);
      return;
    }
    complete(r, [], null, false);
  }
  work(r);
}

/** Forgets the two events of a speculative Workflow Task. */
function backTo(r: RunState, startedEventId: number): void {
  if (r.m.currentStartedEventId <= startedEventId) return;
  resetLastStarted(r.m, startedEventId);
  r.nextEvent = r.m.lastProcessedEventId + 1;
}

function messagesOf(messages: readonly Message[]): UpdateRequestMessage[] {
  return messages.map((message) => {
    const parsed = parseMessage(message);
    if (typeof parsed === 'string') throw new FatalMachinesError(parsed);
    return parsed;
  });
}

/** Goes on until the Workflow Task is done, or waits for local activities. */
function work(r: RunState): void {
  const { m } = r;
  while (r.task !== null) {
    if (m.jobs.length > 0 && !r.broken) activate(r, takeActivation(m));
    else if (r.waitingOnLocal !== null && outstandingLocalActivities(m) === 0) {
      r.waitingOnLocal = null;
      complete(r, [], null, false);
    } else if (!r.broken && r.task.pendingQueries.length > 0) {
      const jobs = r.task.pendingQueries.map((queryWorkflow) => ({ queryWorkflow }));
      r.task.pendingQueries = [];
      activate(r, { ...takeActivation(m), jobs });
    } else if (r.waitingOnLocal?.heartbeatPending === true) complete(r, [], null, true);
    else return;
  }
}

/** Lets the workflow code run, and takes what it says. */
function activate(r: RunState, activation: WorkflowActivation): void {
  const { m, vm } = r;
  createInstance(r, activation);
  const result = vm.activate(m.runId, activation);
  for (const line of result.consoleLines) r.out.consoleLines.push(line);
  for (const call of result.sinkCalls) r.out.sinkCalls.push({ info: undefined, ...call });
  const { successful, failed } = result.completion;
  const fromEvent = r.nextEvent;
  r.nextEvent = m.lastProcessedEventId + 1;
  if (successful === undefined) {
    const failure = failed?.failure ?? { message: 'Workflow completion had empty status field' };
    keepRecord(r, openRecord(m, activation, fromEvent, result));
    const forced = failed?.forceCause ?? 'WORKFLOW_TASK_FAILED_CAUSE_UNSPECIFIED';
    failTask(r, {
      cause: forced === 'WORKFLOW_TASK_FAILED_CAUSE_UNSPECIFIED' ? 'WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE' : forced,
      reason: 'LANG_FAIL', failure, byCore: false, nondeterminism: false, detail: failure.message ?? '', vmBroken: result.broken !== null,
    });
    r.hooks.afterCompletion?.(m.replaying);
    return;
  }
  const commands: PositionedCommand[] = (successful.commands ?? []).map((command, i) => ({ command, position: result.commandPositions[i] ?? null }));
  addLangUsed(m.flags, successful.usedInternalFlags ?? []);
  complete(r, commands, { activation, result, fromEvent, versioningBehavior: successful.versioningBehavior }, false);
}

function createInstance(r: RunState, activation: WorkflowActivation): void {
  const { m, vm } = r;
  if (vm.has(m.runId)) return;
  const initialize = activation.jobs?.find((job) => job.initializeWorkflow)?.initializeWorkflow;
  const seed = initialize?.randomnessSeed === undefined ? randomnessSeed(m.runId) : BigInt(initialize.randomnessSeed);
  vm.create({ runId: m.runId, info: basicInfo(m), randomnessSeed: seedBytes(seed), now: m.time ?? r.config.now() });
}

const basicInfo = (m: WorkflowMachines): { readonly [field: string]: unknown } =>
  ({ workflowId: m.workflowId, runId: m.runId, workflowType: m.workflowType, namespace: m.namespace, taskQueue: m.taskQueue });

// ---------------------------------------------------------------- completions

interface Activated {
  readonly activation: WorkflowActivation;
  readonly result: Parameters<typeof openRecord>[3];
  readonly fromEvent: number;
  readonly versioningBehavior: VersioningBehavior | undefined;
}

/** Works off a completion; without `activated` it is Core's own, with no commands. */
function complete(r: RunState, positioned: readonly PositionedCommand[], activated: Activated | null, heartbeat: boolean): void {
  const { m } = r;
  const only = positioned.length === 1 ? positioned[0]?.command.respondToQuery : undefined;
  if (only?.queryId === LEGACY_QUERY_ID) {
    if (activated) keepRecord(r, openRecord(m, activated.activation, activated.fromEvent, activated.result));
    r.out.effects.push({ type: 'respondQuery', request: queryAnswer(r, only) });
    endTask(r);
    return;
  }
  if (positioned.some(({ command }) => command.respondToQuery?.queryId === LEGACY_QUERY_ID)) {
    // `validate_completion` of sdk-core's worker/mod.rs, without the commands in the words of Rust.
    const reason = 'Malformed Workflow Completion: "Workflow completion had a legacy query response along with other commands. This is not allowed and constitutes an error in the lang SDK."';
    if (activated) keepRecord(r, openRecord(m, activated.activation, activated.fromEvent, activated.result));
    r.out.effects.push({ type: 'refuseCompletion', reason });
    r.broken = true;
    return;
  }
  const { commands, queryResults } = preprocess(m, positioned);
  let record: OpenRecord | null = null;
  const applied = guarded(r, () => {
    try {
      handleLangCommands(m, commands, r.config.now());
      applyPreresolutions(m);
      prepareCommands(m);
    } finally {
      if (activated) keepRecord(r, (record = openRecord(m, activated.activation, activated.fromEvent, activated.result)));
    }
    try {
      applyTasksIfReady(m);
    } finally {
      const last = record ?? r.out.records[r.out.records.length - 1];
      if (last) noteChunk(m, last);
    }
    queueLocalActivities(r);
  }, false);
  if (!applied) {
    r.hooks.afterCompletion?.(m.replaying);
    return;
  }
  const reported = respondOrWait(r, queryResults, activated?.versioningBehavior, heartbeat);
  r.hooks.afterCompletion?.(m.replaying);
  // A replay of complete history sees the end without ever reporting.
  if (!reported && m.seenFinalEvent && r.task?.pendingQueries.length === 0) endTask(r);
}

function keepRecord(r: RunState, record: OpenRecord): void {
  if (r.hooks.lastRecordOnly === true) r.out.records.length = 0;
  r.out.records.push(record);
}

/** Applies history as far as it goes without the code having a say. */
function applyTasksIfReady(m: WorkflowMachines): void {
  if (m.jobs.length > 0) return;
  for (;;) {
    const events = applyNextChunk(m);
    if (events === 0 || !m.replaying || m.jobs.length > 0) return;
  }
}

/** True when the Workflow Task was reported. */
function respondOrWait(r: RunState, queryResults: readonly QueryResult[], versioningBehavior: VersioningBehavior | undefined, heartbeatDue: boolean): boolean {
  const { m } = r;
  const heartbeat = heartbeatDue || r.waitingOnLocal?.heartbeatPending === true;
  if (outstandingLocalActivities(m) === 0) {
    r.waitingOnLocal = null;
    return respondIfDone(r, queryResults, versioningBehavior, heartbeatDue);
  }
  r.waitingOnLocal = { timeout: workflowTaskTimeout(m), heartbeatPending: heartbeat };
  // A local activity that ends after an answer to a query needs a Workflow Task to end in.
  if (heartbeat || queryResults.length > 0) return respondIfDone(r, queryResults, versioningBehavior, true);
  setHeartbeat(r);
  return false;
}

function respondIfDone(r: RunState, queryResults: readonly QueryResult[], versioningBehavior: VersioningBehavior | undefined, force: boolean): boolean {
  const { m, task } = r;
  if (task === null) return false;
  const queried = queryResults.length > 0;
  const done = m.jobs.length === 0 && !m.replaying && !(task.pendingQueries.length > 0 && !queried) && !m.seenFinalEvent;
  if (!done && !queried) return false;
  const forced = force || (queried && m.jobs.some((job) => job.resolveActivity?.isLocal === true));
  r.out.effects.push({ type: 'completeTask', request: completion(r, task, queryResults, versioningBehavior, forced) });
  endTask(r);
  return true;
}

/** The Workflow Task is reported, or over without a report. */
function endTask(r: RunState): void {
  r.task = null;
  if (r.m.finished && !r.broken) r.out.evict ??= { reason: 'WorkflowExecutionEnding', vmBroken: false };
}

function completion(
  r: RunState, task: OutstandingTask, queryResults: readonly QueryResult[], behavior: VersioningBehavior | undefined, force: boolean,
): RespondWorkflowTaskCompletedRequest {
  const { m, config } = r;
  const commands = reserveEager(commandsToSend(m), config);
  const messages = m.outbox;
  m.outbox = [];
  m.taskDeployment = m.deployment;
  const results: { [id: string]: WorkflowQueryResult } = {};
  for (const result of queryResults) results[result.queryId ?? ''] = queryResult(result);
  const versioningBehavior = behavior === undefined || behavior === 'VERSIONING_BEHAVIOR_UNSPECIFIED' ? config.defaultVersioningBehavior : behavior;
  return {
    taskToken: task.taskToken, namespace: config.namespace, identity: config.identity, commands,
    ...(messages.length > 0 && { messages }),
    ...(config.stickyTaskQueue !== null && {
      returnNewWorkflowTask: true,
      stickyAttributes: {
        workerTaskQueue: { name: config.stickyTaskQueue, kind: 'TASK_QUEUE_KIND_STICKY', normalName: config.taskQueue },
        scheduleToStartTimeout: formatDuration(config.stickyScheduleToStartTimeout),
      },
    }),
    ...(force && { forceCreateNewWorkflowTask: true }),
    ...(queryResults.length > 0 && { queryResults: results }),
    ...versionStamp(config, 'workerVersionStamp'),
    sdkMetadata: metadataForCompletion(m.flags), meteringMetadata: {}, capabilities: { discardSpeculativeWorkflowTaskWithEvents: true },
    ...(versioningBehavior !== undefined && { versioningBehavior }),
    ...deploymentOptions(config),
  };
}

/** Activities for this worker's own task queue are asked for eagerly as long as slots are free. */
function reserveEager(commands: Command[], config: CoreConfig): Command[] {
  let slots = -1;
  return commands.map((command) => {
    const attributes = command.scheduleActivityTaskCommandAttributes;
    if (attributes?.requestEagerExecution !== true) return command;
    if (attributes.taskQueue?.name === config.taskQueue) {
      if (slots < 0) slots = config.eagerActivitySlots(config.taskQueue);
      if (slots > 0) {
        slots--;
        return command;
      }
    }
    const { requestEagerExecution: _eager, ...rest } = attributes;
    return { ...command, scheduleActivityTaskCommandAttributes: rest };
  });
}

const versionStamp = <K extends string>({ buildId, deployment }: CoreConfig, key: K): { [P in K]?: { buildId: string } } => {
  const id = deployment?.buildId ?? buildId;
  return id === undefined ? {} : ({ [key]: { buildId: id } } as { [P in K]?: { buildId: string } });
};

const deploymentOptions = ({ deployment }: CoreConfig) =>
  deployment === null ? {} : { deploymentOptions: { deploymentName: deployment.deploymentName, buildId: deployment.buildId, workerVersioningMode: 'WORKER_VERSIONING_MODE_VERSIONED' as const } };

function queryResult(result: QueryResult): WorkflowQueryResult {
  const { succeeded, failed } = result;
  if (succeeded) return { resultType: 'QUERY_RESULT_TYPE_ANSWERED', ...(succeeded.response !== undefined && { answer: { payloads: [succeeded.response] } }) };
  return { resultType: 'QUERY_RESULT_TYPE_FAILED', errorMessage: failed ? failed.message ?? '' : 'Query response was empty' };
}

function queryAnswer(r: RunState, result: QueryResult): RespondQueryTaskCompletedRequest {
  const { resultType, answer, errorMessage } = queryResult(result);
  return {
    taskToken: r.task?.taskToken ?? '', completedType: resultType, namespace: r.config.namespace,
    ...(answer !== undefined && { queryResult: answer }), ...(errorMessage !== undefined && { errorMessage }),
  };
}

// ---------------------------------------------------------------- local activities

const workflowTaskTimeout = (m: WorkflowMachines): DurationMs =>
  m.started?.workflowTaskTimeout === undefined ? DEFAULT_WORKFLOW_TASK_TIMEOUT : parseDuration(m.started.workflowTaskTimeout);

function setHeartbeat(r: RunState): void {
  if (r.task === null || r.waitingOnLocal === null) return;
  r.out.effects.push({ type: 'setHeartbeat', at: timestamp(r.task.receivedAt + Math.floor(r.waitingOnLocal.timeout * HEARTBEAT_FRACTION)) });
}

/** Hands queued requests to the worker. When the run has ended, all that run are cancelled. */
function queueLocalActivities(r: RunState): void {
  const { local, workflowType } = r.m;
  const { effects } = r.out;
  if (local.terminating) {
    for (const seq of Object.keys(local.executing)) {
      effects.push({ type: 'cancelLocalActivity', seq: Number(seq) });
      localActivityDone(r.m, Number(seq));
    }
    local.newRequests = [];
    local.cancelRequests = [];
    return;
  }
  for (const seq of local.cancelRequests) if (local.executing[seq] !== undefined) effects.push({ type: 'cancelLocalActivity', seq });
  local.cancelRequests = [];
  const scheduledAt = r.config.now();
  for (const command of local.newRequests) {
    local.executing[command.seq ?? 0] = scheduledAt;
    local.executingCount++;
    effects.push({ type: 'startLocalActivity', command, workflowType, scheduledAt, header: command.headers ?? {} });
  }
  local.newRequests = [];
}

function localActivityEnded(r: RunState, seq: number, resolution: ActivityResolution, attempt: number, runtime: DurationMs): void {
  const { m } = r;
  const machine = findMachine(m, 'LocalActivity', seq) as LocalActivityMachine;
  const completeTime = machine.timeWhenStarted === null ? null : timestamp(machine.timeWhenStarted + runtime);
  respond(m, machine, resolveLocalActivity(machine, toLocalResolution(machine, resolution, attempt, completeTime), false));
  localActivityDone(m, seq);
  work(r);
}

function toLocalResolution(machine: LocalActivityMachine, resolution: ActivityResolution, attempt: number, completeTime: Timestamp | null): LocalResolution {
  const { completed, failed, cancelled, backoff } = resolution;
  const { originalScheduleTime } = machine.activity;
  const common = { completeTime, attempt, ...(backoff?.backoffDuration !== undefined && { backoff: backoff.backoffDuration }), originalScheduleTime };
  if (completed) return { kind: 'completed', result: completed.result, ...common };
  if (cancelled) return { kind: 'cancelled', failure: cancelled.failure, ...common };
  return { kind: isTimeout(failed?.failure) ? 'timedOut' : 'failed', failure: failed?.failure, ...common };
}

const isTimeout = (failure: Failure | undefined): boolean => failure !== undefined && (failure.timeoutFailureInfo !== undefined || isTimeout(failure.cause));

// ---------------------------------------------------------------- failures

interface TaskFailure {
  readonly cause: WorkflowTaskFailedCause;
  readonly reason: EvictionReason;
  readonly failure: Failure;
  /** Core found it, not the workflow code. */
  readonly byCore: boolean;
  readonly nondeterminism: boolean;
  /** For people. */
  readonly detail: string;
  readonly vmBroken?: boolean;
}

/** Gives the run up and reports the failure, unless it is the second in a row: then the Service finds out by timeout. */
function failTask(r: RunState, failed: TaskFailure): void {
  const { m, task, config } = r;
  const { recorder } = m;
  let record = r.out.records[r.out.records.length - 1];
  if (record === undefined) {
    record = openRecord(m, { jobs: [], isReplaying: m.replaying }, r.nextEvent, null);
    noteChunk(m, record);
    r.out.records.push(record);
  }
  // Where the code made the wrong command; else where it waits; else where it was last.
  const { waiting, lines } = record.entry;
  const position = recorder.failedCommand?.machine.position ?? (failed.byCore ? waiting[0]?.position : undefined) ?? lines[lines.length - 1] ?? null;
  record.entry.failure = { kind: failed.nondeterminism ? 'nondeterminism' : 'failure', message: failed.detail, position };
  r.hooks.failed?.(failed.reason, failed.failure);
  if (task === null) {
    r.out.evict = { reason: pascalCase(failed.reason), vmBroken: failed.vmBroken === true };
    return;
  }
  const query = task.legacyQuery;
  // A query can be tried again elsewhere, so one that Core could not even begin with is not failed.
  const keepQuiet = query && failed.byCore && failed.reason === 'UNSPECIFIED';
  if (query && !keepQuiet) {
    r.out.effects.push({
      type: 'respondQuery',
      request: {
        taskToken: task.taskToken, completedType: 'QUERY_RESULT_TYPE_FAILED', namespace: config.namespace, errorMessage: failed.failure.message ?? '',
        failure: failed.failure, cause: failed.cause,
      },
    });
  } else {
    r.out.effects.push({
      type: 'failTask', report: !keepQuiet && task.attempt <= 1,
      request: {
        taskToken: task.taskToken, cause: failed.cause, failure: failed.failure, identity: config.identity, namespace: config.namespace,
        ...versionStamp(config, 'workerVersion'), ...deploymentOptions(config),
      },
    });
  }
  r.task = null;
  if (!keepQuiet) r.out.evict = { reason: pascalCase(failed.reason), vmBroken: failed.vmBroken === true };
}

