import type { RpcCall } from '../../../api/rpc.ts';
import type {
  ActivityOptions, DeleteWorkflowExecutionRequest, PauseActivityRequest, PauseWorkflowExecutionRequest, ResetActivityRequest, ResetStickyTaskQueueRequest, ResetWorkflowExecutionRequest, RetryPolicy, UnpauseActivityRequest, UnpauseWorkflowExecutionRequest,
  UpdateActivityOptionsRequest, UpdateWorkflowExecutionOptionsRequest, WorkflowExecutionOptions,
} from '../../../api/proto.ts';
import { camelCase, pascalCase } from '../../../api/event-names.ts';
import { nextFloat } from '../../../base/random.ts';
import { formatDuration, parseDuration } from '../../../base/time.ts';
import { failedPrecondition, invalidArgument, notFound, TEXT } from '../errors.ts';
import { activityMachine, activityState, armTimeout, dispatch, emitActivity, forgetHeartbeats, retryOptionsOf, scheduledEvent, scheduleRetry } from '../history/activity.ts';
import { activityOptions } from '../history/apply.ts';
import { runMachine, terminateRun } from '../history/close.ts';
import { normalizeActivity } from '../history/commands.ts';
import { commit } from '../history/commit.ts';
import { addEvent } from '../history/event-store.ts';
import { transition } from '../history/machine.ts';
import { byteLength } from '../history/names.ts';
import { resetRun } from '../history/reset.ts';
import { nextBackoff, normalizeRetryPolicy } from '../history/retry.ts';
import { changeOptions, maskOf, namesVersioning } from '../history/run-options.ts';
import { emitRun } from '../history/start.ts';
import { isPinned } from '../history/target-version.ts';
import { failTask, hasPendingTask, hasStartedTask, NO_REQUEST, scheduleTask, startTask } from '../history/workflow-task.ts';
import { checkPinned } from './deployments.ts';
import { reactivatePinned } from './drainage.ts';
import { taskQueueName, validateExecution, validateTarget } from './execution.ts';
import { checkNamespace, findRun, isOpen, now, ok, workflowKey, type Service } from '../service.ts';
import type { ActivityInfo, Run } from '../state.ts';

/** RPCs of people who look after workflows: reset, pause, delete, options; and the same for activities. */

export function resetWorkflowExecution(svc: Service, call: RpcCall): void {
  const request = call.request as ResetWorkflowExecutionRequest;
  const namespace = checkNamespace(svc, request.namespace);
  if (!request.requestId) throw invalidArgument('RequestId is not set on request.');
  if (byteLength(request.requestId) > svc.options.limits.idLength) throw invalidArgument('RequestId length exceeds limit.');
  validateExecution(request.workflowExecution);
  const base = findRun(svc, namespace, request.workflowExecution?.workflowId, request.workflowExecution?.runId);
  for (const { signalWorkflow, updateWorkflowOptions } of request.postResetOperations ?? []) {
    if (!updateWorkflowOptions) throw invalidArgument(`unsupported post reset operation: ${signalWorkflow ? '*workflow.PostResetOperation_SignalWorkflow_' : '<nil>'}`);
    checkPinned(svc, namespace, updateWorkflowOptions.workflowExecutionOptions?.versioningOverride, base.taskQueue);
    reactivatePinned(svc, namespace, updateWorkflowOptions.workflowExecutionOptions?.versioningOverride);
  }
  ok(svc, call.callId, { runId: resetRun(svc, base, request).runId });
}

function checkPause(svc: Service, request: PauseWorkflowExecutionRequest): void {
  for (const [name, text] of [['reason', request.reason], ['request id', request.requestId], ['identity', request.identity]] as const) {
    if (byteLength(text) > svc.options.limits.idLength) throw invalidArgument(`${name} is too long.`);
  }
}

