import type { RpcCall } from '../../../api/rpc.ts';
import type {
  PollActivityTaskQueueRequest, RecordActivityTaskHeartbeatByIdRequest, RecordActivityTaskHeartbeatRequest, RespondActivityTaskCanceledByIdRequest, RespondActivityTaskCanceledRequest,
  RespondActivityTaskCompletedByIdRequest, RespondActivityTaskCompletedRequest, RespondActivityTaskFailedByIdRequest, RespondActivityTaskFailedRequest, RespondActivityTaskFailedResponse,
} from '../../../api/proto.ts';
import { invalidArgument, notFound, TEXT } from '../errors.ts';
import { cancelStartedActivity, completeActivity, failActivity, heartbeat, startActivity } from '../history/activity.ts';
import { wake } from '../history/external.ts';
import { commit, refusedAtLimit } from '../history/commit.ts';
import { fittingFailure } from '../history/limits.ts';
import { protoSize } from '../../../api/proto-size.ts';
import { readToken } from '../history/token.ts';
import { addPoller, getQueue, setRate } from '../matching/task-queue.ts';
import { checkNamespace, findRun, isOpen, now, ok, type Service } from '../service.ts';
import type { ActivityInfo, Run } from '../state.ts';
import { deliverTask } from './deliver.ts';
import { taskQueueName, validateTarget } from './execution.ts';
import { pollerDeployment, pollerVersion, registerWorker } from './deployments.ts';

/** RPCs of a worker's activity pollers, and of whoever completes an activity from outside. */

export function pollActivityTaskQueue(svc: Service, call: RpcCall): void {
  const request = call.request as PollActivityTaskQueueRequest;
  const namespace = checkNamespace(svc, request.namespace);
  checkIdentity(svc, request);
  const name = taskQueueName(svc, request.taskQueue);
  const queue = getQueue(svc, namespace, 'activity', name);
  const rate = request.taskQueueMetadata?.maxTasksPerSecond ?? 0;
  setRate(svc, queue, rate);
  const deployment = pollerDeployment(request.deploymentOptions);
  if (deployment) registerWorker(svc, namespace, deployment, name, 'activity');
  addPoller(svc, queue, {
    callId: call.callId, startedAt: now(svc), process: call.caller, identity: request.identity ?? '', rate, workerVersion: pollerVersion(request.workerVersionCapabilities, deployment), deployment,
  }, deliverTask);
}

const checkIdentity = (svc: Service, request: { readonly identity?: string | undefined }): void => {
  if ((request.identity?.length ?? 0) > svc.options.limits.idLength) throw invalidArgument('Identity length exceeds limit.');
};

/** The pending, started activity that a token names. */
function byToken(svc: Service, token: string | undefined): { readonly run: Run; readonly activity: ActivityInfo } {
  if (!token) throw invalidArgument('Task token not set on request.');
  const read = readToken('actk', token);
  if (!read) throw invalidArgument('Error deserializing task token.');
  const [scheduledEventId, attempt] = read.numbers;
  const run = svc.state.runs[read.runId];
  if (!run) throw notFound(TEXT.workflowNotFound(''));
  if (run.closedAt !== null) throw notFound(TEXT.completed);
  const activity = run.activities[scheduledEventId];
  if (!activity || activity.startedEventId === 0 || activity.attempt !== attempt) throw notFound(TEXT.activityTaskNotFound);
  return { run, activity };
}

/** The pending activity with this id; `start` completes also one that no worker holds. */
function byId(svc: Service, request: { namespace?: string | undefined; workflowId?: string | undefined; runId?: string | undefined; activityId?: string | undefined }): { readonly run: Run; readonly activity: ActivityInfo } {
  const namespace = checkNamespace(svc, request.namespace);
  if (!request.activityId) throw invalidArgument('ActivityId is not set on request.');
  // Without a workflow it is the id of an activity that stands alone, of which there are none here.
  if (!request.workflowId) throw notFound(`activity not found for ID: ${request.activityId}`);
  validateTarget(request);
  const run = findRun(svc, namespace, request.workflowId, request.runId);
  if (run.closedAt !== null) throw notFound(TEXT.completed);
  const id = run.activityIds[request.activityId];
  const activity = id === undefined ? undefined : run.activities[id];
  if (!activity) throw notFound(`cannot find pending activity with ActivityID ${request.activityId}, check workflow execution history for more details`);
  return { run, activity };
}

function complete(svc: Service, run: Run, activity: ActivityInfo, request: RespondActivityTaskCompletedRequest): void {
  if (request.result && protoSize('Payloads', request.result) > svc.options.limits.blobSizeError) {
    // The frontend turns it into a failure that no retry can help.
    if (activity.startedEventId === 0) startUnheld(svc, run, activity, request.identity ?? '');
    failActivity(svc, run, activity, { message: 'Complete result exceeds size limit.', serverFailureInfo: { nonRetryable: true } }, request.identity ?? '', null);
  } else {
    if (activity.startedEventId === 0) startUnheld(svc, run, activity, request.identity ?? '');
    completeActivity(svc, run, activity, request);
  }
  wake(svc, run);
}

/** Completed by id while between attempts or still queued: a start is recorded on behalf of the caller. */
function startUnheld(svc: Service, run: Run, activity: ActivityInfo, identity: string): void {
  activity.backoff = false;
  activity.paused = null;
  startActivity(svc, run, activity, { requestId: '', identity, deploymentVersion: null });
}

