import type { ActivityResolution, Failure, ScheduleLocalActivity } from '../../../api/proto.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { must } from '../../../base/assert.ts';
import { FatalMachinesError, NondeterminismError } from '../errors.ts';
import { displayEvent } from '../events.ts';
import { CoreFlag, tryUse, type InternalFlags } from '../flags.ts';
import { localActivityMarkerAttributes, localActivityMarkerOf, type LocalActivityMarker } from '../markers.ts';
import { annotated, fire, fireFromLang, isFailedResolution, NOTHING, type Annotations, type Definition, type LocalResolution, type MachineResponse, type MachineState, type Responses } from './machine.ts';
import type { Table } from './table.ts';

/**
 * A local activity runs in the worker within a Workflow Task; only its end is recorded, in a marker. On replay the marker is found by
 * looking ahead, so that the result flows in the same activation as at first.
 */
export const localActivityTable = {
  Executing: { Schedule: { to: 'RequestSent', does: 'requestExecution' } },
  Replaying: { Schedule: { to: 'WaitingResolveFromMarkerLookAhead' } },
  // Execution.
  RequestSent: {
    HandleResult: { to: 'MarkerCommandCreated', does: 'resolveAndRemember' },
    // It has to report its end.
    Cancel: { to: 'RequestSent', does: 'requestCancel' },
    NoWaitCancel: { to: 'MarkerCommandCreated', does: 'cancelAtOnce' },
  },
  MarkerCommandCreated: {
    CommandRecordMarker: { to: 'ResultNotified' },
    HandleResult: { to: 'MarkerCommandCreated' },
  },
  ResultNotified: {
    MarkerRecorded: { to: 'MarkerCommandRecorded', does: 'compareResultAndMarker' },
    HandleResult: { to: 'ResultNotified' },
  },
  // Replay.
  WaitingResolveFromMarkerLookAhead: {
    HandleKnownResult: { to: 'ResolvedFromMarkerLookAheadWaitingMarkerEvent', does: 'resolve' },
    // The marker may be known already.
    Cancel: { to: 'WaitingResolveFromMarkerLookAhead', does: 'requestCancel' },
    NoWaitCancel: { to: 'WaitingResolveFromMarkerLookAhead', does: 'requestCancel' },
    // History ended without a marker, as when a worker died after a Workflow Task heartbeat: run it now.
    StartedNonReplayWFT: { to: 'RequestSent', does: 'executeAfterReplay' },
  },
  ResolvedFromMarkerLookAheadWaitingMarkerEvent: {
    Cancel: { to: 'ResolvedFromMarkerLookAheadWaitingMarkerEvent', does: 'requestCancel' },
    NoWaitCancel: { to: 'ResolvedFromMarkerLookAheadWaitingMarkerEvent', does: 'requestCancel' },
    MarkerRecorded: { to: 'MarkerCommandRecorded', does: 'compareMarker' },
  },
  MarkerCommandRecorded: {
    Cancel: { to: 'MarkerCommandRecorded', does: 'requestCancel' },
    NoWaitCancel: { to: 'MarkerCommandRecorded', does: 'requestCancelIfTrying' },
    HandleResult: { to: 'MarkerCommandRecorded' },
  },
} as const satisfies Table<
  | 'Executing' | 'Replaying' | 'RequestSent' | 'MarkerCommandCreated' | 'ResultNotified' | 'WaitingResolveFromMarkerLookAhead'
  | 'ResolvedFromMarkerLookAheadWaitingMarkerEvent' | 'MarkerCommandRecorded',
  'Schedule' | 'HandleResult' | 'HandleKnownResult' | 'Cancel' | 'NoWaitCancel' | 'CommandRecordMarker' | 'MarkerRecorded' | 'StartedNonReplayWFT',
  | 'requestExecution' | 'resolveAndRemember' | 'requestCancel' | 'cancelAtOnce' | 'compareResultAndMarker' | 'resolve' | 'executeAfterReplay'
  | 'compareMarker' | 'requestCancelIfTrying'
>;

export interface LocalActivityMachine extends MachineState {
  readonly kind: 'localActivity';
  readonly seq: number;
  readonly activity: ScheduleLocalActivity;
  readonly annotations: Annotations;
  /** False again when it is executed after all. */
  replayingWhenInvoked: boolean;
  readonly timeWhenStarted: Timestamp | null;
  resultKind: LocalResolution['kind'] | null;
}

