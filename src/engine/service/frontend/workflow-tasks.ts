import { formatTimestamp } from '../../../base/time.ts';
import type { Timestamp } from '../../../base/brand.ts';
import type { CallId, RpcCall } from '../../../api/rpc.ts';
import type {
  PollWorkflowTaskQueueRequest, PollWorkflowTaskQueueResponse, RespondQueryTaskCompletedRequest, RespondWorkflowTaskCompletedRequest, RespondWorkflowTaskFailedRequest,
  WorkflowQuery,
} from '../../../api/proto.ts';
import { failedPrecondition, invalidArgument, notFound, TEXT } from '../errors.ts';
import { applyCommands, checkCommands, closesRun } from '../history/commands.ts';
import { terminateRun } from '../history/close.ts';
import { commit, endsAtLimit, refusedAtLimit } from '../history/commit.ts';
import { flushBuffer } from '../history/event-store.ts';
import { answerQueries, completeDirectQuery, queryDispatched, takeQueries, unsendQueries } from '../history/query.ts';
import { historyPage } from '../history/read.ts';
import { makeToken, readToken } from '../history/token.ts';
import { abortUnaccepted, answerUpdates, applyMessage, hasAdmittedUpdates, rejectUnprocessed, retryUpdates, takeMessages, unsendUpdates } from '../history/update.ts';
import { completeTask, failTask, scheduleTask, startTask, taskState, timeOutStartedTask, transientEvents } from '../history/workflow-task.ts';
import { addPoller, getQueue, scalingDecision, type Deliver } from '../matching/task-queue.ts';
import { checkNamespace, int64, newId, now, ok, type Service } from '../service.ts';
import type { Poller, QueueTask, Run } from '../state.ts';
import { deliverTask } from './deliver.ts';
import { taskQueueName } from './execution.ts';
import { pollerDeployment, pollerVersion, registerWorker, targetOf } from './deployments.ts';

/** RPCs of a worker's Workflow Task pollers. */

const HEARTBEAT_LIMIT_MS = 30 * 60_000;
/** WorkflowTaskScheduled and WorkflowTaskStarted of the task that buffered events need at once. */
const INLINE_TASK_EVENTS = 2;
const INLINE_REQUEST_ID = 'request-from-RespondWorkflowTaskCompleted';

export function pollWorkflowTaskQueue(svc: Service, call: RpcCall): void {
  const request = call.request as PollWorkflowTaskQueueRequest;
  const namespace = checkNamespace(svc, request.namespace);
  if ((request.identity?.length ?? 0) > svc.options.limits.idLength) throw invalidArgument('Identity length exceeds limit.');
  const name = taskQueueName(svc, request.taskQueue);
  const sticky = request.taskQueue?.kind === 'TASK_QUEUE_KIND_STICKY';
  const queue = getQueue(svc, namespace, 'workflow', name, sticky ? (request.taskQueue?.normalName ?? '?') : '');
  const deployment = pollerDeployment(request.deploymentOptions);
  if (deployment && !sticky) registerWorker(svc, namespace, deployment, name, 'workflow');
  addPoller(svc, queue, {
    callId: call.callId, startedAt: now(svc), process: call.caller, identity: request.identity ?? '', rate: 0, workerVersion: pollerVersion(request.workerVersionCapabilities, deployment), deployment,
  }, deliverTask);
}

