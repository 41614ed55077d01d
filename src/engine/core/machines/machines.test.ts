import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../../api/proto.ts';
import { timestamp } from '../../../base/brand.ts';
import { createFlags } from '../flags.ts';
import { localActivityMarkerAttributes, patchMarkerAttributes } from '../markers.ts';
import { DEFINITIONS, machineIsFinal, wasCancelledBeforeSent, type Machine } from './index.ts';
import { fire, fireFromLang, handleCommand, handleEvent, type Definition, type Input, type MachineResponse, type MachineState, type Responses } from './machine.ts';
import { mermaid, observeTransitions, type Row } from './table.ts';

/** Paths through every table. A row that no path takes fails the last test. */

const taken = new Set<string>();
beforeAll(() => observeTransitions((machine, state, event, to) => taken.add(`${machine}: ${state} --${event}--> ${to}`)));
afterAll(() => observeTransitions(null));

const definitionOf = (machine: Machine) => DEFINITIONS[machine.kind] as unknown as Definition<MachineState>;

/** Attributes of the events that machines look into. */
const attributes: { readonly [machineEvent: string]: Partial<HistoryEvent> } = {
  ActivityTaskStarted: { eventType: 'EVENT_TYPE_ACTIVITY_TASK_STARTED', activityTaskStartedEventAttributes: {} },
  ActivityTaskScheduled: { eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED', activityTaskScheduledEventAttributes: { activityId: '1', activityType: { name: 'greet' } } },
  ActivityTaskCompleted: { eventType: 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED', activityTaskCompletedEventAttributes: { result: { payloads: [{ data: 'AA==' }] } } },
  ActivityTaskFailed: { eventType: 'EVENT_TYPE_ACTIVITY_TASK_FAILED', activityTaskFailedEventAttributes: { failure: { message: 'no' } } },
  ActivityTaskTimedOut: { eventType: 'EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT', activityTaskTimedOutEventAttributes: { failure: { message: 'late' } } },
  ActivityTaskCanceled: { eventType: 'EVENT_TYPE_ACTIVITY_TASK_CANCELED', activityTaskCanceledEventAttributes: {} },
  TimerFired: { eventType: 'EVENT_TYPE_TIMER_FIRED', timerFiredEventAttributes: { timerId: '1' } },
  StartChildWorkflowExecutionInitiated: {
    eventType: 'EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED',
    startChildWorkflowExecutionInitiatedEventAttributes: { workflowId: 'child', workflowType: { name: 'kid' } },
  },
  StartChildWorkflowExecutionFailed: {
    eventType: 'EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED',
    startChildWorkflowExecutionFailedEventAttributes: { cause: 'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS' },
  },
  ChildWorkflowExecutionStarted: {
    eventType: 'EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED', childWorkflowExecutionStartedEventAttributes: { workflowExecution: { workflowId: 'child', runId: 'r' } },
  },
  ChildWorkflowExecutionCompleted: { eventType: 'EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED', childWorkflowExecutionCompletedEventAttributes: {} },
  ChildWorkflowExecutionFailed: { eventType: 'EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED', childWorkflowExecutionFailedEventAttributes: { failure: { message: 'no' } } },
  ChildWorkflowExecutionTimedOut: { eventType: 'EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT', childWorkflowExecutionTimedOutEventAttributes: {} },
  ChildWorkflowExecutionTerminated: { eventType: 'EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED', childWorkflowExecutionTerminatedEventAttributes: {} },
  ChildWorkflowExecutionCancelled: { eventType: 'EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED', childWorkflowExecutionCanceledEventAttributes: {} },
  RequestCancelExternalWorkflowExecutionFailed: {
    eventType: 'EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED',
    requestCancelExternalWorkflowExecutionFailedEventAttributes: { cause: 'CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND' },
  },
  SignalExternalWorkflowExecutionFailed: {
    eventType: 'EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED',
    signalExternalWorkflowExecutionFailedEventAttributes: { cause: 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_SIGNAL_COUNT_LIMIT_EXCEEDED' },
  },
  WorkflowTaskStarted: { eventType: 'EVENT_TYPE_WORKFLOW_TASK_STARTED', eventTime: '2026-01-01T00:00:00Z', workflowTaskStartedEventAttributes: {} },
  WorkflowTaskFailed: {
    eventType: 'EVENT_TYPE_WORKFLOW_TASK_FAILED', workflowTaskFailedEventAttributes: { cause: 'WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW', newRunId: 'reset' },
  },
};
const marker = { seq: 1, attempt: 1, activityId: '1', activityType: 'greet', completeTime: timestamp(5), result: { data: 'AA==' } };
const markerEvents: { readonly [kind: string]: Partial<HistoryEvent> } = {
  patch: { eventType: 'EVENT_TYPE_MARKER_RECORDED', markerRecordedEventAttributes: patchMarkerAttributes('p', false) },
  localActivity: { eventType: 'EVENT_TYPE_MARKER_RECORDED', markerRecordedEventAttributes: localActivityMarkerAttributes(marker, null) },
};

function inputOf(machine: Machine, event: string): Input {
  const resolution = { kind: 'completed', result: { data: 'AA==' }, completeTime: timestamp(7), attempt: 1 } as const;
  const recorded = event === 'MarkerRecorded' ? markerEvents[machine.kind] : attributes[event];
  const base = { reason: 'why', failure: { message: 'nay' }, result: { data: 'AA==' }, resolution, flags: { ...createFlags(), core: [1] }, lastTask: false };
  return recorded === undefined ? base : { ...base, event: { eventId: '9', ...recorded } };
}

/** A response in a few letters. */
function describeResponse(response: MachineResponse): string {
  switch (response.type) {
    case 'job': {
      const [name, value] = Object.entries(response.job)[0] as [string, { result?: object; failure?: object; [status: string]: unknown }];
      const status = Object.keys(value.result ?? value).find((key) => !['seq', 'isLocal'].includes(key));
      return status === undefined ? name : `${name}.${status}`;
    }
    case 'command': return (response.command.commandType ?? '').replace('COMMAND_TYPE_', '');
    case 'message': return String(response.message.body?.['@type']).split('.').at(-1) ?? '';
    default: return response.type;
  }
}

/** Walks a path and says where it led. */
function walk(make: () => Machine, events: string): string {
  const machine = make();
  const seen: string[] = [];
  for (const event of events.split(' ')) {
    const responses: Responses | null = fire(definitionOf(machine), machine, event, inputOf(machine, event));
    expect(responses, `${machine.state} has no ${event}`).not.toBeNull();
    for (const response of responses ?? []) seen.push(describeResponse(response));
  }
  const flags = [machineIsFinal(machine) ? 'final' : '', wasCancelledBeforeSent(machine) ? 'not sent' : ''].filter(Boolean);
  return [machine.state, ...flags, ...seen].join(' · ');
}

const activity = (cancellationType: 'TRY_CANCEL' | 'WAIT_CANCELLATION_COMPLETED' | 'ABANDON') => (): Machine => ({
  kind: 'activity', state: 'Created', position: null, seq: 1, attributes: { seq: 1, activityId: '1', activityType: 'greet' }, cancellationType, scheduledEventId: 0,
  cancelledBeforeSent: false, annotations: {},
});
const child = (cancellationType: 'TRY_CANCEL' | 'WAIT_CANCELLATION_COMPLETED' | 'ABANDON') => (): Machine => ({
  kind: 'childWorkflow', state: 'Created', position: null, seq: 1, namespace: 'default', workflowId: 'child', workflowType: 'kid', cancellationType, runId: '',
  initiatedEventId: 0, startedEventId: 0, cancelledBeforeSent: false, seenCancelledEvent: false, annotations: {},
});
const timer = (): Machine => ({ kind: 'timer', state: 'Created', position: null, seq: 1, attributes: { seq: 1 }, cancelledBeforeSent: false, annotations: {} });
const local = (state: 'Executing' | 'Replaying', cancellationType: 'TRY_CANCEL' | 'WAIT_CANCELLATION_COMPLETED' | 'ABANDON' = 'TRY_CANCEL') => (): Machine => ({
  kind: 'localActivity', state, position: null, seq: 1, activity: { seq: 1, activityId: '1', activityType: 'greet', cancellationType }, annotations: {},
  replayingWhenInvoked: state === 'Replaying', timeWhenStarted: timestamp(0), resultKind: null,
});
const update = (): Machine => ({
  kind: 'update', state: 'RequestInitiated', position: null, messageId: 'u/request', instanceId: 'u', sequencingEventId: '2', request: {}, meta: { updateId: 'u' },
});
const simple = (kind: 'completeWorkflow' | 'failWorkflow' | 'cancelWorkflow' | 'continueAsNew' | 'upsertSearchAttributes' | 'modifyWorkflowProperties') => (): Machine =>
  ({ kind, state: 'Created', position: null });
const workflowTask = (): Machine => ({ kind: 'workflowTask', state: 'Created', position: null, chunkStartedEventId: 3, startedEventId: 0, startedAt: timestamp(0) });

const SCHEDULED = 'Schedule CommandScheduleActivityTask ActivityTaskScheduled';
const CANCEL_REQUESTED = 'Cancel CommandRequestCancelActivityTask ActivityTaskCancelRequested';
const INITIATED = 'Schedule CommandStartChildWorkflowExecution StartChildWorkflowExecutionInitiated';

describe('activity', () => {
  it.each([
    ['TRY_CANCEL', `${SCHEDULED} ActivityTaskStarted ActivityTaskCompleted`, 'Completed · final · resolveActivity.completed'],
    ['TRY_CANCEL', `${SCHEDULED} ActivityTaskStarted ActivityTaskFailed`, 'Failed · final · resolveActivity.failed'],
    ['TRY_CANCEL', `${SCHEDULED} ActivityTaskStarted ActivityTaskTimedOut`, 'TimedOut · final · resolveActivity.failed'],
    ['TRY_CANCEL', `${SCHEDULED} ActivityTaskTimedOut`, 'TimedOut · final · resolveActivity.failed'],
    ['TRY_CANCEL', 'Schedule Cancel', 'Canceled · not sent · resolveActivity.cancelled'],
    ['ABANDON', 'Schedule Abandon', 'Canceled · not sent · resolveActivity.cancelled'],
    ['ABANDON', `${SCHEDULED} Abandon ActivityTaskStarted ActivityTaskCompleted`, 'Canceled · resolveActivity.cancelled'],
    ['ABANDON', `${SCHEDULED} ActivityTaskStarted Abandon`, 'Canceled · resolveActivity.cancelled'],
    ['TRY_CANCEL', `${SCHEDULED} ${CANCEL_REQUESTED} ActivityTaskCanceled`, 'Canceled · REQUEST_CANCEL_ACTIVITY_TASK · resolveActivity.cancelled'],
    ['WAIT_CANCELLATION_COMPLETED', `${SCHEDULED} ${CANCEL_REQUESTED} ActivityTaskCanceled`, 'Canceled · REQUEST_CANCEL_ACTIVITY_TASK · resolveActivity.cancelled'],
    ['WAIT_CANCELLATION_COMPLETED', `${SCHEDULED} ${CANCEL_REQUESTED} ActivityTaskTimedOut`, 'TimedOut · final · REQUEST_CANCEL_ACTIVITY_TASK · resolveActivity.failed'],
    ['WAIT_CANCELLATION_COMPLETED', `${SCHEDULED} ${CANCEL_REQUESTED} ActivityTaskStarted ActivityTaskFailed`, 'Failed · final · REQUEST_CANCEL_ACTIVITY_TASK · resolveActivity.failed'],
    ['WAIT_CANCELLATION_COMPLETED', `${SCHEDULED} ActivityTaskStarted ${CANCEL_REQUESTED} ActivityTaskCompleted`, 'Completed · final · REQUEST_CANCEL_ACTIVITY_TASK · resolveActivity.completed'],
    ['TRY_CANCEL', `${SCHEDULED} ActivityTaskStarted ${CANCEL_REQUESTED} ActivityTaskTimedOut`, 'TimedOut · final · REQUEST_CANCEL_ACTIVITY_TASK · resolveActivity.cancelled'],
    ['WAIT_CANCELLATION_COMPLETED', `${SCHEDULED} ActivityTaskStarted ${CANCEL_REQUESTED} ActivityTaskCanceled`, 'Canceled · REQUEST_CANCEL_ACTIVITY_TASK · resolveActivity.cancelled'],
  ] as const)('%s %s', (type, events, expected) => expect(walk(activity(type), events)).toBe(expected));

  it('that was cancelled, not abandoned, can neither start nor complete', () => {
    expect(() => walk(activity('TRY_CANCEL'), `${SCHEDULED} ${CANCEL_REQUESTED} ActivityTaskCanceled ActivityTaskStarted`)).toThrow(
      '[TMPRL1100] Nondeterminism error: Non-Abandon cancel mode activities cannot be started after being cancelled. Seq: 9',
    );
    expect(() => walk(activity('TRY_CANCEL'), `${SCHEDULED} ${CANCEL_REQUESTED} ActivityTaskCanceled ActivityTaskCompleted`)).toThrow(
      'Non-Abandon cancel mode activities cannot be completed after being cancelled: ActivityTaskCompletedEventAttributes { result: Some(Payloads { payloads: [[AA==]] })',
    );
  });
});

describe('timer', () => {
  const started = 'Schedule CommandStartTimer TimerStarted';
  it.each([
    [`${started} TimerFired Cancel`, 'Fired · fireTimer'],
    ['Schedule Cancel Cancel', 'Canceled · not sent'],
    [`${started} Cancel Cancel CommandCancelTimer TimerCanceled`, 'Canceled · CANCEL_TIMER'],
  ])('%s', (events, expected) => expect(walk(timer, events)).toBe(expected));
});

describe('child workflow', () => {
  const started = `${INITIATED} ChildWorkflowExecutionStarted`;
  const start = 'resolveChildWorkflowExecutionStart';
  const end = 'resolveChildWorkflowExecution';
  it.each([
    ['WAIT_CANCELLATION_COMPLETED', `${started} ChildWorkflowExecutionCompleted Cancel`, `Completed · ${start}.succeeded · ${end}.completed`],
    ['WAIT_CANCELLATION_COMPLETED', `${started} ChildWorkflowExecutionFailed Cancel`, `Failed · ${start}.succeeded · ${end}.failed`],
    ['WAIT_CANCELLATION_COMPLETED', `${started} ChildWorkflowExecutionTimedOut Cancel`, `TimedOut · ${start}.succeeded · ${end}.failed`],
    ['WAIT_CANCELLATION_COMPLETED', `${started} ChildWorkflowExecutionTerminated`, `Terminated · final · ${start}.succeeded · ${end}.failed`],
    ['WAIT_CANCELLATION_COMPLETED', `${INITIATED} StartChildWorkflowExecutionFailed Cancel`, `StartFailed · ${start}.failed`],
    ['WAIT_CANCELLATION_COMPLETED', 'Schedule Cancel Cancel', `Cancelled · not sent · ${start}.cancelled`],
    ['WAIT_CANCELLATION_COMPLETED', `${started} Cancel CommandRequestCancelExternalWorkflowExecution ChildWorkflowExecutionCancelled`, `Cancelled · ${start}.succeeded · cancelExternal · ${end}.cancelled`],
    ['WAIT_CANCELLATION_COMPLETED', `${INITIATED} Cancel CommandRequestCancelExternalWorkflowExecution ChildWorkflowExecutionStarted`, `Started · cancelExternal · ${start}.succeeded`],
    ['TRY_CANCEL', `${INITIATED} Cancel CommandRequestCancelExternalWorkflowExecution ChildWorkflowExecutionStarted ChildWorkflowExecutionCancelled`, `Cancelled · cancelExternal · ${end}.cancelled`],
    ['TRY_CANCEL', `${started} Cancel ChildWorkflowExecutionCompleted`, `Cancelled · ${start}.succeeded · cancelExternal · ${end}.cancelled`],
    ['ABANDON', `${started} Cancel ChildWorkflowExecutionFailed`, `Cancelled · ${start}.succeeded · ${end}.cancelled`],
    ['ABANDON', `${INITIATED} Cancel StartChildWorkflowExecutionFailed`, `Cancelled · ${end}.cancelled`],
    ['ABANDON', `${started} Cancel ChildWorkflowExecutionTimedOut ChildWorkflowExecutionTerminated`, `Cancelled · ${start}.succeeded · ${end}.cancelled`],
  ] as const)('%s %s', (type, events, expected) => expect(walk(child(type), events)).toBe(expected));

  it('that waits for its end has only one', () => {
    expect(() => walk(child('WAIT_CANCELLATION_COMPLETED'), `${started} ChildWorkflowExecutionCancelled ChildWorkflowExecutionCompleted`)).toThrow(
      "Child workflows which don't resolve immediately on cancellation cannot complete after being cancelled.",
    );
    expect(() => walk(child('WAIT_CANCELLATION_COMPLETED'), `${started} ChildWorkflowExecutionCancelled ChildWorkflowExecutionCancelled`)).toThrow('Fatal error in workflow machines: Child workflow has already seen');
  });
});

describe('local activity', () => {
  it.each([
    ['Schedule HandleResult HandleResult CommandRecordMarker HandleResult MarkerRecorded HandleResult', local('Executing'), 'MarkerCommandRecorded · queueLocalActivity · resolveActivity.completed · advanceTime · RECORD_MARKER'],
    ['Schedule Cancel HandleResult CommandRecordMarker MarkerRecorded Cancel', local('Executing', 'WAIT_CANCELLATION_COMPLETED'), 'MarkerCommandRecorded · queueLocalActivity · cancelLocalActivity · resolveActivity.completed · advanceTime · RECORD_MARKER · cancelLocalActivity'],
    ['Schedule NoWaitCancel CommandRecordMarker MarkerRecorded NoWaitCancel', local('Executing'), 'MarkerCommandRecorded · queueLocalActivity · cancelLocalActivity · resolveActivity.cancelled · RECORD_MARKER · cancelLocalActivity'],
    ['Schedule NoWaitCancel', local('Executing', 'ABANDON'), 'MarkerCommandCreated · queueLocalActivity · resolveActivity.cancelled · abandonLocalActivity · RECORD_MARKER'],
    ['Schedule HandleKnownResult Cancel NoWaitCancel MarkerRecorded', local('Replaying'), 'MarkerCommandRecorded · resolveActivity.completed · advanceTime · cancelLocalActivity · cancelLocalActivity'],
    ['Schedule Cancel NoWaitCancel StartedNonReplayWFT HandleResult', local('Replaying'), 'MarkerCommandCreated · cancelLocalActivity · cancelLocalActivity · queueLocalActivity · resolveActivity.completed · advanceTime · RECORD_MARKER'],
  ] as const)('%s', (events, make, expected) => expect(walk(make, events)).toBe(expected));
});

describe('update', () => {
  it.each([
    ['Accept CommandProtocolMessage WorkflowExecutionUpdateAccepted Complete CommandProtocolMessage WorkflowExecutionUpdateCompleted', 'CompletedCommandRecorded · final · Acceptance · PROTOCOL_MESSAGE · Response · PROTOCOL_MESSAGE'],
    ['Accept CommandProtocolMessage WorkflowExecutionUpdateAccepted Reject CommandProtocolMessage', 'CompletedCommandCreated · Acceptance · PROTOCOL_MESSAGE · Response · PROTOCOL_MESSAGE'],
    ['Reject', 'Rejected · final · Rejection'],
    ['Accept Complete CommandProtocolMessage CommandProtocolMessage WorkflowExecutionUpdateAccepted WorkflowExecutionUpdateCompleted', 'CompletedCommandRecorded · final · Acceptance · PROTOCOL_MESSAGE · Response · PROTOCOL_MESSAGE'],
    ['Accept Reject', 'CompletedImmediately · Acceptance · PROTOCOL_MESSAGE · Response · PROTOCOL_MESSAGE'],
    ['Accept CommandProtocolMessage Complete CommandProtocolMessage', 'CompletedImmediatelyCompleteCreated · Acceptance · PROTOCOL_MESSAGE · Response · PROTOCOL_MESSAGE'],
    ['Accept CommandProtocolMessage Reject', 'CompletedImmediatelyAcceptCreated · Acceptance · PROTOCOL_MESSAGE · Response · PROTOCOL_MESSAGE'],
  ])('%s', (events, expected) => expect(walk(update, events)).toBe(expected));
});

describe('the others', () => {
  const cancelExternal = (): Machine => ({ kind: 'cancelExternal', state: 'Created', position: null, seq: 1 });
  const signalExternal = (): Machine => ({ kind: 'signalExternal', state: 'Created', position: null, seq: 1 });
  const patch = (state: 'Executing' | 'Replaying') => (): Machine => ({ kind: 'patch', state, position: null, patchId: 'p' });
  const cancel = 'Schedule CommandRequestCancelExternalWorkflowExecution RequestCancelExternalWorkflowExecutionInitiated';
  const signal = 'Schedule CommandSignalExternalWorkflowExecution';
  it.each([
    [`${cancel} ExternalWorkflowExecutionCancelRequested`, cancelExternal, 'CancelRequested · final · resolveRequestCancelExternalWorkflow'],
    [`${cancel} RequestCancelExternalWorkflowExecutionFailed`, cancelExternal, 'RequestCancelFailed · final · resolveRequestCancelExternalWorkflow.failure'],
    [`${signal} SignalExternalWorkflowExecutionInitiated Cancel ExternalWorkflowExecutionSignaled Cancel`, signalExternal, 'Signaled · resolveSignalExternalWorkflow'],
    [`${signal} SignalExternalWorkflowExecutionInitiated SignalExternalWorkflowExecutionFailed`, signalExternal, 'Failed · final · resolveSignalExternalWorkflow.failure'],
    [`${signal} Cancel Cancel`, signalExternal, 'Cancelled · not sent · resolveSignalExternalWorkflow.failure'],
    ['Schedule CommandRecordMarker MarkerRecorded', patch('Executing'), 'MarkerCommandRecorded · final'],
    ['Schedule CommandRecordMarker MarkerRecorded', patch('Replaying'), 'MarkerCommandRecorded · final'],
    ['Schedule CommandCompleteWorkflowExecution WorkflowExecutionCompleted', simple('completeWorkflow'), 'CompleteWorkflowCommandRecorded · final'],
    ['Schedule CommandFailWorkflowExecution WorkflowExecutionFailed', simple('failWorkflow'), 'FailWorkflowCommandRecorded · final'],
    ['Schedule CommandCancelWorkflowExecution WorkflowExecutionCanceled', simple('cancelWorkflow'), 'CancelWorkflowCommandRecorded · final'],
    ['Schedule CommandContinueAsNewWorkflowExecution WorkflowExecutionContinuedAsNew', simple('continueAsNew'), 'ContinueAsNewWorkflowCommandRecorded · final'],
    ['CommandScheduled CommandRecorded', simple('upsertSearchAttributes'), 'Done · final'],
    ['CommandScheduled CommandRecorded', simple('modifyWorkflowProperties'), 'Done · final'],
    ['WorkflowTaskScheduled WorkflowTaskStarted WorkflowTaskCompleted', workflowTask, 'Completed · final · taskStarted · taskStarted'],
    ['WorkflowTaskScheduled WorkflowTaskStarted WorkflowTaskFailed', workflowTask, 'Failed · final · taskStarted · runIdReset'],
    ['WorkflowTaskScheduled WorkflowTaskStarted WorkflowTaskTimedOut', workflowTask, 'TimedOut · final · taskStarted'],
    ['WorkflowTaskScheduled WorkflowTaskTimedOut', workflowTask, 'TimedOut · final'],
  ] as const)('%s', (events, make, expected) => expect(walk(make, events)).toBe(expected));
});

describe('what can not happen', () => {
  it('is a failure of history when an event comes at the wrong time', () => {
    const machine = activity('TRY_CANCEL')();
    const event = { eventId: '5', ...attributes['ActivityTaskCompleted'] };
    expect(() => handleEvent(definitionOf(machine), machine, { event })).toThrow(
      'Fatal error in workflow machines: ActivityMachine in state Created says the transition is invalid during event EventInfo { event_id: 5, event_type: ActivityTaskCompleted }',
    );
  });
  it('is non-determinism when it is an event of another kind', () => {
    const machine = timer();
    expect(() => handleEvent(definitionOf(machine), machine, { event: { eventId: '5', eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED' } })).toThrow(
      '[TMPRL1100] Nondeterminism error: Timer machine does not handle this event: HistoryEvent(id: 5, ActivityTaskScheduled)',
    );
  });
  it('is non-determinism when the code or a command asks for it', () => {
    const machine = timer();
    expect(() => fireFromLang(definitionOf(machine), machine, 'TimerFired')).toThrow('Nondeterminism error: Invalid transition in state machine');
    expect(() => handleCommand(definitionOf(machine), machine, 'COMMAND_TYPE_RECORD_MARKER')).toThrow('Unexpected command RecordMarker generated by a "TimerMachine" machine');
    expect(() => handleCommand(definitionOf(machine), machine, 'COMMAND_TYPE_CANCEL_TIMER')).toThrow('Unexpected command producing an invalid transition CancelTimer in state Created');
  });
});

it('draws a table', () => {
  expect(mermaid(DEFINITIONS.completeWorkflow.table)).toMatchInlineSnapshot(`
    "stateDiagram-v2
      [*] --> Created
      Created --> CompleteWorkflowCommandCreated: Schedule
      CompleteWorkflowCommandCreated --> CompleteWorkflowCommandCreated: CommandCompleteWorkflowExecution
      CompleteWorkflowCommandCreated --> CompleteWorkflowCommandRecorded: WorkflowExecutionCompleted
      CompleteWorkflowCommandRecorded --> [*]"
  `);
});

it('leaves no row of any table untaken', () => {
  const untaken: string[] = [];
  for (const definition of Object.values(DEFINITIONS) as unknown as Definition<MachineState>[]) {
    for (const [state, rows] of Object.entries(definition.table)) {
      for (const [event, row] of Object.entries(rows) as [string, Row<string, string>][]) {
        for (const to of [row.to].flat()) if (!taken.has(`${definition.name}: ${state} --${event}--> ${to}`)) untaken.push(`${definition.name}: ${state} --${event}--> ${to}`);
      }
    }
  }
  expect(untaken).toEqual([]);
});
