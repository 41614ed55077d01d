import { parseTimestamp } from '../../../base/time.ts';
import type { Timestamp } from '../../../base/brand.ts';
import type { HistoryEvent } from '../../../api/proto.ts';
import { FatalMachinesError } from '../errors.ts';
import { displayEvent, idOf } from '../events.ts';
import { NOTHING, type Definition, type MachineState } from './machine.ts';
import type { Table } from './table.ts';

/** A Workflow Task as history shows it. Its start sets the workflow's clock. */
export const workflowTaskTable = {
  Created: { WorkflowTaskScheduled: { to: 'Scheduled' } },
  Scheduled: {
    WorkflowTaskStarted: { to: 'Started', does: 'start' },
    WorkflowTaskTimedOut: { to: 'TimedOut' },
  },
  Started: {
    WorkflowTaskCompleted: { to: 'Completed', does: 'complete' },
    WorkflowTaskFailed: { to: 'Failed', does: 'reseedAfterReset' },
    WorkflowTaskTimedOut: { to: 'TimedOut' },
  },
  Completed: {},
  Failed: {},
  TimedOut: {},
} as const satisfies Table<
  'Created' | 'Scheduled' | 'Started' | 'Completed' | 'Failed' | 'TimedOut',
  'WorkflowTaskScheduled' | 'WorkflowTaskStarted' | 'WorkflowTaskTimedOut' | 'WorkflowTaskCompleted' | 'WorkflowTaskFailed',
  'start' | 'complete' | 'reseedAfterReset'
>;

export interface WorkflowTaskMachine extends MachineState {
  readonly kind: 'workflowTask';
  /** The start that the current chunk of history ends with, as known when the task was scheduled. */
  readonly chunkStartedEventId: number;
  startedEventId: number;
  startedAt: Timestamp;
}

export const workflowTaskDefinition: Definition<WorkflowTaskMachine> = {
  name: 'WorkflowTaskMachine',
  table: workflowTaskTable,
  commands: {},
  events: {
    WorkflowTaskScheduled: 'WorkflowTaskScheduled', WorkflowTaskStarted: 'WorkflowTaskStarted', WorkflowTaskTimedOut: 'WorkflowTaskTimedOut',
    WorkflowTaskCompleted: 'WorkflowTaskCompleted', WorkflowTaskFailed: 'WorkflowTaskFailed',
  },
  unexpected: (event) => `Event does not apply to a wf task machine: ${displayEvent(event)}`,
  actions: {
    start: (machine, { event }) => {
      machine.startedAt = timeOf(event!);
      machine.startedEventId = idOf(event!);
      // A start before the chunk's last one failed or timed out: nothing was run.
      if (machine.startedEventId < machine.chunkStartedEventId) return NOTHING;
      return [{ type: 'taskStarted', startedEventId: machine.chunkStartedEventId, at: machine.startedAt }];
    },
    complete: (machine) => [{ type: 'taskStarted', startedEventId: machine.startedEventId, at: machine.startedAt }],
    reseedAfterReset: (_machine, { event }) => {
      const attributes = event!.workflowTaskFailedEventAttributes;
      return attributes?.cause === 'WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW' ? [{ type: 'runIdReset', runId: attributes.newRunId ?? '' }] : NOTHING;
    },
  },
};

function timeOf(event: HistoryEvent): Timestamp {
  if (!event.eventTime) throw new FatalMachinesError(`Workflow task started event must contain timestamp: ${displayEvent(event)}`);
  const at = parseTimestamp(event.eventTime);
  if (at === null) throw new FatalMachinesError('Workflow task started event timestamp was inconvertible');
  return at;
}
