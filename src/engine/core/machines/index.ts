import type { CommandType, HistoryEvent } from '../../../api/proto.ts';
import { activityDefinition, type ActivityMachine } from './activity.ts';
import { childWorkflowDefinition, type ChildWorkflowMachine } from './child-workflow.ts';
import { cancelWorkflowDefinition, completeWorkflowDefinition, continueAsNewDefinition, failWorkflowDefinition, type CloseMachine } from './close.ts';
import { cancelExternalDefinition, signalExternalDefinition, type CancelExternalMachine, type SignalExternalMachine } from './external.ts';
import { localActivityDefinition, type LocalActivityMachine } from './local-activity.ts';
import { fire, handleCommand, handleEvent, inFinalState, type Definition, type Input, type MachineState, type Responses } from './machine.ts';
import { patchDefinition, type PatchMachine } from './patch.ts';
import { modifyWorkflowPropertiesDefinition, upsertSearchAttributesDefinition, type PropertiesMachine } from './properties.ts';
import { timerDefinition, type TimerMachine } from './timer.ts';
import { updateDefinition, type UpdateMachine } from './update.ts';
import { workflowTaskDefinition, type WorkflowTaskMachine } from './workflow-task.ts';

/** Any state machine of a run. */
export type Machine =
  | ActivityMachine | CancelExternalMachine | ChildWorkflowMachine | CloseMachine | LocalActivityMachine | PatchMachine | PropertiesMachine
  | SignalExternalMachine | TimerMachine | UpdateMachine | WorkflowTaskMachine;

/** All kinds of machines by name. */
export const DEFINITIONS = {
  activity: activityDefinition,
  cancelExternal: cancelExternalDefinition,
  cancelWorkflow: cancelWorkflowDefinition,
  childWorkflow: childWorkflowDefinition,
  completeWorkflow: completeWorkflowDefinition,
  continueAsNew: continueAsNewDefinition,
  failWorkflow: failWorkflowDefinition,
  localActivity: localActivityDefinition,
  modifyWorkflowProperties: modifyWorkflowPropertiesDefinition,
  patch: patchDefinition,
  signalExternal: signalExternalDefinition,
  timer: timerDefinition,
  update: updateDefinition,
  upsertSearchAttributes: upsertSearchAttributesDefinition,
  workflowTask: workflowTaskDefinition,
} as const;

/** The kind is the key of the definition, so the types fit; TypeScript can't follow that. */
const definitionOf = (machine: Machine): Definition<MachineState> => DEFINITIONS[machine.kind] as unknown as Definition<MachineState>;

export const machineHandlesCommand = (machine: Machine, type: CommandType): Responses => handleCommand(definitionOf(machine), machine, type);
export const machineHandlesEvent = (machine: Machine, input: Input & { readonly event: HistoryEvent }): Responses => handleEvent(definitionOf(machine), machine, input);
export const machineIsFinal = (machine: Machine): boolean => inFinalState(definitionOf(machine), machine);
/** True when the command was taken back before it left: nothing of it is sent or expected in history. */
export const wasCancelledBeforeSent = (machine: Machine): boolean => definitionOf(machine).cancelledBeforeSent?.(machine) === true;
/** The first transition of every machine that the workflow code makes. */
export function scheduled<M extends Machine>(machine: M): { readonly machine: M; readonly responses: Responses } {
  return { machine, responses: fire(definitionOf(machine), machine, 'Schedule') ?? [] };
}
