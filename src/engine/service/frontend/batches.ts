import { timestamp } from '../../../base/brand.ts';
import { compareText } from '../../../base/compare.ts';
import { formatTimestamp } from '../../../base/time.ts';
import type {
  BatchOperationInfo, BatchOperationReset, BatchOperationType, DescribeBatchOperationRequest, DescribeBatchOperationResponse, HistoryEvent, ListBatchOperationsRequest, ListBatchOperationsResponse,
  StartBatchOperationRequest, StopBatchOperationRequest, WorkflowExecution,
} from '../../../api/proto.ts';
import { RpcCode, type CallId, type RpcCall, type RpcResult } from '../../../api/rpc.ts';
import { alreadyStarted, invalidArgument, notFound, resourceExhausted, ServiceError, TEXT, unimplemented } from '../errors.ts';
import { checkNamespace, findRun, int64, newId, now, ok, workflowKey, type Service } from '../service.ts';
import type { BatchState } from '../state.ts';
import { findRuns } from '../visibility/records.ts';
import { deleteWorkflowExecution, resetWorkflowExecution, updateWorkflowExecutionOptions } from './admin.ts';
import { requestCancelWorkflowExecution, signalWorkflowExecution, terminateWorkflowExecution } from './workflows.ts';

/**
 * Batch operations (service/frontend/workflow_handler.go, service/worker/batcher): a request for every workflow that a query finds, 50 a second.
 * A real server runs each as a workflow of its own; what such a workflow leaves besides its effect (its history) is not there.
 */

/** `worker.BatcherRPS` is 50. */
const STEP_MS = 20;
/** `frontend.MaxConcurrentBatchOperationPerNamespace` */
const MAX_OPEN = 1;
const MAX_PAGE = 1000;
/** Who acts where the operation's own identity is not passed on: the client of the server's worker. */
const BATCHER = '1@temporal-sys-batcher';
/** A call whose answer nobody waits for. */
const NO_CALL = 0;

/** The operations that there are: the field of the request, its type, and whether it is for open workflows alone. */
const OPERATIONS = {
  terminationOperation: { type: 'TERMINATE_WORKFLOW', open: true },
  cancellationOperation: { type: 'CANCEL_WORKFLOW', open: true },
  signalOperation: { type: 'SIGNAL_WORKFLOW', open: true },
  deletionOperation: { type: 'DELETE_WORKFLOW', open: false },
  resetOperation: { type: 'RESET_WORKFLOW', open: false },
  updateWorkflowOptionsOperation: { type: 'UPDATE_WORKFLOW_EXECUTION_OPTIONS', open: true },
} as const;
type Operation = keyof typeof OPERATIONS;
const operationOf = (request: StartBatchOperationRequest): Operation => (Object.keys(OPERATIONS) as Operation[]).find((name) => request[name]) as Operation;

/** What is wrong with a request; batcher.ValidateBatchOperation, in its order. */
function validate(request: StartBatchOperationRequest): void {
  const selectors = [request.visibilityQuery, request.executions?.length, request.targetExecutions?.length].filter(Boolean).length;
  const operations = Object.keys(request).filter((name) => name.endsWith('Operation') && request[name as Operation]);
  if (operations.length === 0 || !request.reason || selectors === 0) throw invalidArgument('must provide required parameters: BatchType,Reason,Namespace, AND one of (Query OR Executions OR TargetExecutions)');
  if (!request.jobId) throw invalidArgument('JobId is not set on request.');
  if (selectors > 1) throw invalidArgument('visibility query, executions, and target executions are mutually exclusive');
  if (!operationOf(request)) throw unimplemented(`the simulated Service knows no batch of type ${operations[0]}`);
  const { signalOperation, resetOperation, updateWorkflowOptionsOperation: update } = request;
  if (signalOperation && !signalOperation.signal) throw invalidArgument('must provide signal name');
  if (update && !update.workflowExecutionOptions) throw invalidArgument('must provide UpdateOptions');
  if (update && !update.updateMask) throw invalidArgument('must provide UpdateMask');
  if (resetOperation?.options) {
    const { firstWorkflowTask, lastWorkflowTask, workflowTaskId, buildId } = resetOperation.options;
    if (!firstWorkflowTask && !lastWorkflowTask && workflowTaskId === undefined && buildId === undefined) throw invalidArgument('batch reset missing target');
  } else if (resetOperation && (!resetOperation.resetType || resetOperation.resetType === 'RESET_TYPE_UNSPECIFIED')) throw invalidArgument('unknown batch reset type Unspecified');
}

