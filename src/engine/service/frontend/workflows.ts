import { formatDuration, parseDuration } from '../../../base/time.ts';
import { uuidV4, uuidV7 } from '../../../base/random.ts';
import { RpcCode, type CallId, type RpcCall } from '../../../api/rpc.ts';
import type {
  ExecuteMultiOperationRequest, PollWorkflowExecutionUpdateRequest, QueryWorkflowRequest, RequestCancelWorkflowExecutionRequest, SignalWithStartWorkflowExecutionRequest,
  SignalWorkflowExecutionRequest, StartWorkflowExecutionRequest, StartWorkflowExecutionResponse, TerminateWorkflowExecutionRequest, UpdateWorkflowExecutionRequest,
} from '../../../api/proto.ts';
import { invalidArgument, notFound, permissionDenied, ServiceError, TEXT, workflowClosing } from '../errors.ts';
import { terminateRun } from '../history/close.ts';
import { commit, refusedAtLimit } from '../history/commit.ts';
import { START_DURATIONS, withDurations } from '../history/durations.ts';
import { addSignal, requestCancel, endDelay, signalRun } from '../history/external.ts';
import { idPolicy, resolveId, type IdPolicy } from '../history/id-policy.ts';
import { byteLength, isUuid, wrongPriority } from '../history/names.ts';
import { queryRun } from '../history/query.ts';
import { normalizeRetryPolicy } from '../history/retry.ts';
import { protoSize } from '../../../api/proto-size.ts';
import { cappedRunTimeout, cappedTaskTimeout, createRun } from '../history/start.ts';
import { admitUpdate, multiOperationError, waitForUpdate } from '../history/update.ts';
import { isBlobTooLarge, oversizedSearchAttributes, wrongSearchAttributes } from '../history/limits.ts';
import { addEvent } from '../history/event-store.ts';
import { hasPendingTask, scheduleTask, startTask } from '../history/workflow-task.ts';
import { checkCron, cronBackoff } from '../schedules/cron.ts';
import { requestLink } from '../history/links.ts';
import { checkPinned } from './deployments.ts';
import { reactivatePinned } from './drainage.ts';
import { checkDuration, checkTimeouts, taskQueueName, validateExecution } from './execution.ts';
import { checkNamespace, currentRun, findRun, isOpen, newId, now, ok, type Service } from '../service.ts';
import type { Run } from '../state.ts';
import { taskResponse } from './workflow-tasks.ts';

/** RPCs of clients on one workflow: start, signal, update, query, cancel, terminate. */

interface Started {
  readonly run: Run;
  /** False when an existing run was used. */
  readonly started: boolean;
}

/** Bytes of a request that a gRPC server takes. */
const MESSAGE_SIZE = 4 * 1024 * 1024;

/** Refuses a request with too large a payload: gRPC itself does where the whole is too large, before any handler sees it. */
function blobTooLarge(message: string, request: object, text = 'Blob data size exceeds limit.'): ServiceError {
  const size = protoSize(message, request);
  return size > MESSAGE_SIZE ? new ServiceError(RpcCode.RESOURCE_EXHAUSTED, `grpc: received message larger than max (${size} vs. ${MESSAGE_SIZE})`) : invalidArgument(text);
}

