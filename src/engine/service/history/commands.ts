import { formatDuration, parseDuration } from '../../../base/time.ts';
import type { Command, CommandType, HistoryEvent, Message, Payloads, SearchAttributes, PollActivityTaskQueueResponse, ScheduleActivityTaskCommandAttributes, WorkflowTaskFailedCause } from '../../../api/proto.ts';
import { commandName, pascalCase } from '../../../api/event-names.ts';
import { invalidArgument, ServiceError } from '../errors.ts';
import { newId, now, type Service } from '../service.ts';
import type { ActivityInfo, Run } from '../state.ts';
import { checkCron } from '../schedules/cron.ts';
import { requestCancelActivity, scheduleActivity, startActivity } from './activity.ts';
import { activityTask } from './activity-task.ts';
import { cancelRun, completeRun, continueRunAsNew, failRun } from './close.ts';
import { keptDuration, START_DURATIONS, withDurations } from './durations.ts';
import { addEvent, type EventExtras } from './event-store.ts';
import { cancelExternal, signalExternal, startChild } from './external.ts';
import { isBlobTooLarge, oversizedSearchAttributes, wrongSearchAttributes } from './limits.ts';
import { isUuid, queueText, wrongPriority, wrongTaskQueue } from './names.ts';
import { normalizeRetryPolicy } from './retry.ts';
import { protoSize } from '../../../api/proto-size.ts';
import { cancelTimer, startTimer } from './timer.ts';
import { applyMessage, checkMessage } from './update.ts';

/**
 * The commands of a completed Workflow Task. They are checked first, all of them, and applied only when all are right: a task that
 * fails leaves nothing of its commands (the real Service reloads the run from disk to the same effect).
 */

/** Why a Workflow Task fails. `message` is what its failure says; `terminate` ends the run too. */
export interface TaskFailure {
  readonly cause: WorkflowTaskFailedCause;
  readonly message: string;
  readonly terminate: boolean;
}

/** What is known while commands are checked: the run as it will be after the commands so far. */
interface Check {
  readonly svc: Service;
  readonly run: Run;
  readonly activityIds: { [id: string]: boolean };
  /** Ids that the scheduled events of this task's activities will have, and the id of the event that the command will be. */
  readonly scheduled: { [eventId: number]: true };
  eventId: number;
  readonly timers: { [id: string]: boolean };
  /** Buffered events that are left; a canceled timer takes its TimerFired out. */
  buffered: number;
  activities: number;
  children: number;
  signals: number;
  cancels: number;
  readonly childIds: { [id: string]: true };
  readonly messages: { [id: string]: Message };
}

interface Apply {
  readonly svc: Service;
  readonly run: Run;
  readonly completedEventId: number;
  readonly identity: string;
  readonly messages: { [id: string]: Message };
  readonly eager: ActivityInfo[];
  canceledUnstarted: boolean;
}

interface CommandHandler {
  /** Null when the command is right. May put normalized attributes into it. */
  check(check: Check, command: Command): TaskFailure | null;
  apply(apply: Apply, command: Command, extras: EventExtras): void;
}

const CLOSING: { readonly [type: string]: true } = {
  COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION: true,
  COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION: true,
  COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION: true,
  COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION: true,
};

/** Whether the last command ends the run. */
export const closesRun = (commands: readonly Command[]): boolean => CLOSING[commands.at(-1)?.commandType ?? ''] === true;

const fail = (cause: string, message: string, terminate = false): TaskFailure => ({ cause: `WORKFLOW_TASK_FAILED_CAUSE_${cause}` as WorkflowTaskFailedCause, message: `${pascalCase(cause)}: ${message}`, terminate });
const unhandled: TaskFailure = { cause: 'WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND', message: 'UnhandledCommand', terminate: false };

const blobTooLarge = (check: Check, size: number, operation: string): boolean => isBlobTooLarge(check.svc, size, check.svc.options.limits.blobSizeError, { workflowId: check.run.workflowId, runId: check.run.runId, operation });
const tooLarge = (check: Check, payloads: Payloads | undefined, operation: string): boolean => payloads !== undefined && blobTooLarge(check, protoSize('Payloads', payloads), operation);

