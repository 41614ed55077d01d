import { attributesField } from '../api/event-names.ts';
import { step as stepNumber, timestamp, type Timestamp } from '../base/brand.ts';
import { formatTimestamp } from '../base/time.ts';
import type { HistoryEvent, RpcName } from '../api/proto.ts';
import type { ActivationEntry, StepItem, TraceEntry, WorkflowTaskEntry, ZipperRow } from '../trace/entries.ts';

/** Hand-written traces for work on the viewer without an engine: an order that is reserved, waits a minute, and is charged. */

const START = 1_767_225_600_000;
const WF = 'order-17';
const RUN = '019b7f3c-5a00-7c11-9d2e-4b1f00a0c017';
const QUEUE = 'orders';

class Script {
  readonly entries: TraceEntry[] = [];
  step = 0;
  at = START;
  callId = 0;
  eventId = 0;

  begin(after: number, item: StepItem): Timestamp {
    this.at += after;
    this.step += 1;
    this.entries.push({ type: 'step', step: stepNumber(this.step), at: timestamp(this.at), item });
    return timestamp(this.at);
  }

  add(...entries: TraceEntry[]): void {
    this.entries.push(...entries);
  }

  event(eventType: string, attributes: Record<string, unknown> = {}): number {
    this.eventId += 1;
    const event = {
      eventId: String(this.eventId),
      eventTime: formatTimestamp(timestamp(this.at)),
      eventType,
      taskId: String(1_048_576 + this.eventId),
      [attributesField(eventType)]: attributes,
    } as unknown as HistoryEvent;
    this.add({ type: 'history', workflowId: WF, runId: RUN, event });
    return this.eventId;
  }

  rpc(rpc: RpcName, edge: 'request' | 'response', process: string, summary: string, callId: number, after = 2): Timestamp {
    const at = this.begin(after, { kind: edge, callId, rpc, process });
    this.add({ type: 'delivery', callId, rpc, edge, process, sentAt: timestamp(this.at - after), dropped: false, workflowId: WF, runId: RUN, summary });
    return at;
  }

  call(): number {
    this.callId += 1;
    return this.callId;
  }

  workflowTask(state: WorkflowTaskEntry['state']): void {
    this.add({ type: 'workflowTask', workflowId: WF, runId: RUN, state });
  }

  queue(name: string, kind: 'workflow' | 'activity', sticky: boolean, backlog: number, pollers: Record<string, number>): void {
    this.add({ type: 'taskQueue', name, kind, sticky, backlog: [backlog], pollers: Object.entries(pollers).map(([process, count]) => ({ process, count })) });
  }
}

const at = (file: string, line: number) => ({ file, line });
const WORKFLOWS = 'workflows.ts';
const payload = (value: unknown) => ({ payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: btoa(JSON.stringify(value)) }] });
const row = (line: number, command: string, commandType: string, event: ZipperRow['event'], match: ZipperRow['match']): ZipperRow => ({
  position: at(WORKFLOWS, line),
  command,
  commandType,
  event,
  match,
});

function startWorker(s: Script, process: string, incarnation: number, after: number): void {
  s.begin(after, { kind: 'processStart', process, name: 'worker.ts' });
  s.add(
    { type: 'process', process, kind: 'worker', state: 'running', incarnation, dir: '', entry: 'worker.ts' },
    { type: 'log', process, level: 'INFO', text: 'Worker state changed { state: RUNNING }' },
    { type: 'slots', process, kind: 'workflow', taskQueue: QUEUE, used: 0, total: 4, load: { cpu: 0, memory: 0.2 } },
    { type: 'slots', process, kind: 'activity', taskQueue: QUEUE, used: 0, total: 4, load: { cpu: 0, memory: 0.2 } },
  );
  s.rpc('PollWorkflowTaskQueue', 'request', process, 'poll orders', s.call());
  s.add({ type: 'pollers', process, kind: 'workflow', taskQueue: QUEUE, count: 1 });
  s.queue(QUEUE, 'workflow', false, 0, { [process]: 1 });
  s.rpc('PollActivityTaskQueue', 'request', process, 'poll orders', s.call(), 1);
  s.add({ type: 'pollers', process, kind: 'activity', taskQueue: QUEUE, count: 1 });
  s.queue(QUEUE, 'activity', false, 0, { [process]: 1 });
}