export function pauseWorkflowExecution(svc: Service, call: RpcCall): void {
  const request = call.request as PauseWorkflowExecutionRequest;
  checkPause(svc, request);
  if (!request.workflowId) throw invalidArgument(TEXT.noWorkflowId);
  const run = findRun(svc, checkNamespace(svc, request.namespace), request.workflowId, request.runId);
  if (!isOpen(run)) throw notFound(TEXT.completed);
  if (run.paused) {
    if (!request.requestId || run.paused.requestId !== request.requestId) throw failedPrecondition('workflow is already paused.');
    ok(svc, call.callId, {});
    return;
  }
  if (hasPendingTask(run) && !hasStartedTask(run)) {
    // A speculative one comes into history as if it had been taken.
    if (run.task.type === 'speculative') startTask(svc, run, { requestId: NO_REQUEST, identity: 'history-service', historySize: 0, workerVersion: null });
    failTask(svc, run, 'WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_PAUSE_REQUESTED_BEFORE_TASK_STARTED', undefined, 'history-service');
    run.task.attempt = 1;
  }
  transition(runMachine, run.status, 'pause');
  addEvent(svc, run, 'workflowExecutionPaused', { identity: request.identity || undefined, reason: request.reason || undefined, requestId: request.requestId || undefined });
  for (const id in run.activities) (run.activities[id] as ActivityInfo).stamp++;
  commit(svc, run);
  emitRun(svc, run);
  ok(svc, call.callId, {});
}

export function unpauseWorkflowExecution(svc: Service, call: RpcCall): void {
  const request = call.request as UnpauseWorkflowExecutionRequest;
  checkPause(svc, request);
  if (!request.workflowId) throw invalidArgument(TEXT.noWorkflowId);
  const run = findRun(svc, checkNamespace(svc, request.namespace), request.workflowId, request.runId);
  if (!isOpen(run)) throw notFound(TEXT.completed);
  if (run.status !== 'PAUSED') throw failedPrecondition('workflow is not paused.');
  transition(runMachine, run.status, 'unpause');
  addEvent(svc, run, 'workflowExecutionUnpaused', { identity: request.identity || undefined, reason: request.reason || undefined, requestId: request.requestId || undefined });
  for (const id in run.activities) {
    const activity = run.activities[id] as ActivityInfo;
    activity.stamp++;
    if (activity.startedEventId === 0 && !activity.backoff && !activity.paused) dispatch(svc, run, activity);
  }
  if (!hasPendingTask(run) && run.backoffTimer === null) scheduleTask(svc, run);
  commit(svc, run);
  emitRun(svc, run);
  ok(svc, call.callId, {});
}

export function deleteWorkflowExecution(svc: Service, call: RpcCall): void {
  const request = call.request as DeleteWorkflowExecutionRequest;
  const namespace = checkNamespace(svc, request.namespace);
  validateExecution(request.workflowExecution);
  const run = findRun(svc, namespace, request.workflowExecution?.workflowId, request.workflowExecution?.runId);
  if (isOpen(run)) {
    terminateRun(svc, run, 'Delete workflow execution', undefined, 'history-service');
    commit(svc, run);
  }
  const key = workflowKey(namespace, run.workflowId);
  const workflow = svc.state.workflows[key];
  if (workflow) {
    workflow.runIds = workflow.runIds.filter((id) => id !== run.runId);
    if (workflow.runIds.length === 0) delete svc.state.workflows[key];
    // No older run becomes the current one: they are found by their own ids only (`shard/context_impl.go`, DeleteWorkflowExecution).
    else if (workflow.currentRunId === run.runId) workflow.currentRunId = '';
  }
  delete svc.state.runs[run.runId];
  ok(svc, call.callId, {});
}

/** The next Workflow Task goes to the normal queue (`resetstickytaskqueue/api.go`); one that is scheduled stays where it is. */
export function resetStickyTaskQueue(svc: Service, call: RpcCall): void {
  const request = call.request as ResetStickyTaskQueueRequest;
  validateExecution(request.execution);
  const run = findRun(svc, checkNamespace(svc, request.namespace), request.execution?.workflowId, request.execution?.runId);
  if (!isOpen(run)) throw notFound(TEXT.completed);
  run.sticky = null;
  ok(svc, call.callId, {});
}

