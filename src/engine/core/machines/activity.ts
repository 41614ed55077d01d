import { eventName } from '../../../api/event-names.ts';
import type { ActivityCancellationType, ActivityFailureInfo, ActivityTaskCanceledEventAttributes, Failure, HistoryEvent, Payload, Payloads, ScheduleActivity } from '../../../api/proto.ts';
import { assert } from '../../../base/assert.ts';
import { FatalMachinesError, NondeterminismError } from '../errors.ts';
import { displayEvent, idOf } from '../events.ts';
import { CoreFlag, tryUse } from '../flags.ts';
import { rustDebug } from '../rust-debug.ts';
import { annotated, attributesOf, fireFromLang, NOTHING, overrideAnnotations, type Annotations, type Definition, type Input, type MachineResponse, type MachineState, type Responses } from './machine.ts';
import type { Table } from './table.ts';

export const activityTable = {
  Created: { Schedule: { to: 'ScheduleCommandCreated' } },
  ScheduleCommandCreated: {
    CommandScheduleActivityTask: { to: 'ScheduleCommandCreated' },
    ActivityTaskScheduled: { to: 'ScheduledEventRecorded', does: 'recordScheduled' },
    Cancel: { to: 'Canceled', does: 'dropUnsent' },
    Abandon: { to: 'Canceled', does: 'dropUnsent' },
  },
  ScheduledEventRecorded: {
    ActivityTaskStarted: { to: 'Started' },
    ActivityTaskTimedOut: { to: 'TimedOut', does: 'notifyTimedOut' },
    Cancel: { to: 'ScheduledActivityCancelCommandCreated', does: 'requestCancel' },
    Abandon: { to: 'Canceled', does: 'notifyCanceled' },
  },
  Started: {
    ActivityTaskCompleted: { to: 'Completed', does: 'notifyCompleted' },
    ActivityTaskFailed: { to: 'Failed', does: 'notifyFailed' },
    ActivityTaskTimedOut: { to: 'TimedOut', does: 'notifyTimedOut' },
    Cancel: { to: 'StartedActivityCancelCommandCreated', does: 'requestCancel' },
    Abandon: { to: 'Canceled', does: 'notifyCanceled' },
  },
  ScheduledActivityCancelCommandCreated: {
    CommandRequestCancelActivityTask: { to: 'ScheduledActivityCancelCommandCreated' },
    ActivityTaskCancelRequested: { to: 'ScheduledActivityCancelEventRecorded' },
  },
  ScheduledActivityCancelEventRecorded: {
    ActivityTaskCanceled: { to: 'Canceled', does: 'notifyCanceledIfWaiting' },
    ActivityTaskStarted: { to: 'StartedActivityCancelEventRecorded' },
    ActivityTaskTimedOut: { to: 'TimedOut', does: 'notifyTimedOutIfWaiting' },
  },
  StartedActivityCancelCommandCreated: {
    CommandRequestCancelActivityTask: { to: 'StartedActivityCancelCommandCreated' },
    ActivityTaskCancelRequested: { to: 'StartedActivityCancelEventRecorded' },
  },
  StartedActivityCancelEventRecorded: {
    ActivityTaskFailed: { to: 'Failed', does: 'notifyFailedIfWaiting' },
    ActivityTaskCompleted: { to: 'Completed', does: 'notifyCompletedIfWaiting' },
    ActivityTaskTimedOut: { to: 'TimedOut', does: 'notifyTimedOutIfWaiting' },
    ActivityTaskCanceled: { to: 'Canceled', does: 'notifyCanceledIfWaiting' },
  },
  // An abandoned activity may start and complete all the same.
  Canceled: {
    ActivityTaskStarted: { to: 'Canceled', does: 'ignoreStart' },
    ActivityTaskCompleted: { to: 'Canceled', does: 'ignoreCompletion' },
  },
  Completed: {},
  Failed: {},
  TimedOut: {},
} as const satisfies Table<
  | 'Created' | 'ScheduleCommandCreated' | 'ScheduledEventRecorded' | 'Started' | 'ScheduledActivityCancelCommandCreated'
  | 'ScheduledActivityCancelEventRecorded' | 'StartedActivityCancelCommandCreated' | 'StartedActivityCancelEventRecorded' | 'Canceled'
  | 'Completed' | 'Failed' | 'TimedOut',
  | 'Schedule' | 'CommandScheduleActivityTask' | 'ActivityTaskScheduled' | 'Cancel' | 'Abandon' | 'ActivityTaskStarted' | 'ActivityTaskTimedOut'
  | 'ActivityTaskCompleted' | 'ActivityTaskFailed' | 'CommandRequestCancelActivityTask' | 'ActivityTaskCancelRequested' | 'ActivityTaskCanceled',
  | 'recordScheduled' | 'dropUnsent' | 'notifyTimedOut' | 'requestCancel' | 'notifyCanceled' | 'notifyCompleted' | 'notifyFailed'
  | 'notifyCanceledIfWaiting' | 'notifyTimedOutIfWaiting' | 'notifyFailedIfWaiting' | 'notifyCompletedIfWaiting' | 'ignoreStart' | 'ignoreCompletion'