function activation(s: Script, process: string, part: Partial<ActivationEntry>): void {
  s.add({
    type: 'activation',
    process,
    workflowId: WF,
    runId: RUN,
    workflowType: 'order',
    replaying: false,
    events: { from: 1, to: s.eventId },
    jobs: [],
    lines: [],
    linesOmitted: 0,
    rows: [],
    waiting: [],
    resolved: [],
    failure: null,
    ...part,
  });
}

function workflowTaskStarted(s: Script, process: string, sticky: boolean): void {
  s.event('EVENT_TYPE_WORKFLOW_TASK_STARTED', { identity: process, scheduledEventId: String(s.eventId) });
  s.workflowTask({
    phase: 'started',
    kind: 'normal',
    attempt: 1,
    taskQueue: sticky ? `${process}-sticky` : QUEUE,
    sticky,
    scheduledAt: timestamp(s.at),
    startedAt: timestamp(s.at),
    timeoutAt: timestamp(s.at + 10_000),
    identity: process,
  });
}

function workflowTaskScheduled(s: Script, sticky: string | null): void {
  s.event('EVENT_TYPE_WORKFLOW_TASK_SCHEDULED', { taskQueue: { name: sticky ?? QUEUE }, attempt: 1 });
  s.workflowTask({ phase: 'scheduled', kind: 'normal', attempt: 1, taskQueue: sticky ?? QUEUE, sticky: sticky !== null, scheduledAt: timestamp(s.at) });
}

function runActivity(s: Script, process: string, activityType: string, activityId: string, scheduledEventId: number, service: string, effect: Record<string, unknown>, result: string, sticky: string | null): void {
  const poll = s.call();
  s.rpc('PollActivityTaskQueue', 'response', process, `task ${activityType}`, poll, 3);
  s.add({
    type: 'pendingActivity',
    workflowId: WF,
    runId: RUN,
    scheduledEventId,
    state: {
      activityId,
      activityType,
      taskQueue: QUEUE,
      phase: 'started',
      attempt: 1,
      maximumAttempts: 0,
      scheduledAt: timestamp(s.at - 3),
      startedAt: timestamp(s.at),
      timeout: { type: 'StartToClose', at: timestamp(s.at + 10_000) },
      identity: process,
    },
  });
  const startedAt = s.at;
  s.queue(QUEUE, 'activity', false, 0, { [process]: 0 });
  s.add({ type: 'slots', process, kind: 'activity', taskQueue: QUEUE, used: 1, total: 4, load: { cpu: 0.05, memory: 0.22 } });
  s.add({ type: 'activityExecution', process, workflowId: WF, runId: RUN, activityId, activityType, attempt: 1, local: false, phase: 'started' });
  s.begin(5, { kind: 'fetchRequest', process, service, path: `/${activityType}` });
  s.add({ type: 'serviceRequest', service, from: process, id: poll, phase: 'received', method: 'POST', path: `/${activityType}` });
  s.add({ type: 'ledger', service, at: timestamp(s.at), entry: effect });
  s.begin(900, { kind: 'fetchResponse', process, service, path: `/${activityType}` });
  s.add({ type: 'serviceRequest', service, from: process, id: poll, phase: 'answered', method: 'POST', path: `/${activityType}`, status: 200 });
  s.add({ type: 'activityExecution', process, workflowId: WF, runId: RUN, activityId, activityType, attempt: 1, local: false, phase: 'completed' });
  s.add({ type: 'slots', process, kind: 'activity', taskQueue: QUEUE, used: 0, total: 4, load: { cpu: 0, memory: 0.2 } });
  const done = s.call();
  s.rpc('RespondActivityTaskCompleted', 'request', process, `${activityType} completed`, done);
  s.event('EVENT_TYPE_ACTIVITY_TASK_STARTED', { scheduledEventId: String(scheduledEventId), identity: process, attempt: 1, startedTime: startedAt });
  s.event('EVENT_TYPE_ACTIVITY_TASK_COMPLETED', { scheduledEventId: String(scheduledEventId), startedEventId: String(s.eventId), identity: process, result: payload(result) });
  s.add({ type: 'pendingActivity', workflowId: WF, runId: RUN, scheduledEventId, state: null });
  workflowTaskScheduled(s, sticky);
  s.queue(sticky ?? QUEUE, 'workflow', sticky !== null, 1, { [process]: 1 });
  s.rpc('RespondActivityTaskCompleted', 'response', process, 'ok', done, 1);
}

