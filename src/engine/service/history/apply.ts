import { must } from '../../../base/assert.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { parseDuration, parseTimestamp } from '../../../base/time.ts';
import type { ActivityOptions, HistoryEvent, Memo, Payload, SearchAttributes, VersioningBehavior, WorkerDeploymentVersion } from '../../../api/proto.ts';
import type { ActivityInfo, Run, VersioningInfo, WorkflowTaskInfo } from '../state.ts';

/**
 * What each event does to the mutable state: the only place where history becomes state, so that `rebuildRun(history)` and a live run
 * agree (`durableState` says in what). Events that change nothing there are absent.
 */
type Applier = (run: Run, event: HistoryEvent, id: number, at: Timestamp) => void;

const appliers: { readonly [kind: string]: Applier } = {
  workflowExecutionCompleted: (run, event, _id, at) => close(run, 'COMPLETED', at, event.workflowExecutionCompletedEventAttributes?.newExecutionRunId),
  workflowExecutionFailed: (run, event, _id, at) => close(run, 'FAILED', at, event.workflowExecutionFailedEventAttributes?.newExecutionRunId),
  workflowExecutionTimedOut: (run, event, _id, at) => close(run, 'TIMED_OUT', at, event.workflowExecutionTimedOutEventAttributes?.newExecutionRunId),
  workflowExecutionCanceled: (run, _event, _id, at) => close(run, 'CANCELED', at, undefined),
  workflowExecutionTerminated: (run, _event, _id, at) => close(run, 'TERMINATED', at, undefined),
  workflowExecutionContinuedAsNew: (run, event, _id, at) =>
    close(run, 'CONTINUED_AS_NEW', at, event.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId),

  workflowTaskScheduled: (run, event, id, at) => {
    const a = must(event.workflowTaskScheduledEventAttributes, 'attributes');
    const task = run.task;
    task.type = 'normal';
    task.scheduledEventId = id;
    task.startedEventId = 0;
    task.scheduledAt = at;
    task.attempt = a.attempt ?? 1;
    task.timeoutMs = parseDuration(a.startToCloseTimeout);
  },
  workflowTaskStarted: (run, event, id, at) => {
    const a = must(event.workflowTaskStartedEventAttributes, 'attributes');
    const task = run.task;
    task.startedEventId = id;
    task.startedAt = at;
    task.requestId = a.requestId ?? '';
    task.historySizeBytes = Number(a.historySizeBytes ?? 0);
  },
  workflowTaskCompleted: (run, event, id, at) => {
    const a = must(event.workflowTaskCompletedEventAttributes, 'attributes');
    clearTask(run.task);
    run.lastCompletedTaskStartedEventId = Number(a.startedEventId);
    run.completedAnyTask = true;
    if (a.sdkMetadata?.sdkName) run.sdkName = a.sdkMetadata.sdkName;
    if (a.sdkMetadata?.sdkVersion) run.sdkVersion = a.sdkMetadata.sdkVersion;
    applyVersioning(run, a.versioningBehavior, a.deploymentVersion ?? null);
    const buildId = a.deploymentVersion?.buildId ?? a.workerVersion?.buildId ?? '';
    if (!run.resetPoints.some((p) => p.buildId === buildId)) {
      run.resetPoints.push({ buildId, runId: run.runId, firstWorkflowTaskCompletedId: id, createdAt: at, expiresAt: null });
    }
    // Reset points come along from run to run, build ids do not.
    if (buildId && !run.buildIds.includes(buildId)) run.buildIds.push(buildId);
  },
  workflowTaskFailed: (run) => clearTask(run.task),
  workflowTaskTimedOut: (run) => clearTask(run.task),

  activityTaskScheduled: (run, event, id, at) => {
    const a = must(event.activityTaskScheduledEventAttributes, 'attributes');
    const activity = newActivity(id, at, event);
    run.activities[id] = activity;
    run.activityIds[a.activityId ?? ''] = id;
    run.counts.activities++;
  },
  activityTaskCancelRequested: (run, event, id) => {
    const activity = run.activities[Number(event.activityTaskCancelRequestedEventAttributes?.scheduledEventId)];
    if (!activity) return;
    activity.cancelRequested = true;
    activity.cancelRequestedEventId = id;
  },
  activityTaskStarted: (run, event, id, at) => {
    const a = must(event.activityTaskStartedEventAttributes, 'attributes');
    const activity = run.activities[Number(a.scheduledEventId)];
    if (!activity) return;
    activity.startedEventId = id || -1;
    activity.startedAt = at;
    activity.attempt = a.attempt ?? 1;
  },
  activityTaskCompleted: (run, event) => closeActivity(run, event.activityTaskCompletedEventAttributes?.scheduledEventId),
  activityTaskFailed: (run, event) => closeActivity(run, event.activityTaskFailedEventAttributes?.scheduledEventId),
  activityTaskTimedOut: (run, event) => closeActivity(run, event.activityTaskTimedOutEventAttributes?.scheduledEventId),
  activityTaskCanceled: (run, event) => closeActivity(run, event.activityTaskCanceledEventAttributes?.scheduledEventId),

  timerStarted: (run, event, id, at) => {
    const a = must(event.timerStartedEventAttributes, 'attributes');
    const timerId = a.timerId ?? '';
    run.timers[timerId] = { timerId, startedEventId: id, startedAt: at, fireAt: (at + parseDuration(a.startToFireTimeout)) as Timestamp, timer: null };
  },
  timerFired: (run, event) => deleteTimer(run, event.timerFiredEventAttributes?.timerId ?? ''),
  timerCanceled: (run, event) => deleteTimer(run, event.timerCanceledEventAttributes?.timerId ?? ''),

  workflowExecutionSignaled: (run, event) => {
    run.signalCount++;
    const requestId = event.workflowExecutionSignaledEventAttributes?.requestId;
    if (requestId) run.requestIds[requestId] = true;
  },
  workflowExecutionCancelRequested: (run) => {
    run.cancelRequested = true;
  },

  startChildWorkflowExecutionInitiated: (run, event, id) => {
    const a = must(event.startChildWorkflowExecutionInitiatedEventAttributes, 'attributes');
    run.children[id] = {
      initiatedEventId: id, workflowId: a.workflowId ?? '', runId: '', startedEventId: 0, namespace: a.namespace ?? '',
      workflowType: a.workflowType?.name ?? '', parentClosePolicy: a.parentClosePolicy ?? 'PARENT_CLOSE_POLICY_TERMINATE', requestId: '',
    };
    run.counts.children++;
  },
  startChildWorkflowExecutionFailed: (run, event) => closeChild(run, event.startChildWorkflowExecutionFailedEventAttributes?.initiatedEventId),
  childWorkflowExecutionStarted: (run, event, id) => {
    const a = must(event.childWorkflowExecutionStartedEventAttributes, 'attributes');
    const child = run.children[Number(a.initiatedEventId)];
    if (!child) return;
    child.startedEventId = id || -1;
    child.runId = a.workflowExecution?.runId ?? '';
  },
  childWorkflowExecutionCompleted: (run, event) => closeChild(run, event.childWorkflowExecutionCompletedEventAttributes?.initiatedEventId),
  childWorkflowExecutionFailed: (run, event) => closeChild(run, event.childWorkflowExecutionFailedEventAttributes?.initiatedEventId),
  childWorkflowExecutionCanceled: (run, event) => closeChild(run, event.childWorkflowExecutionCanceledEventAttributes?.initiatedEventId),
  childWorkflowExecutionTimedOut: (run, event) => closeChild(run, event.childWorkflowExecutionTimedOutEventAttributes?.initiatedEventId),
  childWorkflowExecutionTerminated: (run, event) => closeChild(run, event.childWorkflowExecutionTerminatedEventAttributes?.initiatedEventId),

  signalExternalWorkflowExecutionInitiated: (run, _event, id) => {
    run.signalsOut[id] = { initiatedEventId: id, requestId: '' };
    run.counts.signalsOut++;
  },
  externalWorkflowExecutionSignaled: (run, event) => closeSignalOut(run, event.externalWorkflowExecutionSignaledEventAttributes?.initiatedEventId),
  signalExternalWorkflowExecutionFailed: (run, event) => closeSignalOut(run, event.signalExternalWorkflowExecutionFailedEventAttributes?.initiatedEventId),
  requestCancelExternalWorkflowExecutionInitiated: (run, _event, id) => {
    run.cancelsOut[id] = { initiatedEventId: id, requestId: '' };
    run.counts.cancelsOut++;
  },
  externalWorkflowExecutionCancelRequested: (run, event) => closeCancelOut(run, event.externalWorkflowExecutionCancelRequestedEventAttributes?.initiatedEventId),
  requestCancelExternalWorkflowExecutionFailed: (run, event) =>
    closeCancelOut(run, event.requestCancelExternalWorkflowExecutionFailedEventAttributes?.initiatedEventId),

  upsertWorkflowSearchAttributes: (run, event) => {
    const upserted = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields ?? {};
    run.searchAttributes = { indexedFields: mergePayloads(run.searchAttributes?.indexedFields, upserted) };
  },
  workflowPropertiesModified: (run, event) => {
    const upserted = event.workflowPropertiesModifiedEventAttributes?.upsertedMemo?.fields;
    if (upserted) run.memo = { fields: mergePayloads(run.memo?.fields, upserted) };
  },

  workflowExecutionUpdateAccepted: (run, event, id) => {
    const a = must(event.workflowExecutionUpdateAcceptedEventAttributes, 'attributes');
    const updateId = a.protocolInstanceId ?? '';
    const update = (run.updates[updateId] ??= {
      updateId, name: a.acceptedRequest?.input?.name ?? '', state: 'accepted', request: null, acceptedEventId: 0, completedEventId: 0, outcome: null, waiters: [],
    });
    if (!run.updateOrder.includes(updateId)) run.updateOrder.push(updateId);
    update.state = 'accepted';
    update.acceptedEventId = id;
    update.request = null;
    run.updateCount++;
  },
  workflowExecutionUpdateCompleted: (run, event, id) => {
    const a = must(event.workflowExecutionUpdateCompletedEventAttributes, 'attributes');
    const update = run.updates[a.meta?.updateId ?? ''];
    if (!update) return;
    update.state = 'completed';
    update.completedEventId = id;
    update.outcome = a.outcome ?? null;
  },
  workflowExecutionOptionsUpdated: (run, event) => {
    const a = must(event.workflowExecutionOptionsUpdatedEventAttributes, 'attributes');
    if (a.attachedRequestId) run.requestIds[a.attachedRequestId] = true;
    if (a.unsetVersioningOverride) setOverride(run, null);
    else if (a.versioningOverride) setOverride(run, a.versioningOverride);
    if (a.priority) run.priority = a.priority;
  },
  workflowExecutionPaused: (run, event, _id, at) => {
    const a = event.workflowExecutionPausedEventAttributes;
    run.status = 'PAUSED';
    run.paused = { at, identity: a?.identity ?? '', reason: a?.reason ?? '', requestId: a?.requestId ?? '' };
  },
  workflowExecutionUnpaused: (run) => {
    run.status = 'RUNNING';
    run.paused = null;
  },
};