/** What can be told from the request alone. */
function validateStart(svc: Service, request: StartWorkflowExecutionRequest): void {
  const limit = svc.options.limits.idLength;
  if (!request.workflowId) throw invalidArgument('WorkflowId is not set on request.');
  const length = byteLength(request.workflowId);
  if (length > limit) throw invalidArgument(`WorkflowId exceeds maximum allowed length (${length}/${limit})`);
  if (request.retryPolicy) normalizeRetryPolicy(request.retryPolicy);
  if (request.cronSchedule && request.workflowStartDelay) throw invalidArgument('CronSchedule and WorkflowStartDelay may not be used together.');
  checkDuration('WorkflowStartDelaySeconds', request.workflowStartDelay);
  if (request.cronSchedule) checkCron(request.cronSchedule, now(svc));
  if (!request.workflowType?.name) throw invalidArgument('WorkflowType is not set on request.');
  if (byteLength(request.workflowType.name) > limit) throw invalidArgument('WorkflowType length exceeds limit.');
  taskQueueName(svc, request.taskQueue);
  checkTimeouts(request);
  if (byteLength(request.requestId) > limit) throw invalidArgument('RequestId length exceeds limit.');
  const priority = wrongPriority(request.priority);
  if (priority) throw invalidArgument(priority);
  const origin = { workflowId: request.workflowId, runId: '', operation: 'StartWorkflowExecution' };
  if (request.input && isBlobTooLarge(svc, protoSize('Payloads', request.input), svc.options.limits.blobSizeError, origin)) throw blobTooLarge('StartWorkflowExecutionRequest', request);
  if (request.memo && isBlobTooLarge(svc, protoSize('Memo', request.memo), svc.options.limits.memoSizeError, origin)) throw blobTooLarge('StartWorkflowExecutionRequest', request, 'Memo size exceeds limit.');
  const wrong = wrongSearchAttributes(svc, request.namespace ?? '', request.searchAttributes) ?? oversizedSearchAttributes(request.searchAttributes);
  if (wrong) throw invalidArgument(wrong);
  checkPinned(svc, request.namespace ?? '', request.versioningOverride, request.taskQueue?.name ?? '');
}

/** Starts a run, or finds the one that the policies say to use. No Workflow Task yet. */
function beginRun(svc: Service, asked: StartWorkflowExecutionRequest, policy: IdPolicy, runId: string, signal: (run: Run) => void): Started {
  const request = withDurations(asked, [...START_DURATIONS, 'workflowStartDelay']);
  const namespace = checkNamespace(svc, request.namespace);
  const requestId = request.requestId || newId(svc);
  const current = currentRun(svc, namespace, request.workflowId ?? '');
  if (current && current.createRequestId === requestId) return { run: current, started: false };
  const wasOpen = current !== null && isOpen(current);
  if (resolveId(svc, current, policy, runId) === 'useExisting') return { run: current as Run, started: false };
  if (current && wasOpen && !isOpen(current)) commit(svc, current);
  const executionMs = parseDuration(request.workflowExecutionTimeout);
  const runMs = parseDuration(request.workflowRunTimeout);
  const cappedRunMs = cappedRunTimeout(runMs, executionMs);
  const backoffMs = request.cronSchedule ? Math.max(0, cronBackoff(request.cronSchedule, now(svc), now(svc))) : parseDuration(request.workflowStartDelay);
  reactivatePinned(svc, namespace, request.versioningOverride);
  const run = createRun(svc, {
    namespace,
    workflowId: request.workflowId ?? '',
    runId,
    attributes: {
      workflowType: request.workflowType,
      taskQueue: { name: request.taskQueue?.name, kind: 'TASK_QUEUE_KIND_NORMAL' },
      input: request.input,
      workflowExecutionTimeout: request.workflowExecutionTimeout,
      workflowRunTimeout: cappedRunMs === runMs ? request.workflowRunTimeout : formatDuration(cappedRunMs),
      workflowTaskTimeout: formatDuration(cappedTaskTimeout(parseDuration(request.workflowTaskTimeout), cappedRunMs)),
      identity: request.identity,
      retryPolicy: request.retryPolicy ? normalizeRetryPolicy(request.retryPolicy) : undefined,
      cronSchedule: request.cronSchedule,
      memo: request.memo,
      searchAttributes: request.searchAttributes,
      header: request.header,
      completionCallbacks: request.completionCallbacks,
      versioningOverride: request.versioningOverride,
      priority: request.priority,
      continuedFailure: request.continuedFailure,
      lastCompletionResult: request.lastCompletionResult,
      eagerExecutionAccepted: eagerAllowed(svc, request, backoffMs),
    },
    backoffMs,
    executionTimeoutMs: executionMs,
    expiresAt: 0,
    requestId,
    userMetadata: request.userMetadata,
    links: request.links,
  });
  signal(run);
  return { run, started: true };
}