/** Search attributes of a command: wrong ones fail the task, too large ones the run. `put` says where they stood. */
function badSearchAttributes(check: Check, namespace: string, attributes: SearchAttributes | undefined, cause: string, put: (wrong: string) => string = (wrong) => wrong): TaskFailure | null {
  const wrong = wrongSearchAttributes(check.svc, namespace, attributes);
  if (wrong) return fail('BAD_SEARCH_ATTRIBUTES', put(wrong));
  const oversized = oversizedSearchAttributes(attributes);
  return oversized ? fail(cause, oversized, true) : null;
}

/** The first of these durations that is negative, named as Go names it. */
function negativeTimeout<K extends string>(attributes: { readonly [field in K]?: string | undefined }, fields: readonly K[]): string | null {
  const name = fields.find((field) => parseDuration(attributes[field]) < 0);
  return name === undefined ? null : name.charAt(0).toUpperCase() + name.slice(1);
}

const tooLong = (check: Check, text: string | undefined): boolean => (text?.length ?? 0) > check.svc.options.limits.idLength;

/** What the Service says of a command that does not fit the run's state. */
const INVALID_ACTION = 'invalid history builder state for action';

/** The scheduled event of the activity that an event ends; undefined for other events. */
const closedActivity = (e: HistoryEvent): string | undefined =>
  (e.activityTaskCompletedEventAttributes ?? e.activityTaskFailedEventAttributes ?? e.activityTaskTimedOutEventAttributes ?? e.activityTaskCanceledEventAttributes)?.scheduledEventId;