/** Applies one event. `id` is 0 while it is buffered. */
export function applyEvent(run: Run, event: HistoryEvent, kind: string, id: number, at: Timestamp): void {
  appliers[kind]?.(run, event, id, at);
}

/** Gives a buffered event's references the ids known now. */
export function wireStartedEventId(run: Run, event: HistoryEvent, id: number, batch: readonly HistoryEvent[]): void {
  const activityStarted = event.activityTaskStartedEventAttributes;
  if (activityStarted) {
    const key = activityStarted.scheduledEventId;
    const activity = run.activities[Number(key)];
    if (activity) activity.startedEventId = id;
    for (const other of batch) {
      const a = other.activityTaskCompletedEventAttributes ?? other.activityTaskFailedEventAttributes ?? other.activityTaskTimedOutEventAttributes ?? other.activityTaskCanceledEventAttributes;
      if (a && a.scheduledEventId === key) a.startedEventId = String(id);
    }
    return;
  }
  const childStarted = event.childWorkflowExecutionStartedEventAttributes;
  if (childStarted) {
    const key = childStarted.initiatedEventId;
    const child = run.children[Number(key)];
    if (child) child.startedEventId = id;
    for (const other of batch) {
      const a = other.childWorkflowExecutionCompletedEventAttributes ?? other.childWorkflowExecutionFailedEventAttributes ??
        other.childWorkflowExecutionTimedOutEventAttributes ?? other.childWorkflowExecutionCanceledEventAttributes ?? other.childWorkflowExecutionTerminatedEventAttributes;
      if (a && a.initiatedEventId === key) a.startedEventId = String(id);
    }
  }
}

