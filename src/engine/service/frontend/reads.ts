import { formatDuration, formatTimestamp } from '../../../base/time.ts';
import type { Timestamp } from '../../../base/brand.ts';
import type { RpcCall } from '../../../api/rpc.ts';
import type {
  DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse, GetWorkflowExecutionHistoryRequest, GetWorkflowExecutionHistoryReverseRequest, ParentClosePolicy,
  PendingActivityInfo, RequestIdInfo, VersioningOverride, WorkflowExecutionInfo,
} from '../../../api/proto.ts';
import { invalidArgument } from '../errors.ts';
import { retryOptionsOf } from '../history/activity.ts';
import { resetPoints } from '../history/close.ts';
import { closeEvent, historyPage, historyResponse } from '../history/read.ts';
import { searchAttributesOf } from '../history/search-attributes.ts';
import { makeToken, readToken } from '../history/token.ts';
import { transientEvents } from '../history/workflow-task.ts';
import { checkNamespace, findRun, int64, NEVER, ok, type Service } from '../service.ts';
import type { ActivityInfo, Run } from '../state.ts';
import { validateExecution } from './execution.ts';

/** RPCs that read: history, description. */

export function getWorkflowExecutionHistory(svc: Service, call: RpcCall): void {
  const request = call.request as GetWorkflowExecutionHistoryRequest;
  const namespace = checkNamespace(svc, request.namespace);
  validateExecution(request.execution);
  const token = request.nextPageToken ? readToken('hist', request.nextPageToken) : null;
  if (request.nextPageToken && !token) throw invalidArgument('Invalid NextPageToken.');
  const run = findRun(svc, namespace, request.execution?.workflowId, token ? token.runId : request.execution?.runId);
  const closeOnly = request.historyEventFilterType === 'HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT';
  const [from, end, flag] = token ? token.numbers : [0, 0, 0];
  if (closeOnly || request.waitNewEvent) {
    if (closeOnly && !request.waitNewEvent) {
      ok(svc, call.callId, { history: { events: run.closedAt !== null ? [closeEvent(run)] : [] } });
      return;
    }
    const waiter = { callId: call.callId, fromIndex: from, closeOnly };
    const response = historyResponse(svc, run, waiter);
    if (response) ok(svc, call.callId, response);
    else {
      run.historyWaiters.push(waiter);
      svc.state.parked[call.callId] = { kind: 'history', runId: run.runId };
    }
    return;
  }
  // Flag 1 comes from a long poll that now only wants the rest; 0 and 2 from pages with a fixed end.
  const until = flag === 1 || end === 0 ? run.events.length : end;
  const page = historyPage(svc, run, from, request.maximumPageSize ?? 0, until);
  const last = page.next >= until;
  const suffix = last && run.closedAt === null && until === run.events.length && flag !== 1 ? transientEvents(run, flag === 2 ? run.task.identity : '') : [];
  ok(svc, call.callId, {
    history: { events: suffix.length ? [...page.events, ...suffix] : page.events },
    nextPageToken: last ? undefined : makeToken('hist', run.runId, page.next, until, flag),
  });
}

export function getWorkflowExecutionHistoryReverse(svc: Service, call: RpcCall): void {
  const request = call.request as GetWorkflowExecutionHistoryReverseRequest;
  const namespace = checkNamespace(svc, request.namespace);
  validateExecution(request.execution);
  const token = request.nextPageToken ? readToken('hist', request.nextPageToken) : null;
  const run = findRun(svc, namespace, request.execution?.workflowId, token ? token.runId : request.execution?.runId);
  const end = token ? token.numbers[0] : run.events.length;
  const size = Math.min(request.maximumPageSize || svc.options.historyPageSize, svc.options.historyPageSize);
  const from = Math.max(0, end - size);
  ok(svc, call.callId, { history: { events: run.events.slice(from, end).reverse() }, nextPageToken: from > 0 ? makeToken('hist', run.runId, from, 0, 0) : undefined });
}