function upToTimer(s: Script): void {
  s.add({ type: 'process', process: 'worker-1', kind: 'worker', state: 'starting', incarnation: 1, dir: '', entry: 'worker.ts' });
  s.add({ type: 'process', process: 'service-stock', kind: 'service', state: 'running', incarnation: 1, dir: '', entry: 'services.ts' });
  s.add({ type: 'process', process: 'service-payments', kind: 'service', state: 'running', incarnation: 1, dir: '', entry: 'services.ts' });
  startWorker(s, 'worker-1', 1, 4);
  s.begin(1, { kind: 'processStart', process: 'client-1', name: 'client.ts' });
  s.add({ type: 'process', process: 'client-1', kind: 'client', state: 'running', incarnation: 1, dir: '', entry: 'client.ts' });
  const start = s.call();
  s.rpc('StartWorkflowExecution', 'request', 'client-1', 'order order-17', start, 3);
  s.add({ type: 'run', workflowId: WF, runId: RUN, workflowType: 'order', taskQueue: QUEUE, status: 'RUNNING' });
  s.event('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED', { workflowType: { name: 'order' }, taskQueue: { name: QUEUE }, input: payload('17'), attempt: 1 });
  workflowTaskScheduled(s, null);
  s.queue(QUEUE, 'workflow', false, 1, { 'worker-1': 1 });
  s.rpc('StartWorkflowExecution', 'response', 'client-1', 'started', start, 1);
  s.rpc('PollWorkflowTaskQueue', 'response', 'worker-1', 'task, 3 events', 1, 2);
  s.queue(QUEUE, 'workflow', false, 0, { 'worker-1': 0 });
  s.add({ type: 'pollers', process: 'worker-1', kind: 'workflow', taskQueue: QUEUE, count: 0 }, { type: 'slots', process: 'worker-1', kind: 'workflow', taskQueue: QUEUE, used: 1, total: 4, load: { cpu: 0.05, memory: 0.22 } });
  workflowTaskStarted(s, 'worker-1', false);
  s.add({ type: 'cache', process: 'worker-1', op: 'add', workflowId: WF, runId: RUN });
  activation(s, 'worker-1', {
    jobs: ['initializeWorkflow'],
    lines: [at(WORKFLOWS, 9)],
    rows: [row(9, 'ScheduleActivityTask reserveStock', 'COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK', null, 'new')],
    waiting: [{ position: at(WORKFLOWS, 9), reason: 'activity reserveStock' }],
  });
  const respond = s.call();
  s.rpc('RespondWorkflowTaskCompleted', 'request', 'worker-1', 'ScheduleActivityTask reserveStock', respond);
  s.event('EVENT_TYPE_WORKFLOW_TASK_COMPLETED', { scheduledEventId: '2', startedEventId: '3', identity: 'worker-1' });
  s.workflowTask(null);
  const scheduled = s.event('EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', { activityId: '1', activityType: { name: 'reserveStock' }, taskQueue: { name: QUEUE }, input: payload('17'), startToCloseTimeout: '10s' });
  s.add({
    type: 'pendingActivity',
    workflowId: WF,
    runId: RUN,
    scheduledEventId: scheduled,
    state: { activityId: '1', activityType: 'reserveStock', taskQueue: QUEUE, phase: 'scheduled', attempt: 1, maximumAttempts: 0, scheduledAt: timestamp(s.at) },
  });
  s.queue(QUEUE, 'activity', false, 1, { 'worker-1': 1 });
  s.rpc('RespondWorkflowTaskCompleted', 'response', 'worker-1', 'ok', respond, 1);
  s.add({ type: 'slots', process: 'worker-1', kind: 'workflow', taskQueue: QUEUE, used: 0, total: 4, load: { cpu: 0, memory: 0.2 } });
  const sticky = s.call();
  s.rpc('PollWorkflowTaskQueue', 'request', 'worker-1', 'poll worker-1-sticky', sticky, 1);
  s.add({ type: 'pollers', process: 'worker-1', kind: 'stickyWorkflow', taskQueue: 'worker-1-sticky', count: 1 });
  s.queue('worker-1-sticky', 'workflow', true, 0, { 'worker-1': 1 });
  runActivity(s, 'worker-1', 'reserveStock', '1', scheduled, 'stock', { reserved: 'item 4711', order: '17' }, 'item 4711', 'worker-1-sticky');
  s.rpc('PollWorkflowTaskQueue', 'response', 'worker-1', 'sticky task, 4 events', sticky, 2);
  s.queue('worker-1-sticky', 'workflow', true, 0, { 'worker-1': 0 });
  workflowTaskStarted(s, 'worker-1', true);
  activation(s, 'worker-1', {
    events: { from: 6, to: 9 },
    jobs: ['resolveActivity 1'],
    lines: [at(WORKFLOWS, 9), at(WORKFLOWS, 10)],
    rows: [row(10, 'StartTimer 60s', 'COMMAND_TYPE_START_TIMER', null, 'new')],
    waiting: [{ position: at(WORKFLOWS, 10), reason: 'timer 60s' }],
    resolved: [{ seq: 1, kind: 'activity', eventId: 7, position: at(WORKFLOWS, 9) }],
  });
  const respond2 = s.call();
  s.rpc('RespondWorkflowTaskCompleted', 'request', 'worker-1', 'StartTimer 60s', respond2);
  s.event('EVENT_TYPE_WORKFLOW_TASK_COMPLETED', { scheduledEventId: '8', startedEventId: '9', identity: 'worker-1' });
  s.workflowTask(null);
  s.event('EVENT_TYPE_TIMER_STARTED', { timerId: '1', startToFireTimeout: '60s', workflowTaskCompletedEventId: '10' });
  s.add({ type: 'pendingTimer', workflowId: WF, runId: RUN, timerId: '1', state: { startedAt: timestamp(s.at), fireAt: timestamp(s.at + 60_000) } });
  s.rpc('RespondWorkflowTaskCompleted', 'response', 'worker-1', 'ok', respond2, 1);
  s.rpc('PollWorkflowTaskQueue', 'request', 'worker-1', 'poll worker-1-sticky', s.call(), 1);
  s.queue('worker-1-sticky', 'workflow', true, 0, { 'worker-1': 1 });
}