const eagerAllowed = (svc: Service, request: StartWorkflowExecutionRequest, backoffMs: number): boolean => request.requestEagerExecution === true && svc.options.eagerWorkflowStart && backoffMs === 0;

const nothing = (): void => {};

/** StartWorkflowExecution for anybody, the scheduler too. */
export function startWorkflow(svc: Service, request: StartWorkflowExecutionRequest): StartWorkflowExecutionResponse & { readonly run: Run } {
  validateStart(svc, request);
  const policy = idPolicy(request.workflowIdReusePolicy, request.workflowIdConflictPolicy);
  const { run, started } = beginRun(svc, request, policy, uuidV7(svc.host.stream('service/runIds'), now(svc)), nothing);
  if (!started) {
    attachToExisting(svc, run, request);
    return { run, ...startResponse(run, run.createRequestId === request.requestId, request.requestId) };
  }
  const eager = run.events[0]?.workflowExecutionStartedEventAttributes?.eagerExecutionAccepted === true;
  if (run.backoffTimer === null) scheduleTask(svc, run, 'normal', { bypass: eager });
  commit(svc, run);
  if (!eager) return { run, ...startResponse(run, true) };
  startTask(svc, run, { requestId: run.createRequestId, identity: request.identity ?? '', historySize: 0, workerVersion: null });
  commit(svc, run);
  return { run, ...startResponse(run, true), eagerWorkflowTask: taskResponse(svc, run, false) };
}

/** onConflictOptions: links and request id of a second start are written down. */
function attachToExisting(svc: Service, run: Run, request: StartWorkflowExecutionRequest): void {
  const options = request.onConflictOptions;
  if (!options || !request.requestId || run.requestIds[request.requestId] || run.closedAt !== null) return;
  if (!options.attachRequestId && !options.attachLinks && !options.attachCompletionCallbacks) return;
  addEvent(svc, run, 'workflowExecutionOptionsUpdated', {
    attachedRequestId: options.attachRequestId ? request.requestId : undefined, attachedCompletionCallbacks: options.attachCompletionCallbacks ? request.completionCallbacks : undefined,
  }, { links: options.attachLinks ? request.links : undefined });
  commit(svc, run);
}