/** A pending activity as its ActivityTaskScheduled event describes it. */
function newActivity(id: number, at: Timestamp, event: HistoryEvent): ActivityInfo {
  const a = must(event.activityTaskScheduledEventAttributes, 'attributes');
  return {
    scheduledEventId: id,
    activityId: a.activityId ?? '',
    activityType: a.activityType?.name ?? '',
    ...activityOptions(a),
    attempt: 1,
    scheduledAt: at,
    firstScheduledAt: at,
    startedEventId: 0,
    startedAt: 0,
    requestId: '',
    identity: '',
    deploymentVersion: null,
    backoff: false,
    lastFailure: null,
    lastIdentity: '',
    lastHeartbeatAt: 0,
    heartbeatDetails: null,
    lastCompletedAt: 0,
    cancelRequested: false,
    cancelRequestedEventId: 0,
    paused: null,
    resetRequested: false,
    resetHeartbeats: false,
    timer: null,
    timeoutType: '',
    timeoutAt: 0,
    retryTimer: null,
    stamp: 1,
  };
}

/** What of an activity can be changed while it is pending, as options say it. */
export function activityOptions(a: ActivityOptions): Pick<ActivityInfo, 'taskQueue' | 'scheduleToCloseMs' | 'scheduleToStartMs' | 'startToCloseMs' | 'heartbeatMs' | 'retry' | 'priority'> {
  const retry = a.retryPolicy ?? {};
  return {
    taskQueue: a.taskQueue?.name ?? '',
    scheduleToCloseMs: parseDuration(a.scheduleToCloseTimeout),
    scheduleToStartMs: parseDuration(a.scheduleToStartTimeout),
    startToCloseMs: parseDuration(a.startToCloseTimeout),
    heartbeatMs: parseDuration(a.heartbeatTimeout),
    retry: {
      initialMs: parseDuration(retry.initialInterval),
      coefficient: retry.backoffCoefficient ?? 2,
      maximumMs: parseDuration(retry.maximumInterval),
      maximumAttempts: retry.maximumAttempts ?? 0,
      nonRetryable: retry.nonRetryableErrorTypes ?? [],
    },
    priority: a.priority ?? null,
  };
}