const handlers: { readonly [T in CommandType]?: CommandHandler } = {
  COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK: {
    check: (check, command) => {
      const bad = (message: string): TaskFailure => fail('BAD_SCHEDULE_ACTIVITY_ATTRIBUTES', message);
      const a = command.scheduleActivityTaskCommandAttributes;
      if (!a) return bad('ScheduleActivityTaskCommandAttributes is not set on ScheduleActivityTaskCommand.');
      if (!a.activityId) return bad('activityId is not set');
      if (!a.activityType?.name) return bad('activityType is not set');
      if (tooLong(check, a.activityId)) return bad(`activityId exceeds length limit. Length=${a.activityId.length} Limit=${check.svc.options.limits.idLength}`);
      if (tooLong(check, a.activityType.name)) return bad(`activityType exceeds length limit. Length=${a.activityType.name.length} Limit=${check.svc.options.limits.idLength}`);
      const queue = wrongTaskQueue(a.taskQueue?.name ?? '', check.svc.options.limits.idLength);
      if (queue) return bad(queue);
      const priority = wrongPriority(a.priority);
      if (priority) return bad(`invalid priorities: ${priority}`);
      let normalized: ScheduleActivityTaskCommandAttributes;
      try {
        normalized = normalizeActivity(a, check.run.runTimeoutMs, check.run.taskQueue);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        return bad(error.message);
      }
      if (a.useWorkflowBuildId && a.taskQueue?.name && a.taskQueue.name !== check.run.taskQueue) return bad('Activity with UseCompatibleVersion cannot run on different task queue.');
      if (tooLarge(check, a.input, 'ScheduleActivityTask')) return fail('BAD_SCHEDULE_ACTIVITY_ATTRIBUTES', 'ScheduleActivityTaskCommandAttributes.Input exceeds size limit.', true);
      const limit = check.svc.options.limits.pendingActivities;
      if (check.activities >= limit) return fail('PENDING_ACTIVITIES_LIMIT_EXCEEDED', `the number of pending activities, ${check.activities}, has reached the per-workflow limit of ${limit}`);
      if (check.activityIds[a.activityId] ?? check.run.activityIds[a.activityId] !== undefined) return fail('SCHEDULE_ACTIVITY_DUPLICATE_ID', `${INVALID_ACTION}: add-activitytask-scheduled-event, ActivityID: ${a.activityId}`);
      check.activityIds[a.activityId] = true;
      check.scheduled[check.eventId] = true;
      check.activities++;
      command.scheduleActivityTaskCommandAttributes = normalized;
      return null;
    },
    apply: (apply, command, extras) => {
      const a = command.scheduleActivityTaskCommandAttributes as ScheduleActivityTaskCommandAttributes;
      const paused = apply.run.status === 'PAUSED';
      const eager = a.requestEagerExecution === true && apply.svc.options.eagerActivities && !paused;
      const activity = scheduleActivity(apply.svc, apply.run, a, apply.completedEventId, eager || paused, extras);
      if (eager) apply.eager.push(activity);
    },
  },
  COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK: {
    check: (check, command) => {
      const a = command.requestCancelActivityTaskCommandAttributes;
      if (!a?.scheduledEventId || a.scheduledEventId === '0') return fail('BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES', 'ScheduledEventId is not set on RequestCancelActivityTaskCommand.');
      const id = Number(a.scheduledEventId);
      // Pending, scheduled by this very task, or its end is still in the buffer.
      const known = check.run.activities[id] !== undefined || check.scheduled[id] || check.run.buffered.some((e) => closedActivity(e) === a.scheduledEventId);
      return known ? null : fail('BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES', `${INVALID_ACTION}: add-activitytask-cancel-requested-event, ScheduledEventID: ${id}`);
    },
    apply: (apply, command, extras) => {
      const id = Number(command.requestCancelActivityTaskCommandAttributes?.scheduledEventId);
      if (requestCancelActivity(apply.svc, apply.run, id, apply.completedEventId, apply.identity, extras)) apply.canceledUnstarted = true;
    },
  },
  COMMAND_TYPE_START_TIMER: {
    check: (check, command) => {
      const a = command.startTimerCommandAttributes;
      if (!a?.timerId) return fail('BAD_START_TIMER_ATTRIBUTES', 'TimerId is not set on StartTimerCommand.');
      if (tooLong(check, a.timerId)) return fail('BAD_START_TIMER_ATTRIBUTES', `TimerId on StartTimerCommand exceeds length limit. TimerId=${a.timerId} Length=${a.timerId.length} Limit=${check.svc.options.limits.idLength}`);
      if (parseDuration(a.startToFireTimeout) < 0) return fail('BAD_START_TIMER_ATTRIBUTES', `An invalid StartToFireTimeout is set on StartTimerCommand: negative duration. TimerId=${a.timerId}`);
      if (check.timers[a.timerId] ?? check.run.timers[a.timerId] !== undefined) return fail('START_TIMER_DUPLICATE_ID', `${INVALID_ACTION}: add-timer-started-event, TimerID: ${a.timerId}`);
      check.timers[a.timerId] = true;
      command.startTimerCommandAttributes = withDurations(a, ['startToFireTimeout']);
      return null;
    },
    apply: (apply, command, extras) => {
      const a = command.startTimerCommandAttributes;
      startTimer(apply.svc, apply.run, a?.timerId ?? '', a?.startToFireTimeout ?? '0s', apply.completedEventId, extras);
    },
  },
  COMMAND_TYPE_CANCEL_TIMER: {
    check: (check, command) => {
      const timerId = command.cancelTimerCommandAttributes?.timerId;
      if (!timerId) return fail('BAD_CANCEL_TIMER_ATTRIBUTES', 'TimerId is not set on CancelTimerCommand.');
      const fired = check.run.buffered.some((e) => e.timerFiredEventAttributes?.timerId === timerId);
      const running = check.timers[timerId] ?? check.run.timers[timerId] !== undefined;
      if (!running && !fired) return fail('BAD_CANCEL_TIMER_ATTRIBUTES', `${INVALID_ACTION}: add-timer-canceled-event, TimerID: ${timerId}`);
      if (fired && !running) check.buffered--;
      check.timers[timerId] = false;
      return null;
    },
    apply: (apply, command, extras) => cancelTimer(apply.svc, apply.run, command.cancelTimerCommandAttributes?.timerId ?? '', apply.completedEventId, apply.identity, extras),
  },
  COMMAND_TYPE_RECORD_MARKER: {
    check: (check, command) => {
      const a = command.recordMarkerCommandAttributes;
      if (!a?.markerName) return fail('BAD_RECORD_MARKER_ATTRIBUTES', 'MarkerName is not set on RecordMarkerCommand.');
      if (tooLong(check, a.markerName)) {
        return fail('BAD_RECORD_MARKER_ATTRIBUTES', `MarkerName on RecordMarkerCommand exceeds length limit. MarkerName=${a.markerName} Length=${a.markerName.length} Limit=${check.svc.options.limits.idLength}`);
      }
      let size = 0;
      for (const key in a.details) size += key.length + protoSize('Payloads', a.details[key]);
      return blobTooLarge(check, size, 'RecordMarker') ? fail('BAD_RECORD_MARKER_ATTRIBUTES', 'RecordMarkerCommandAttributes.Details exceeds size limit.', true) : null;
    },
    apply: (apply, command, extras) => {
      const a = command.recordMarkerCommandAttributes ?? {};
      addEvent(apply.svc, apply.run, 'markerRecorded', {
        markerName: a.markerName, details: a.details, workflowTaskCompletedEventId: String(apply.completedEventId), header: a.header, failure: a.failure,
      }, extras);
    },
  },
  COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION: {
    check: (check, command) => {
      const bad = (message: string, terminate = false): TaskFailure => fail('BAD_START_CHILD_EXECUTION_ATTRIBUTES', message, terminate);
      const a = command.startChildWorkflowExecutionCommandAttributes;
      if (!a) return bad('StartChildWorkflowExecutionCommandAttributes is not set on StartChildWorkflowExecutionCommand.');
      const namespace = a.namespace || check.run.namespace;
      const type = a.workflowType?.name ?? '';
      if (!a.workflowId) return bad(`Required field WorkflowId is not set on StartChildWorkflowExecutionCommand. WorkflowType=${type} Namespace=${namespace}`);
      if (!type) return bad(`Required field WorkflowType is not set on StartChildWorkflowExecutionCommand. WorkflowId=${a.workflowId} Namespace=${namespace}`);
      if (tooLong(check, a.workflowId)) {
        return bad(`WorkflowId on StartChildWorkflowExecutionCommand exceeds length limit. WorkflowId=${a.workflowId} Length=${a.workflowId.length} Limit=${check.svc.options.limits.idLength} WorkflowType=${type} Namespace=${namespace}`);
      }
      const named = `WorkflowId=${a.workflowId} WorkflowType=${type} Namespace=${namespace}`;
      if (tooLong(check, type)) {
        return bad(`WorkflowType on StartChildWorkflowExecutionCommand exceeds length limit. WorkflowId=${a.workflowId} WorkflowType=${type} Length=${type.length} Limit=${check.svc.options.limits.idLength} Namespace=${namespace}`);
      }
      const timeout = negativeTimeout(a, ['workflowExecutionTimeout', 'workflowRunTimeout', 'workflowTaskTimeout']);
      if (timeout) return bad(`Invalid ${timeout} on StartChildWorkflowExecutionCommand: negative duration. ${named}`);
      let checked = 'WorkflowRetryPolicy';
      try {
        if (a.retryPolicy) a.retryPolicy = normalizeRetryPolicy(a.retryPolicy);
        checked = 'CronSchedule';
        if (a.cronSchedule) checkCron(a.cronSchedule, now(check.svc));
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        return bad(`invalid ${checked} on StartChildWorkflowExecutionCommand: ${error.message}. ${named}`);
      }
      const attributes = badSearchAttributes(check, namespace, a.searchAttributes, 'BAD_START_CHILD_EXECUTION_ATTRIBUTES', (wrong) => `invalid SearchAttributes on StartChildWorkflowCommand: ${wrong}. ${named}`);
      if (attributes) return attributes;
      const priority = wrongPriority(a.priority);
      if (priority) return bad(priority);
      const queue = wrongTaskQueue(a.taskQueue?.name ?? '', check.svc.options.limits.idLength);
      if (queue) return bad(`invalid TaskQueue on StartChildWorkflowExecutionCommand: ${queue}. ${named} TaskQueue=${queueText(a.taskQueue ?? {})}`);
      if (tooLarge(check, a.input, 'StartChildWorkflowExecution')) return bad('StartChildWorkflowExecutionCommandAttributes. Input exceeds size limit.', true);
      if (a.memo && protoSize('Memo', a.memo) > check.svc.options.limits.memoSizeError) return bad('StartChildWorkflowExecutionCommandAttributes.Memo exceeds size limit.', true);
      const limit = check.svc.options.limits.pendingChildren;
      if (check.children >= limit) return fail('PENDING_CHILD_WORKFLOWS_LIMIT_EXCEEDED', `the number of pending child workflow executions, ${check.children}, has reached the per-workflow limit of ${limit}`);
      check.children++;
      check.childIds[a.workflowId] = true;
      command.startChildWorkflowExecutionCommandAttributes = withDurations(a, START_DURATIONS);
      return null;
    },
    apply: (apply, command, extras) => startChild(apply.svc, apply.run, command.startChildWorkflowExecutionCommandAttributes ?? {}, apply.completedEventId, extras),
  },
  COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION: {
    check: (check, command) => {
      const bad = (message: string, terminate = false): TaskFailure => fail('BAD_SIGNAL_WORKFLOW_EXECUTION_ATTRIBUTES', message, terminate);
      const a = command.signalExternalWorkflowExecutionCommandAttributes;
      const namespace = a?.namespace ?? '';
      if (!a?.execution) return bad('Execution is not set on SignalExternalWorkflowExecutionCommand.');
      if (!a.execution.workflowId) return bad(`WorkflowId is not set on SignalExternalWorkflowExecutionCommand. Namespace=${namespace} RunId=${a.execution.runId ?? ''} SignalName=${a.signalName ?? ''}`);
      if (tooLong(check, a.execution.workflowId)) return bad(`WorkflowId on SignalExternalWorkflowExecutionCommand exceeds length limit. WorkflowId=${a.execution.workflowId} Length=${a.execution.workflowId.length} Limit=${check.svc.options.limits.idLength} Namespace=${namespace} RunId=${a.execution.runId ?? ''} SignalName=${a.signalName ?? ''}`);
      if (a.execution.runId && !isUuid(a.execution.runId)) return bad(`Invalid RunId set on SignalExternalWorkflowExecutionCommand. WorkflowId=${a.execution.workflowId} Namespace=${namespace} RunId=${a.execution.runId} SignalName=${a.signalName ?? ''}`);
      if (!a.signalName) return bad(`SignalName is not set on SignalExternalWorkflowExecutionCommand. WorkflowId=${a.execution.workflowId} Namespace=${namespace} RunId=${a.execution.runId ?? ''}`);
      if (tooLarge(check, a.input, 'SignalExternalWorkflowExecution')) return bad('SignalExternalWorkflowExecutionCommandAttributes.Input exceeds size limit.', true);
      const limit = check.svc.options.limits.pendingSignals;
      if (check.signals >= limit) return fail('PENDING_SIGNALS_LIMIT_EXCEEDED', `the number of pending signals to external workflows, ${check.signals}, has reached the per-workflow limit of ${limit}`);
      check.signals++;
      return null;
    },
    apply: (apply, command, extras) => signalExternal(apply.svc, apply.run, command.signalExternalWorkflowExecutionCommandAttributes ?? {}, apply.completedEventId, extras),
  },
  COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION: {
    check: (check, command) => {
      const a = command.requestCancelExternalWorkflowExecutionCommandAttributes;
      const bad = (message: string): TaskFailure => fail('BAD_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_ATTRIBUTES', message);
      const namespace = a?.namespace ?? '';
      if (!a?.workflowId) return bad(`WorkflowId is not set on RequestCancelExternalWorkflowExecutionCommand. Namespace=${namespace} RunId=${a?.runId ?? ''}`);
      if (tooLong(check, a.workflowId)) return bad(`WorkflowId on RequestCancelExternalWorkflowExecutionCommand exceeds length limit. WorkflowId=${a.workflowId} Length=${a.workflowId.length} Limit=${check.svc.options.limits.idLength} RunId=${a.runId ?? ''} Namespace=${namespace}`);
      if (a.runId && !isUuid(a.runId)) return bad(`Invalid RunId set on RequestCancelExternalWorkflowExecutionCommand. WorkflowId=${a.workflowId} RunId=${a.runId} Namespace=${namespace}`);
      if (check.childIds[a.workflowId]) return bad(`Start and RequestCancel for child workflow is not allowed in same workflow task. WorkflowId=${a.workflowId} RunId=${a.runId ?? ''} Namespace=${namespace}`);
      const limit = check.svc.options.limits.pendingCancels;
      if (check.cancels >= limit) return fail('PENDING_REQUEST_CANCEL_LIMIT_EXCEEDED', `the number of pending requests to cancel external workflows, ${check.cancels}, has reached the per-workflow limit of ${limit}`);
      check.cancels++;
      return null;
    },
    apply: (apply, command, extras) => cancelExternal(apply.svc, apply.run, command.requestCancelExternalWorkflowExecutionCommandAttributes ?? {}, apply.completedEventId, extras),
  },
  COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: {
    check: (check, command) => {
      const a = command.upsertWorkflowSearchAttributesCommandAttributes;
      if (!a?.searchAttributes) return fail('BAD_SEARCH_ATTRIBUTES', 'SearchAttributes is not set on UpsertWorkflowSearchAttributesCommand.');
      if (Object.keys(a.searchAttributes.indexedFields ?? {}).length === 0) return fail('BAD_SEARCH_ATTRIBUTES', 'IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.');
      return badSearchAttributes(check, check.run.namespace, a.searchAttributes, 'BAD_SEARCH_ATTRIBUTES');
    },
    apply: (apply, command, extras) => {
      addEvent(apply.svc, apply.run, 'upsertWorkflowSearchAttributes', {
        workflowTaskCompletedEventId: String(apply.completedEventId), searchAttributes: command.upsertWorkflowSearchAttributesCommandAttributes?.searchAttributes,
      }, extras);
    },
  },
  COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES: {
    check: (check, command) => {
      const a = command.modifyWorkflowPropertiesCommandAttributes;
      if (!a?.upsertedMemo) return fail('BAD_MODIFY_WORKFLOW_PROPERTIES_ATTRIBUTES', 'UpsertedMemo is not set on ModifyWorkflowPropertiesCommand.');
      if (Object.keys(a.upsertedMemo.fields ?? {}).length === 0) return fail('BAD_MODIFY_WORKFLOW_PROPERTIES_ATTRIBUTES', 'UpsertedMemo.Fields is not set on ModifyWorkflowPropertiesCommand.');
      if (protoSize('Memo', a.upsertedMemo) > check.svc.options.limits.memoSizeError) return fail('BAD_MODIFY_WORKFLOW_PROPERTIES_ATTRIBUTES', 'ModifyWorkflowPropertiesCommandAttributes. Memo exceeds size limit.', true);
      return null;
    },
    apply: (apply, command, extras) => {
      addEvent(apply.svc, apply.run, 'workflowPropertiesModified', {
        workflowTaskCompletedEventId: String(apply.completedEventId), upsertedMemo: command.modifyWorkflowPropertiesCommandAttributes?.upsertedMemo,
      }, extras);
    },
  },
  COMMAND_TYPE_PROTOCOL_MESSAGE: {
    check: (check, command) => {
      const id = command.protocolMessageCommandAttributes?.messageId;
      const bad = (message: string): TaskFailure => fail('BAD_UPDATE_WORKFLOW_EXECUTION_MESSAGE', message);
      if (!id) return bad('MessageID is not set on ProtocolMessageCommand.');
      const message = check.messages[id];
      if (!message) return bad(`ProtocolMessageCommand referenced absent message ID ${id}`);
      delete check.messages[id];
      return checkBody(check, message);
    },
    apply: (apply, command) => {
      const id = command.protocolMessageCommandAttributes?.messageId ?? '';
      const message = apply.messages[id];
      if (!message) return;
      delete apply.messages[id];
      applyMessage(apply.svc, apply.run, message, apply.completedEventId);
    },
  },
  COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION: {
    check: (check, command) => {
      if (check.buffered > 0) return unhandled;
      const a = command.completeWorkflowExecutionCommandAttributes;
      return tooLarge(check, a?.result, 'CompleteWorkflowExecution') ? fail('BAD_COMPLETE_WORKFLOW_EXECUTION_ATTRIBUTES', 'CompleteWorkflowExecutionCommandAttributes.Result exceeds size limit.', true) : null;
    },
    apply: (apply, command, extras) => completeRun(apply.svc, apply.run, command.completeWorkflowExecutionCommandAttributes?.result, apply.completedEventId, extras),
  },
  COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION: {
    check: (check, command) => {
      if (check.buffered > 0) return unhandled;
      const failure = command.failWorkflowExecutionCommandAttributes?.failure;
      if (!failure) return fail('BAD_FAIL_WORKFLOW_EXECUTION_ATTRIBUTES', 'Failure is not set on FailWorkflowExecutionCommand.');
      return blobTooLarge(check, protoSize('Failure', failure), 'FailWorkflowExecution') ? fail('BAD_FAIL_WORKFLOW_EXECUTION_ATTRIBUTES', 'FailWorkflowExecutionCommandAttributes.Failure exceeds size limit.', true) : null;
    },
    apply: (apply, command, extras) => failRun(apply.svc, apply.run, command.failWorkflowExecutionCommandAttributes?.failure, apply.completedEventId, extras),
  },
  COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION: {
    check: (check) => (check.buffered > 0 ? unhandled : null),
    apply: (apply, command, extras) => cancelRun(apply.svc, apply.run, command.cancelWorkflowExecutionCommandAttributes?.details, apply.completedEventId, extras),
  },
  COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION: {
    check: (check, command) => {
      if (check.buffered > 0) return unhandled;
      const a = command.continueAsNewWorkflowExecutionCommandAttributes;
      const bad = (message: string, terminate = false): TaskFailure => fail('BAD_CONTINUE_AS_NEW_ATTRIBUTES', message, terminate);
      if (!a) return bad('ContinueAsNewWorkflowExecutionCommandAttributes is not set on ContinueAsNewWorkflowExecutionCommand.');
      const type = a.workflowType?.name || check.run.workflowType;
      if (tooLong(check, type)) return bad(`WorkflowType on ContinueAsNewWorkflowExecutionCommand exceeds length limit. WorkflowType=${type} Length=${type.length} Limit=${check.svc.options.limits.idLength}`);
      const queueName = a.taskQueue?.name || check.run.taskQueue;
      const named = `WorkflowType=${type} TaskQueue=${queueText({ name: queueName })}`;
      const queue = wrongTaskQueue(queueName, check.svc.options.limits.idLength);
      if (queue) return bad(`error validating ContinueAsNewWorkflowExecutionCommand TaskQueue: ${queue}. ${named}`);
      const timeout = negativeTimeout(a, ['workflowRunTimeout', 'workflowTaskTimeout', 'backoffStartInterval']);
      if (timeout) return bad(`Invalid ${timeout} on ContinueAsNewWorkflowExecutionCommand: negative duration. ${named}`);
      try {
        if (a.retryPolicy) a.retryPolicy = normalizeRetryPolicy(a.retryPolicy);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        return bad(`invalid WorkflowRetryPolicy on ContinueAsNewWorkflowExecutionCommand: ${error.message}. ${named}`);
      }
      const attributes = badSearchAttributes(check, check.run.namespace, a.searchAttributes, 'BAD_CONTINUE_AS_NEW_ATTRIBUTES', (wrong) => `invalid SearchAttributes on ContinueAsNewWorkflowExecutionCommand: ${wrong}. ${named}`);
      if (attributes) return attributes;
      if (tooLarge(check, a.input, 'ContinueAsNewWorkflowExecution')) return bad('ContinueAsNewWorkflowExecutionCommandAttributes. Input exceeds size limit.', true);
      if (a.memo && protoSize('Memo', a.memo) > check.svc.options.limits.memoSizeError) return bad('ContinueAsNewWorkflowExecutionCommandAttributes. Memo exceeds size limit.', true);
      command.continueAsNewWorkflowExecutionCommandAttributes = withDurations(a, ['workflowRunTimeout', 'workflowTaskTimeout', 'backoffStartInterval']);
      return null;
    },
    apply: (apply, command, extras) => continueRunAsNew(apply.svc, apply.run, command.continueAsNewWorkflowExecutionCommandAttributes ?? {}, apply.completedEventId, extras),
  },
};

