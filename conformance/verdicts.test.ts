import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { replayGenuineAll, stopGenuine } from './genuine.ts';
import { replayOurs } from './ours.ts';

/**
 * Every kind of command meets every kind of event: what our Core says is what the genuine Core says, word for word. The histories
 * are made here: a first Workflow Task, the event that the code did not ask for (or did), and a Workflow Task that brings it.
 */

const workflowsPath = fileURLToPath(new URL('verdicts/workflows.ts', import.meta.url));
/** Milliseconds after which the genuine worker will not answer any more. */
const HANG_LIMIT = 6000;

afterAll(stopGenuine);

type Attributes = Readonly<Record<string, unknown>>;
/** An event by its kind, `activityTaskScheduled`, and what it says. */
type Event = readonly [kind: string, attributes: Attributes];

const RUN_ID = '0196a1f0-0000-7000-8000-000000000001';
const payloads = (value: unknown) => ({ payloads: [{ metadata: { encoding: Buffer.from('json/plain').toString('base64') }, data: Buffer.from(JSON.stringify(value)).toString('base64') }] });
const namespace = { namespace: 'default', namespaceId: 'n' };
const kid = { ...namespace, workflowExecution: { workflowId: 'kid-1', runId: 'r' }, workflowType: { name: 'kid' } };