function close(run: Run, status: Run['status'], at: Timestamp, newRunId: string | undefined): void {
  run.status = status;
  run.closedAt = at;
  run.newRunId = newRunId || null;
}

function closeActivity(run: Run, scheduledEventId: string | undefined): void {
  const id = Number(scheduledEventId);
  const activity = run.activities[id];
  if (!activity) return;
  delete run.activities[id];
  if (run.activityIds[activity.activityId] === id) delete run.activityIds[activity.activityId];
  run.counts.activities--;
}

function deleteTimer(run: Run, timerId: string): void {
  delete run.timers[timerId];
}

function closeChild(run: Run, initiatedEventId: string | undefined): void {
  if (!run.children[Number(initiatedEventId)]) return;
  delete run.children[Number(initiatedEventId)];
  run.counts.children--;
}

function closeSignalOut(run: Run, initiatedEventId: string | undefined): void {
  if (!run.signalsOut[Number(initiatedEventId)]) return;
  delete run.signalsOut[Number(initiatedEventId)];
  run.counts.signalsOut--;
}

function closeCancelOut(run: Run, initiatedEventId: string | undefined): void {
  if (!run.cancelsOut[Number(initiatedEventId)]) return;
  delete run.cancelsOut[Number(initiatedEventId)];
  run.counts.cancelsOut--;
}

