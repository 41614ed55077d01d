import { eventName } from '../../api/event-names.ts';
import type { WorkflowActivation } from '../../api/proto.ts';
import type { ActivationResult, CodePosition } from '../../api/sandbox.ts';
import type { ActivationEntry, ZipperRow } from '../../trace/entries.ts';
import { describeCommand } from './commands.ts';
import { idOf, summarizeEvent } from './events.ts';
import { describeJob } from './jobs.ts';
import { wasCancelledBeforeSent, type Machine } from './machines/index.ts';
import type { ActiveCommand, Recorder, WorkflowMachines } from './workflow-machines.ts';

/** What an activation leaves for the trace. Rows are written last, when it is known which events met its commands. */
export interface OpenRecord {
  readonly entry: Omit<ActivationEntry, 'type' | 'process' | 'rows' | 'failure'> & { readonly rows: ZipperRow[]; failure: ActivationEntry['failure'] };
  readonly commands: ActiveCommand[];
  readonly extraRows: ZipperRow[];
}

/** More waiting lines than this are not listed: a run with a thousand children waits at the same few lines. */
const MAX_WAITING = 50;

/** Opens the record of an activation whose commands have been handled. */
export function openRecord(m: WorkflowMachines, activation: WorkflowActivation, fromEvent: number, result: ActivationResult | null): OpenRecord {
  const { recorder } = m;
  const record: OpenRecord = {
    entry: {
      workflowId: m.workflowId, runId: m.runId, workflowType: m.workflowType, replaying: activation.isReplaying ?? false,
      events: { from: Math.min(fromEvent, m.lastProcessedEventId), to: m.lastProcessedEventId },
      jobs: (activation.jobs ?? []).map(describeJob), lines: result?.lines ?? [], linesOmitted: result?.linesOmitted ?? 0,
      waiting: waitingPositions(recorder), resolved: recorder.resolved, rows: [], failure: null,
    },
    commands: recorder.commands,
    extraRows: [],
  };
  recorder.commands = [];
  recorder.resolved = [];
  return record;
}

/** Notes what happened to a record's commands when the next chunk of history was applied. */
export function noteChunk(m: WorkflowMachines, record: OpenRecord): void {
  const { recorder } = m;
  for (const { event, machine } of recorder.markers) record.extraRows.push(row(machine.position, 'RecordMarker core_local_activity', 'COMMAND_TYPE_RECORD_MARKER', event, 'matched'));
  recorder.markers = [];
  if (recorder.failedAt !== null && recorder.failedCommand === null) record.extraRows.push(row(null, '', '', recorder.failedAt, 'mismatch'));
}

/** The finished entry. */
export function closeRecord(record: OpenRecord): Omit<ActivationEntry, 'type' | 'process'> {
  const { rows } = record.entry;
  for (const active of record.commands) {
    if (active.event === null && wasCancelledBeforeSent(active.machine)) continue;
    const { command, machine, event, mismatch } = active;
    rows.push(row(machine.position, describeCommand(command), command.commandType ?? '', event, mismatch ? 'mismatch' : event === null ? 'new' : 'matched'));
  }
  rows.push(...record.extraRows);
  return record.entry;
}

const row = (position: CodePosition | null, command: string, commandType: string, event: Parameters<typeof idOf>[0] | null, match: ZipperRow['match']): ZipperRow => ({
  position, command, commandType, event: event === null ? null : { eventId: idOf(event), eventType: eventName(event.eventType), summary: summarizeEvent(event) }, match,
});

/** Lines at which the code waits for a machine, oldest first. */
function waitingPositions(recorder: Recorder): ActivationEntry['waiting'] {
  const found: { position: CodePosition; reason: string; eventId?: number | undefined }[] = [];
  const still: Machine[] = [];
  let i = 0;
  for (; i < recorder.waiting.length && found.length < MAX_WAITING; i++) {
    const machine = recorder.waiting[i] as Machine;
    const reason = waitingFor(machine);
    if (reason === null) continue;
    still.push(machine);
    if (machine.position !== null) found.push({ position: machine.position, reason, ...(machine.eventId !== undefined && { eventId: machine.eventId }) });
  }
  if (still.length < i) recorder.waiting.splice(0, i, ...still);
  return found;
}

/** What a machine's end means to the code that waits for it; null when it has ended. */
function waitingFor(machine: Machine): string | null {
  switch (machine.kind) {
    case 'activity':
      if (['Canceled', 'Completed', 'Failed', 'TimedOut'].includes(machine.state)) return null;
      // With TRY_CANCEL the code went on when it asked for the cancellation.
      return machine.state.includes('Cancel') && machine.cancellationType === 'TRY_CANCEL' ? null : `activity ${machine.attributes.activityType ?? ''}`;
    case 'timer':
      return machine.state === 'StartCommandCreated' || machine.state === 'StartCommandRecorded' ? `timer ${machine.attributes.startToFireTimeout ?? ''}` : null;
    case 'childWorkflow':
      return ['StartCommandCreated', 'StartEventRecorded', 'Started'].includes(machine.state) ? `child workflow ${machine.workflowType}` : null;
    case 'localActivity':
      return machine.state === 'RequestSent' || machine.state === 'WaitingResolveFromMarkerLookAhead' ? `local activity ${machine.activity.activityType ?? ''}` : null;
    case 'signalExternal':
      return machine.state.startsWith('SignalExternalCommand') ? 'signal' : null;
    case 'cancelExternal':
      return machine.state.startsWith('RequestCancelExternalCommand') ? 'cancellation of another workflow' : null;
    default:
      return null;
  }
}
