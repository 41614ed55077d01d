import type { CancelExternalWorkflowExecutionFailedCause, Failure, SignalExternalWorkflowExecutionFailedCause } from '../../../api/proto.ts';
import { displayEvent } from '../events.ts';
import { attributesOf, fireFromLang, type Definition, type MachineState, type Responses } from './machine.ts';
import type { Table } from './table.ts';

/** Cancelling and signalling other workflows. */

export const cancelExternalTable = {
  Created: { Schedule: { to: 'RequestCancelExternalCommandCreated' } },
  RequestCancelExternalCommandCreated: {
    CommandRequestCancelExternalWorkflowExecution: { to: 'RequestCancelExternalCommandCreated' },
    RequestCancelExternalWorkflowExecutionInitiated: { to: 'RequestCancelExternalCommandRecorded' },
  },
  RequestCancelExternalCommandRecorded: {
    ExternalWorkflowExecutionCancelRequested: { to: 'CancelRequested', does: 'notifyRequested' },
    RequestCancelExternalWorkflowExecutionFailed: { to: 'RequestCancelFailed', does: 'notifyFailed' },
  },
  CancelRequested: {},
  RequestCancelFailed: {},
} as const satisfies Table<
  'Created' | 'RequestCancelExternalCommandCreated' | 'RequestCancelExternalCommandRecorded' | 'CancelRequested' | 'RequestCancelFailed',
  | 'Schedule' | 'CommandRequestCancelExternalWorkflowExecution' | 'RequestCancelExternalWorkflowExecutionInitiated'
  | 'ExternalWorkflowExecutionCancelRequested' | 'RequestCancelExternalWorkflowExecutionFailed',
  'notifyRequested' | 'notifyFailed'
>;

export const signalExternalTable = {
  Created: { Schedule: { to: 'SignalExternalCommandCreated' } },
  SignalExternalCommandCreated: {
    CommandSignalExternalWorkflowExecution: { to: 'SignalExternalCommandCreated' },
    Cancel: { to: 'Cancelled', does: 'notifyCancelled' },
    SignalExternalWorkflowExecutionInitiated: { to: 'SignalExternalCommandRecorded' },
  },
  SignalExternalCommandRecorded: {
    Cancel: { to: 'SignalExternalCommandRecorded' },
    ExternalWorkflowExecutionSignaled: { to: 'Signaled', does: 'notifySignaled' },
    SignalExternalWorkflowExecutionFailed: { to: 'Failed', does: 'notifyFailed' },
  },
  // Spurious cancellations after the end are ignored.
  Cancelled: { Cancel: { to: 'Cancelled' } },
  Signaled: { Cancel: { to: 'Signaled' } },
  Failed: {},
} as const satisfies Table<
  'Created' | 'SignalExternalCommandCreated' | 'SignalExternalCommandRecorded' | 'Cancelled' | 'Signaled' | 'Failed',
  | 'Schedule' | 'CommandSignalExternalWorkflowExecution' | 'Cancel' | 'SignalExternalWorkflowExecutionInitiated'
  | 'ExternalWorkflowExecutionSignaled' | 'SignalExternalWorkflowExecutionFailed',
  'notifyCancelled' | 'notifySignaled' | 'notifyFailed'
>;

export interface CancelExternalMachine extends MachineState {
  readonly kind: 'cancelExternal';
  readonly seq: number;
}

export interface SignalExternalMachine extends MachineState {
  readonly kind: 'signalExternal';
  readonly seq: number;
}

/** Rust prints a cause by its Display, which is its proto name in camel case without the prefix. */
const applicationFailure = (message: string, type: string): Failure => ({ message, applicationFailureInfo: { type } });