/** An upsert; a field whose payload is null or an empty list is removed (`payload.MergeMapOfPayload`). */
export function mergePayloads(base: { [key: string]: Payload } | undefined, upserted: { [key: string]: Payload }): { [key: string]: Payload } {
  const merged: { [key: string]: Payload } = { ...base };
  for (const key in upserted) {
    const payload = upserted[key] as Payload;
    // base64 of [] and null
    if (!payload.data || payload.data === 'W10=' || payload.data === 'bnVsbA==') delete merged[key];
    else merged[key] = payload;
  }
  return merged;
}

const orNothing = (fields: { [key: string]: Payload } | undefined): { [key: string]: Payload } | null => {
  const kept = mergePayloads(undefined, fields ?? {});
  return Object.keys(kept).length > 0 ? kept : null;
};

/** The memo and search attributes with which a run starts, without what is null or an empty list (`payload.FilterNilMemo`). */
export function initialFields(a: { readonly memo?: Memo | undefined; readonly searchAttributes?: SearchAttributes | undefined }): { memo: Memo | undefined; searchAttributes: SearchAttributes | undefined } {
  const [fields, indexedFields] = [orNothing(a.memo?.fields), orNothing(a.searchAttributes?.indexedFields)];
  return { memo: fields ? { fields } : undefined, searchAttributes: indexedFields ? { indexedFields } : undefined };
}

const newVersioning = (behavior: VersioningBehavior, deploymentVersion: WorkerDeploymentVersion | null, override: VersioningInfo['override']): VersioningInfo =>
  ({ behavior, deploymentVersion, override, transition: null, used: [] });

export function applyVersioning(run: Run, behavior: VersioningBehavior | undefined, version: WorkerDeploymentVersion | null): void {
  if (run.versioning?.transition && version && run.versioning.transition.buildId === version.buildId && run.versioning.transition.deploymentName === version.deploymentName) {
    run.versioning.transition = null;
  }
  if (!behavior || behavior === 'VERSIONING_BEHAVIOR_UNSPECIFIED') {
    if (run.versioning) {
      run.versioning.behavior = 'VERSIONING_BEHAVIOR_UNSPECIFIED';
      run.versioning.deploymentVersion = null;
    }
    return;
  }
  run.versioning ??= newVersioning(behavior, null, null);
  run.versioning.behavior = behavior;
  run.versioning.deploymentVersion = version;
  const name = `${version?.deploymentName ?? ''}:${version?.buildId ?? ''}`;
  if (version && !run.versioning.used.includes(name)) run.versioning.used.push(name);
}

function setOverride(run: Run, override: VersioningInfo['override']): void {
  if (!run.versioning && !override) return;
  run.versioning ??= newVersioning('VERSIONING_BEHAVIOR_UNSPECIFIED', null, null);
  run.versioning.override = override;
}

/** Leaves no pending Workflow Task; attempts are the state machine's affair. */
export function clearTask(task: WorkflowTaskInfo): void {
  task.type = 'none';
  task.scheduledEventId = 0;
  task.startedEventId = 0;
  task.requestId = '';
  task.startedAt = 0;
  task.historySizeBytes = 0;
}

