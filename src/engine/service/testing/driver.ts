import { assert } from '../../../base/assert.ts';
import { timestamp, type Timestamp } from '../../../base/brand.ts';
import { createStream, type RandomStream } from '../../../base/random.ts';
import { parseTimestamp } from '../../../base/time.ts';
import type {
  Command, HistoryEvent, PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse, RespondWorkflowTaskCompletedRequest, RespondWorkflowTaskCompletedResponse, RpcName, Rpcs,
} from '../../../api/proto.ts';
import type { CallId, RpcResult } from '../../../api/rpc.ts';
import type { TraceEntry } from '../../../trace/entries.ts';
import type { ServiceItem } from '../../ports.ts';
import { createService, durableState, rebuildRun, type ServiceOptions, type SimulatedService } from '../index.ts';
import type { Run } from '../state.ts';

/**
 * Drives the Service alone, RPC by RPC, on a virtual clock: for tests. `call` answers at once or throws; `begin` is for calls that wait.
 */
export interface Driver {
  readonly service: SimulatedService;
  readonly entries: TraceEntry[];
  now(): Timestamp;
  call<N extends RpcName>(rpc: N, request: Rpcs[N]['request']): Rpcs[N]['response'];
  /** The gRPC status message of a call that must fail. */
  refuses<N extends RpcName>(rpc: N, request: Rpcs[N]['request']): { code: number; message: string };
  begin<N extends RpcName>(rpc: N, request: Rpcs[N]['request'], timeout?: number | null): CallId;
  /** The answer to `begin`; null while it waits. */
  answer(callId: CallId): RpcResult | null;
  drop(callId: CallId): void;
  /** Lets virtual time pass: fires everything due, in order. */
  advance(ms: number): void;
  /** Time passes in which the Service is not there; what became due happens at its end. */
  away(ms: number): void;
  /** Fires what is due now. */
  rest(): void;
  /** Fires until nothing is left; gives up after 10,000 items. */
  runOut(): void;
  events(workflowId: string, index?: number): HistoryEvent[];
  /** The short form of a history: `S Ws Wt Wc DONE`. */
  sequence(workflowId: string, index?: number): string;
  start(workflowId: string, more?: Partial<Rpcs['StartWorkflowExecution']['request']>): string;
  pollTask(options?: { readonly sticky?: boolean; readonly queue?: string }): PollWorkflowTaskQueueResponse;
  complete(task: PollWorkflowTaskQueueResponse, commands?: Command[], more?: Partial<RespondWorkflowTaskCompletedRequest>): RespondWorkflowTaskCompletedResponse;
  failTask(task: PollWorkflowTaskQueueResponse): void;
  pollActivity(queue?: string): PollActivityTaskQueueResponse;
  signal(workflowId: string, name: string): void;
}

const SHORT: { readonly [type: string]: string } = {
  WORKFLOW_EXECUTION_STARTED: 'S', WORKFLOW_TASK_SCHEDULED: 'Ws', WORKFLOW_TASK_STARTED: 'Wt', WORKFLOW_TASK_COMPLETED: 'Wc', WORKFLOW_TASK_FAILED: 'Wf', WORKFLOW_TASK_TIMED_OUT: 'Wo',
  ACTIVITY_TASK_SCHEDULED: 'As', ACTIVITY_TASK_STARTED: 'At', ACTIVITY_TASK_COMPLETED: 'Ac', ACTIVITY_TASK_FAILED: 'Af', ACTIVITY_TASK_TIMED_OUT: 'Ao', ACTIVITY_TASK_CANCELED: 'Ax', ACTIVITY_TASK_CANCEL_REQUESTED: 'Ar',
  TIMER_STARTED: 'Ts', TIMER_FIRED: 'Tf', TIMER_CANCELED: 'Tx', MARKER_RECORDED: 'M', WORKFLOW_EXECUTION_SIGNALED: 'Sig', WORKFLOW_EXECUTION_CANCEL_REQUESTED: 'CR',
  START_CHILD_WORKFLOW_EXECUTION_INITIATED: 'Ci', CHILD_WORKFLOW_EXECUTION_STARTED: 'Cs', CHILD_WORKFLOW_EXECUTION_COMPLETED: 'Cc', WORKFLOW_EXECUTION_UPDATE_ACCEPTED: 'Ua', WORKFLOW_EXECUTION_UPDATE_COMPLETED: 'Uc',
  WORKFLOW_EXECUTION_OPTIONS_UPDATED: 'Opt', WORKFLOW_EXECUTION_COMPLETED: 'DONE', WORKFLOW_EXECUTION_FAILED: 'FAIL', WORKFLOW_EXECUTION_TIMED_OUT: 'TO', WORKFLOW_EXECUTION_CONTINUED_AS_NEW: 'CAN',
  WORKFLOW_EXECUTION_TERMINATED: 'TERM', WORKFLOW_EXECUTION_CANCELED: 'CXL', WORKFLOW_EXECUTION_PAUSED: 'Paused', WORKFLOW_EXECUTION_UNPAUSED: 'Unpaused',
};

