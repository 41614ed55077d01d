import type { StartTimer } from '../../../api/proto.ts';
import { NondeterminismError } from '../errors.ts';
import { displayEvent } from '../events.ts';
import { annotated, attributesOf, fireFromLang, NOTHING, overrideAnnotations, type Annotations, type Definition, type MachineState, type Responses } from './machine.ts';
import type { Table } from './table.ts';

export const timerTable = {
  Created: { Schedule: { to: 'StartCommandCreated' } },
  StartCommandCreated: {
    CommandStartTimer: { to: 'StartCommandCreated' },
    TimerStarted: { to: 'StartCommandRecorded' },
    Cancel: { to: 'Canceled', does: 'dropUnsent' },
  },
  StartCommandRecorded: {
    TimerFired: { to: 'Fired', does: 'notifyFired' },
    Cancel: { to: 'CancelTimerCommandCreated', does: 'issueCancel' },
  },
  CancelTimerCommandCreated: {
    Cancel: { to: 'CancelTimerCommandCreated' },
    CommandCancelTimer: { to: 'CancelTimerCommandSent' },
  },
  CancelTimerCommandSent: { TimerCanceled: { to: 'Canceled' } },
  // Spurious cancellations after the end are ignored.
  Canceled: { Cancel: { to: 'Canceled' } },
  Fired: { Cancel: { to: 'Fired' } },
} as const satisfies Table<
  'Created' | 'StartCommandCreated' | 'StartCommandRecorded' | 'CancelTimerCommandCreated' | 'CancelTimerCommandSent' | 'Canceled' | 'Fired',
  'Schedule' | 'CommandStartTimer' | 'TimerStarted' | 'TimerFired' | 'Cancel' | 'CommandCancelTimer' | 'TimerCanceled',
  'dropUnsent' | 'notifyFired' | 'issueCancel'
>;

export interface TimerMachine extends MachineState {
  readonly kind: 'timer';
  readonly attributes: StartTimer;
  readonly seq: number;
  cancelledBeforeSent: boolean;
  annotations: Annotations;
}

export const timerDefinition: Definition<TimerMachine> = {
  name: 'TimerMachine',
  table: timerTable,
  commands: { COMMAND_TYPE_START_TIMER: 'CommandStartTimer', COMMAND_TYPE_CANCEL_TIMER: 'CommandCancelTimer' },
  events: { TimerStarted: 'TimerStarted', TimerCanceled: 'TimerCanceled', TimerFired: 'TimerFired' },
  unexpected: (event) => `Timer machine does not handle this event: ${displayEvent(event)}`,
  actions: {
    dropUnsent: (machine) => {
      machine.cancelledBeforeSent = true;
      return NOTHING;
    },
    notifyFired: (machine, { event }) => {
      const attributes = attributesOf(event!, 'timerFiredEventAttributes', 'Timer fired attribs were unset');
      const timerId = attributes.timerId ?? '';
      if (timerId !== String(machine.seq)) {
        throw new NondeterminismError(`Timer fired event did not have expected timer id ${machine.seq}, it was ${timerId}!`);
      }
      return [{ type: 'job', job: { fireTimer: { seq: machine.seq } } }];
    },
    issueCancel: (machine) => [{
      type: 'command',
      command: annotated({ commandType: 'COMMAND_TYPE_CANCEL_TIMER', cancelTimerCommandAttributes: { timerId: String(machine.seq) } }, machine.annotations),
    }],
  },
  cancelledBeforeSent: (machine) => machine.cancelledBeforeSent,
};

/** The workflow code cancels the timer. The SDK itself tells the code, so no job follows. */
export function cancelTimer(machine: TimerMachine, annotations: Annotations): Responses {
  machine.annotations = overrideAnnotations(machine.annotations, annotations);
  return fireFromLang(timerDefinition, machine, 'Cancel');
}