/** A run as its first event describes it. `event.workflowId` and the chain's ids are in the event. */
export function runFromStarted(namespace: string, runId: string, event: HistoryEvent): Run {
  const a = must(event.workflowExecutionStartedEventAttributes, 'the first event is WorkflowExecutionStarted');
  const at = must(parseTimestamp(event.eventTime ?? ''), 'time of the first event');
  const workflowId = a.workflowId ?? '';
  return {
    namespace,
    workflowId,
    runId,
    workflowType: a.workflowType?.name ?? '',
    taskQueue: a.taskQueue?.name ?? '',
    status: 'RUNNING',
    startedAt: at,
    executionAt: (at + parseDuration(a.firstWorkflowTaskBackoff)) as Timestamp,
    closedAt: null,
    createRequestId: '',
    resetRunId: '',
    firstRunId: a.firstExecutionRunId || runId,
    originalRunId: a.originalExecutionRunId || runId,
    continuedFromRunId: a.continuedExecutionRunId || null,
    newRunId: null,
    attempt: a.attempt ?? 1,
    executionTimeoutMs: parseDuration(a.workflowExecutionTimeout),
    runTimeoutMs: parseDuration(a.workflowRunTimeout),
    taskTimeoutMs: parseDuration(a.workflowTaskTimeout),
    expiresAt: a.workflowExecutionExpirationTime ? (parseTimestamp(a.workflowExecutionExpirationTime) ?? 0) : 0,
    retryPolicy: a.retryPolicy ?? null,
    cronSchedule: a.cronSchedule ?? '',
    parent: a.parentWorkflowExecution
      ? {
          namespace: a.parentWorkflowNamespace ?? namespace, workflowId: a.parentWorkflowExecution.workflowId ?? '',
          runId: a.parentWorkflowExecution.runId ?? '', initiatedEventId: Number(a.parentInitiatedEventId ?? 0),
        }
      : null,
    root: { workflowId: a.rootWorkflowExecution?.workflowId || workflowId, runId: a.rootWorkflowExecution?.runId || runId },
    memo: a.memo ?? null,
    searchAttributes: a.searchAttributes ?? null,
    priority: a.priority ?? null,
    events: [],
    buffered: [],
    bufferedBefore: 0,
    bufferShown: false,
    nextEventId: 1,
    historySize: 0,
    task: {
      type: 'none', scheduledEventId: 0, startedEventId: 0, requestId: '', identity: '', timeoutMs: 0, attempt: 1, attemptsSinceLastSuccess: 0, scheduledAt: 0,
      startedAt: 0, originalScheduledAt: 0, suggestContinueAsNew: false, suggestReasons: [], historySizeBytes: 0, scheduleTimer: null, startTimer: null,
      scheduleTimeoutAt: 0, startTimeoutAt: 0, queue: '', stickyQueue: false, stamp: 0, workerVersion: null,
    },
    taskAtClose: null,
    sticky: null,
    backoffTimer: null,
    runTimer: null,
    executionTimer: null,
    lastCompletedTaskStartedEventId: 0,
    completedAnyTask: false,
    activities: {},
    activityIds: {},
    timers: {},
    children: {},
    signalsOut: {},
    cancelsOut: {},
    counts: { activities: 0, children: 0, signalsOut: 0, cancelsOut: 0 },
    signalCount: 0,
    requestIds: {},
    cancelRequested: false,
    cancelRequestId: '',
    updates: {},
    updateOrder: [],
    updateCount: 0,
    updateRetry: null,
    queries: [],
    historyWaiters: [],
    paused: null,
    versioning: startVersioning(event),
    notifiedTarget: null,
    routingRevision: Number(event.workflowExecutionStartedEventAttributes?.inheritedAutoUpgradeInfo?.sourceDeploymentRevisionNumber ?? 0),
    declinedTarget: a.declinedTargetVersionUpgrade
      ? { version: a.declinedTargetVersionUpgrade.deploymentVersion ?? null, revision: Number(a.declinedTargetVersionUpgrade.revisionNumber ?? 0) } : null,
    buildIds: [],
    resetPoints: (a.prevAutoResetPoints?.points ?? []).map((p) => ({
      buildId: p.buildId ?? '', runId: p.runId ?? '', firstWorkflowTaskCompletedId: Number(p.firstWorkflowTaskCompletedId ?? 0), createdAt: (parseTimestamp(p.createTime ?? '') ?? 0) as Timestamp,
      expiresAt: parseTimestamp(p.expireTime ?? ''),
    })),
    lastTaskFailure: null,
    closeAttempted: false,
    sizeWarned: false,
    sdkName: '',
    sdkVersion: '',
    userMetadata: event.userMetadata ?? null,
  };
}