function checkBody(check: Check, message: Message): TaskFailure | null {
  if (message.body && JSON.stringify(message.body).length * 0.75 > check.svc.options.limits.blobSizeError) {
    return fail('BAD_UPDATE_WORKFLOW_EXECUTION_MESSAGE', `Message type exceeds size limit.`, true);
  }
  const wrong = checkMessage(check.run, message);
  return wrong ? fail('BAD_UPDATE_WORKFLOW_EXECUTION_MESSAGE', wrong) : null;
}

/** The id that WorkflowTaskCompleted will have: a transient or speculative task comes into history with it. */
const completedId = (run: Run): number => run.nextEventId + (run.events[run.task.startedEventId - 1]?.workflowTaskStartedEventAttributes ? 0 : 2);

/** The one command that is no event. */
function isRejection(command: Command, messages: readonly Message[]): boolean {
  const id = command.protocolMessageCommandAttributes?.messageId;
  return id !== undefined && messages.some((m) => m.id === id && String((m.body as { '@type'?: string } | undefined)?.['@type']).endsWith('.Rejection'));
}

/** Checks all commands and messages; null when they can be applied. Throws where the whole call is refused. */
export function checkCommands(svc: Service, run: Run, commands: readonly Command[], messages: readonly Message[]): TaskFailure | null {
  for (let i = 0; i < commands.length - 1; i++) {
    const type = commands[i]?.commandType ?? '';
    if (!CLOSING[type]) continue;
    const names = commands.map((c) => commandName(c.commandType));
    throw invalidArgument(`invalid command sequence: [${names.join(', ')}], command ${names[i]} must be the last command.`);
  }
  const check: Check = {
    svc, run, activityIds: {}, scheduled: {}, eventId: completedId(run) + 1, timers: {}, buffered: run.buffered.length, activities: run.counts.activities, children: run.counts.children, signals: run.counts.signalsOut,
    cancels: run.counts.cancelsOut, childIds: {}, messages: byId(messages),
  };
  for (const command of commands) {
    const handler = handlers[command.commandType ?? 'COMMAND_TYPE_UNSPECIFIED'];
    if (!handler) throw invalidArgument(`unknown command type: ${commandName(command.commandType)}`);
    const failure = handler.check(check, command);
    if (failure) return failure;
    if (!isRejection(command, messages)) check.eventId++;
  }
  for (const id in check.messages) {
    const failure = checkBody(check, check.messages[id] as Message);
    if (failure) return failure;
  }
  return null;
}