/** Answers a call that changed an activity; what would have gone over the limit of the history has ended the run instead, which its caller is told. */
function changed(svc: Service, call: RpcCall, run: Run, answer: object): void {
  if (!isOpen(run)) throw refusedAtLimit(run);
  ok(svc, call.callId, answer);
}

export function respondActivityTaskCompleted(svc: Service, call: RpcCall): void {
  const request = call.request as RespondActivityTaskCompletedRequest;
  checkIdentity(svc, request);
  const { run, activity } = byToken(svc, request.taskToken);
  complete(svc, run, activity, request);
  changed(svc, call, run, {});
}

export function respondActivityTaskCompletedById(svc: Service, call: RpcCall): void {
  const request = call.request as RespondActivityTaskCompletedByIdRequest;
  const { run, activity } = byId(svc, request);
  complete(svc, run, activity, { result: request.result, identity: request.identity });
  changed(svc, call, run, {});
}

/** Answers with the failures that the Service put in the place of what was too large. */
function fail(svc: Service, run: Run, activity: ActivityInfo, request: Pick<RespondActivityTaskFailedRequest, 'failure' | 'identity' | 'lastHeartbeatDetails' | 'workerVersion'>): RespondActivityTaskFailedResponse {
  if (activity.startedEventId === 0) throw notFound(TEXT.activityTaskNotFound);
  if (request.failure && !request.failure.applicationFailureInfo) throw invalidArgument('Failure must have ApplicationFailureInfo.');
  if (request.lastHeartbeatDetails) activity.heartbeatDetails = request.lastHeartbeatDetails;
  const { failure, tooLarge } = fittingFailure(svc, request.failure ?? {});
  if (failActivity(svc, run, activity, failure, request.identity ?? '', request.workerVersion ?? null)) wake(svc, run);
  else commit(svc, run);
  return tooLarge ? { failures: [failure] } : {};
}

export function respondActivityTaskFailed(svc: Service, call: RpcCall): void {
  const request = call.request as RespondActivityTaskFailedRequest;
  checkIdentity(svc, request);
  const { run, activity } = byToken(svc, request.taskToken);
  changed(svc, call, run, fail(svc, run, activity, request));
}

export function respondActivityTaskFailedById(svc: Service, call: RpcCall): void {
  const request = call.request as RespondActivityTaskFailedByIdRequest;
  const { run, activity } = byId(svc, request);
  changed(svc, call, run, fail(svc, run, activity, { failure: request.failure, identity: request.identity, lastHeartbeatDetails: request.lastHeartbeatDetails, workerVersion: undefined }));
}

function cancel(svc: Service, run: Run, activity: ActivityInfo, request: Pick<RespondActivityTaskCanceledRequest, 'details' | 'identity'>): void {
  if (!activity.cancelRequested) throw invalidArgument('unable to mark activity as canceled without activity being request canceled first');
  cancelStartedActivity(svc, run, activity, request.details, request.identity ?? '');
  wake(svc, run);
}

export function respondActivityTaskCanceled(svc: Service, call: RpcCall): void {
  const request = call.request as RespondActivityTaskCanceledRequest;
  checkIdentity(svc, request);
  const { run, activity } = byToken(svc, request.taskToken);
  cancel(svc, run, activity, request);
  changed(svc, call, run, {});
}

export function respondActivityTaskCanceledById(svc: Service, call: RpcCall): void {
  const request = call.request as RespondActivityTaskCanceledByIdRequest;
  const { run, activity } = byId(svc, request);
  if (activity.startedEventId === 0) throw notFound(TEXT.activityTaskNotFound);
  cancel(svc, run, activity, { details: request.details, identity: request.identity });
  changed(svc, call, run, {});
}

export function recordActivityTaskHeartbeat(svc: Service, call: RpcCall): void {
  const request = call.request as RecordActivityTaskHeartbeatRequest;
  const { run, activity } = byToken(svc, request.taskToken);
  beat(svc, call, run, activity, request);
}

export function recordActivityTaskHeartbeatById(svc: Service, call: RpcCall): void {
  const request = call.request as RecordActivityTaskHeartbeatByIdRequest;
  const { run, activity } = byId(svc, request);
  if (activity.startedEventId === 0) throw notFound(TEXT.activityTaskNotFound);
  beat(svc, call, run, activity, request);
}

function beat(svc: Service, call: RpcCall, run: Run, activity: ActivityInfo, request: Pick<RecordActivityTaskHeartbeatRequest, 'details' | 'identity'>): void {
  if (request.details && protoSize('Payloads', request.details) > svc.options.limits.blobSizeError) {
    const failure = { message: 'Heartbeat details exceed size limit.', serverFailureInfo: { nonRetryable: true } };
    failActivity(svc, run, activity, failure, request.identity ?? '', null);
    wake(svc, run);
    changed(svc, call, run, { cancelRequested: true });
    return;
  }
  const answer = heartbeat(svc, run, activity, request.details, request.identity ?? '');
  commit(svc, run);
  changed(svc, call, run, {
    cancelRequested: answer.cancelRequested || undefined, activityPaused: answer.activityPaused || undefined, activityReset: answer.activityReset || undefined,
  });
}

