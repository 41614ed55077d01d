import type { CallId, RpcCall } from '../../../api/rpc.ts';
import type { QueryWorkflowRequest, RespondQueryTaskCompletedRequest, WorkflowQuery, WorkflowQueryResult } from '../../../api/proto.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { failedPrecondition, notFound, queryFailed, resourceExhausted, ServiceError, workflowNotReady } from '../errors.ts';
import { getQueue, hasQueryPoller, hasRecentPoller } from '../matching/task-queue.ts';
import { newId, now, ok, type Service } from '../service.ts';
import type { DirectQuery, Run } from '../state.ts';
import { machine, transition } from './machine.ts';
import { FAILING_ATTEMPTS, hasPendingTask } from './workflow-task.ts';

/**
 * Queries write nothing. One that arrives when the run is at rest goes to a worker directly, through matching. While a Workflow Task
 * is pending it is buffered and travels with it, so that it sees what the task did.
 */
export const queryMachine = machine('query', {
  received: { buffer: 'buffered', dispatch: 'dispatched', refuse: 'failed' },
  buffered: { send: 'sent', unblock: 'dispatched' },
  sent: { answer: 'answered', fail: 'failed', unblock: 'dispatched', taskFailed: 'buffered' },
  dispatched: { answer: 'answered', fail: 'failed', noWorker: 'failed' },
});

/** How long the Service keeps a query of a caller that waits longer, or for ever, as clients of the SDK do. */
const CALL_DEADLINE_MS = 30_000;
/** What matching keeps of that time to say that nobody polls (`returnEmptyTaskTimeBudget`). */
const NO_POLLER_BUDGET_MS = 1000;

const REJECT = 'QUERY_REJECT_CONDITION_';

/** QueryWorkflow: answers, parks or throws. */
export function queryRun(svc: Service, run: Run, { callId, timeout }: RpcCall, request: QueryWorkflowRequest): void {
  const deadline = (now(svc) + Math.min(timeout ?? Infinity, CALL_DEADLINE_MS)) as Timestamp;
  const condition = request.queryRejectCondition ?? `${REJECT}NONE`;
  const notClean = condition === `${REJECT}NOT_COMPLETED_CLEANLY` && run.status !== 'COMPLETED';
  if (run.status === 'PAUSED' || (run.closedAt !== null && (condition === `${REJECT}NOT_OPEN` || notClean))) {
    ok(svc, callId, { queryRejected: { status: `WORKFLOW_EXECUTION_STATUS_${run.status}` } });
    return;
  }
  const query = request.query ?? {};
  emitQuery(svc, run, query, 'received');
  try {
    if (run.closedAt !== null && !run.completedAnyTask) throw workflowNotReady('Workflow execution closed before WorkflowTaskStarted event');
    if (!hasPendingTask(run) && !run.completedAnyTask && run.executionAt > deadline) throw workflowNotReady('Workflow task is not scheduled yet.');
    if (run.task.attempt >= FAILING_ATTEMPTS) throw workflowNotReady('Unable to query workflow due to Workflow Task in failed state.');
    if (run.completedAnyTask && (run.closedAt !== null || !hasPendingTask(run))) {
      transition(queryMachine, 'received', 'dispatch');
      dispatchQuery(svc, run, { callId, query, deadline });
      return;
    }
    if (run.queries.length >= svc.options.limits.bufferedQueries) throw resourceExhausted('RESOURCE_EXHAUSTED_CAUSE_BUSY_WORKFLOW', 'consistent query buffer is full, this may be caused by too many queries and workflow not able to process query fast enough');
  } catch (error) {
    transition(queryMachine, 'received', 'refuse');
    emitQuery(svc, run, query, 'failed');
    throw error;
  }
  transition(queryMachine, 'received', 'buffer');
  const queryId = newId(svc);
  run.queries.push({ queryId, callId, query, deadline, state: 'buffered' });
  svc.state.parked[callId] = { kind: 'query', runId: run.runId, queryId };
}

/** Sends a query to a worker through matching: to the sticky queue while somebody polls it, else to the normal one. */
export function dispatchQuery(svc: Service, run: Run, { callId, query, deadline }: Pick<DirectQuery, 'callId' | 'query' | 'deadline'>): void {
  const queryId = newId(svc);
  svc.state.queries[queryId] = { queryId, callId, runId: run.runId, query, deadline, stickyTimer: null, noPollerTimer: null };
  svc.state.parked[callId] = { kind: 'query', runId: run.runId, queryId };
  svc.transfers.push({ type: 'query', queryId });
}

/** Which queue a dispatched query goes to now. In the normal one it waits for a worker until shortly before its caller gives up. */
export function routeQuery(svc: Service, query: DirectQuery): { readonly name: string; readonly normalName: string } {
  const run = svc.state.runs[query.runId] as Run;
  if (run.sticky) {
    const sticky = getQueue(svc, run.namespace, 'workflow', run.sticky.queue, run.taskQueue);
    if (hasRecentPoller(svc, sticky)) {
      query.stickyTimer = svc.host.schedule((now(svc) + run.sticky.timeoutMs) as Timestamp, { type: 'queryStickyTimeout', workflowId: run.workflowId, runId: run.runId, queryId: query.queryId });
      return { name: sticky.name, normalName: run.taskQueue };
    }
    if (run.closedAt === null) run.sticky = null;
  }
  const at = Math.max(now(svc), query.deadline - NO_POLLER_BUDGET_MS) as Timestamp;
  query.noPollerTimer = svc.host.schedule(at, { type: 'queryNoPoller', workflowId: run.workflowId, runId: run.runId, queryId: query.queryId });
  return { name: run.taskQueue, normalName: '' };
}

