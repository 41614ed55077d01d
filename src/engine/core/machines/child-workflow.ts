import type { ChildWorkflowCancellationType, ChildWorkflowExecutionFailureInfo, Command, Failure, HistoryEvent } from '../../../api/proto.ts';
import { FatalMachinesError, NondeterminismError } from '../errors.ts';
import { idOf } from '../events.ts';
import { CoreFlag, tryUse } from '../flags.ts';
import { rustDebug } from '../rust-debug.ts';
import { onlyPayload } from './activity.ts';
import { annotated, attributesOf, fireFromLang, NOTHING, overrideAnnotations, type Annotations, type Definition, type MachineResponse, type MachineState, type Responses } from './machine.ts';
import type { Table } from './table.ts';

export const childWorkflowTable = {
  Created: { Schedule: { to: 'StartCommandCreated' } },
  StartCommandCreated: {
    CommandStartChildWorkflowExecution: { to: 'StartCommandCreated' },
    StartChildWorkflowExecutionInitiated: { to: 'StartEventRecorded', does: 'recordInitiated' },
    Cancel: { to: 'Cancelled', does: 'dropUnsent' },
  },
  StartEventRecorded: {
    ChildWorkflowExecutionStarted: { to: 'Started', does: 'notifyStarted' },
    StartChildWorkflowExecutionFailed: { to: 'StartFailed', does: 'notifyStartFailed' },
    // The parent may be cancelled while the child's start is under way.
    Cancel: { to: ['StartEventRecorded', 'Cancelled'], does: 'requestCancel' },
    CommandRequestCancelExternalWorkflowExecution: { to: 'StartEventRecorded' },
  },
  Started: {
    ChildWorkflowExecutionCompleted: { to: 'Completed', does: 'notifyCompleted' },
    ChildWorkflowExecutionFailed: { to: 'Failed', does: 'notifyFailed' },
    ChildWorkflowExecutionTimedOut: { to: 'TimedOut', does: 'notifyTimedOut' },
    ChildWorkflowExecutionCancelled: { to: 'Cancelled', does: 'notifyCancelled' },
    ChildWorkflowExecutionTerminated: { to: 'Terminated', does: 'notifyTerminated' },
    // Waits on for the child's end, or is over at once with ABANDON and TRY_CANCEL.
    Cancel: { to: ['Started', 'Cancelled'], does: 'requestCancel' },
    CommandRequestCancelExternalWorkflowExecution: { to: 'Started' },
  },
  Cancelled: {
    Cancel: { to: 'Cancelled' },
    ChildWorkflowExecutionStarted: { to: 'Cancelled' },
    StartChildWorkflowExecutionFailed: { to: 'Cancelled' },
    CommandRequestCancelExternalWorkflowExecution: { to: 'Cancelled' },
    ChildWorkflowExecutionCancelled: { to: 'Cancelled', does: 'noteCancelled' },
    // What ends a child that was resolved on cancellation can't change that.
    ChildWorkflowExecutionCompleted: { to: 'Cancelled', does: 'ignoreEnd' },
    ChildWorkflowExecutionFailed: { to: 'Cancelled', does: 'ignoreEnd' },
    ChildWorkflowExecutionTimedOut: { to: 'Cancelled', does: 'ignoreEnd' },
    ChildWorkflowExecutionTerminated: { to: 'Cancelled', does: 'ignoreEnd' },
  },
  Failed: { Cancel: { to: 'Failed' } },
  StartFailed: { Cancel: { to: 'StartFailed' } },
  TimedOut: { Cancel: { to: 'TimedOut' } },
  Completed: { Cancel: { to: 'Completed' } },
  Terminated: {},
} as const satisfies Table<
  | 'Created' | 'StartCommandCreated' | 'StartEventRecorded' | 'Started' | 'Cancelled' | 'Failed' | 'StartFailed' | 'TimedOut' | 'Completed' | 'Terminated',
  | 'Schedule' | 'CommandStartChildWorkflowExecution' | 'StartChildWorkflowExecutionInitiated' | 'Cancel' | 'ChildWorkflowExecutionStarted'
  | 'StartChildWorkflowExecutionFailed' | 'CommandRequestCancelExternalWorkflowExecution' | 'ChildWorkflowExecutionCompleted'
  | 'ChildWorkflowExecutionFailed' | 'ChildWorkflowExecutionTimedOut' | 'ChildWorkflowExecutionCancelled' | 'ChildWorkflowExecutionTerminated',
  | 'recordInitiated' | 'dropUnsent' | 'notifyStarted' | 'notifyStartFailed' | 'requestCancel' | 'notifyCompleted' | 'notifyFailed' | 'notifyTimedOut'
  | 'notifyCancelled' | 'notifyTerminated' | 'noteCancelled' | 'ignoreEnd'