function finish(s: Script, process: string, sticky: string | null, replay: boolean): void {
  s.begin(START + 61_300 > s.at ? START + 61_300 - s.at : 60_000, { kind: 'serviceTimer', name: 'timer 1', workflowId: WF, runId: RUN });
  s.event('EVENT_TYPE_TIMER_FIRED', { timerId: '1', startedEventId: '11' });
  s.add({ type: 'pendingTimer', workflowId: WF, runId: RUN, timerId: '1', state: null });
  workflowTaskScheduled(s, sticky);
  s.queue(sticky ?? QUEUE, 'workflow', sticky !== null, 1, { [process]: 1 });
  s.rpc('PollWorkflowTaskQueue', 'response', process, replay ? 'task, 14 events' : 'sticky task, 4 events', s.call(), 3);
  s.queue(sticky ?? QUEUE, 'workflow', sticky !== null, 0, { [process]: 0 });
  workflowTaskStarted(s, process, sticky !== null);
  if (replay) {
    s.add({ type: 'cache', process, op: 'add', workflowId: WF, runId: RUN });
    activation(s, process, {
      replaying: true,
      events: { from: 1, to: 3 },
      jobs: ['initializeWorkflow'],
      lines: [at(WORKFLOWS, 9)],
      rows: [row(9, 'ScheduleActivityTask reserveStock', 'COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK', { eventId: 5, eventType: 'ActivityTaskScheduled', summary: 'reserveStock' }, 'matched')],
      waiting: [{ position: at(WORKFLOWS, 9), reason: 'activity reserveStock', eventId: 5 }],
    });
    activation(s, process, {
      replaying: true,
      events: { from: 4, to: 9 },
      jobs: ['resolveActivity 1'],
      lines: [at(WORKFLOWS, 9), at(WORKFLOWS, 10)],
      rows: [row(10, 'StartTimer 60s', 'COMMAND_TYPE_START_TIMER', { eventId: 11, eventType: 'TimerStarted', summary: '60s' }, 'matched')],
      waiting: [{ position: at(WORKFLOWS, 10), reason: 'timer 60s', eventId: 11 }],
      resolved: [{ seq: 1, kind: 'activity', eventId: 7, position: at(WORKFLOWS, 9) }],
    });
  }
  activation(s, process, {
    events: { from: 10, to: 14 },
    jobs: ['fireTimer 1'],
    lines: [at(WORKFLOWS, 10), at(WORKFLOWS, 11)],
    rows: [row(11, 'ScheduleActivityTask charge', 'COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK', null, 'new')],
    waiting: [{ position: at(WORKFLOWS, 11), reason: 'activity charge' }],
    resolved: [{ seq: 1, kind: 'timer', eventId: 12, position: at(WORKFLOWS, 10) }],
  });
  const respond = s.call();
  s.rpc('RespondWorkflowTaskCompleted', 'request', process, 'ScheduleActivityTask charge', respond);
  s.event('EVENT_TYPE_WORKFLOW_TASK_COMPLETED', { scheduledEventId: '13', startedEventId: '14', identity: process });
  s.workflowTask(null);
  const scheduled = s.event('EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', { activityId: '2', activityType: { name: 'charge' }, taskQueue: { name: QUEUE }, input: payload('17'), startToCloseTimeout: '10s' });
  s.add({
    type: 'pendingActivity',
    workflowId: WF,
    runId: RUN,
    scheduledEventId: scheduled,
    state: { activityId: '2', activityType: 'charge', taskQueue: QUEUE, phase: 'scheduled', attempt: 1, maximumAttempts: 0, scheduledAt: timestamp(s.at) },
  });
  s.queue(QUEUE, 'activity', false, 1, { [process]: 1 });
  s.rpc('RespondWorkflowTaskCompleted', 'response', process, 'ok', respond, 1);
  const newSticky = `${process}-sticky`;
  runActivity(s, process, 'charge', '2', scheduled, 'payments', { charged: 100, order: '17' }, 'receipt 17', newSticky);
  s.rpc('PollWorkflowTaskQueue', 'response', process, 'sticky task, 4 events', s.call(), 2);
  workflowTaskStarted(s, process, true);
  activation(s, process, {
    events: { from: 16, to: 20 },
    jobs: ['resolveActivity 2'],
    lines: [at(WORKFLOWS, 11), at(WORKFLOWS, 12)],
    rows: [row(12, 'CompleteWorkflowExecution', 'COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION', null, 'new')],
    resolved: [{ seq: 2, kind: 'activity', eventId: 18, position: at(WORKFLOWS, 11) }],
  });
  const last = s.call();
  s.rpc('RespondWorkflowTaskCompleted', 'request', process, 'CompleteWorkflowExecution', last);
  s.event('EVENT_TYPE_WORKFLOW_TASK_COMPLETED', { scheduledEventId: '19', startedEventId: '20', identity: process });
  s.workflowTask(null);
  s.event('EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED', { result: payload('receipt 17') });
  s.add({ type: 'run', workflowId: WF, runId: RUN, workflowType: 'order', taskQueue: QUEUE, status: 'COMPLETED' });
  s.rpc('RespondWorkflowTaskCompleted', 'response', process, 'ok', last, 1);
  s.rpc('GetWorkflowExecutionHistory', 'response', 'client-1', 'close event', s.call(), 2);
  s.add({ type: 'log', process: 'client-1', level: 'INFO', text: 'receipt 17' }, { type: 'process', process: 'client-1', kind: 'client', state: 'exited', incarnation: 1, exitCode: 0, dir: '', entry: 'client.ts' });
}