>;

export interface ActivityMachine extends MachineState {
  readonly kind: 'activity';
  readonly attributes: ScheduleActivity;
  readonly seq: number;
  readonly cancellationType: ActivityCancellationType;
  scheduledEventId: number;
  cancelledBeforeSent: boolean;
  annotations: Annotations;
}

type Notifier = (machine: ActivityMachine, input: Input) => Responses;

const notifyCompleted: Notifier = (machine, { event }) => {
  const { result } = attributesOf(event!, 'activityTaskCompletedEventAttributes', 'Activity completion attributes were unset');
  return [{ type: 'job', job: { resolveActivity: { seq: machine.seq, result: { completed: { result: onlyPayload(event!, result, 'activity') } } } } }];
};

const notifyFailed: Notifier = (machine, { event }) => {
  const a = attributesOf(event!, 'activityTaskFailedEventAttributes', 'Activity failure attributes were unset');
  const failure: Failure = {
    message: 'Activity task failed',
    cause: a.failure,
    activityFailureInfo: failureInfo(machine, a.identity, a.retryState, a.startedEventId, a.scheduledEventId),
  };
  return [resolveFailed(machine, failure)];
};

const notifyTimedOut: Notifier = (machine, { event }) => {
  const a = attributesOf(event!, 'activityTaskTimedOutEventAttributes', 'Activity timeout attributes were unset');
  const failure: Failure = {
    message: 'Activity task timed out',
    cause: a.failure,
    activityFailureInfo: failureInfo(machine, undefined, a.retryState, a.startedEventId, a.scheduledEventId),
  };
  return [resolveFailed(machine, failure)];
};

const notifyCanceled: Notifier = (machine, { event }) =>
  [resolveCanceled(machine, event === undefined ? {} : attributesOf(event, 'activityTaskCanceledEventAttributes', 'Activity cancellation attributes were unset'))];

/** With TRY_CANCEL the code was told when it asked; what comes later is of no interest. */
const ifWaiting = (notify: Notifier): Notifier => (machine, input) => {
  assert(machine.cancellationType !== 'ABANDON', 'an abandoned activity is in a final state at once');
  return machine.cancellationType === 'WAIT_CANCELLATION_COMPLETED' ? notify(machine, input) : NOTHING;
};