/** A Workflow Task (or a query alone) for a waiting poller. */
export const deliverWorkflowTask: Deliver = (svc, queue, task, poller, backlog) => {
  const run = svc.state.runs[task.runId];
  if (!run) return 'obsolete';
  if (task.kind === 'query') return deliverQuery(svc, run, task, poller, queue.normalName !== '');
  if (task.kind !== 'workflowTask') return 'obsolete';
  if (run.closedAt !== null || run.task.scheduledEventId !== task.scheduledEventId || run.task.stamp !== task.stamp || run.task.startedEventId !== 0) return 'obsolete';
  if (endsAtLimit(svc, run, run.task.type === 'normal' && run.task.attempt === 1 ? 1 : 0)) {
    commit(svc, run);
    return 'obsolete';
  }
  startTask(svc, run, { requestId: newId(svc), identity: poller.identity, historySize: run.historySize, workerVersion: poller.workerVersion, target: targetOf(svc, run) });
  const response = Object.assign(taskResponse(svc, run, queue.normalName !== ''), { backlogCountHint: int64(backlog) }, scalingDecision(svc, queue, poller));
  if (run.task.type !== 'speculative') commit(svc, run);
  ok(svc, poller.callId, response);
  return 'delivered';
};

function deliverQuery(svc: Service, run: Run, task: Extract<QueueTask, { kind: 'query' }>, poller: Poller, sticky: boolean): 'delivered' | 'obsolete' {
  const query = svc.state.queries[task.queryId];
  if (!query) return 'obsolete';
  queryDispatched(svc, query);
  ok(svc, poller.callId, {
    taskToken: makeToken('qytk', task.queryId, 0, 0, 0),
    workflowExecution: { workflowId: run.workflowId, runId: run.runId },
    workflowType: { name: run.workflowType },
    previousStartedEventId: run.lastCompletedTaskStartedEventId ? String(run.lastCompletedTaskStartedEventId) : undefined,
    attempt: 1,
    ...(sticky ? { history: {} } : pageOf(svc, run, 0, run.events.length, 0)),
    query: query.query as WorkflowQuery,
    workflowExecutionTaskQueue: { name: run.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' },
  } satisfies PollWorkflowTaskQueueResponse);
  return 'delivered';
}

/** History for a task: a first page, the rest through a token. Flag 2 asks for the transient events behind the last page. */
function pageOf(svc: Service, run: Run, from: number, end: number, flag: number): Pick<PollWorkflowTaskQueueResponse, 'history' | 'nextPageToken'> {
  const page = historyPage(svc, run, from, 0, end);
  if (page.next < end) return { history: { events: page.events }, nextPageToken: makeToken('hist', run.runId, page.next, end, flag) };
  return { history: { events: flag === 2 ? [...page.events, ...transientEvents(run, run.task.identity)] : page.events } };
}

/**
 * What the worker gets for the started task: everything, or (sticky) only what is new since the last task. In a heartbeat it has the
 * updates of the task before.
 */
export function taskResponse(svc: Service, run: Run, sticky: boolean, heartbeat = false): PollWorkflowTaskQueueResponse {
  const task = run.task;
  const messages = takeMessages(svc, run, !heartbeat);
  const { history, nextPageToken } = pageOf(svc, run, sticky ? run.lastCompletedTaskStartedEventId : 0, run.events.length, taskState(run) === 'started' ? 0 : 2);
  return {
    taskToken: makeToken('wftk', run.runId, task.scheduledEventId, task.startedEventId, task.attempt),
    workflowExecution: { workflowId: run.workflowId, runId: run.runId },
    workflowType: { name: run.workflowType },
    previousStartedEventId: run.lastCompletedTaskStartedEventId ? String(run.lastCompletedTaskStartedEventId) : undefined,
    startedEventId: String(task.startedEventId),
    attempt: task.attempt,
    history, nextPageToken,
    workflowExecutionTaskQueue: { name: run.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' },
    scheduledTime: formatTimestamp(task.scheduledAt as Timestamp),
    startedTime: formatTimestamp(task.startedAt as Timestamp),
    queries: takeQueries(svc, run),
    messages: messages.length ? messages : undefined,
  };
}

/** The run whose started task the token names. Throws NotFound when the task is gone; `closed` says what that means of a closed run. */
function runOfTask(svc: Service, token: string | undefined, closed: string = TEXT.workflowTaskNotFound): Run {
  if (!token) throw invalidArgument('Task token not set on request.');
  const read = readToken('wftk', token);
  if (!read) throw invalidArgument('Error deserializing task token.');
  const run = svc.state.runs[read.runId];
  const [scheduled, started, attempt] = read.numbers;
  if (!run) throw notFound(TEXT.workflowNotFound(''));
  const task = run.task;
  if (run.closedAt !== null) throw notFound(closed);
  if (task.scheduledEventId !== scheduled || task.startedEventId === 0 || task.startedEventId !== started || task.attempt !== attempt) {
    throw notFound(TEXT.workflowTaskNotFound);
  }
  return run;
}

/** The run has come to another version: activities that have not started go there, too. */
function queueActivities(svc: Service, run: Run): void {
  for (const activity of Object.values(run.activities)) {
    if (activity.startedEventId === 0 && !activity.backoff && !activity.paused) svc.transfers.push({ type: 'activityTask', runId: run.runId, scheduledEventId: activity.scheduledEventId, stamp: activity.stamp });
  }
}

export function respondWorkflowTaskCompleted(svc: Service, call: RpcCall): void {
  const request = call.request as RespondWorkflowTaskCompletedRequest;
  const run = runOfTask(svc, request.taskToken);
  const commands = request.commands ?? [];
  const messages = request.messages ?? [];
  if (run.status === 'PAUSED' && request.forceCreateNewWorkflowTask) throw failedPrecondition('Workflow is paused and force create new workflow task is not allowed.');
  if (request.versioningBehavior && request.versioningBehavior !== 'VERSIONING_BEHAVIOR_UNSPECIFIED' && request.deploymentOptions?.workerVersioningMode !== 'WORKER_VERSIONING_MODE_VERSIONED') {
    throw invalidArgument('versioning behavior cannot be specified without deployment options being set with versioned mode');
  }
  let failure;
  try {
    failure = checkCommands(svc, run, commands, messages);
  } catch (error) {
    retryUpdates(svc, run);
    throw error;
  }
  if (failure) {
    failCompletion(svc, run, call.callId, request, failure);
    return;
  }
  const identity = request.identity ?? '';
  const historySize = run.historySize;
  // A completion that would go over the limit is not written; the run ends instead (one that closes the run may).
  if (!closesRun(commands) && endsAtLimit(svc, run, 1 + commands.length + (run.buffered.length > 0 ? run.buffered.length + INLINE_TASK_EVENTS : 0))) {
    commit(svc, run);
    throw refusedAtLimit(run);
  }
  const heartbeatOnly = request.forceCreateNewWorkflowTask === true && commands.length === 0 && messages.length === 0;
  const heartbeatSince = run.task.originalScheduledAt;
  if (heartbeatOnly && now(svc) > heartbeatSince + HEARTBEAT_LIMIT_MS) {
    timeOutStartedTask(svc, run);
    run.sticky = null;
    scheduleTask(svc, run);
    commit(svc, run);
    throw notFound('workflow task heartbeat timeout');
  }
  const bufferedBefore = run.buffered.length > 0;
  const moving = run.versioning?.transition;
  const completed = completeTask(svc, run, request);
  if (moving && !run.versioning?.transition) queueActivities(svc, run);
  run.closeAttempted = false;
  const stickyQueue = request.stickyAttributes?.workerTaskQueue?.name;
  run.sticky = stickyQueue ? { queue: stickyQueue, timeoutMs: parseSeconds(request.stickyAttributes?.scheduleToStartTimeout) } : null;
  const completedEventId = Number(completed?.eventId ?? 0);
  let eager: ReturnType<typeof applyCommands>['eager'] = [];
  let canceledUnstarted = false;
  if (completed) ({ eager, canceledUnstarted } = applyCommands(svc, run, commands, messages, completedEventId, identity));
  else for (const message of messages) applyMessage(svc, run, message, 0);
  if (run.closedAt === null && !request.forceCreateNewWorkflowTask) rejectUnprocessed(svc, run);
  answerUpdates(svc, run);

  let next: 'none' | 'normal' | 'speculative' = 'none';
  if (run.closedAt === null && run.status !== 'PAUSED') {
    if (request.forceCreateNewWorkflowTask || (bufferedBefore && run.buffered.length > 0) || canceledUnstarted || run.versioning?.transition) next = 'normal';
    else if (hasAdmittedUpdates(run)) next = request.returnNewWorkflowTask ? 'speculative' : 'normal';
  }
  const inline = request.returnNewWorkflowTask === true && !run.versioning?.transition;
  const start = { requestId: INLINE_REQUEST_ID, identity, historySize, workerVersion: request.workerVersionStamp ?? null };
  if (next === 'normal') {
    scheduleTask(svc, run, 'normal', { bypass: inline, ...(heartbeatOnly ? { heartbeatSince } : {}) });
    if (inline) startTask(svc, run, start);
  }
  if (completed || next === 'normal') commit(svc, run);
  if (next === 'speculative') {
    scheduleTask(svc, run, 'speculative', { bypass: true });
    startTask(svc, run, start);
  }
  answerQueries(svc, run, request.queryResults ?? {}, next !== 'none');
  const workflowTask = next !== 'none' && inline ? taskResponse(svc, run, true, request.forceCreateNewWorkflowTask === true) : undefined;
  ok(svc, call.callId, {
    workflowTask,
    activityTasks: eager.length ? eager : undefined,
    resetHistoryEventId: completed ? undefined : String(run.lastCompletedTaskStartedEventId),
  });
}

const parseSeconds = (text: string | undefined): number => (text ? Math.round(Number(text.slice(0, -1)) * 1000) : 0);

/** What the worker sent makes the Workflow Task fail (or, from the second attempt on, be ignored until it times out). */
function failCompletion(svc: Service, run: Run, callId: CallId, request: RespondWorkflowTaskCompletedRequest, failure: NonNullable<ReturnType<typeof checkCommands>>): void {
  abortUnaccepted(svc, run);
  const unhandled = failure.cause === 'WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND';
  if (run.task.attempt > 1 && !unhandled) throw invalidArgument(failure.message);
  failTask(svc, run, failure.cause, { message: failure.message, serverFailureInfo: {} }, request.identity ?? '', { binaryChecksum: request.binaryChecksum ?? '' });
  run.closeAttempted = unhandled;
  if (failure.terminate) {
    flushBuffer(svc, run);
    terminateRun(svc, run, failure.message, undefined, 'history-service');
  } else if (run.status !== 'PAUSED') scheduleTask(svc, run);
  unsendQueries(run);
  commit(svc, run);
  answerQueries(svc, run, request.queryResults ?? {}, run.closedAt === null);
  void callId;
  throw invalidArgument(failure.message);
}

export function respondWorkflowTaskFailed(svc: Service, call: RpcCall): void {
  const request = call.request as RespondWorkflowTaskFailedRequest;
  const run = runOfTask(svc, request.taskToken, TEXT.completed);
  failTask(svc, run, request.cause ?? 'WORKFLOW_TASK_FAILED_CAUSE_UNSPECIFIED', request.failure, request.identity ?? '', { binaryChecksum: request.binaryChecksum ?? '' });
  unsendUpdates(svc, run);
  unsendQueries(run);
  if (run.status !== 'PAUSED') scheduleTask(svc, run);
  commit(svc, run);
  ok(svc, call.callId, {});
}

export function respondQueryTaskCompleted(svc: Service, call: RpcCall): void {
  const request = call.request as RespondQueryTaskCompletedRequest;
  if (!request.taskToken) throw invalidArgument('Task token not set on request.');
  const read = readToken('qytk', request.taskToken);
  if (!read) throw invalidArgument('Error deserializing task token.');
  completeDirectQuery(svc, read.runId, request);
  ok(svc, call.callId, {});
}