export function updateWorkflowExecutionOptions(svc: Service, call: RpcCall): void {
  const request = call.request as UpdateWorkflowExecutionOptionsRequest;
  const namespace = checkNamespace(svc, request.namespace);
  if (!request.workflowExecution?.workflowId) throw invalidArgument('WorkflowId is not set on request.');
  const mask = maskOf(request.updateMask);
  if (mask.length === 0) throw invalidArgument('UpdateMask is required');
  validateTarget(request.workflowExecution);
  const run = findRun(svc, namespace, request.workflowExecution?.workflowId, request.workflowExecution?.runId);
  if (!isOpen(run)) throw notFound(TEXT.completed);
  const options = atOwnVersion(run, request.workflowExecutionOptions ?? {});
  const versioning = namesVersioning(mask);
  if (versioning) {
    checkPinned(svc, namespace, options.versioningOverride, run.taskQueue);
    reactivatePinned(svc, namespace, options.versioningOverride);
  }
  const { merged, changed } = changeOptions(svc, run, options, mask, request.identity ?? '');
  ok(svc, call.callId, { workflowExecutionOptions: merged });
  if (!changed) return;
  if (hasPendingTask(run) && !hasStartedTask(run) && versioning) {
    // The task has to be routed anew.
    run.task.stamp++;
    svc.transfers.push({ type: 'workflowTask', runId: run.runId, scheduledEventId: run.task.scheduledEventId, stamp: run.task.stamp });
  }
  if (versioning) run.sticky = null;
  commit(svc, run);
}

/** To pin without saying where is to pin where the run is. */
function atOwnVersion(run: Run, options: WorkflowExecutionOptions): WorkflowExecutionOptions {
  const pinned = options.versioningOverride?.pinned;
  if (!pinned?.behavior || pinned.version) return options;
  const { versioning } = run;
  if (!versioning || !isPinned(versioning)) {
    throw failedPrecondition(`must specify a specific pinned override version because workflow with id ${run.workflowId} has behavior ${pascalCase(versioning?.behavior.slice('VERSIONING_BEHAVIOR_'.length) ?? 'UNSPECIFIED')} and is not yet pinned to any version`);
  }
  return { ...options, versioningOverride: { pinned: { ...pinned, version: versioning.override?.pinned?.version ?? versioning.deploymentVersion ?? undefined } } };
}

// ---------------------------------------------------------------- activities

interface ActivitySelector {
  readonly namespace?: string | undefined;
  readonly execution?: { readonly workflowId?: string | undefined; readonly runId?: string | undefined } | undefined;
  readonly id?: string | undefined;
  readonly type?: string | undefined;
}

/** The pending activities that a request selects: by id, by type, or all. */
function select(svc: Service, request: ActivitySelector, all: boolean): { readonly run: Run; readonly activities: readonly ActivityInfo[] } {
  const namespace = checkNamespace(svc, request.namespace);
  validateTarget(request.execution);
  if (request.id === undefined && request.type === undefined && !all) throw invalidArgument('Either Activity.Id or Activity.Type should be set on request.');
  validateTarget(request.execution);
  const run = findRun(svc, namespace, request.execution?.workflowId, request.execution?.runId);
  if (!isOpen(run)) throw notFound(TEXT.completed);
  const activities = Object.values(run.activities).filter((a) => all || (request.id !== undefined ? a.activityId === request.id : a.activityType === request.type));
  if (activities.length === 0) throw notFound("Can't find pending activity with such ID. Invalid activityID or activity already completed");
  return { run, activities };
}

export function pauseActivity(svc: Service, call: RpcCall): void {
  const request = call.request as PauseActivityRequest;
  const { run, activities } = select(svc, request, false);
  const requestId = request.requestId ?? '';
  if (activities.some((a) => a.paused && a.paused.requestId !== requestId)) throw failedPrecondition('activity is already paused');
  for (const activity of activities) {
    if (activity.paused) continue;
    const state = activityState(activity);
    if (state === 'scheduled' || state === 'backoff') {
      transition(activityMachine, state, 'pause');
      activity.stamp++;
      stopBackoff(svc, activity);
    }
    activity.paused = { at: now(svc), identity: request.identity ?? '', reason: request.reason ?? '', requestId };
    armTimeout(svc, run, activity);
    emitActivity(svc, run, activity);
  }
  commit(svc, run);
  ok(svc, call.callId, {});
}

