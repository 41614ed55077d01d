import { NondeterminismError } from '../errors.ts';
import { displayEvent } from '../events.ts';
import { patchMarkerOf } from '../markers.ts';
import { NOTHING, type Definition, type MachineState } from './machine.ts';
import type { Table } from './table.ts';

/**
 * `patched` and `deprecatePatch`. The code is told of a patch before it asks (job notifyHasPatch), so the machine has nothing to say;
 * it only compares ids.
 */
export const patchTable = {
  Executing: { Schedule: { to: 'MarkerCommandCreated' } },
  Replaying: { Schedule: { to: 'MarkerCommandCreatedReplaying' } },
  MarkerCommandCreated: { CommandRecordMarker: { to: 'Notified' } },
  MarkerCommandCreatedReplaying: { CommandRecordMarker: { to: 'Notified' } },
  Notified: { MarkerRecorded: { to: 'MarkerCommandRecorded', does: 'compareId' } },
  MarkerCommandRecorded: {},
} as const satisfies Table<
  'Executing' | 'Replaying' | 'MarkerCommandCreated' | 'MarkerCommandCreatedReplaying' | 'Notified' | 'MarkerCommandRecorded',
  'Schedule' | 'CommandRecordMarker' | 'MarkerRecorded',
  'compareId'
>;

export interface PatchMachine extends MachineState {
  readonly kind: 'patch';
  readonly patchId: string;
}

export const patchDefinition: Definition<PatchMachine> = {
  name: 'PatchMachine',
  table: patchTable,
  commands: { COMMAND_TYPE_RECORD_MARKER: 'CommandRecordMarker' },
  events: { MarkerRecorded: 'MarkerRecorded' },
  unexpected: (event) => `Change machine cannot handle this event: ${displayEvent(event)}`,
  actions: {
    compareId: (machine, { event }) => {
      const marker = patchMarkerOf(event!);
      if (marker === null) throw new NondeterminismError(patchDefinition.unexpected(event!));
      if (marker.id !== machine.patchId) throw new NondeterminismError(`Change id ${marker.id} does not match expected id ${machine.patchId}`);
      return NOTHING;
    },
  },
};