export interface AppliedCommands {
  /** Activity tasks that go back with the answer. */
  readonly eager: PollActivityTaskQueueResponse[];
  /** An activity that nobody had started was canceled: the workflow has to hear of it at once. */
  readonly canceledUnstarted: boolean;
}

/** Applies commands that were checked, in order, and the messages that no command named. */
export function applyCommands(svc: Service, run: Run, commands: readonly Command[], messages: readonly Message[], completedEventId: number, identity: string): AppliedCommands {
  const apply: Apply = { svc, run, completedEventId, identity, messages: byId(messages), eager: [], canceledUnstarted: false };
  for (const command of commands) {
    const extras = { userMetadata: command.userMetadata, eventGroupMarkers: command.eventGroupMarkers };
    handlers[command.commandType ?? 'COMMAND_TYPE_UNSPECIFIED']?.apply(apply, command, extras);
  }
  for (const id in apply.messages) applyMessage(svc, run, apply.messages[id] as Message, completedEventId);
  const eager: PollActivityTaskQueueResponse[] = [];
  if (run.closedAt === null) {
    for (const activity of apply.eager) {
      if (run.activities[activity.scheduledEventId] !== activity) continue;
      startActivity(svc, run, activity, { requestId: newId(svc), identity, deploymentVersion: null });
      eager.push(activityTask(run, activity, true));
    }
  }
  return { eager, canceledUnstarted: apply.canceledUnstarted };
}

