import { displayEvent } from '../events.ts';
import type { Definition, MachineState } from './machine.ts';
import type { Table } from './table.ts';

/** Commands that are done once they are recorded: search attributes and memo. */

export const upsertSearchAttributesTable = {
  Created: { CommandScheduled: { to: 'CommandIssued' } },
  CommandIssued: { CommandRecorded: { to: 'Done' } },
  Done: {},
} as const satisfies Table<'Created' | 'CommandIssued' | 'Done', 'CommandScheduled' | 'CommandRecorded'>;

export const modifyWorkflowPropertiesTable = {
  Created: { CommandScheduled: { to: 'CommandIssued' } },
  CommandIssued: { CommandRecorded: { to: 'Done' } },
  Done: {},
} as const satisfies Table<'Created' | 'CommandIssued' | 'Done', 'CommandScheduled' | 'CommandRecorded'>;

export interface PropertiesMachine extends MachineState {
  readonly kind: 'upsertSearchAttributes' | 'modifyWorkflowProperties';
}

export const upsertSearchAttributesDefinition: Definition<PropertiesMachine> = {
  name: 'UpsertSearchAttributesMachine',
  table: upsertSearchAttributesTable,
  commands: { COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: 'CommandScheduled' },
  events: { UpsertWorkflowSearchAttributes: 'CommandRecorded' },
  unexpected: (event) => `UpsertWorkflowSearchAttributesMachine does not handle ${displayEvent(event)}`,
  actions: {},
};

export const modifyWorkflowPropertiesDefinition: Definition<PropertiesMachine> = {
  name: 'ModifyWorkflowPropertiesMachine',
  table: modifyWorkflowPropertiesTable,
  commands: { COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES: 'CommandScheduled' },
  events: { WorkflowPropertiesModified: 'CommandRecorded' },
  unexpected: (event) => `ModifyWorkflowPropertiesMachine does not handle ${displayEvent(event)}`,
  actions: {},
};
