import type { Failure, Message, Meta, Payload, Request, UpdateResponse } from '../../../api/proto.ts';
import { FatalMachinesError, NondeterminismError } from '../errors.ts';
import { displayEvent } from '../events.ts';
import { fire, type Definition, type MachineState, type Responses } from './machine.ts';
import type { Table } from './table.ts';

/** An update: accepted or rejected by its validator, then completed, each with a protocol message and a command that places it in history. */
export const updateTable = {
  RequestInitiated: {
    Accept: { to: 'Accepted', does: 'sendAcceptance' },
    Reject: { to: 'Rejected', does: 'sendRejection' },
  },
  Accepted: {
    Complete: { to: 'CompletedImmediately', does: 'sendSuccess' },
    Reject: { to: 'CompletedImmediately', does: 'sendFailure' },
    CommandProtocolMessage: { to: 'AcceptCommandCreated' },
  },
  AcceptCommandCreated: {
    WorkflowExecutionUpdateAccepted: { to: 'AcceptCommandRecorded' },
    // The command is out but its event not seen, as when a local activity runs in the handler.
    Complete: { to: 'CompletedImmediatelyAcceptCreated', does: 'sendSuccess' },
    Reject: { to: 'CompletedImmediatelyAcceptCreated', does: 'sendFailure' },
  },
  AcceptCommandRecorded: {
    Complete: { to: 'Completed', does: 'sendSuccess' },
    Reject: { to: 'Completed', does: 'sendFailure' },
  },
  Completed: { CommandProtocolMessage: { to: 'CompletedCommandCreated' } },
  CompletedCommandCreated: { WorkflowExecutionUpdateCompleted: { to: 'CompletedCommandRecorded' } },
  CompletedCommandRecorded: {},
  // Completed in the activation that accepted it: two messages in a row, two commands.
  CompletedImmediately: { CommandProtocolMessage: { to: 'CompletedImmediatelyAcceptCreated' } },
  CompletedImmediatelyAcceptCreated: { CommandProtocolMessage: { to: 'CompletedImmediatelyCompleteCreated' } },
  CompletedImmediatelyCompleteCreated: { WorkflowExecutionUpdateAccepted: { to: 'CompletedCommandCreated' } },
  Rejected: {},
} as const satisfies Table<
  | 'RequestInitiated' | 'Accepted' | 'AcceptCommandCreated' | 'AcceptCommandRecorded' | 'Completed' | 'CompletedCommandCreated'
  | 'CompletedCommandRecorded' | 'CompletedImmediately' | 'CompletedImmediatelyAcceptCreated' | 'CompletedImmediatelyCompleteCreated' | 'Rejected',
  'Accept' | 'Reject' | 'Complete' | 'CommandProtocolMessage' | 'WorkflowExecutionUpdateAccepted' | 'WorkflowExecutionUpdateCompleted',
  'sendAcceptance' | 'sendRejection' | 'sendSuccess' | 'sendFailure'
>;

export interface UpdateMachine extends MachineState {
  readonly kind: 'update';
  readonly messageId: string;
  readonly instanceId: string;
  /** The event after which the Service placed the request. */
  readonly sequencingEventId: string;
  readonly request: Request;
  readonly meta: Meta;
}

const message = (machine: UpdateMachine, id: string, body: Message['body']): Message => ({ id, protocolInstanceId: machine.instanceId, body });

/** The message, and the command that says where in history its event goes. */
function send(machine: UpdateMachine, suffix: string, body: Message['body']): Responses {
  const id = `${machine.messageId}/${suffix}`;
  return [
    { type: 'message', message: message(machine, id, body) },
    { type: 'command', command: { commandType: 'COMMAND_TYPE_PROTOCOL_MESSAGE', protocolMessageCommandAttributes: { messageId: id } } },
  ];
}

const TYPE = 'type.googleapis.com/temporal.api.update.v1.';

export const updateDefinition: Definition<UpdateMachine> = {
  name: 'UpdateMachine',
  table: updateTable,
  commands: { COMMAND_TYPE_PROTOCOL_MESSAGE: 'CommandProtocolMessage' },
  events: { WorkflowExecutionUpdateAccepted: 'WorkflowExecutionUpdateAccepted', WorkflowExecutionUpdateCompleted: 'WorkflowExecutionUpdateCompleted' },
  unexpected: (event) => `Update machine does not handle this event: ${displayEvent(event)}`,
  actions: {
    sendAcceptance: (machine) => send(machine, 'accept', {
      '@type': `${TYPE}Acceptance`, acceptedRequestMessageId: machine.messageId, acceptedRequestSequencingEventId: machine.sequencingEventId, acceptedRequest: machine.request,
    }),
    // A rejection leaves nothing in history, so there is a message and no command.
    sendRejection: (machine, { failure }) => [{
      type: 'message',
      message: message(machine, `${machine.messageId}/reject`, {
        '@type': `${TYPE}Rejection`, rejectedRequestMessageId: machine.messageId, rejectedRequestSequencingEventId: machine.sequencingEventId,
        rejectedRequest: machine.request, failure,
      }),
    }],
    sendSuccess: (machine, { result }) => send(machine, 'complete', {
      '@type': `${TYPE}Response`, meta: machine.meta, outcome: { success: { payloads: [result as Payload] } },
    }),
    sendFailure: (machine, { failure }) => send(machine, 'complete', {
      '@type': `${TYPE}Response`, meta: machine.meta, outcome: { failure: failure as Failure },
    }),
  },
};

/** What the handler says: accepted, rejected or completed. */
export function respondToUpdate(machine: UpdateMachine, response: UpdateResponse): Responses {
  const responses = response.accepted ? fire(updateDefinition, machine, 'Accept')
    : response.rejected ? fire(updateDefinition, machine, 'Reject', { failure: response.rejected })
    : response.completed ? fire(updateDefinition, machine, 'Complete', { result: response.completed })
    : undefined;
  if (responses === undefined) throw new FatalMachinesError(`Update response for update ${machine.meta.updateId ?? ''} had an empty result, this is a lang layer bug.`);
  if (responses === null) {
    throw new NondeterminismError(`Invalid transition while handling update response (id ${machine.meta.updateId ?? ''}) in state ${machine.state}`);
  }
  return responses;
}