function historyOf(type: string, events: readonly Event[]): { events: object[] } {
  const start: Event = [
    'workflowExecutionStarted',
    { workflowType: { name: type }, taskQueue: { name: 'q', kind: 'TASK_QUEUE_KIND_NORMAL' }, workflowTaskTimeout: '10s', originalExecutionRunId: RUN_ID, firstExecutionRunId: RUN_ID, attempt: 1, workflowId: 'w' },
  ];
  return {
    events: [start, ...events].map(([kind, attributes], i) => ({
      eventId: String(i + 1), eventTime: new Date(1_700_000_000_000 + i * 1000).toISOString(), eventType: `EVENT_TYPE_${kind.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
      taskId: String(i + 1), [`${kind}EventAttributes`]: attributes,
    })),
  };
}

/** Scheduled, started and, unless it is the last one, completed. `at` is the id of the first. */
const task = (at: number, open = false): Event[] => [
  ['workflowTaskScheduled', { taskQueue: { name: 'q', kind: 'TASK_QUEUE_KIND_NORMAL' }, startToCloseTimeout: '10s', attempt: 1 }],
  ['workflowTaskStarted', { scheduledEventId: String(at), requestId: 'x' }],
  ...(open ? [] : [['workflowTaskCompleted', { scheduledEventId: String(at), startedEventId: String(at + 1), sdkMetadata: at === 2 ? { coreUsedFlags: [1, 2, 3] } : {} }] as Event]),
];

const marker = (name: string, details: Record<string, unknown>): Event => ['markerRecorded', { markerName: name, details, workflowTaskCompletedEventId: '4' }];
const localMarker = (seq: number, type: string): Event =>
  marker('core_local_activity', { data: payloads({ seq, attempt: 1, activity_id: String(seq), activity_type: type, complete_time: { seconds: 1_700_000_002, nanos: 0 }, backoff: null, original_schedule_time: null }), result: payloads('x') });
const patchMarker = (id: string, deprecated: boolean): Event => marker('core_patch', { 'patch-data': payloads({ id, deprecated }) });
const scheduled = (id: string, type = 'step'): Event => [
  'activityTaskScheduled',
  { activityId: id, activityType: { name: type }, taskQueue: { name: 'q', kind: 'TASK_QUEUE_KIND_NORMAL' }, startToCloseTimeout: '10s', workflowTaskCompletedEventId: '4', retryPolicy: { initialInterval: '1s', backoffCoefficient: 2 } },
];
const childInitiated = (id: string, type: string): Event => [
  'startChildWorkflowExecutionInitiated', { ...namespace, workflowId: id, workflowType: { name: type }, taskQueue: { name: 'q', kind: 'TASK_QUEUE_KIND_NORMAL' }, workflowTaskCompletedEventId: '4' },
];

/** What a Workflow Task may have brought about. */
const commandEvents: Readonly<Record<string, Event>> = {
  activity: scheduled('1'),
  'activity, other id': scheduled('7'),
  'activity, other type': scheduled('1', 'other'),
  timer: ['timerStarted', { timerId: '1', startToFireTimeout: '1s', workflowTaskCompletedEventId: '4' }],
  'timer, other id': ['timerStarted', { timerId: '5', startToFireTimeout: '1s', workflowTaskCompletedEventId: '4' }],
  child: childInitiated('kid-1', 'kid'),
  'child, other id': childInitiated('kid-2', 'kid'),
  'child, other type': childInitiated('kid-1', 'other'),
  'local activity': localMarker(1, 'step'),
  'local activity, other type': localMarker(1, 'other'),
  'local activity, other seq': localMarker(7, 'step'),
  patch: patchMarker('my-patch', false),
  'patch, deprecated': patchMarker('my-patch', true),
  'patch, other id': patchMarker('your-patch', false),
  'marker of nobody': marker('mine', {}),
  signalExternal: ['signalExternalWorkflowExecutionInitiated', { ...namespace, workflowExecution: { workflowId: 'other' }, signalName: 'go', workflowTaskCompletedEventId: '4' }],
  cancelExternal: ['requestCancelExternalWorkflowExecutionInitiated', { ...namespace, workflowExecution: { workflowId: 'other' }, workflowTaskCompletedEventId: '4' }],
  attributes: ['upsertWorkflowSearchAttributes', { workflowTaskCompletedEventId: '4', searchAttributes: { indexedFields: {} } }],
  memo: ['workflowPropertiesModified', { workflowTaskCompletedEventId: '4', upsertedMemo: { fields: {} } }],
  timerCanceled: ['timerCanceled', { timerId: '1', startedEventId: '5', workflowTaskCompletedEventId: '4' }],
  activityCancelRequested: ['activityTaskCancelRequested', { scheduledEventId: '5', workflowTaskCompletedEventId: '4' }],
  updateAccepted: ['workflowExecutionUpdateAccepted', { protocolInstanceId: 'u', acceptedRequestMessageId: 'u/request', acceptedRequestSequencingEventId: '2', acceptedRequest: { meta: { updateId: 'u' }, input: { name: 'change' } } }],
  updateCompleted: ['workflowExecutionUpdateCompleted', { meta: { updateId: 'u' }, acceptedEventId: '5', outcome: { success: payloads('x') } }],
  completed: ['workflowExecutionCompleted', { workflowTaskCompletedEventId: '4' }],
  failed: ['workflowExecutionFailed', { failure: { message: 'no' }, retryState: 'RETRY_STATE_RETRY_POLICY_NOT_SET', workflowTaskCompletedEventId: '4' }],
  canceled: ['workflowExecutionCanceled', { workflowTaskCompletedEventId: '4' }],
  continuedAsNew: ['workflowExecutionContinuedAsNew', { newExecutionRunId: RUN_ID, workflowType: { name: 'x' }, workflowTaskCompletedEventId: '4' }],
};

/** What may come from elsewhere. */
const otherEvents: Readonly<Record<string, Event>> = {
  nothing: ['workflowExecutionSignaled', { signalName: 'unheard' }],
  signaled: ['workflowExecutionSignaled', { signalName: 'go' }],
  cancelRequested: ['workflowExecutionCancelRequested', {}],
  terminated: ['workflowExecutionTerminated', { reason: 'x' }],
  timedOut: ['workflowExecutionTimedOut', { retryState: 'RETRY_STATE_TIMEOUT' }],
  timerFired: ['timerFired', { timerId: '1', startedEventId: '5' }],
  'timerFired, other id': ['timerFired', { timerId: '5', startedEventId: '5' }],
  activityStarted: ['activityTaskStarted', { scheduledEventId: '5', requestId: 'x', attempt: 1 }],
  activityCompleted: ['activityTaskCompleted', { scheduledEventId: '5', startedEventId: '6' }],
  activityFailed: ['activityTaskFailed', { scheduledEventId: '5', startedEventId: '6', failure: { message: 'x' }, retryState: 'RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED' }],
  activityTimedOut: ['activityTaskTimedOut', { scheduledEventId: '5', startedEventId: '6', failure: { message: 'x' }, retryState: 'RETRY_STATE_TIMEOUT' }],
  activityCanceled: ['activityTaskCanceled', { scheduledEventId: '5', latestCancelRequestedEventId: '9' }],
  'activityCompleted, other ref': ['activityTaskCompleted', { scheduledEventId: '3', startedEventId: '6' }],
  childStarted: ['childWorkflowExecutionStarted', { ...kid, initiatedEventId: '5' }],
  childStartFailed: ['startChildWorkflowExecutionFailed', { ...namespace, workflowId: 'kid-1', workflowType: { name: 'kid' }, cause: 'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS', initiatedEventId: '5' }],
  childCompleted: ['childWorkflowExecutionCompleted', { ...kid, initiatedEventId: '5', startedEventId: '6' }],
  childFailed: ['childWorkflowExecutionFailed', { ...kid, initiatedEventId: '5', startedEventId: '6', failure: { message: 'x' }, retryState: 'RETRY_STATE_RETRY_POLICY_NOT_SET' }],
  childCanceled: ['childWorkflowExecutionCanceled', { ...kid, initiatedEventId: '5', startedEventId: '6' }],
  childTimedOut: ['childWorkflowExecutionTimedOut', { ...kid, initiatedEventId: '5', startedEventId: '6', retryState: 'RETRY_STATE_TIMEOUT' }],
  childTerminated: ['childWorkflowExecutionTerminated', { ...kid, initiatedEventId: '5', startedEventId: '6' }],
  signaledExternal: ['externalWorkflowExecutionSignaled', { ...namespace, initiatedEventId: '5', workflowExecution: { workflowId: 'other' } }],
  signalFailed: ['signalExternalWorkflowExecutionFailed', { ...namespace, initiatedEventId: '5', workflowExecution: { workflowId: 'other' }, cause: 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND' }],
  canceledExternal: ['externalWorkflowExecutionCancelRequested', { ...namespace, initiatedEventId: '5', workflowExecution: { workflowId: 'other' } }],
  cancelFailed: ['requestCancelExternalWorkflowExecutionFailed', { ...namespace, initiatedEventId: '5', workflowExecution: { workflowId: 'other' }, cause: 'CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND' }],
};
const allEvents = { ...commandEvents, ...otherEvents };

interface Case {
  readonly name: string;
  readonly type: string;
  readonly history: { readonly events: readonly object[] };
}

/** Code of each kind, first Workflow Task, then the event. */
const first = ['nothing', 'activity', 'twoActivities', 'timer', 'child', 'localActivity', 'patch', 'deprecated', 'signalExternal', 'cancelExternal', 'attributes', 'memo', 'completes', 'fails', 'cancels', 'continues', 'updates'];
/** Code that has begun something (the event says what), and what came of it then. */
const begun: Readonly<Record<string, string>> = { activity: 'activity', timer: 'timer', child: 'child', signalExternal: 'signalExternal', cancelExternal: 'cancelExternal', patch: 'patch', updates: 'updateAccepted' };
/** Code that cancels when it is told to. */
const cancelling: Readonly<Record<string, string>> = { cancelledTimer: 'timer', triedActivity: 'activity', waitedActivity: 'activity', triedChild: 'child', waitedChild: 'child' };

function* cases(): Generator<Case> {
  const closes = (event: Event) => /^workflowExecution(Completed|Failed|Canceled|ContinuedAsNew|Terminated|TimedOut)$/.test(event[0]);
  const then = (at: number, event: Event): Event[] => (closes(event) ? [event] : [event, ...task(at + 1, true)]);
  for (const type of first) for (const [name, event] of Object.entries(allEvents)) yield { name: `${type}: ${name}`, type, history: historyOf(type, [...task(2), ...then(5, event)]) };
  for (const [type, start] of Object.entries(begun)) {
    for (const [name, event] of Object.entries(allEvents)) yield { name: `${type}, begun: ${name}`, type, history: historyOf(type, [...task(2), allEvents[start]!, ...then(6, event)]) };
  }
  for (const [type, start] of Object.entries(cancelling)) {
    for (const [name, event] of Object.entries(allEvents)) {
      yield { name: `${type}, told: ${name}`, type, history: historyOf(type, [...task(2), allEvents[start]!, otherEvents.signaled!, ...task(7), ...then(10, event)]) };
    }
  }
}

/** What the genuine worker said to all of them (`RECORD_VERDICTS=1` asks it again, which takes minutes); those that it passed are absent. */
const recordFile = fileURLToPath(new URL('verdicts/genuine.json', import.meta.url));
const ok = ['ok', ''] as const;
type Verdict = readonly [kind: string, message: string];

const genuineVerdicts = async (some: readonly Case[]): Promise<readonly Verdict[]> => {
  const verdicts = await replayGenuineAll(workflowsPath, some.map(({ history }) => ({ history, workflowId: 'w' })), HANG_LIMIT);
  return verdicts.map(({ kind, message }) => [kind, message]);
};

async function record(all: readonly Case[]): Promise<void> {
  const verdicts = [...(await genuineVerdicts(all))];
  // Once its WebAssembly has trapped the genuine worker says so to others, too: those are asked again by themselves.
  for (const [i, one] of all.entries()) {
    if (verdicts[i]![1] !== 'unreachable') continue;
    stopGenuine();
    verdicts[i] = (await genuineVerdicts([one]))[0]!;
  }
  const told = all.flatMap(({ name }, i) => (verdicts[i]![0] === 'ok' ? [] : [[name, verdicts[i]!] as const]));
  writeFileSync(recordFile, `{\n${told.map(([name, verdict]) => `  ${JSON.stringify(name)}: ${JSON.stringify(verdict)}`).join(',\n')}\n}\n`);
}

const all = [...cases()];

it(`has the genuine verdict for every kind of command at every kind of event: ${all.length} histories`, { timeout: 1_200_000 }, async () => {
  if (process.env.RECORD_VERDICTS) await record(all);
  const recorded = JSON.parse(readFileSync(recordFile, 'utf8')) as { readonly [name: string]: Verdict };
  const wrong: string[] = [];
  for (const { name, history } of all) {
    const [kind, message] = recorded[name] ?? ok;
    const mine = await replayOurs(workflowsPath, JSON.stringify(history), 'w');
    if (mine.kind !== kind || mine.message !== message) wrong.push(`${name}\n  genuine ${kind}: ${message.slice(0, 300)}\n  ours    ${mine.kind}: ${mine.message.slice(0, 300)}`);
  }
  console.log(`verdicts: ${all.length} histories, ${Object.keys(recorded).length} refused by the genuine worker, ${wrong.length} differ`);
  expect(Object.keys(recorded).filter((name) => !all.some((one) => one.name === name))).toEqual([]);
  expect(wrong.join('\n')).toBe('');
});

it('what was recorded is what the genuine worker says', { timeout: 120_000 }, async () => {
  const recorded = JSON.parse(readFileSync(recordFile, 'utf8')) as { readonly [name: string]: Verdict };
  const some = all.filter((_, i) => i % 37 === 0);
  expect(await genuineVerdicts(some)).toEqual(some.map(({ name }) => recorded[name] ?? ok));
});