/** Nobody took it. It goes on waiting if somebody polled not long ago (`syncOfferTask` of matching). */
export function queryNoPoller(svc: Service, query: DirectQuery): void {
  const run = svc.state.runs[query.runId] as Run;
  query.noPollerTimer = null;
  if (hasQueryPoller(svc, getQueue(svc, run.namespace, 'workflow', run.taskQueue))) return;
  transition(queryMachine, 'dispatched', 'noWorker');
  endDirect(svc, query, failedPrecondition('no poller seen for task queue recently, worker may be down'));
}

/** RespondQueryTaskCompleted. */
export function completeDirectQuery(svc: Service, queryId: string, request: RespondQueryTaskCompletedRequest): void {
  const query = svc.state.queries[queryId];
  if (!query) throw notFound('query task not found, or already expired');
  const answered = request.completedType === 'QUERY_RESULT_TYPE_ANSWERED';
  transition(queryMachine, 'dispatched', answered ? 'answer' : 'fail');
  if (!answered) {
    endDirect(svc, query, queryFailed(request.errorMessage ?? '', request.failure));
    return;
  }
  removeDirect(svc, query);
  delete svc.state.parked[query.callId];
  emitQuery(svc, svc.state.runs[query.runId] as Run, query.query as WorkflowQuery, 'answered');
  ok(svc, query.callId, { queryResult: request.queryResult });
}

function removeDirect(svc: Service, query: DirectQuery): void {
  if (query.stickyTimer !== null) svc.host.cancel(query.stickyTimer);
  if (query.noPollerTimer !== null) svc.host.cancel(query.noPollerTimer);
  delete svc.state.queries[query.queryId];
}

function endDirect(svc: Service, query: DirectQuery, error: ServiceError): void {
  removeDirect(svc, query);
  delete svc.state.parked[query.callId];
  emitQuery(svc, svc.state.runs[query.runId] as Run, query.query as WorkflowQuery, 'failed');
  svc.host.reply(query.callId, { ok: false, status: error.status });
}

/** The queries that travel with a Workflow Task. */
export function takeQueries(svc: Service, run: Run): { [queryId: string]: WorkflowQuery } | undefined {
  if (run.queries.length === 0) return undefined;
  const queries: { [queryId: string]: WorkflowQuery } = {};
  for (const query of run.queries) {
    if (query.state === 'buffered') {
      query.state = transition(queryMachine, 'buffered', 'send') as 'sent';
      emitQuery(svc, run, query.query as WorkflowQuery, 'dispatched');
    }
    queries[query.queryId] = query.query as WorkflowQuery;
  }
  return queries;
}

/** A Workflow Task has completed: its answers go out; what it did not answer goes through matching unless another task follows. */
export function answerQueries(svc: Service, run: Run, results: { readonly [queryId: string]: WorkflowQueryResult }, taskFollows: boolean): void {
  if (run.queries.length === 0) return;
  const left: Run['queries'] = [];
  for (const query of run.queries) {
    const result = results[query.queryId];
    if (result) {
      delete svc.state.parked[query.callId];
      const answered = result.resultType === 'QUERY_RESULT_TYPE_ANSWERED';
      transition(queryMachine, 'sent', answered ? 'answer' : 'fail');
      emitQuery(svc, run, query.query as WorkflowQuery, answered ? 'answered' : 'failed');
      if (answered) ok(svc, query.callId, { queryResult: result.answer });
      else svc.host.reply(query.callId, { ok: false, status: queryFailed(result.errorMessage ?? '', result.failure).status });
    } else if (taskFollows) left.push(query);
    else {
      transition(queryMachine, query.state, 'unblock');
      dispatchQuery(svc, run, query);
    }
  }
  run.queries = left;
}

/** The Workflow Task that carried them failed: they wait for the next. */
export function unsendQueries(run: Run): void {
  for (const query of run.queries) if (query.state === 'sent') query.state = transition(queryMachine, 'sent', 'taskFailed') as 'buffered';
}

/** The run closed. Queries that were buffered can now go directly, if any task has completed; else they wait until their callers give up. */
export function releaseQueries(svc: Service, run: Run): void {
  if (!run.completedAnyTask) return;
  const waiting = run.queries;
  run.queries = [];
  for (const query of waiting) {
    transition(queryMachine, query.state, 'unblock');
    dispatchQuery(svc, run, query);
  }
}

/** The caller is gone. */
export function dropQuery(svc: Service, run: Run, callId: CallId, queryId: string): void {
  run.queries = run.queries.filter((q) => q.callId !== callId);
  const direct = svc.state.queries[queryId];
  if (direct) removeDirect(svc, direct);
}

function emitQuery(svc: Service, run: Run, query: WorkflowQuery, state: 'received' | 'dispatched' | 'answered' | 'failed'): void {
  svc.host.emit({ type: 'query', workflowId: run.workflowId, runId: run.runId, queryType: query.queryType ?? '', state });
}

/** A query that reached a worker. */
export function queryDispatched(svc: Service, query: DirectQuery): void {
  if (query.noPollerTimer !== null) svc.host.cancel(query.noPollerTimer);
  query.noPollerTimer = null;
  emitQuery(svc, svc.state.runs[query.runId] as Run, query.query as WorkflowQuery, 'dispatched');
}