/** Nothing goes wrong. */
export function calmTrace(): TraceEntry[] {
  const s = new Script();
  upToTimer(s);
  finish(s, 'worker-1', 'worker-1-sticky', false);
  return s.entries;
}

/** The step after which `crashTrace` differs from `calmTrace`. */
export const CRASH_FORK = (() => {
  const s = new Script();
  upToTimer(s);
  return s.step;
})();

/** The worker is killed while the timer runs, restarted, and replays. The whole trace, from step 1. */
export function crashTrace(): TraceEntry[] {
  const s = new Script();
  upToTimer(s);
  s.begin(1, { kind: 'input', name: 'kill worker-1' });
  s.add({ type: 'input', input: { type: 'injectFault', fault: { kill: 'worker-1' } } }, { type: 'fault', fault: { kill: 'worker-1' } });
  s.add({ type: 'process', process: 'worker-1', kind: 'worker', state: 'killed', incarnation: 1, dir: '', entry: 'worker.ts' });
  s.begin(1000, { kind: 'input', name: 'start worker-1' });
  s.add({ type: 'input', input: { type: 'injectFault', fault: { start: 'worker-1' } } }, { type: 'fault', fault: { start: 'worker-1' } });
  s.add({ type: 'process', process: 'worker-1', kind: 'worker', state: 'starting', incarnation: 2, dir: '', entry: 'worker.ts' });
  startWorker(s, 'worker-1', 2, 3);
  finish(s, 'worker-1', null, true);
  return s.entries;
}

/** Entries of the steps after `step`. */
export function after(entries: readonly TraceEntry[], step: number): TraceEntry[] {
  const index = entries.findIndex((entry) => entry.type === 'step' && entry.step > step);
  return index < 0 ? [] : entries.slice(index);
}