const CANCEL_REASONS: { readonly [cause in CancelExternalWorkflowExecutionFailedCause]?: readonly [type: string, reason: string] } = {
  CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND: ['ExternalWorkflowExecutionNotFound', 'not found'],
  CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_NAMESPACE_NOT_FOUND: ['NamespaceNotFound', 'not found'],
};
const SIGNAL_REASONS: { readonly [cause in SignalExternalWorkflowExecutionFailedCause]?: readonly [type: string, reason: string] } = {
  SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND: ['ExternalWorkflowExecutionNotFound', 'it was not found'],
  SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_NAMESPACE_NOT_FOUND: ['NamespaceNotFound', 'it was not found'],
  SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_SIGNAL_COUNT_LIMIT_EXCEEDED: ['SignalCountLimitExceeded', 'The per-workflow signal limit was exceeded'],
};
const UNKNOWN: readonly [string, string] = ['Unspecified', 'unknown'];

export const cancelExternalDefinition: Definition<CancelExternalMachine> = {
  name: 'CancelExternalMachine',
  table: cancelExternalTable,
  commands: { COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION: 'CommandRequestCancelExternalWorkflowExecution' },
  events: {
    ExternalWorkflowExecutionCancelRequested: 'ExternalWorkflowExecutionCancelRequested',
    RequestCancelExternalWorkflowExecutionInitiated: 'RequestCancelExternalWorkflowExecutionInitiated',
    RequestCancelExternalWorkflowExecutionFailed: 'RequestCancelExternalWorkflowExecutionFailed',
  },
  unexpected: (event) => `Cancel external WF machine does not handle this event: ${displayEvent(event)}`,
  actions: {
    notifyRequested: (machine) => [{ type: 'job', job: { resolveRequestCancelExternalWorkflow: { seq: machine.seq } } }],
    notifyFailed: (machine, { event }) => {
      const { cause } = attributesOf(event!, 'requestCancelExternalWorkflowExecutionFailedEventAttributes', 'Cancelworkflow failed attributes were unset');
      const [type, reason] = (cause && CANCEL_REASONS[cause]) ?? UNKNOWN;
      const failure = applicationFailure(`Unable to cancel external workflow because ${reason}`, type);
      return [{ type: 'job', job: { resolveRequestCancelExternalWorkflow: { seq: machine.seq, failure } } }];
    },
  },
};

const resolveSignal = (machine: SignalExternalMachine, failure?: Failure): Responses =>
  [{ type: 'job', job: { resolveSignalExternalWorkflow: { seq: machine.seq, ...(failure !== undefined && { failure }) } } }];

export const signalExternalDefinition: Definition<SignalExternalMachine> = {
  name: 'SignalExternalMachine',
  table: signalExternalTable,
  commands: { COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION: 'CommandSignalExternalWorkflowExecution' },
  events: {
    ExternalWorkflowExecutionSignaled: 'ExternalWorkflowExecutionSignaled',
    SignalExternalWorkflowExecutionInitiated: 'SignalExternalWorkflowExecutionInitiated',
    SignalExternalWorkflowExecutionFailed: 'SignalExternalWorkflowExecutionFailed',
  },
  unexpected: (event) => `Signal external WF machine does not handle this event: ${displayEvent(event)}`,
  actions: {
    notifyCancelled: (machine) => resolveSignal(machine, { message: 'Signal was cancelled before being sent', canceledFailureInfo: {} }),
    notifySignaled: (machine) => resolveSignal(machine),
    notifyFailed: (machine, { event }) => {
      const { cause } = attributesOf(event!, 'signalExternalWorkflowExecutionFailedEventAttributes', 'Signal workflow failed attributes were unset');
      const [type, reason] = (cause && SIGNAL_REASONS[cause]) ?? UNKNOWN;
      return resolveSignal(machine, applicationFailure(`Unable to signal external workflow because ${reason}`, type));
    },
  },
  cancelledBeforeSent: (machine) => machine.state === 'Cancelled',
};

/** The workflow code no longer wants to signal: works only before the command is sent. */
export const cancelSignal = (machine: SignalExternalMachine): Responses => fireFromLang(signalExternalDefinition, machine, 'Cancel');