export const activityDefinition: Definition<ActivityMachine> = {
  name: 'ActivityMachine',
  table: activityTable,
  commands: { COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK: 'CommandScheduleActivityTask', COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK: 'CommandRequestCancelActivityTask' },
  events: {
    ActivityTaskScheduled: 'ActivityTaskScheduled', ActivityTaskStarted: 'ActivityTaskStarted', ActivityTaskCompleted: 'ActivityTaskCompleted',
    ActivityTaskFailed: 'ActivityTaskFailed', ActivityTaskTimedOut: 'ActivityTaskTimedOut', ActivityTaskCancelRequested: 'ActivityTaskCancelRequested',
    ActivityTaskCanceled: 'ActivityTaskCanceled',
  },
  unexpected: (event) => `Activity machine does not handle this event: ${displayEvent(event)}`,
  actions: {
    recordScheduled: (machine, { event, lastTask, flags }) => {
      const recorded = attributesOf(event!, 'activityTaskScheduledEventAttributes', 'Activity scheduled attributes were unset');
      if (tryUse(flags!, CoreFlag.IdAndTypeDeterminismChecks, lastTask === true)) {
        compare('Activity id', 'activity id', recorded.activityId, machine.attributes.activityId);
        compare('Activity type', 'activity type', recorded.activityType?.name, machine.attributes.activityType);
      }
      machine.scheduledEventId = idOf(event!);
      return NOTHING;
    },
    dropUnsent: (machine) => {
      machine.cancelledBeforeSent = true;
      return notifyCanceled(machine, {});
    },
    requestCancel: (machine) => {
      const command: MachineResponse = {
        type: 'command',
        command: annotated({
          commandType: 'COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK',
          requestCancelActivityTaskCommandAttributes: { scheduledEventId: String(machine.scheduledEventId) },
        }, machine.annotations),
      };
      return machine.cancellationType === 'WAIT_CANCELLATION_COMPLETED' ? [command] : [command, resolveCanceled(machine, {})];
    },
    notifyCanceled,
    notifyCompleted,
    notifyFailed,
    notifyTimedOut,
    notifyCanceledIfWaiting: ifWaiting(notifyCanceled),
    notifyTimedOutIfWaiting: ifWaiting(notifyTimedOut),
    notifyFailedIfWaiting: ifWaiting(notifyFailed),
    notifyCompletedIfWaiting: ifWaiting(notifyCompleted),
    ignoreStart: (machine, { event }) => {
      if (machine.cancellationType === 'ABANDON') return NOTHING;
      throw new NondeterminismError(`Non-Abandon cancel mode activities cannot be started after being cancelled. Seq: ${idOf(event!)}`);
    },
    ignoreCompletion: (machine, { event }) => {
      if (machine.cancellationType === 'ABANDON') return NOTHING;
      const attributes = attributesOf(event!, 'activityTaskCompletedEventAttributes', 'Activity completion attributes were unset');
      throw new NondeterminismError(
        `Non-Abandon cancel mode activities cannot be completed after being cancelled: ${rustDebug('ActivityTaskCompletedEventAttributes', attributes)}`,
      );
    },
  },
  cancelledBeforeSent: (machine) => machine.cancelledBeforeSent,
};

/** The workflow code cancels the activity, in the way that its cancellation type says. */
export function cancelActivity(machine: ActivityMachine, annotations: Annotations): Responses {
  machine.annotations = overrideAnnotations(machine.annotations, annotations);
  if (['Completed', 'Canceled', 'Failed', 'TimedOut'].includes(machine.state)) return NOTHING;
  return fireFromLang(activityDefinition, machine, machine.cancellationType === 'ABANDON' ? 'Abandon' : 'Cancel');
}

function compare(What: string, what: string, recorded: string | undefined, commanded: string | undefined): void {
  if ((recorded ?? '') === (commanded ?? '')) return;
  throw new NondeterminismError(`${What} of scheduled event '${recorded ?? ''}' does not match ${what} of activity command '${commanded ?? ''}'`);
}

/** A result is one payload or none. */
export function onlyPayload(event: HistoryEvent, result: Payloads | undefined, what: string): Payload | undefined {
  if (result === undefined || result === null) return undefined;
  const payloads = result.payloads ?? [];
  if (payloads.length === 1) return payloads[0];
  const count = payloads.length === 0 ? 'NoPayload' : 'MoreThanOnePayload';
  throw new FatalMachinesError(
    `Not exactly one payload in ${what} result (${count}) for event: Some(EventInfo { event_id: ${idOf(event)}, event_type: ${eventName(event.eventType)} })`,
  );
}

const resolveFailed = (machine: ActivityMachine, failure: Failure): MachineResponse =>
  ({ type: 'job', job: { resolveActivity: { seq: machine.seq, result: { failed: { failure } } } } });

function resolveCanceled(machine: ActivityMachine, attributes: ActivityTaskCanceledEventAttributes): MachineResponse {
  const failure: Failure = {
    message: 'Activity cancelled',
    cause: { canceledFailureInfo: attributes.details === undefined ? {} : { details: attributes.details } },
    activityFailureInfo: failureInfo(machine, attributes.identity, 'RETRY_STATE_CANCEL_REQUESTED', attributes.startedEventId, attributes.scheduledEventId),
  };
  return { type: 'job', job: { resolveActivity: { seq: machine.seq, result: { cancelled: { failure } } } } };
}

function failureInfo(
  machine: ActivityMachine, identity: string | undefined, retryState: ActivityFailureInfo['retryState'], startedEventId: string | undefined,
  scheduledEventId: string | undefined,
): ActivityFailureInfo {
  return {
    scheduledEventId, startedEventId, identity, retryState,
    activityType: { name: machine.attributes.activityType }, activityId: machine.attributes.activityId,
  };
}