const byId = (messages: readonly Message[]): { [id: string]: Message } => {
  const map: { [id: string]: Message } = {};
  for (const message of messages) map[message.id ?? ''] = message;
  return map;
};

/** Fills in timeouts and retry policy as the Service does (`chasm/lib/activity/validator.go`). */
export function normalizeActivity(a: ScheduleActivityTaskCommandAttributes, runTimeoutMs: number, taskQueue: string): ScheduleActivityTaskCommandAttributes {
  let toClose = keptDuration(parseDuration(a.scheduleToCloseTimeout));
  let toStart = keptDuration(parseDuration(a.scheduleToStartTimeout));
  let attempt = keptDuration(parseDuration(a.startToCloseTimeout));
  let heartbeat = keptDuration(parseDuration(a.heartbeatTimeout));
  for (const [name, value] of [['ScheduleToCloseTimeout', toClose], ['ScheduleToStartTimeout', toStart], ['StartToCloseTimeout', attempt], ['HeartbeatTimeout', heartbeat]] as const) {
    if (value < 0) throw invalidArgument(`invalid ${name}: negative duration`);
  }
  const least = (...values: number[]): number => values.reduce((x, y) => (y > 0 && (x <= 0 || y < x) ? y : x));
  if (toClose > 0) {
    toStart = least(toStart, toClose) as typeof toStart;
    attempt = least(attempt, toClose) as typeof attempt;
  } else if (attempt > 0) {
    toClose = runTimeoutMs as typeof toClose;
    if (toStart === 0) toStart = runTimeoutMs as typeof toStart;
  } else {
    throw invalidArgument(`a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ActivityId=${a.activityId ?? ''} ActivityType=${a.activityType?.name ?? ''}`);
  }
  if (runTimeoutMs > 0) {
    toClose = Math.min(toClose, runTimeoutMs) as typeof toClose;
    toStart = Math.min(toStart, runTimeoutMs) as typeof toStart;
    attempt = Math.min(attempt, runTimeoutMs) as typeof attempt;
    heartbeat = Math.min(heartbeat, runTimeoutMs) as typeof heartbeat;
  }
  heartbeat = Math.min(heartbeat, attempt) as typeof heartbeat;
  return {
    ...a,
    taskQueue: { name: a.taskQueue?.name || taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' },
    scheduleToCloseTimeout: formatDuration(toClose),
    scheduleToStartTimeout: formatDuration(toStart),
    startToCloseTimeout: formatDuration(attempt),
    heartbeatTimeout: formatDuration(heartbeat),
    retryPolicy: normalizeRetryPolicy(a.retryPolicy ?? {}),
  };
}