>;

export interface ChildWorkflowMachine extends MachineState {
  readonly kind: 'childWorkflow';
  readonly seq: number;
  readonly namespace: string;
  readonly workflowId: string;
  readonly workflowType: string;
  readonly cancellationType: ChildWorkflowCancellationType;
  runId: string;
  initiatedEventId: number;
  startedEventId: number;
  cancelledBeforeSent: boolean;
  seenCancelledEvent: boolean;
  annotations: Annotations;
}

const resolvesOnCancel = (machine: ChildWorkflowMachine): boolean => machine.cancellationType === 'ABANDON' || machine.cancellationType === 'TRY_CANCEL';

export const childWorkflowDefinition: Definition<ChildWorkflowMachine> = {
  name: 'ChildWorkflowMachine',
  table: childWorkflowTable,
  commands: {
    COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION: 'CommandStartChildWorkflowExecution',
    COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION: 'CommandRequestCancelExternalWorkflowExecution',
  },
  events: {
    StartChildWorkflowExecutionInitiated: 'StartChildWorkflowExecutionInitiated',
    StartChildWorkflowExecutionFailed: 'StartChildWorkflowExecutionFailed',
    ChildWorkflowExecutionStarted: 'ChildWorkflowExecutionStarted',
    ChildWorkflowExecutionCompleted: 'ChildWorkflowExecutionCompleted',
    ChildWorkflowExecutionFailed: 'ChildWorkflowExecutionFailed',
    ChildWorkflowExecutionTimedOut: 'ChildWorkflowExecutionTimedOut',
    ChildWorkflowExecutionTerminated: 'ChildWorkflowExecutionTerminated',
    ChildWorkflowExecutionCanceled: 'ChildWorkflowExecutionCancelled',
  },
  // The genuine Core prints the whole event here, not only its id and type.
  unexpected: (event) => `Child workflow machine does not handle this event: ${rustDebug('HistoryEvent', event)}`,
  actions: {
    recordInitiated: (machine, { event, lastTask, flags }) => {
      const recorded = attributesUnset(event!, 'startChildWorkflowExecutionInitiatedEventAttributes', 'StartChildWorkflowExecutionInitiated attributes were unset');
      if (tryUse(flags!, CoreFlag.IdAndTypeDeterminismChecks, lastTask === true)) {
        compare('id', recorded.workflowId, machine.workflowId);
        compare('type', recorded.workflowType?.name, machine.workflowType);
      }
      machine.initiatedEventId = idOf(event!);
      return NOTHING;
    },
    dropUnsent: (machine, { reason }) => {
      machine.cancelledBeforeSent = true;
      const failure: Failure = {
        message: `Child Workflow Execution cancelled before scheduled: ${reason ?? ''}`,
        cause: { canceledFailureInfo: {} },
        childWorkflowExecutionFailureInfo: failureInfo(machine, 'RETRY_STATE_NON_RETRYABLE_FAILURE'),
      };
      return [{ type: 'job', job: { resolveChildWorkflowExecutionStart: { seq: machine.seq, cancelled: { failure } } } }];
    },
    notifyStarted: (machine, { event }) => {
      const { workflowExecution } = attributesUnset(event!, 'childWorkflowExecutionStartedEventAttributes', 'ChildWorkflowExecutionStarted attributes were unset or malformed');
      if (!workflowExecution) throw new FatalMachinesError('ChildWorkflowExecutionStarted attributes were unset or malformed');
      machine.startedEventId = idOf(event!);
      machine.runId = workflowExecution.runId ?? '';
      return [{ type: 'job', job: { resolveChildWorkflowExecutionStart: { seq: machine.seq, succeeded: { runId: machine.runId } } } }];
    },
    notifyStartFailed: (machine, { event }) => {
      const { cause } = attributesUnset(event!, 'startChildWorkflowExecutionFailedEventAttributes', 'StartChildWorkflowExecutionFailed attributes were unset');
      const exists = cause === 'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS';
      const failed = {
        workflowId: machine.workflowId, workflowType: machine.workflowType,
        ...(exists && { cause: 'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS' as const }),
      };
      return [{ type: 'job', job: { resolveChildWorkflowExecutionStart: { seq: machine.seq, failed } } }];
    },
    requestCancel: (machine, { reason }) => {
      const responses: MachineResponse[] = [];
      if (machine.cancellationType !== 'ABANDON') {
        const command: Command = {
          commandType: 'COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION',
          requestCancelExternalWorkflowExecutionCommandAttributes: {
            namespace: machine.namespace, workflowId: machine.workflowId, runId: machine.runId, childWorkflowOnly: true, reason: reason ?? '',
          },
        };
        responses.push({ type: 'cancelExternal', command: annotated(command, machine.annotations) });
      }
      if (resolvesOnCancel(machine)) {
        responses.push(resolveCancelled(machine));
        machine.state = 'Cancelled';
      }
      return responses;
    },
    notifyCompleted: (machine, { event }) => {
      const { result } = attributesUnset(event!, 'childWorkflowExecutionCompletedEventAttributes', 'ChildWorkflowExecutionCompleted attributes were unset or malformed');
      return [{ type: 'job', job: { resolveChildWorkflowExecution: { seq: machine.seq, result: { completed: { result: onlyPayload(event!, result, 'child workflow') } } } } }];
    },
    notifyFailed: (machine, { event }) => {
      const { failure, retryState } = attributesUnset(event!, 'childWorkflowExecutionFailedEventAttributes', 'ChildWorkflowExecutionFailed attributes were unset');
      return resolveFailed(machine, {
        message: 'Child Workflow execution failed', cause: failure, childWorkflowExecutionFailureInfo: failureInfo(machine, retryState),
      });
    },
    notifyTimedOut: (machine, { event }) => {
      const { retryState } = attributesUnset(event!, 'childWorkflowExecutionTimedOutEventAttributes', 'ChildWorkflowExecutionTimedOut attributes were unset or malformed');
      return resolveFailed(machine, {
        message: 'Child Workflow execution timed out',
        cause: { message: 'Timed out', timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' } },
        childWorkflowExecutionFailureInfo: failureInfo(machine, retryState),
      });
    },
    notifyCancelled: (machine) => {
      machine.seenCancelledEvent = true;
      return [resolveCancelled(machine)];
    },
    notifyTerminated: (machine) => resolveFailed(machine, {
      message: 'Child Workflow execution terminated',
      cause: { message: 'Terminated', terminatedFailureInfo: {} },
      childWorkflowExecutionFailureInfo: failureInfo(machine, 'RETRY_STATE_NON_RETRYABLE_FAILURE'),
    }),
    noteCancelled: (machine) => {
      if (machine.seenCancelledEvent) {
        throw new FatalMachinesError(
          'Child workflow has already seen a ChildWorkflowExecutionCanceledEvent, and now another is being applied! This is a bug, please report.',
        );
      }
      machine.seenCancelledEvent = true;
      return NOTHING;
    },
    ignoreEnd: (machine) => {
      if (resolvesOnCancel(machine)) return NOTHING;
      throw new NondeterminismError("Child workflows which don't resolve immediately on cancellation cannot complete after being cancelled.");
    },
  },
  cancelledBeforeSent: (machine) => machine.cancelledBeforeSent,
};

/** The workflow code cancels the child, in the way that its cancellation type says. */
export function cancelChildWorkflow(machine: ChildWorkflowMachine, reason: string, annotations: Annotations): Responses {
  machine.annotations = overrideAnnotations(machine.annotations, annotations);
  return fireFromLang(childWorkflowDefinition, machine, 'Cancel', { reason });
}

function compare(what: string, recorded: string | undefined, commanded: string): void {
  if ((recorded ?? '') === commanded) return;
  throw new NondeterminismError(`Child workflow ${what} of scheduled event '${recorded ?? ''}' does not match child workflow ${what} of command '${commanded}'`);
}

/** As `attributesOf`, with a message that does not name the event. */
function attributesUnset<K extends keyof HistoryEvent>(event: HistoryEvent, key: K, message: string): NonNullable<HistoryEvent[K]> {
  if (event[key] === undefined || event[key] === null) throw new FatalMachinesError(message);
  return attributesOf(event, key, message);
}

const resolveFailed = (machine: ChildWorkflowMachine, failure: Failure): Responses =>
  [{ type: 'job', job: { resolveChildWorkflowExecution: { seq: machine.seq, result: { failed: { failure } } } } }];

function resolveCancelled(machine: ChildWorkflowMachine): MachineResponse {
  const failure: Failure = {
    message: 'Child Workflow execution cancelled',
    cause: { canceledFailureInfo: {} },
    childWorkflowExecutionFailureInfo: failureInfo(machine, 'RETRY_STATE_NON_RETRYABLE_FAILURE'),
  };
  return { type: 'job', job: { resolveChildWorkflowExecution: { seq: machine.seq, result: { cancelled: { failure } } } } };
}

const failureInfo = (machine: ChildWorkflowMachine, retryState: ChildWorkflowExecutionFailureInfo['retryState']): ChildWorkflowExecutionFailureInfo => ({
  namespace: machine.namespace, workflowExecution: { workflowId: machine.workflowId, runId: machine.runId },
  workflowType: { name: machine.workflowType }, initiatedEventId: String(machine.initiatedEventId), startedEventId: String(machine.startedEventId), retryState,
});
