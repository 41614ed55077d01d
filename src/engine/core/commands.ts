import { commandName } from '../../api/event-names.ts';
import type {
  Command, ContinueAsNewWorkflowExecution, Payload, Payloads, RequestCancelExternalWorkflowExecutionCommandAttributes, ScheduleActivity,
  SignalExternalWorkflowExecution, StartChildWorkflowExecution, TaskQueue, VersioningIntent,
} from '../../api/proto.ts';

/** From the SDK's commands to those that the Service gets, field for field as the genuine Core does it. */

const payloads = (list: readonly Payload[] | undefined): Payloads | undefined => (list !== undefined && list.length > 0 ? { payloads: [...list] } : undefined);
const taskQueue = (name: string | undefined): TaskQueue => ({ name: name ?? '', kind: 'TASK_QUEUE_KIND_NORMAL' });
const isEmpty = (map: object | undefined): boolean => map === undefined || Object.keys(map).length === 0;

/** True when the command is to stay within the compatible versions: by default if the task queue is the worker's own. */
export function usesCompatibleVersion(intent: VersioningIntent | undefined, target: string | undefined, own: string): boolean {
  switch (intent) {
    case 'COMPATIBLE': return true;
    case 'DEFAULT': return false;
    default: return target === undefined || target === '' || target === own;
  }
}

/** Leaves out what is undefined, so that commands look as on the wire. */
function defined<T extends object>(fields: T): T {
  const result: { [key: string]: unknown } = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined && value !== null) result[key] = value;
  return result as T;
}

export const scheduleActivityTask = (s: ScheduleActivity, compatible: boolean): Command => ({
  commandType: 'COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK',
  scheduleActivityTaskCommandAttributes: defined({
    activityId: s.activityId, activityType: { name: s.activityType }, taskQueue: taskQueue(s.taskQueue), header: isEmpty(s.headers) ? {} : { fields: s.headers },
    input: payloads(s.arguments), scheduleToCloseTimeout: s.scheduleToCloseTimeout, scheduleToStartTimeout: s.scheduleToStartTimeout,
    startToCloseTimeout: s.startToCloseTimeout, heartbeatTimeout: s.heartbeatTimeout, retryPolicy: s.retryPolicy,
    requestEagerExecution: s.doNotEagerlyExecute === true ? undefined : true, useWorkflowBuildId: compatible ? true : undefined, priority: s.priority,
  }),
});

export const startChildWorkflow = (s: StartChildWorkflowExecution, compatible: boolean): Command => ({
  commandType: 'COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION',
  startChildWorkflowExecutionCommandAttributes: defined({
    namespace: s.namespace, workflowId: s.workflowId, workflowType: { name: s.workflowType }, taskQueue: taskQueue(s.taskQueue),
    header: isEmpty(s.headers) ? {} : { fields: s.headers }, memo: isEmpty(s.memo) ? undefined : { fields: s.memo }, searchAttributes: s.searchAttributes,
    input: payloads(s.input), workflowIdReusePolicy: s.workflowIdReusePolicy, workflowExecutionTimeout: s.workflowExecutionTimeout,
    workflowRunTimeout: s.workflowRunTimeout, workflowTaskTimeout: s.workflowTaskTimeout, retryPolicy: s.retryPolicy, cronSchedule: s.cronSchedule || undefined,
    parentClosePolicy: s.parentClosePolicy, inheritBuildId: compatible ? true : undefined, priority: s.priority,
  }),
});

export const continueAsNew = (c: ContinueAsNewWorkflowExecution, compatible: boolean): Command => ({
  commandType: 'COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION',
  continueAsNewWorkflowExecutionCommandAttributes: defined({
    workflowType: { name: c.workflowType }, taskQueue: taskQueue(c.taskQueue), input: payloads(c.arguments), workflowRunTimeout: c.workflowRunTimeout,
    workflowTaskTimeout: c.workflowTaskTimeout, memo: isEmpty(c.memo) ? undefined : { fields: c.memo }, header: isEmpty(c.headers) ? undefined : { fields: c.headers },
    retryPolicy: c.retryPolicy, searchAttributes: c.searchAttributes, backoffStartInterval: c.backoffStartInterval,
    inheritBuildId: compatible ? true : undefined, initialVersioningBehavior: c.initialVersioningBehavior,
  }),
});

export const requestCancelExternal = (attributes: RequestCancelExternalWorkflowExecutionCommandAttributes): Command => ({
  commandType: 'COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION', requestCancelExternalWorkflowExecutionCommandAttributes: defined(attributes),
});

export function signalExternal(s: SignalExternalWorkflowExecution, namespace: string): Command {
  const target = s.workflowExecution ?? { namespace, workflowId: s.childWorkflowId };
  return {
    commandType: 'COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION',
    signalExternalWorkflowExecutionCommandAttributes: defined({
      namespace: target.namespace, execution: defined({ workflowId: target.workflowId, runId: target.runId }), signalName: s.signalName, input: payloads(s.args),
      childWorkflowOnly: s.workflowExecution === undefined ? true : undefined, header: isEmpty(s.headers) ? undefined : { fields: s.headers },
    }),
  };
}

/** A few words about a command for the zipper. */
export function describeCommand(command: Command): string {
  const name = commandName(command.commandType);
  const subject = command.scheduleActivityTaskCommandAttributes?.activityType?.name
    ?? command.startTimerCommandAttributes?.startToFireTimeout
    ?? command.startChildWorkflowExecutionCommandAttributes?.workflowType?.name
    ?? command.recordMarkerCommandAttributes?.markerName
    ?? command.signalExternalWorkflowExecutionCommandAttributes?.signalName
    ?? command.continueAsNewWorkflowExecutionCommandAttributes?.workflowType?.name
    ?? command.requestCancelExternalWorkflowExecutionCommandAttributes?.workflowId;
  return subject === undefined ? name : `${name} ${subject}`;
}