export const localActivityDefinition: Definition<LocalActivityMachine> = {
  name: 'LocalActivityMachine',
  table: localActivityTable,
  commands: { COMMAND_TYPE_RECORD_MARKER: 'CommandRecordMarker' },
  events: { MarkerRecorded: 'MarkerRecorded' },
  unexpected: (event) => `Local activity machine cannot handle this event: ${displayEvent(event)}`,
  actions: {
    requestExecution: (machine) => [{ type: 'queueLocalActivity', activity: machine.activity }],
    executeAfterReplay: (machine) => {
      machine.replayingWhenInvoked = false;
      return [{ type: 'queueLocalActivity', activity: machine.activity }];
    },
    resolveAndRemember: (machine, { resolution }) => {
      const known = must(resolution, 'a result');
      machine.resultKind = known.kind;
      return resolve(machine, known);
    },
    resolve: (machine, { resolution }) => resolve(machine, must(resolution, 'a result')),
    requestCancel: (machine) => [{ type: 'cancelLocalActivity', seq: machine.seq }],
    requestCancelIfTrying: (machine) => (cancellationType(machine) === 'TRY_CANCEL' ? [{ type: 'cancelLocalActivity', seq: machine.seq }] : NOTHING),
    cancelAtOnce: (machine) => {
      machine.resultKind = 'cancelled';
      // The clock stays: something else that the code awaited has moved it.
      const resolution = { ...emptyCancel(machine.activity), completeTime: null };
      const responses = resolve(machine, resolution);
      return cancellationType(machine) === 'TRY_CANCEL' ? [{ type: 'cancelLocalActivity', seq: machine.seq }, ...responses] : responses;
    },
    compareResultAndMarker: (machine, { event, flags }) => {
      const marker = localActivityMarkerOf(event!);
      if (marker === null) throw new NondeterminismError('Local activity machine encountered an unparsable marker');
      if (machine.resultKind === 'completed' && marker.failure !== undefined) {
        throw new NondeterminismError(`Local activity (seq ${machine.seq}) completed successfully locally, but history said it failed!`);
      }
      if (machine.resultKind !== null && isFailedResolution(machine.resultKind) && marker.failure === undefined) {
        throw new NondeterminismError(`Local activity (seq ${machine.seq}) failed locally, but history said it completed!`);
      }
      return compareMarker(machine, marker, flags!);
    },
    compareMarker: (machine, { event, flags }) => {
      const marker = localActivityMarkerOf(event!);
      if (marker === null) throw new NondeterminismError('Local activity machine encountered an unparsable marker');
      return compareMarker(machine, marker, flags!);
    },
  },
};

const cancellationType = (machine: LocalActivityMachine) => machine.activity.cancellationType ?? 'TRY_CANCEL';

/** A cancellation that nothing reported. */
export const emptyCancel = (activity: ScheduleLocalActivity): LocalResolution => ({
  kind: 'cancelled', failure: { message: 'Activity cancelled', canceledFailureInfo: {} }, completeTime: null, attempt: activity.attempt ?? 0,
  originalScheduleTime: activity.originalScheduleTime,
});

/** The end of a local activity as its marker tells it. */
export function resolutionOfMarker(marker: LocalActivityMarker): LocalResolution {
  const { failure } = marker;
  const common = { completeTime: marker.completeTime, attempt: marker.attempt, backoff: marker.backoff, originalScheduleTime: marker.originalScheduleTime };
  if (failure === undefined) return { kind: 'completed', result: marker.result ?? {}, ...common };
  const cancelled = failure.canceledFailureInfo !== undefined || failure.cause?.canceledFailureInfo !== undefined;
  return { kind: cancelled ? 'cancelled' : 'failed', failure, ...common };
}