export function describeWorkflowExecution(svc: Service, call: RpcCall): void {
  const request = call.request as DescribeWorkflowExecutionRequest;
  const namespace = checkNamespace(svc, request.namespace);
  validateExecution(request.execution);
  const run = findRun(svc, namespace, request.execution?.workflowId, request.execution?.runId);
  const activities = Object.values(run.activities).map((a) => pendingActivity(run, a));
  const children = Object.values(run.children).map((c) => ({
    workflowId: c.workflowId, runId: c.runId || undefined, workflowTypeName: c.workflowType, initiatedId: String(c.initiatedEventId), parentClosePolicy: c.parentClosePolicy as ParentClosePolicy,
  }));
  // One that was scheduled when the run closed is shown still.
  const task = run.closedAt === null ? run.task : (run.taskAtClose ?? run.task);
  ok(svc, call.callId, {
    executionConfig: {
      taskQueue: { name: run.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' }, workflowExecutionTimeout: limit(run.executionTimeoutMs),
      // Said even if it is none, but for what a client has started.
      workflowRunTimeout: run.parent || run.events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ? formatDuration(run.runTimeoutMs) : limit(run.runTimeoutMs),
      defaultWorkflowTaskTimeout: formatDuration(run.taskTimeoutMs), userMetadata: run.userMetadata ?? undefined,
    },
    workflowExecutionInfo: executionInfo(run),
    pendingActivities: activities.length ? activities : undefined,
    pendingChildren: children.length ? children : undefined,
    pendingWorkflowTask: task.scheduledEventId
      ? {
          state: task.startedEventId ? 'PENDING_WORKFLOW_TASK_STATE_STARTED' : 'PENDING_WORKFLOW_TASK_STATE_SCHEDULED', scheduledTime: formatTimestamp(task.scheduledAt as Timestamp),
          originalScheduledTime: task.originalScheduledAt ? formatTimestamp(task.originalScheduledAt as Timestamp) : undefined,
          startedTime: task.startedEventId ? formatTimestamp(task.startedAt as Timestamp) : undefined, attempt: task.attempt,
        }
      : undefined,
    workflowExtendedInfo: {
      executionExpirationTime: run.expiresAt ? formatTimestamp(run.expiresAt as Timestamp) : undefined,
      runExpirationTime: runExpiration(run),
      cancelRequested: run.cancelRequested || undefined,
      originalStartTime: run.events[0]?.eventTime,
      lastResetTime: run.originalRunId !== run.runId ? formatTimestamp(run.startedAt) : undefined,
      resetRunId: run.resetRunId || undefined,
      requestIdInfos: requestIdInfos(run),
      pauseInfo: run.paused ? { identity: run.paused.identity, pausedTime: formatTimestamp(run.paused.at), reason: run.paused.reason } : undefined,
    },
  } satisfies DescribeWorkflowExecutionResponse);
}

const limit = (ms: number): string | undefined => (ms > 0 ? formatDuration(ms) : undefined);

function runExpiration(run: Run): string {
  const end = run.runTimeoutMs > 0 ? run.executionAt + run.runTimeoutMs : 0;
  if (!end) return NEVER;
  return formatTimestamp((run.expiresAt ? Math.min(end, run.expiresAt) : end) as Timestamp);
}

/** The requests that made the run, or were attached to it, with their events. */
function requestIdInfos(run: Run): { [requestId: string]: RequestIdInfo } {
  const infos: { [requestId: string]: RequestIdInfo } = {};
  if (run.createRequestId) infos[run.createRequestId] = { eventId: '1', eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED' };
  for (const event of run.events) {
    const id = event.workflowExecutionOptionsUpdatedEventAttributes?.attachedRequestId || event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.requestId;
    if (id) infos[id] = { eventId: event.eventId, eventType: event.eventType };
  }
  for (const event of run.buffered) {
    const id = event.workflowExecutionOptionsUpdatedEventAttributes?.attachedRequestId;
    if (id) infos[id] = { buffered: true, eventType: event.eventType };
  }
  return infos;
}

/** A run as visibility and describe tell of it. */
export function executionInfo(run: Run): WorkflowExecutionInfo {
  return {
    execution: { workflowId: run.workflowId, runId: run.runId },
    type: { name: run.workflowType },
    startTime: formatTimestamp(run.startedAt),
    closeTime: run.closedAt !== null ? formatTimestamp(run.closedAt) : undefined,
    status: `WORKFLOW_EXECUTION_STATUS_${run.status}`,
    historyLength: int64(run.events.length),
    parentNamespaceId: run.parent ? run.events[0]?.workflowExecutionStartedEventAttributes?.parentWorkflowNamespaceId : undefined,
    parentExecution: run.parent ? { workflowId: run.parent.workflowId, runId: run.parent.runId } : undefined,
    executionTime: formatTimestamp(run.executionAt),
    memo: run.memo ?? {},
    searchAttributes: searchAttributesOf(run),
    autoResetPoints: resetPoints(run.resetPoints) ?? {},
    taskQueue: run.taskQueue,
    historySizeBytes: int64(run.historySize),
    executionDuration: run.closedAt !== null ? formatDuration(run.closedAt - run.executionAt) : undefined,
    rootExecution: run.root,
    firstRunId: run.firstRunId,
    versioningInfo: run.versioning
      ? {
          behavior: run.versioning.behavior === 'VERSIONING_BEHAVIOR_UNSPECIFIED' ? undefined : run.versioning.behavior, deploymentVersion: run.versioning.deploymentVersion ?? undefined,
          version: run.versioning.deploymentVersion ? `${run.versioning.deploymentVersion.deploymentName}.${run.versioning.deploymentVersion.buildId}` : undefined,
          versioningOverride: run.versioning.override ? describedOverride(run.versioning.override) : undefined,
          versionTransition: run.versioning.transition ? { deploymentVersion: run.versioning.transition } : undefined,
          revisionNumber: int64(run.routingRevision),
        }
      : undefined,
    workerDeploymentName: (run.versioning?.override?.pinned?.version ?? run.versioning?.deploymentVersion)?.deploymentName,
    priority: run.priority ?? undefined,
  };
}

/** An override with what older clients read of it. */
const describedOverride = (override: VersioningOverride): VersioningOverride =>
  override.pinned
    ? { ...override, behavior: 'VERSIONING_BEHAVIOR_PINNED', pinnedVersion: `${override.pinned.version?.deploymentName ?? ''}.${override.pinned.version?.buildId ?? ''}` }
    : { ...override, behavior: 'VERSIONING_BEHAVIOR_AUTO_UPGRADE' };

function pendingActivity(run: Run, a: ActivityInfo): PendingActivityInfo {
  const started = a.startedEventId !== 0;
  const expires = a.scheduleToCloseMs > 0 ? formatTimestamp((a.firstScheduledAt + a.scheduleToCloseMs) as Timestamp) : undefined;
  return {
    activityId: a.activityId,
    activityType: { name: a.activityType },
    state: a.cancelRequested ? 'PENDING_ACTIVITY_STATE_CANCEL_REQUESTED' : a.paused ? (started ? 'PENDING_ACTIVITY_STATE_PAUSE_REQUESTED' : 'PENDING_ACTIVITY_STATE_PAUSED') : started ? 'PENDING_ACTIVITY_STATE_STARTED' : 'PENDING_ACTIVITY_STATE_SCHEDULED',
    heartbeatDetails: a.heartbeatDetails ?? undefined,
    lastHeartbeatTime: a.lastHeartbeatAt ? formatTimestamp(a.lastHeartbeatAt as Timestamp) : undefined,
    lastStartedTime: started ? formatTimestamp(a.startedAt as Timestamp) : undefined,
    attempt: a.attempt,
    maximumAttempts: a.retry.maximumAttempts || undefined,
    scheduledTime: formatTimestamp(a.scheduledAt),
    expirationTime: expires,
    lastFailure: a.lastFailure ?? undefined,
    lastWorkerIdentity: a.lastIdentity || undefined,
    currentRetryInterval: a.backoff ? formatDuration(a.scheduledAt - a.lastCompletedAt) : undefined,
    lastAttemptCompleteTime: a.lastCompletedAt ? formatTimestamp(a.lastCompletedAt as Timestamp) : undefined,
    nextAttemptScheduleTime: a.backoff ? formatTimestamp(a.scheduledAt) : undefined,
    paused: a.paused !== null || undefined,
    priority: a.priority ?? undefined,
    pauseInfo: a.paused ? { pauseTime: formatTimestamp(a.paused.at), manual: { identity: a.paused.identity, reason: a.paused.reason } } : undefined,
    activityOptions: {
      taskQueue: { name: a.taskQueue, normalName: a.taskQueue }, priority: a.priority ?? undefined, scheduleToCloseTimeout: formatDuration(a.scheduleToCloseMs), scheduleToStartTimeout: formatDuration(a.scheduleToStartMs),
      startToCloseTimeout: formatDuration(a.startToCloseMs), heartbeatTimeout: formatDuration(a.heartbeatMs),
      retryPolicy: retryOptionsOf(a),
    },
  };
}