function stopBackoff(svc: Service, activity: ActivityInfo): void {
  if (activity.retryTimer !== null) svc.host.cancel(activity.retryTimer);
  activity.retryTimer = null;
  activity.backoff = false;
}

const jitter = (svc: Service, text: string | undefined): number => Math.floor(parseDuration(text) * (text ? nextFloat(svc.host.stream('service/jitter')) : 0));

export function unpauseActivity(svc: Service, call: RpcCall): void {
  const request = call.request as UnpauseActivityRequest;
  const { run, activities } = select(svc, request, request.unpauseAll === true);
  for (const activity of activities) {
    if (!activity.paused) continue;
    const held = activityState(activity) === 'paused';
    if (held) transition(activityMachine, 'paused', 'unpause');
    activity.paused = null;
    if (request.resetAttempts) activity.attempt = 1;
    if (request.resetHeartbeat) forgetHeartbeats(activity);
    if (held) release(svc, run, activity, jitter(svc, request.jitter));
    else armTimeout(svc, run, activity);
    emitActivity(svc, run, activity);
  }
  commit(svc, run);
  ok(svc, call.callId, {});
}

/** Puts the attempt into its queue, now or a little later. What failed before is forgotten (`RegenerateActivityRetryTask`). */
function release(svc: Service, run: Run, activity: ActivityInfo, waitMs: number): void {
  activity.stamp++;
  activity.lastFailure = null;
  stopBackoff(svc, activity);
  if (waitMs > 0) {
    scheduleRetry(svc, run, activity, waitMs);
    return;
  }
  activity.scheduledAt = now(svc);
  armTimeout(svc, run, activity);
  dispatch(svc, run, activity);
}

export function resetActivity(svc: Service, call: RpcCall): void {
  const request = call.request as ResetActivityRequest;
  const { run, activities } = select(svc, request, request.matchAll === true);
  for (const activity of activities) {
    const state = activityState(activity);
    if (request.resetHeartbeat && activity.startedEventId === 0) forgetHeartbeats(activity);
    activity.attempt = 1;
    if (activity.startedEventId !== 0) {
      // The running attempt goes on, as number 1 from now on; a report with its old number is refused.
      activity.resetRequested = true;
      activity.resetHeartbeats = request.resetHeartbeat === true;
      if (activity.paused && !request.keepPaused) {
        activity.paused = null;
        armTimeout(svc, run, activity);
      }
    } else {
      if (state === 'paused' && request.keepPaused) transition(activityMachine, 'paused', 'reset');
      else {
        if (state === 'paused') transition(activityMachine, 'paused', 'unpause');
        else transition(activityMachine, state, 'reset');
        activity.paused = null;
        release(svc, run, activity, jitter(svc, request.jitter));
      }
    }
    emitActivity(svc, run, activity);
  }
  commit(svc, run);
  ok(svc, call.callId, {});
}

/** An attempt that has not started waits as long as the retry policy says now: reckoned by its own number, so one step more than before (`GetNextScheduledTime`). */
function scheduleAnew(svc: Service, run: Run, activity: ActivityInfo): void {
  const { initialMs, coefficient, maximumMs } = activity.retry;
  const { waitMs } = nextBackoff({ now: 0, attempt: activity.attempt, initialMs, coefficient, maximumMs, maximumAttempts: 0, expiresAt: 0, delayMs: null });
  const at = activity.attempt > 1 && waitMs > 0 ? activity.lastCompletedAt + waitMs : activity.scheduledAt;
  if (activity.backoff) transition(activityMachine, 'backoff', 'reset');
  release(svc, run, activity, Math.max(0, at - now(svc)));
}