/** Tells the code and, unless replaying, records the marker. */
function resolve(machine: LocalActivityMachine, resolution: LocalResolution): Responses {
  const { activity } = machine;
  const { kind, failure, result, completeTime, attempt, backoff, originalScheduleTime } = resolution;
  const responses: MachineResponse[] = [
    { type: 'job', job: { resolveActivity: { seq: machine.seq, isLocal: true, result: toActivityResolution(machine, resolution) } } },
  ];
  if (completeTime !== null) responses.push({ type: 'advanceTime', at: completeTime });
  if ((kind === 'cancelled' || kind === 'timedOut') && cancellationType(machine) === 'ABANDON') responses.push({ type: 'abandonLocalActivity', seq: machine.seq });
  if (!machine.replayingWhenInvoked) {
    const marker = {
      seq: machine.seq, attempt, activityId: activity.activityId ?? '', activityType: activity.activityType ?? '', completeTime, backoff, originalScheduleTime,
      result: kind === 'completed' ? result : undefined, failure: kind === 'completed' ? undefined : failure,
    };
    const input = activity.includeArgumentsIntoMarker === true ? activity.arguments ?? [] : null;
    responses.push({
      type: 'command',
      command: annotated({ commandType: 'COMMAND_TYPE_RECORD_MARKER', recordMarkerCommandAttributes: localActivityMarkerAttributes(marker, input) }, machine.annotations),
    });
  }
  return responses;
}

function toActivityResolution(machine: LocalActivityMachine, { kind, failure, result, attempt, backoff, originalScheduleTime }: LocalResolution): ActivityResolution {
  if (backoff !== undefined) return { backoff: { attempt: attempt + 1, backoffDuration: backoff, originalScheduleTime } };
  switch (kind) {
    case 'completed': return { completed: { result } };
    case 'failed': return { failed: { failure } };
    case 'timedOut': return { failed: { failure: failure?.timeoutFailureInfo === undefined ? failure : wrap(machine, failure, 'Local Activity timed out') } };
    case 'cancelled': return { cancelled: { failure: failure?.canceledFailureInfo === undefined ? failure : wrap(machine, failure, 'Local Activity cancelled') } };
  }
}

const wrap = ({ activity }: LocalActivityMachine, cause: Failure, message: string): Failure => ({
  message, cause,
  activityFailureInfo: { activityType: { name: activity.activityType }, activityId: activity.activityId, retryState: 'RETRY_STATE_CANCEL_REQUESTED' },
});

function compareMarker(machine: LocalActivityMachine, marker: LocalActivityMarker, flags: InternalFlags): Responses {
  if (machine.seq !== marker.seq) {
    throw new NondeterminismError(
      `Local activity marker data has sequence number ${marker.seq} but matched against LA command with sequence number ${machine.seq}`,
    );
  }
  if (!tryUse(flags, CoreFlag.IdAndTypeDeterminismChecks, !machine.replayingWhenInvoked)) return NOTHING;
  const { activityId = '', activityType = '' } = machine.activity;
  if (marker.activityId !== activityId) {
    throw new NondeterminismError(`Activity id of recorded marker '${marker.activityId}' does not match activity id of local activity command '${activityId}'`);
  }
  if (marker.activityType !== activityType) {
    throw new NondeterminismError(`Activity type of recorded marker '${marker.activityType}' does not match activity type of local activity command '${activityType}'`);
  }
  return NOTHING;
}

/** The workflow code cancels the local activity. */
export const cancelLocalActivity = (machine: LocalActivityMachine): Responses =>
  fireFromLang(localActivityDefinition, machine, cancellationType(machine) === 'WAIT_CANCELLATION_COMPLETED' ? 'Cancel' : 'NoWaitCancel');

/** The end is known, from execution or from a marker that lookahead found. */
export function resolveLocalActivity(machine: LocalActivityMachine, resolution: LocalResolution, fromMarker: boolean): Responses {
  const responses = fire(localActivityDefinition, machine, fromMarker ? 'HandleKnownResult' : 'HandleResult', { resolution });
  if (responses === null) {
    throw new FatalMachinesError(`Invalid transition resolving local activity (seq ${machine.seq}, from marker: ${fromMarker}) in ${machine.state}`);
  }
  return responses;
}

/** True when the marker is waited for; it then needs no command of its own. False when the marker answers a command. */
export function markerNeedsNoCommand(machine: LocalActivityMachine): boolean {
  if (machine.state === 'ResultNotified') return false;
  if (machine.state === 'ResolvedFromMarkerLookAheadWaitingMarkerEvent') return true;
  throw new FatalMachinesError(`Attempted to check for LA marker handling in invalid state ${machine.state}`);
}

/** Replay is over: what still waits for a marker has to be run. */
export function startedNonReplayTask(machine: LocalActivityMachine): Responses {
  if (machine.state !== 'WaitingResolveFromMarkerLookAhead') return NOTHING;
  return fire(localActivityDefinition, machine, 'StartedNonReplayWFT') ?? NOTHING;
}