/** The server parses the query before it starts; whether its names exist is found out later. */
function checkSyntax(svc: Service, namespace: string, query: string): void {
  try {
    findRuns(svc, namespace, query, 1, undefined);
  } catch (error) {
    const [, position] = (error instanceof ServiceError && /syntax error at position (\d+)/.exec(error.status.message)) || [];
    // Its statement is of a table `dummy`, that of lists of `table1`.
    if (position) throw invalidArgument(`invalid visibility query: syntax error at position ${Number(position) - 1}`);
  }
}

const batchesOf = (svc: Service, namespace: string): BatchState[] => Object.values(svc.state.batches).filter(({ request }) => request.namespace === namespace);

function findBatch(svc: Service, namespace: string, jobId: string): BatchState {
  const batch = svc.state.batches[workflowKey(namespace, jobId)];
  if (!batch) throw notFound(TEXT.workflowNotFound(jobId));
  return batch;
}

/** Starts a batch; its first step comes a moment later. */
export function startBatchOperation(svc: Service, call: RpcCall): void {
  const request = call.request as StartBatchOperationRequest;
  validate(request);
  const namespace = checkNamespace(svc, request.namespace);
  if (request.visibilityQuery) checkSyntax(svc, namespace, request.visibilityQuery);
  if (batchesOf(svc, namespace).filter((batch) => batch.status === 'RUNNING').length >= MAX_OPEN)
    throw resourceExhausted('RESOURCE_EXHAUSTED_CAUSE_CONCURRENT_LIMIT', 'Max concurrent batch operations is reached');
  const key = workflowKey(namespace, request.jobId ?? '');
  const old = svc.state.batches[key];
  if (old) throw alreadyStarted(`Workflow execution already finished. WorkflowId: ${request.jobId}, RunId: ${old.runId}. Workflow Id reuse policy: reject duplicate workflow Id.`, old.requestId, old.runId, old.runId);
  svc.state.batches[key] = { request, runId: newId(svc), requestId: newId(svc), status: 'RUNNING', startedAt: now(svc), closedAt: null, targets: null, succeeded: 0, failed: 0 };
  scheduleStep(svc, key);
  ok(svc, call.callId, {});
}

const scheduleStep = (svc: Service, batchKey: string): void => void svc.host.schedule(timestamp(now(svc) + STEP_MS), { type: 'batch', batchKey });

/** One step of a batch: it finds its workflows, or goes on with the next of them. */
export function stepBatch(svc: Service, key: string): void {
  const batch = svc.state.batches[key];
  if (batch?.status !== 'RUNNING') return;
  try {
    batch.targets ??= targetsOf(svc, batch.request);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return close(svc, batch, 'FAILED');
  }
  const target = batch.targets[batch.succeeded + batch.failed];
  if (target) apply(svc, batch, target);
  if (batch.succeeded + batch.failed < batch.targets.length) scheduleStep(svc, key);
  else close(svc, batch, 'COMPLETED');
}

function targetsOf(svc: Service, request: StartBatchOperationRequest): WorkflowExecution[] {
  if (!request.visibilityQuery) return request.executions?.length ? request.executions : (request.targetExecutions ?? []).map(({ businessId, runId }) => ({ workflowId: businessId, runId }));
  const query = OPERATIONS[operationOf(request)].open ? `(${request.visibilityQuery}) AND (ExecutionStatus = 'Running' OR ExecutionStatus = 'Paused')` : request.visibilityQuery;
  const found: WorkflowExecution[] = [];
  let token: string | undefined;
  do {
    const page = findRuns(svc, request.namespace ?? '', query, MAX_PAGE, token);
    found.push(...page.items.map(({ execution }) => execution as WorkflowExecution));
    token = page.nextPageToken;
  } while (token);
  return found;
}

function close(svc: Service, batch: BatchState, status: BatchState['status']): void {
  batch.status = status;
  batch.closedAt = now(svc);
}