export function updateActivityOptions(svc: Service, call: RpcCall): void {
  const request = call.request as UpdateActivityOptionsRequest;
  const mask = maskOf(request.updateMask).map(camelCase);
  if (mask.length > 0 && request.restoreOriginal) throw invalidArgument('Both UpdateMask and RestoreOriginal are provided');
  const { run, activities } = select(svc, request, request.matchAll === true);
  const from = request.activityOptions;
  if (!from && !request.restoreOriginal) throw invalidArgument('ActivityOptions are not provided');
  if (mask.length === 0 && !request.restoreOriginal) throw invalidArgument('UpdateMask is not provided');
  // All or none.
  const changed = activities.map((activity) => (request.restoreOriginal || !from ? originalOptions(run, activity) : mergeOptions(svc, activity, from, mask)));
  activities.forEach((activity, i) => {
    Object.assign(activity, activityOptions({ ...changed[i], retryPolicy: { ...changed[i]?.retryPolicy, nonRetryableErrorTypes: activity.retry.nonRetryable } }));
    if (activity.startedEventId === 0 && !activity.paused) scheduleAnew(svc, run, activity);
    else {
      if (activity.startedEventId === 0) activity.lastFailure = null;
      armTimeout(svc, run, activity);
    }
    emitActivity(svc, run, activity);
  });
  commit(svc, run);
  ok(svc, call.callId, { activityOptions: changed.at(-1) });
}

/** The options that the activity was scheduled with. */
function originalOptions(run: Run, activity: ActivityInfo): ActivityOptions {
  const a = scheduledEvent(run, activity).activityTaskScheduledEventAttributes ?? {};
  return {
    taskQueue: { name: a.taskQueue?.name }, scheduleToCloseTimeout: a.scheduleToCloseTimeout, scheduleToStartTimeout: a.scheduleToStartTimeout, startToCloseTimeout: a.startToCloseTimeout, heartbeatTimeout: a.heartbeatTimeout,
    priority: a.priority, retryPolicy: a.retryPolicy,
  };
}

/** Its options, with those of `from` that the mask names, fitted to one another as those of a command are (`MergeActivityOptions`). Throws InvalidArgument. */
function mergeOptions(svc: Service, activity: ActivityInfo, from: ActivityOptions, mask: readonly string[]): ActivityOptions {
  const has = (name: string): boolean => mask.includes(name);
  for (const [field, name] of [['taskQueue', 'TaskQueue'], ['priority', 'Priority'], ['retryPolicy', 'RetryPolicy']] as const) {
    if (!from[field] && mask.some((path) => path.startsWith(`${field}.`) || (path === field && field === 'retryPolicy'))) throw invalidArgument(`${name} is not provided`);
  }
  const pick = (name: 'scheduleToCloseTimeout' | 'scheduleToStartTimeout' | 'startToCloseTimeout' | 'heartbeatTimeout', ms: number): string | undefined => (has(name) ? from[name] : formatDuration(ms));
  const own = retryOptionsOf(activity);
  const retryPolicy: RetryPolicy = has('retryPolicy') ? { ...own, maximumAttempts: undefined, ...from.retryPolicy } : { ...own };
  for (const name of ['initialInterval', 'backoffCoefficient', 'maximumInterval', 'maximumAttempts'] as const) if (has(`retryPolicy.${name}`)) Object.assign(retryPolicy, { [name]: from.retryPolicy?.[name] });
  let priority = has('priority') ? from.priority : (activity.priority ?? undefined);
  for (const name of ['priorityKey', 'fairnessKey', 'fairnessWeight'] as const) if (has(`priority.${name}`)) priority = { ...priority, [name]: from.priority?.[name] };
  if (mask.some((path) => path.startsWith('retryPolicy'))) normalizeRetryPolicy(retryPolicy);
  const taskQueue = has('taskQueue.name') ? (from.taskQueue?.name ?? '') : activity.taskQueue;
  taskQueueName(svc, { name: taskQueue });
  const { scheduleToCloseTimeout, scheduleToStartTimeout, startToCloseTimeout, heartbeatTimeout } = normalizeActivity({
    activityId: activity.activityId, activityType: { name: activity.activityType }, scheduleToCloseTimeout: pick('scheduleToCloseTimeout', activity.scheduleToCloseMs), scheduleToStartTimeout: pick('scheduleToStartTimeout', activity.scheduleToStartMs),
    startToCloseTimeout: pick('startToCloseTimeout', activity.startToCloseMs), heartbeatTimeout: pick('heartbeatTimeout', activity.heartbeatMs),
  }, 0, taskQueue);
  return { taskQueue: { name: taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' }, scheduleToCloseTimeout, scheduleToStartTimeout, startToCloseTimeout, heartbeatTimeout, priority, retryPolicy };
}