export const QUEUE = 'queue';
export const STICKY = 'sticky-queue';

/** The short form of events. */
export const short = (events: readonly HistoryEvent[]): string => events.map((e) => SHORT[(e.eventType ?? '').replace('EVENT_TYPE_', '')] ?? (e.eventType ?? '').replace('EVENT_TYPE_', '')).join(' ');

export function createDriver(options: Partial<ServiceOptions> = {}, seed = 1): Driver {
  let at = parseTimestamp('2026-01-01T00:00:00Z') as number;
  let nextAgendaId = 1;
  let nextCall = 1;
  const agenda: { at: number; id: number; item: ServiceItem }[] = [];
  const streams: { [name: string]: RandomStream } = {};
  const replies: { [callId: number]: RpcResult } = {};
  const entries: TraceEntry[] = [];
  const service = createService({
    now: () => timestamp(at),
    schedule: (due, item) => {
      assert(due >= at, `an item for the past: ${item.type}`);
      JSON.stringify(item);
      agenda.push({ at: due, id: nextAgendaId, item });
      return nextAgendaId++;
    },
    cancel: (id) => {
      const index = agenda.findIndex((entry) => entry.id === id);
      if (index >= 0) agenda.splice(index, 1);
    },
    stream: (name) => (streams[name] ??= createStream(seed, name)),
    reply: (callId, result) => {
      assert(replies[callId] === undefined, `call ${callId} is answered twice`);
      replies[callId] = result;
    },
    emit: (entry) => entries.push(entry),
  }, options);

  /** The next item up to a time, or false. */
  function fireNext(until: number): boolean {
    let best = -1;
    for (let i = 0; i < agenda.length; i++) {
      const entry = agenda[i] as (typeof agenda)[number];
      const leader = best < 0 ? null : (agenda[best] as (typeof agenda)[number]);
      if (entry.at <= until && (!leader || entry.at < leader.at || (entry.at === leader.at && entry.id < leader.id))) best = i;
    }
    if (best < 0) return false;
    const [entry] = agenda.splice(best, 1);
    at = Math.max(at, (entry as (typeof agenda)[number]).at);
    service.fire((entry as (typeof agenda)[number]).item);
    checkRebuild();
    return true;
  }

  function checkRebuild(): void {
    for (const id in service.state.runs) {
      const run = service.state.runs[id] as Run;
      if (run.buffered.length > 0 || run.events.length > 500) continue;
      const rebuilt = JSON.stringify(durableState(rebuildRun(run.namespace, run.runId, run.events)));
      const live = JSON.stringify(durableState(run));
      assert(rebuilt === live, `state rebuilt from history differs:\n${rebuilt}\n${live}`);
    }
  }

  const driver: Driver = {
    service,
    entries,
    now: () => timestamp(at),
    begin(rpc, request, timeout = null) {
      const callId = nextCall++;
      service.handle({ callId, rpc, request, caller: 'worker-1', timeout });
      checkRebuild();
      return callId;
    },
    answer: (callId) => replies[callId] ?? null,
    call(rpc, request) {
      const callId = driver.begin(rpc, request);
      for (let i = 0; replies[callId] === undefined && i < 100 && fireNext(at); i++);
      const result = replies[callId];
      assert(result !== undefined, `${rpc} waits`);
      if (!result.ok) throw new Error(`${rpc}: ${result.status.code} ${result.status.message}`);
      return result.response as never;
    },
    refuses(rpc, request) {
      const callId = driver.begin(rpc, request);
      const result = replies[callId];
      assert(result !== undefined && !result.ok, `${rpc} was not refused`);
      return { code: result.status.code, message: result.status.message };
    },
    drop: (callId) => service.dropCall(callId),
    advance(ms) {
      const until = at + ms;
      while (fireNext(until));
      at = until;
    },
    away(ms) {
      at += ms;
      while (fireNext(at));
    },
    rest() {
      while (fireNext(at));
    },
    runOut() {
      for (let i = 0; i < 10_000; i++) if (!fireNext(Infinity)) return;
    },
    events: (workflowId, index = -1) => [...(service.workflows()[workflowId]?.at(index)?.events ?? [])],
    sequence: (workflowId, index = -1) => short(driver.events(workflowId, index)),
    start(workflowId, more) {
      const response = driver.call('StartWorkflowExecution', { namespace: 'default', workflowId, workflowType: { name: 'flow' }, taskQueue: { name: QUEUE }, identity: 'client', requestId: `start-${workflowId}`, ...more });
      return response.runId ?? '';
    },
    pollTask(poll = {}) {
      const sticky = poll.sticky === true;
      const taskQueue = sticky ? { name: STICKY, kind: 'TASK_QUEUE_KIND_STICKY' as const, normalName: QUEUE } : { name: poll.queue ?? QUEUE };
      return driver.call('PollWorkflowTaskQueue', { namespace: 'default', taskQueue, identity: 'worker' });
    },
    complete: (task, commands = [], more = {}) => driver.call('RespondWorkflowTaskCompleted', { taskToken: task.taskToken, identity: 'worker', commands, returnNewWorkflowTask: true, ...more }),
    failTask: (task) => {
      driver.call('RespondWorkflowTaskFailed', { taskToken: task.taskToken, identity: 'worker', cause: 'WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE', failure: { message: 'bad' } });
    },
    pollActivity: (queue = QUEUE) => driver.call('PollActivityTaskQueue', { namespace: 'default', taskQueue: { name: queue }, identity: 'worker' }),
    signal: (workflowId, name) => {
      driver.call('SignalWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId }, signalName: name, identity: 'client' });
    },
  };
  return driver;
}

// ---------------------------------------------------------------- commands

export const complete = (): Command => ({ commandType: 'COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION', completeWorkflowExecutionCommandAttributes: {} });
export const fail = (message = 'failed', type = 'Error'): Command => ({
  commandType: 'COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION', failWorkflowExecutionCommandAttributes: { failure: { message, applicationFailureInfo: { type } } },
});
export const activity = (activityId: string, more: NonNullable<Command['scheduleActivityTaskCommandAttributes']> = {}): Command => ({
  commandType: 'COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK',
  scheduleActivityTaskCommandAttributes: { activityId, activityType: { name: 'act' }, taskQueue: { name: QUEUE }, startToCloseTimeout: '60s', ...more },
});
export const timer = (timerId: string, startToFireTimeout: string): Command => ({ commandType: 'COMMAND_TYPE_START_TIMER', startTimerCommandAttributes: { timerId, startToFireTimeout } });
export const cancelTimer = (timerId: string): Command => ({ commandType: 'COMMAND_TYPE_CANCEL_TIMER', cancelTimerCommandAttributes: { timerId } });
export const marker = (markerName = 'note'): Command => ({ commandType: 'COMMAND_TYPE_RECORD_MARKER', recordMarkerCommandAttributes: { markerName } });
export const child = (workflowId: string, more: NonNullable<Command['startChildWorkflowExecutionCommandAttributes']> = {}): Command => ({
  commandType: 'COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION',
  startChildWorkflowExecutionCommandAttributes: { workflowId, workflowType: { name: 'child' }, taskQueue: { name: 'child-queue' }, ...more },
});
export const continueAsNew = (): Command => ({ commandType: 'COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION', continueAsNewWorkflowExecutionCommandAttributes: { workflowType: { name: 'flow' }, taskQueue: { name: QUEUE } } });
