import type { CommandType } from '../../../api/proto.ts';
import { displayEvent } from '../events.ts';
import type { Definition, MachineState } from './machine.ts';
import type { Table } from './table.ts';

/** The commands that end a run, one machine each: complete, fail, cancel, continue as new. */

export const completeWorkflowTable = {
  Created: { Schedule: { to: 'CompleteWorkflowCommandCreated' } },
  CompleteWorkflowCommandCreated: {
    CommandCompleteWorkflowExecution: { to: 'CompleteWorkflowCommandCreated' },
    WorkflowExecutionCompleted: { to: 'CompleteWorkflowCommandRecorded' },
  },
  CompleteWorkflowCommandRecorded: {},
} as const satisfies Table<
  'Created' | 'CompleteWorkflowCommandCreated' | 'CompleteWorkflowCommandRecorded',
  'Schedule' | 'CommandCompleteWorkflowExecution' | 'WorkflowExecutionCompleted'
>;

export const failWorkflowTable = {
  Created: { Schedule: { to: 'FailWorkflowCommandCreated' } },
  FailWorkflowCommandCreated: {
    CommandFailWorkflowExecution: { to: 'FailWorkflowCommandCreated' },
    WorkflowExecutionFailed: { to: 'FailWorkflowCommandRecorded' },
  },
  FailWorkflowCommandRecorded: {},
} as const satisfies Table<
  'Created' | 'FailWorkflowCommandCreated' | 'FailWorkflowCommandRecorded', 'Schedule' | 'CommandFailWorkflowExecution' | 'WorkflowExecutionFailed'
>;

export const cancelWorkflowTable = {
  Created: { Schedule: { to: 'CancelWorkflowCommandCreated' } },
  CancelWorkflowCommandCreated: {
    CommandCancelWorkflowExecution: { to: 'CancelWorkflowCommandCreated' },
    WorkflowExecutionCanceled: { to: 'CancelWorkflowCommandRecorded' },
  },
  CancelWorkflowCommandRecorded: {},
} as const satisfies Table<
  'Created' | 'CancelWorkflowCommandCreated' | 'CancelWorkflowCommandRecorded', 'Schedule' | 'CommandCancelWorkflowExecution' | 'WorkflowExecutionCanceled'
>;

export const continueAsNewTable = {
  Created: { Schedule: { to: 'ContinueAsNewWorkflowCommandCreated' } },
  ContinueAsNewWorkflowCommandCreated: {
    CommandContinueAsNewWorkflowExecution: { to: 'ContinueAsNewWorkflowCommandCreated' },
    WorkflowExecutionContinuedAsNew: { to: 'ContinueAsNewWorkflowCommandRecorded' },
  },
  ContinueAsNewWorkflowCommandRecorded: {},
} as const satisfies Table<
  'Created' | 'ContinueAsNewWorkflowCommandCreated' | 'ContinueAsNewWorkflowCommandRecorded',
  'Schedule' | 'CommandContinueAsNewWorkflowExecution' | 'WorkflowExecutionContinuedAsNew'
>;

export interface CloseMachine extends MachineState {
  readonly kind: 'completeWorkflow' | 'failWorkflow' | 'cancelWorkflow' | 'continueAsNew';
}

function define(name: string, table: Definition<CloseMachine>['table'], type: CommandType, event: string, label: string): Definition<CloseMachine> {
  const command = Object.keys(Object.values(table)[1] ?? {})[0] ?? '';
  return {
    name, table, commands: { [type]: command }, events: { [event]: event }, actions: {},
    unexpected: (found) => `${label} workflow machine does not handle this event: ${displayEvent(found)}`,
  };
}

export const completeWorkflowDefinition = define(
  'CompleteWorkflowMachine', completeWorkflowTable, 'COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION', 'WorkflowExecutionCompleted', 'Complete',
);
export const failWorkflowDefinition = define(
  'FailWorkflowMachine', failWorkflowTable, 'COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION', 'WorkflowExecutionFailed', 'Fail',
);
export const cancelWorkflowDefinition = define(
  'CancelWorkflowMachine', cancelWorkflowTable, 'COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION', 'WorkflowExecutionCanceled', 'Cancel',
);
export const continueAsNewDefinition = define(
  'ContinueAsNewWorkflowMachine', continueAsNewTable, 'COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION', 'WorkflowExecutionContinuedAsNew', 'Continue as new',
);