/** @param requestId of a request that found the run there: the link names the event that it is attached by */
function startResponse(run: Run, started: boolean, requestId?: string): StartWorkflowExecutionResponse {
  const attached = !started && requestId && attachedBy(run, requestId);
  return {
    runId: run.runId, firstExecutionRunId: run.firstRunId, started: started || undefined, status: `WORKFLOW_EXECUTION_STATUS_${run.status}`,
    link: attached
      ? requestLink(run, requestId, 'EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED')
      : { workflowEvent: { namespace: run.namespace, workflowId: run.workflowId, runId: run.runId, eventRef: { eventId: '1', eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED' } } },
  };
}

const attachedBy = (run: Run, requestId: string): boolean =>
  [run.events, run.buffered].some((events) => events.some((e) => e.workflowExecutionOptionsUpdatedEventAttributes?.attachedRequestId === requestId));

export function startWorkflowExecution(svc: Service, call: RpcCall): void {
  const request = call.request as StartWorkflowExecutionRequest;
  checkNamespace(svc, request.namespace);
  const { run: _run, ...response } = startWorkflow(svc, request);
  ok(svc, call.callId, response);
}

export function signalWorkflowExecution(svc: Service, call: RpcCall): void {
  const request = call.request as SignalWorkflowExecutionRequest;
  const namespace = checkNamespace(svc, request.namespace);
  validateExecution(request.workflowExecution);
  if (!request.signalName) throw invalidArgument('SignalName is not set on request.');
  if (byteLength(request.signalName) > svc.options.limits.idLength) throw invalidArgument('SignalName length exceeds limit.');
  if (byteLength(request.requestId) > svc.options.limits.idLength) throw invalidArgument('RequestId length exceeds limit.');
  const run = findRun(svc, namespace, request.workflowExecution?.workflowId, request.workflowExecution?.runId);
  if (!isOpen(run)) throw notFound(TEXT.completed);
  checkSignal(svc, run, request.input, () => blobTooLarge('SignalWorkflowExecutionRequest', request));
  signalRun(svc, run, {
    signalName: request.signalName, input: request.input, identity: request.identity ?? '', header: request.header, requestId: request.requestId ?? '', links: request.links,
  });
  if (!isOpen(run)) throw refusedAtLimit(run);
  ok(svc, call.callId, { link: requestLink(run, request.requestId, 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED') });
}

function checkSignal(svc: Service, run: Run, input: SignalWorkflowExecutionRequest['input'], tooLarge: () => ServiceError): void {
  if (run.signalCount >= svc.options.limits.signals) throw invalidArgument('exceeded workflow execution limit for signal events');
  if (input && isBlobTooLarge(svc, protoSize('Payloads', input), svc.options.limits.blobSizeError, { workflowId: run.workflowId, runId: run.runId, operation: 'SignalWorkflowExecution' })) throw tooLarge();
  if (run.closeAttempted && run.task.startedEventId !== 0) throw workflowClosing();
}

export function signalWithStartWorkflowExecution(svc: Service, call: RpcCall): void {
  const request = call.request as SignalWithStartWorkflowExecutionRequest;
  const namespace = checkNamespace(svc, request.namespace);
  if (!request.workflowId) throw invalidArgument('WorkflowId is not set on request.');
  if (!request.signalName) throw invalidArgument('signal not set');
  const [length, limit] = [byteLength(request.signalName), svc.options.limits.idLength];
  if (length > limit) throw invalidArgument(`signal name exceeds maximum allowed length (${length}/${limit})`);
  const policy = idPolicy(request.workflowIdReusePolicy, request.workflowIdConflictPolicy, 'WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING');
  if (request.workflowIdConflictPolicy === 'WORKFLOW_ID_CONFLICT_POLICY_FAIL') {
    throw invalidArgument('Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.');
  }
  validateStart(svc, request);
  const origin = { workflowId: request.workflowId, runId: '', operation: 'SignalWithStartWorkflowExecution' };
  if (request.signalInput && isBlobTooLarge(svc, protoSize('Payloads', request.signalInput), svc.options.limits.blobSizeError, origin)) throw blobTooLarge('SignalWithStartWorkflowExecutionRequest', request);
  const signal = { signalName: request.signalName, input: request.signalInput, identity: request.identity ?? '', header: request.header, requestId: request.requestId || newId(svc), links: request.links };
  const current = currentRun(svc, namespace, request.workflowId ?? '');
  if (current && isOpen(current) && policy.conflict === 'WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING') {
    checkSignal(svc, current, request.signalInput, () => blobTooLarge('SignalWithStartWorkflowExecutionRequest', request));
    signalRun(svc, current, signal, true);
    ok(svc, call.callId, { runId: current.runId, firstExecutionRunId: current.firstRunId, started: undefined, signalLink: requestLink(current, signal.requestId, 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED') });
    return;
  }
  const { signalName: _name, signalInput: _input, control: _control, ...start } = request;
  const { run } = beginRun(svc, start, policy, uuidV4(svc.host.stream('service/runIds')), (made) => addSignal(svc, made, signal));
  if (run.backoffTimer === null) scheduleTask(svc, run);
  commit(svc, run);
  ok(svc, call.callId, { runId: run.runId, firstExecutionRunId: run.firstRunId, started: true, signalLink: requestLink(run, signal.requestId, 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED') });
}

/** The run that a request means; if it is open, its chain is checked where the caller names the first run. */
function openRun(svc: Service, request: { namespace?: string | undefined; workflowExecution?: { workflowId?: string | undefined; runId?: string | undefined } | undefined; firstExecutionRunId?: string | undefined }): Run {
  const namespace = checkNamespace(svc, request.namespace);
  validateExecution(request.workflowExecution);
  const run = findRun(svc, namespace, request.workflowExecution?.workflowId, request.workflowExecution?.runId);
  // A closed run is told apart first (`requestcancelworkflow`, `terminateworkflow`).
  if (request.firstExecutionRunId && isOpen(run) && run.firstRunId !== request.firstExecutionRunId) throw notFound('workflow execution not found');
  return run;
}

export function requestCancelWorkflowExecution(svc: Service, call: RpcCall): void {
  const request = call.request as RequestCancelWorkflowExecutionRequest;
  const run = openRun(svc, request);
  // A success, too, when the run is closed or knows it already.
  if (isOpen(run)) {
    requestCancel(svc, run, { identity: request.identity ?? '', reason: request.reason ?? '', requestId: request.requestId || newId(svc), initiatedEventId: 0 });
    if (!isOpen(run)) throw refusedAtLimit(run);
  }
  ok(svc, call.callId, {});
}

export function terminateWorkflowExecution(svc: Service, call: RpcCall): void {
  const request = call.request as TerminateWorkflowExecutionRequest;
  const run = openRun(svc, request);
  if (!isOpen(run)) throw notFound(TEXT.completed);
  // These defaults tell a user's request from the system's.
  terminateRun(svc, run, request.reason || 'terminated by user via frontend', request.details, request.identity || 'frontend-service');
  commit(svc, run);
  ok(svc, call.callId, {});
}

export function queryWorkflow(svc: Service, call: RpcCall): void {
  const request = call.request as QueryWorkflowRequest;
  const namespace = checkNamespace(svc, request.namespace);
  validateExecution(request.execution);
  if (!request.query) throw invalidArgument('WorkflowQuery is not set on request.');
  if (!request.query.queryType) throw invalidArgument('QueryType is not set on request.');
  const { queryArgs } = request.query;
  const origin = { workflowId: request.execution?.workflowId ?? '', runId: request.execution?.runId ?? '', operation: 'QueryWorkflow' };
  if (queryArgs && isBlobTooLarge(svc, protoSize('Payloads', queryArgs), svc.options.limits.blobSizeError, origin)) throw blobTooLarge('QueryWorkflowRequest', request);
  queryRun(svc, findRun(svc, namespace, request.execution?.workflowId, request.execution?.runId), call, request);
}

// ---------------------------------------------------------------- updates

type Stage = 'admitted' | 'accepted' | 'completed';

function waitStage(request: UpdateWorkflowExecutionRequest): Stage {
  const stage = request.waitPolicy?.lifecycleStage;
  return stage === 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' ? 'completed' : stage === 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED' ? 'admitted' : 'accepted';
}

function validateUpdate(svc: Service, request: UpdateWorkflowExecutionRequest): void {
  if (!request.request?.meta) throw invalidArgument('Update meta is not set on request.');
  if (byteLength(request.request.meta.updateId) > svc.options.limits.idLength) throw invalidArgument('UpdateId length exceeds limit.');
  if (!request.request.input) throw invalidArgument('Update input is not set on request.');
  if (!request.request.input.name) throw invalidArgument('Update name is not set on request.');
  if (waitStage(request) === 'admitted') throw permissionDenied('UpdateWorkflowExecution issued asynchronously and waiting on update admitted is not supported.');
}

/** Admits the update, makes a speculative Workflow Task where none is pending, and parks the call. */
export function updateRun(svc: Service, run: Run, callId: CallId, request: UpdateWorkflowExecutionRequest, started: unknown): void {
  const { update, isNew } = admitUpdate(svc, run, request);
  if (isNew && run.closedAt === null && !hasPendingTask(run)) {
    endDelay(svc, run);
    scheduleTask(svc, run, 'speculative');
  }
  waitForUpdate(svc, run, update, { callId, stage: waitStage(request), started, request });
}

export function updateWorkflowExecution(svc: Service, call: RpcCall): void {
  const request = call.request as UpdateWorkflowExecutionRequest;
  checkNamespace(svc, request.namespace);
  validateExecution(request.workflowExecution);
  validateUpdate(svc, request);
  updateRun(svc, openRun(svc, request), call.callId, request, null);
}

export function pollWorkflowExecutionUpdate(svc: Service, call: RpcCall): void {
  const request = call.request as PollWorkflowExecutionUpdateRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const execution = request.updateRef?.workflowExecution;
  if (!request.updateRef || !execution) throw invalidArgument('UpdateRef is not set on request.');
  if (!execution.workflowId) throw invalidArgument(TEXT.noWorkflowId);
  if (execution.runId && !isUuid(execution.runId)) throw invalidArgument('RunId is not valid UUID.');
  const updateId = request.updateRef.updateId ?? '';
  const run = findRun(svc, namespace, execution.workflowId, execution.runId);
  const update = run.updates[updateId];
  if (!update) throw notFound(`update "${updateId}" not found`);
  const stage = request.waitPolicy?.lifecycleStage;
  waitForUpdate(svc, run, update, {
    callId: call.callId,
    stage: stage === 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' ? 'completed' : stage === 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED' ? 'accepted' : 'admitted',
    started: null, request: null,
  });
}

/** Update-with-start: exactly a start and an update of the same workflow. */
export function executeMultiOperation(svc: Service, call: RpcCall): void {
  const request = call.request as ExecuteMultiOperationRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const [first, second] = request.operations ?? [];
  const start = first?.startWorkflow;
  const update = second?.updateWorkflow;
  if (!start || !update || request.operations?.length !== 2) throw invalidArgument('Operations have to be exactly [Start, Update].');
  checkOperations(svc, { ...start, namespace }, update);
  const updateId = update.request?.meta?.updateId ?? '';
  const { run, started } = operation(0, () => {
    const current = currentRun(svc, namespace, start.workflowId ?? '');
    const known = current?.updates[updateId];
    if (current && known && (isOpen(current) || known.outcome !== null)) return { run: current, started: false };
    return beginRun(svc, { ...start, namespace }, idPolicy(start.workflowIdReusePolicy, start.workflowIdConflictPolicy), uuidV7(svc.host.stream('service/runIds'), now(svc)), nothing);
  });
  const known = run.updates[updateId];
  const { firstExecutionRunId, ...found } = startResponse(run, started);
  if (known) {
    // An update that is over needs no words about the start.
    const { link: _link, ...bare } = found;
    waitForUpdate(svc, run, known, { callId: call.callId, stage: waitStage(update), started: known.outcome === null ? found : bare, request: known.outcome === null ? update : null });
    return;
  }
  if (started) {
    scheduleTask(svc, run);
    commit(svc, run);
  }
  operation(1, () => updateRun(svc, run, call.callId, update, started ? { ...found, firstExecutionRunId } : found));
}

/** What can be told from the two requests alone, of both at once (`convertToHistoryMultiOperationRequest`). */
function checkOperations(svc: Service, start: StartWorkflowExecutionRequest, update: UpdateWorkflowExecutionRequest): void {
  const startError = errorOf(() => {
    validateStart(svc, start);
    idPolicy(start.workflowIdReusePolicy, start.workflowIdConflictPolicy);
    if (start.cronSchedule) throw invalidArgument('CronSchedule is not allowed.');
    if (start.requestEagerExecution) throw invalidArgument('RequestEagerExecution is not supported.');
    if (parseDuration(start.workflowStartDelay) > 0) throw invalidArgument('WorkflowStartDelay is not supported.');
  });
  const updateError = errorOf(() => {
    validateExecution(update.workflowExecution);
    validateUpdate(svc, update);
    if (update.firstExecutionRunId) throw invalidArgument('FirstExecutionRunId is not allowed.');
    if (update.workflowExecution?.runId) throw invalidArgument('RunId is not allowed.');
    if (!startError && start.workflowId !== update.workflowExecution?.workflowId) throw invalidArgument('WorkflowId is not consistent with previous operation(s).');
  });
  if (startError || updateError) throw multiOperationError(startError, updateError);
}

function errorOf(check: () => void): ServiceError | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}

/** Does one of the two operations; its error says which one failed. */
function operation<T>(index: 0 | 1, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw index === 0 ? multiOperationError(error, null) : multiOperationError(null, error);
  }
}
