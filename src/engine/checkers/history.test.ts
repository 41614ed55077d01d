import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../api/proto.ts';
import { checkHistory, historyRules, type HistoryRule } from './history.ts';

const goldens = join(import.meta.dirname, '../../../conformance/goldens');
const read = (file: string): HistoryEvent[] => (JSON.parse(readFileSync(file, 'utf8')) as { events: HistoryEvent[] }).events;
const files = readdirSync(goldens, { recursive: true }).map(String).filter((name) => /history\..*\.json$/.test(name)).sort();

describe('histories of a real Service', () => {
  it.each(files)('%s keeps all rules', (file) => {
    expect(checkHistory(read(join(goldens, file)))).toEqual([]);
  });
});

const shared = process.env.REPLAYGROUND_SHARED;
describe.skipIf(!shared)('histories recorded by others', () => {
  const folder = join(shared ?? '', 'golden');
  it.each(shared ? readdirSync(folder).filter((name) => name.endsWith('.json')) : ['none'])('%s keeps all rules', (file) => {
    expect(checkHistory(read(join(folder, file)))).toEqual([]);
  });
});

// Each rule broken once in a real history, which keeps it as it is.
type Attributes = Record<string, unknown>;
type Break = readonly [file: string, change: (events: HistoryEvent[]) => void];

const find = (events: HistoryEvent[], type: string, nth = 1): HistoryEvent => {
  const found = events.filter((event) => event.eventType === `EVENT_TYPE_${type}`)[nth - 1];
  if (!found) throw new Error(`no ${type} number ${nth}`);
  return found;
};
const attributes = (event: HistoryEvent): Attributes => Object.entries(event).find(([key]) => key.endsWith('EventAttributes'))![1] as Attributes;
const put = (type: string, change: Attributes, nth = 1) => (events: HistoryEvent[]) => void Object.assign(attributes(find(events, type, nth)), change);
const without = (type: string, name: string) => (events: HistoryEvent[]) => void delete attributes(find(events, type))[name];
/** Renumbers after events came or went; references stay as they were. */
const renumber = (events: HistoryEvent[]) => events.forEach((event, i) => (event.eventId = String(i + 1)));
const drop = (type: string, nth = 1) => (events: HistoryEvent[]) => {
  events.splice(events.indexOf(find(events, type, nth)), 1);
  renumber(events);
};
const insertAfter = (after: string, type: string, nth = 1) => (events: HistoryEvent[]) => {
  events.splice(events.indexOf(find(events, after, nth)) + 1, 0, structuredClone(find(events, type)));
  renumber(events);
};

const serial = 'plain-activities/history.serial.json';
const cancelled = 'activity-cancellation/history.waitCompleted.json';
const timers = 'timers/history.timers-cancels.json';
const child = 'child-workflows/history.parent-completes.json';
const signals = 'external-workflows/history.signals.json';
const updates = 'updates/history.account.json';