function startVersioning(event: HistoryEvent): Run['versioning'] {
  const a = event.workflowExecutionStartedEventAttributes;
  const override = a?.versioningOverride ?? null;
  if (a?.inheritedPinnedVersion) return newVersioning('VERSIONING_BEHAVIOR_PINNED', a.inheritedPinnedVersion, override);
  const source = a?.inheritedAutoUpgradeInfo?.sourceDeploymentVersion;
  if (source) return newVersioning('VERSIONING_BEHAVIOR_AUTO_UPGRADE', source, override);
  return override && newVersioning('VERSIONING_BEHAVIOR_UNSPECIFIED', null, override);
}

/** The mutable state that this history alone tells of. */
export function rebuildRun(namespace: string, runId: string, events: readonly HistoryEvent[]): Run {
  const run = runFromStarted(namespace, runId, must(events[0], 'a history has a first event'));
  for (const event of events) {
    const id = run.nextEventId++;
    run.events.push(event);
    applyEvent(run, event, kindOf(event), id, parseTimestamp(event.eventTime ?? '') as Timestamp);
  }
  return run;
}

/** `timerStarted` for an event that has `timerStartedEventAttributes`. */
export function kindOf(event: HistoryEvent): string {
  for (const field in event) if (field.endsWith('EventAttributes')) return field.slice(0, -15);
  return '';
}

/**
 * What a live run and one rebuilt from its history must agree on (while nothing is buffered). What was pending is left out once the run
 * is closed: events that were buffered at its end are discarded, though they had their effect.
 */
export function durableState(run: Run): unknown {
  return {
    status: run.status,
    closedAt: run.closedAt,
    nextEventId: run.nextEventId,
    lastCompletedTaskStartedEventId: run.lastCompletedTaskStartedEventId,
    ...(run.closedAt === null && pendingState(run)),
    signalCount: run.signalCount,
    cancelRequested: run.cancelRequested,
    memo: run.memo,
    searchAttributes: run.searchAttributes,
    updates: run.updateOrder.filter((id) => (run.updates[id]?.acceptedEventId ?? 0) > 0).map((id) => ({ id, accepted: run.updates[id]?.acceptedEventId, completed: run.updates[id]?.completedEventId })),
    paused: run.paused?.reason ?? null,
  };
}

const pendingState = (run: Run): object => ({
  task: run.events[run.task.scheduledEventId - 1]?.workflowTaskScheduledEventAttributes ? { scheduled: run.task.scheduledEventId, started: run.task.startedEventId } : null,
  activities: Object.values(run.activities).map((a) => ({ id: a.scheduledEventId, activityId: a.activityId, activityType: a.activityType, cancelRequested: a.cancelRequested })),
  timers: Object.values(run.timers).map((t) => ({ id: t.timerId, startedEventId: t.startedEventId, fireAt: t.fireAt })),
  children: Object.values(run.children).map((c) => ({ id: c.initiatedEventId, runId: c.runId, startedEventId: c.startedEventId })),
  signalsOut: Object.keys(run.signalsOut),
  cancelsOut: Object.keys(run.cancelsOut),
  counts: run.counts,
});