/** Does it to one workflow. That it is not there, or closed already, is no failure. */
function apply(svc: Service, batch: BatchState, workflowExecution: WorkflowExecution): void {
  const { namespace, reason, ...request } = batch.request;
  const host = { ...svc.host, reply: (callId: CallId, result: RpcResult) => (callId === NO_CALL ? undefined : svc.host.reply(callId, result)) };
  const send = (handler: (svc: Service, call: RpcCall) => void, rpc: RpcCall['rpc'], fields: object): void =>
    handler({ ...svc, host }, { callId: NO_CALL, rpc, caller: BATCHER, request: { namespace, workflowExecution, ...fields } });
  try {
    if (request.terminationOperation) send(terminateWorkflowExecution, 'TerminateWorkflowExecution', { reason, identity: BATCHER });
    else if (request.cancellationOperation) send(requestCancelWorkflowExecution, 'RequestCancelWorkflowExecution', { identity: BATCHER });
    else if (request.signalOperation) {
      const { signal: signalName, input, identity } = request.signalOperation;
      send(signalWorkflowExecution, 'SignalWorkflowExecution', { signalName, input, identity, requestId: newId(svc) });
    } else if (request.deletionOperation) send(deleteWorkflowExecution, 'DeleteWorkflowExecution', {});
    else if (request.updateWorkflowOptionsOperation) send(updateWorkflowExecutionOptions, 'UpdateWorkflowExecutionOptions', request.updateWorkflowOptionsOperation);
    else if (request.resetOperation) {
      const { options, resetReapplyType, postResetOperations, identity } = request.resetOperation;
      const { events } = findRun(svc, namespace ?? '', workflowExecution.workflowId, workflowExecution.runId);
      send(resetWorkflowExecution, 'ResetWorkflowExecution', {
        reason, identity, requestId: newId(svc), workflowTaskFinishEventId: resetPoint(request.resetOperation, events), postResetOperations,
        resetReapplyType: options?.resetReapplyType ?? resetReapplyType, resetReapplyExcludeTypes: options?.resetReapplyExcludeTypes,
      });
    }
    batch.succeeded++;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.status.code === RpcCode.NOT_FOUND) batch.succeeded++;
    else batch.failed++;
  }
}

/** Where a reset goes back to: the first or last completed Workflow Task, or else the one after the first that was scheduled. */
function resetPoint({ options, resetType }: BatchOperationReset, events: readonly HistoryEvent[]): string {
  if (options?.workflowTaskId !== undefined) return options.workflowTaskId;
  if (options?.buildId !== undefined) throw unimplemented('the simulated Service knows no batch of resets by build id');
  const completed = events.filter((event) => event.eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED');
  const at = options?.firstWorkflowTask || resetType === 'RESET_TYPE_FIRST_WORKFLOW_TASK' ? completed[0] : completed[completed.length - 1];
  if (at) return at.eventId as string;
  const scheduled = events.find((event) => event.eventType === 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED');
  if (!scheduled) throw invalidArgument('unable to find any scheduled or completed task');
  return String(Number(scheduled.eventId) + 1);
}

/** Stops a batch: what is done stays done. */
export function stopBatchOperation(svc: Service, call: RpcCall): void {
  const request = call.request as StopBatchOperationRequest;
  if (!request.jobId) throw invalidArgument('JobId is not set on request.');
  if (!request.reason) throw invalidArgument('Reason is not set on request.');
  const batch = findBatch(svc, checkNamespace(svc, request.namespace), request.jobId);
  if (batch.status !== 'RUNNING') throw notFound(TEXT.completed);
  close(svc, batch, 'FAILED');
  ok(svc, call.callId, {});
}

const infoOf = ({ request, status, startedAt, closedAt }: BatchState): BatchOperationInfo => ({
  jobId: request.jobId, state: `BATCH_OPERATION_STATE_${status}`, startTime: formatTimestamp(startedAt), closeTime: closedAt === null ? undefined : formatTimestamp(closedAt),
  operationType: `BATCH_OPERATION_TYPE_${OPERATIONS[operationOf(request)].type}` as BatchOperationType,
});

export function describeBatchOperation(svc: Service, call: RpcCall): void {
  const request = call.request as DescribeBatchOperationRequest;
  if (!request.jobId) throw invalidArgument('JobId is not set on request.');
  const batch = findBatch(svc, checkNamespace(svc, request.namespace), request.jobId);
  const { executions, targetExecutions, visibilityQuery, reason } = batch.request;
  const named = targetExecutions ?? executions?.map(({ workflowId, runId }) => ({ type: 'EXECUTION_TYPE_WORKFLOW' as const, businessId: workflowId, runId }));
  const known = batch.status !== 'FAILED' && batch.targets;
  ok(svc, call.callId, {
    ...infoOf(batch), reason, identity: batch.request[operationOf(batch.request)]?.identity, query: visibilityQuery, executions: named,
    ...(known && { totalOperationCount: int64(known.length), completeOperationCount: int64(batch.succeeded), failureOperationCount: int64(batch.failed) }),
  } satisfies DescribeBatchOperationResponse);
}

/** Those that were started last come first. */
export function listBatchOperations(svc: Service, call: RpcCall): void {
  const request = call.request as ListBatchOperationsRequest;
  const all = batchesOf(svc, checkNamespace(svc, request.namespace)).sort((a, b) => b.startedAt - a.startedAt || compareText(a.request.jobId ?? '', b.request.jobId ?? ''));
  const from = request.nextPageToken ? Number(request.nextPageToken) : 0;
  const end = from + (request.pageSize || MAX_PAGE);
  ok(svc, call.callId, { operationInfo: all.slice(from, end).map(infoOf), nextPageToken: end < all.length ? String(end) : undefined } satisfies ListBatchOperationsResponse);
}