const breaks: { readonly [rule in HistoryRule]: Break } = {
  'contiguous-ids': [serial, (events) => (events[3]!.eventId = '40')],
  'task-ids-rise': [serial, (events) => (events[3]!.taskId = '1')],
  'first-is-started': [serial, insertAfter('WORKFLOW_TASK_SCHEDULED', 'WORKFLOW_EXECUTION_STARTED')],
  'own-attributes': [serial, (events) => void delete events[2]!.workflowTaskStartedEventAttributes],
  'started-names-chain': [serial, put('WORKFLOW_EXECUTION_STARTED', { firstExecutionRunId: '' })],
  'started-initiator': ['continue-as-new/history.counts.2.json', without('WORKFLOW_EXECUTION_STARTED', 'initiator')],
  'nothing-after-close': [serial, insertAfter('WORKFLOW_EXECUTION_COMPLETED', 'ACTIVITY_TASK_COMPLETED')],
  'spine-time-order': [serial, (events) => (find(events, 'WORKFLOW_TASK_COMPLETED', 2).eventTime = events[0]!.eventTime)],
  'references-point-back': [serial, put('ACTIVITY_TASK_COMPLETED', { scheduledEventId: '15' })],
  'started-task-is-closed-next': [serial, drop('WORKFLOW_TASK_COMPLETED', 2)],
  'command-in-batch': [serial, put('ACTIVITY_TASK_SCHEDULED', { workflowTaskCompletedEventId: '3' })],
  'wake-schedules-task': [serial, drop('WORKFLOW_TASK_SCHEDULED', 2)],
  'one-pending-task': [serial, insertAfter('WORKFLOW_TASK_SCHEDULED', 'WORKFLOW_TASK_SCHEDULED')],
  'task-attempt': [serial, put('WORKFLOW_TASK_SCHEDULED', { attempt: 2 })],
  'task-started-ref': [serial, put('WORKFLOW_TASK_STARTED', { scheduledEventId: '1' })],
  'task-completed-ref': [serial, put('WORKFLOW_TASK_COMPLETED', { startedEventId: '2' })],
  'task-failed-ref': ['nondeterminism/history.stuck.json', without('WORKFLOW_TASK_FAILED', 'cause')],
  'task-timed-out-ref': ['nondeterminism/history.stuck.json', put('WORKFLOW_TASK_TIMED_OUT', { scheduledEventId: '2' })],
  'task-timeout-type': ['nondeterminism/history.stuck.json', put('WORKFLOW_TASK_TIMED_OUT', { timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' })],
  'activity-id-unique': ['plain-activities/history.parallel.json', put('ACTIVITY_TASK_SCHEDULED', { activityId: '1' }, 2)],
  'activity-timeouts': [serial, put('ACTIVITY_TASK_SCHEDULED', { scheduleToCloseTimeout: '0s', startToCloseTimeout: '0s' })],
  'activity-started-ref': [serial, put('ACTIVITY_TASK_STARTED', { scheduledEventId: '4' })],
  'activity-attempt': [serial, put('ACTIVITY_TASK_STARTED', { attempt: 0 })],
  'activity-cancel-ref': [cancelled, put('ACTIVITY_TASK_CANCEL_REQUESTED', { scheduledEventId: '6' })],
  'activity-close-ref': [serial, put('ACTIVITY_TASK_COMPLETED', { scheduledEventId: '4' })],
  'activity-close-started': [serial, put('ACTIVITY_TASK_COMPLETED', { startedEventId: '0' })],
  'activity-canceled-asked': [cancelled, drop('ACTIVITY_TASK_CANCEL_REQUESTED')],
  'activity-retry-state': ['activity-retries/history.exhausts.json', without('ACTIVITY_TASK_FAILED', 'retryState')],
  'timer-id-unique': [timers, put('TIMER_STARTED', { timerId: '1' }, 2)],
  'timer-ref': [timers, put('TIMER_CANCELED', { startedEventId: '6' })],
  'timer-not-early': [timers, put('TIMER_STARTED', { startToFireTimeout: '900s' }, 2)],
  'child-started-ref': [child, put('CHILD_WORKFLOW_EXECUTION_STARTED', { initiatedEventId: '4' })],
  'child-start-failed-ref': ['child-workflows/history.parent-exists.json', put('START_CHILD_WORKFLOW_EXECUTION_FAILED', { initiatedEventId: '4' })],
  'child-close-ref': [child, put('CHILD_WORKFLOW_EXECUTION_COMPLETED', { startedEventId: '4' })],
  'external-ref': [signals, put('EXTERNAL_WORKFLOW_EXECUTION_SIGNALED', { initiatedEventId: '4' })],
  'cancel-requested-once': ['cancellation/history.cleansUp.json', insertAfter('WORKFLOW_EXECUTION_CANCEL_REQUESTED', 'WORKFLOW_EXECUTION_CANCEL_REQUESTED')],
  'canceled-was-asked': ['cancellation/history.cleansUp.json', drop('WORKFLOW_EXECUTION_CANCEL_REQUESTED')],
  'continued-names-run': ['continue-as-new/history.counts.1.json', without('WORKFLOW_EXECUTION_CONTINUED_AS_NEW', 'newExecutionRunId')],
  'update-accepted-sequencing': [updates, put('WORKFLOW_EXECUTION_UPDATE_ACCEPTED', { acceptedRequestSequencingEventId: '3' })],
  'update-accepted-in-batch': [updates, insertAfter('ACTIVITY_TASK_STARTED', 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED')],
  'update-id-unique': [updates, insertAfter('WORKFLOW_EXECUTION_UPDATE_ACCEPTED', 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED')],
  'update-completed-ref': [updates, put('WORKFLOW_EXECUTION_UPDATE_COMPLETED', { acceptedEventId: '4' })],
  'update-completed-in-batch': [updates, insertAfter('ACTIVITY_TASK_STARTED', 'WORKFLOW_EXECUTION_UPDATE_COMPLETED')],
  'marker-named': ['local-activities/history.local-plain.json', without('MARKER_RECORDED', 'markerName')],
  'patch-marker-upsert': ['patches/history.isPatched.json', drop('UPSERT_WORKFLOW_SEARCH_ATTRIBUTES')],
  'failed-task-not-sticky': ['nondeterminism/history.stuck.json', (events) => Object.assign(attributes(events[events.findIndex((e) => e.eventType === 'EVENT_TYPE_WORKFLOW_TASK_FAILED') + 1]!), { taskQueue: { name: 'q', kind: 'TASK_QUEUE_KIND_STICKY' } })],
  'results-last': [serial, (events) => {
    const signal = read(join(goldens, 'signals-and-queries/history.adder.json')).find((e) => e.eventType === 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED')!;
    events.splice(events.indexOf(find(events, 'ACTIVITY_TASK_COMPLETED')) + 1, 0, signal);
    renumber(events);
  }],
  'signal-once': ['signals-and-queries/history.adder.json', (events) => put('WORKFLOW_EXECUTION_SIGNALED', { requestId: attributes(find(events, 'WORKFLOW_EXECUTION_SIGNALED', 1)).requestId }, 2)(events)],
  'signal-named': ['signals-and-queries/history.adder.json', without('WORKFLOW_EXECUTION_SIGNALED', 'signalName')],
};

describe('each rule', () => {
  it.each(Object.keys(historyRules) as HistoryRule[])('%s is kept by a real history and found when broken', (rule) => {
    const [file, change] = breaks[rule];
    const events = read(join(goldens, file));
    expect(checkHistory(events)).toEqual([]);
    change(events);
    expect(checkHistory(events).map((violation) => violation.rule)).toContain(rule);
  });
});

it('survives what is no history', () => {
  expect(checkHistory([{}])).not.toEqual([]);
  expect(checkHistory([{ eventId: 'x', eventType: 'EVENT_TYPE_NOTHING' as never, eventTime: 'soon' }])).not.toEqual([]);
});
