import { RpcCode, type CallId, type RpcStatus } from '../../../api/rpc.ts';
import type { Timestamp } from '../../../base/brand.ts';
import type {
  Failure, Link, Message, Outcome, ProtoAny, StartWorkflowExecutionResponse, UpdateWorkflowExecutionRequest, UpdateWorkflowExecutionResponse, WorkflowExecutionUpdateAcceptedEventAttributes,
} from '../../../api/proto.ts';
import type { UpdateEntry } from '../../../trace/entries.ts';
import { invalidArgument, notFound, resourceExhausted, failedPrecondition, ServiceError, TEXT, unavailable, workflowClosing, workflowNotReady } from '../errors.ts';
import { newId, now, type Service } from '../service.ts';
import type { Run, UpdateInfo, UpdateWaiter } from '../state.ts';
import { addEvent } from './event-store.ts';
import { requestLink, workflowLink } from './links.ts';
import { machine, transition } from './machine.ts';
import { FAILING_ATTEMPTS } from './workflow-task.ts';

/**
 * Updates of a run. An admitted update is in memory only; it travels as a message with the next Workflow Task. Accepted and completed
 * updates are events; a rejected one leaves nothing.
 */
export const updateMachine = machine('update', {
  admitted: { send: 'sent', abort: 'aborted' },
  sent: { accept: 'accepted', reject: 'rejected', abort: 'aborted', taskFailed: 'admitted' },
  accepted: { complete: 'completed', abort: 'aborted' },
});

export const UPDATE_TYPE = 'type.googleapis.com/temporal.api.update.v1.';

const CLOSED_WITH_ACCEPTED: Failure = {
  message: 'Workflow Update failed because the Workflow completed before the Update completed.', source: 'Server',
  applicationFailureInfo: { type: 'AcceptedUpdateCompletedWorkflow', nonRetryable: true },
};
const UNPROCESSED: Failure = {
  message: "Workflow Update is rejected because it wasn't processed by worker. Probably, Workflow Update is not supported by the worker.", source: 'Server',
  applicationFailureInfo: { type: 'UnprocessedUpdate', nonRetryable: true },
};

/** After that long an update that nobody has accepted is answered as it is, and SDKs send their request again (`LongPollExpirationInterval`). */
const LONG_POLL_MS = 20_000;

const failingTask = (): ServiceError => workflowNotReady('Unable to perform workflow execution update due to Workflow Task in failed state.');

/** Admits an update, or finds the one with this id. True when it is new. Throws when the run takes no updates. */
export function admitUpdate(svc: Service, run: Run, request: UpdateWorkflowExecutionRequest): { readonly update: UpdateInfo; readonly isNew: boolean } {
  const limits = svc.options.limits;
  const body = request.request ?? {};
  const updateId = body.meta?.updateId || newId(svc);
  const existing = run.updates[updateId];
  const known = existing !== undefined && existing.state !== 'rejected' && existing.state !== 'aborted';
  if (run.closedAt !== null) {
    if (known) return { update: existing, isNew: false };
    throw notFound(TEXT.completed);
  }
  // What follows holds for a known update, too: its request may have come again.
  if (run.status === 'PAUSED') throw failedPrecondition('Workflow is paused. Cannot update the workflow.');
  if (run.task.attempt >= FAILING_ATTEMPTS) {
    retryUpdates(svc, run);
    throw failingTask();
  }
  if (run.closeAttempted && run.task.startedEventId !== 0) throw workflowClosing();
  if (known) return { update: existing, isNew: false };
  const inFlight = run.updateOrder.filter((id) => ['admitted', 'sent', 'accepted'].includes(run.updates[id]?.state ?? '')).length;
  if (inFlight >= limits.updatesInFlight) {
    throw resourceExhausted('RESOURCE_EXHAUSTED_CAUSE_CONCURRENT_LIMIT', `limit on number of concurrent in-flight updates has been reached (${limits.updatesInFlight})`);
  }
  if (run.updateCount + run.updateOrder.filter((id) => ['admitted', 'sent'].includes(run.updates[id]?.state ?? '')).length >= limits.updates) {
    throw failedPrecondition(
      `The limit on the total number of distinct updates in this workflow has been reached (${limits.updates}). Make sure any duplicate updates share an Update ID so the server can deduplicate them, and consider rejecting updates that you aren't going to process. You can also Continue-as-New to avoid this; we recommend you check Continue-as-New Suggested in your Workflow.`,
    );
  }
  const update: UpdateInfo = {
    updateId, name: body.input?.name ?? '', state: 'admitted', request: { meta: { ...body.meta, updateId }, input: body.input, requestId: body.requestId || undefined }, acceptedEventId: 0, completedEventId: 0, outcome: null, waiters: [],
  };
  run.updates[updateId] = update;
  if (!existing) run.updateOrder.push(updateId);
  emitUpdate(svc, run, update);
  return { update, isNew: true };
}

/** Whether updates wait for a Workflow Task. */
export const hasAdmittedUpdates = (run: Run): boolean => run.updateOrder.some((id) => run.updates[id]?.state === 'admitted');

/** The messages that a Workflow Task carries; the updates count as sent from now on. `includeSent` when the worker may have lost them. */
export function takeMessages(svc: Service, run: Run, includeSent: boolean): Message[] {
  const messages: Message[] = [];
  for (const id of run.updateOrder) {
    const update = run.updates[id];
    if (!update || (update.state !== 'admitted' && !(includeSent && update.state === 'sent'))) continue;
    if (update.state === 'admitted') update.state = transition(updateMachine, 'admitted', 'send') as UpdateInfo['state'];
    // One that a reset admitted again is in the history already: the worker finds it there.
    if (update.request) {
      messages.push({
        id: `${id}/request`, protocolInstanceId: id, eventId: String(run.task.startedEventId - 1),
        body: { '@type': `${UPDATE_TYPE}Request`, ...(update.request as object) } as ProtoAny,
      });
    }
    emitUpdate(svc, run, update);
  }
  return messages;
}

/** What is wrong with a worker's message; null when nothing is. */
export function checkMessage(run: Run, message: Message): string | null {
  const type = typeOf(message);
  const update = run.updates[message.protocolInstanceId ?? ''];
  if (!type) return `unsupported protocol type ${String((message.body as ProtoAny | undefined)?.['@type'] ?? '')}`;
  if (!update) {
    // A worker that comes back after the registry was lost brings the request along.
    if (type === 'Acceptance' && (message.body as { acceptedRequest?: unknown }).acceptedRequest) return null;
    return `update ${message.protocolInstanceId ?? ''} wasn't found on the server. This is most likely a transient error which will be resolved automatically by retries`;
  }
  if (type === 'Acceptance' || type === 'Rejection') {
    return update.state === 'sent' ? null : `invalid state transition attempted for Update ${update.updateId}: received *update.${type} message while in state ${stateName(update.state)}`;
  }
  return null;
}

const stateName = (state: string): string => state.charAt(0).toUpperCase() + state.slice(1);

function typeOf(message: Message): 'Acceptance' | 'Rejection' | 'Response' | null {
  const type = (message.body as ProtoAny | undefined)?.['@type'] ?? '';
  for (const name of ['Acceptance', 'Rejection', 'Response'] as const) if (type.endsWith(`.${name}`)) return name;
  return null;
}

/** Applies a worker's message: acceptance, rejection or result. Messages were checked before; those who wait are told by `answerUpdates`. */
export function applyMessage(svc: Service, run: Run, message: Message, completedEventId: number): void {
  const updateId = message.protocolInstanceId ?? '';
  const body = message.body as ProtoAny & {
    acceptedRequestMessageId?: string; acceptedRequestSequencingEventId?: string; acceptedRequest?: WorkflowExecutionUpdateAcceptedEventAttributes['acceptedRequest'];
    failure?: Failure; outcome?: Outcome; meta?: { updateId?: string; identity?: string };
  };
  switch (typeOf(message)) {
    case 'Acceptance': {
      const update = run.updates[updateId];
      if (update) update.state = transition(updateMachine, update.state, 'accept') as UpdateInfo['state'];
      addEvent(svc, run, 'workflowExecutionUpdateAccepted', {
        protocolInstanceId: updateId,
        acceptedRequestMessageId: `${updateId}/request`,
        acceptedRequestSequencingEventId: body.acceptedRequestSequencingEventId,
        acceptedRequest: update ? ((update.request as WorkflowExecutionUpdateAcceptedEventAttributes['acceptedRequest'] | null) ?? undefined) : body.acceptedRequest,
      });
      emitUpdate(svc, run, run.updates[updateId] as UpdateInfo);
      return;
    }
    case 'Rejection': {
      const update = run.updates[updateId];
      if (update) rejectUpdate(svc, run, update, body.failure ?? {});
      return;
    }
    case 'Response': {
      const update = run.updates[updateId];
      if (!update || update.state !== 'accepted') return;
      transition(updateMachine, update.state, 'complete');
      addEvent(svc, run, 'workflowExecutionUpdateCompleted', {
        meta: body.meta ?? { updateId }, acceptedEventId: String(update.acceptedEventId), outcome: body.outcome,
      });
      emitUpdate(svc, run, update);
      return;
    }
    default:
      throw invalidArgument(`unsupported message for Workflow Task ${completedEventId}`);
  }
}

function rejectUpdate(svc: Service, run: Run, update: UpdateInfo, failure: Failure): void {
  update.state = transition(updateMachine, update.state, 'reject') as UpdateInfo['state'];
  update.outcome = { failure };
  emitUpdate(svc, run, update);
  answerWaiters(svc, run, update);
  forget(run, update);
}

/** A Workflow Task is completed: tells those who wait what has become of the updates. Not before, as what follows an acceptance may be their end. */
export function answerUpdates(svc: Service, run: Run): void {
  for (const id of run.updateOrder) {
    const update = run.updates[id];
    if (update?.waiters.length) answerWaiters(svc, run, update);
  }
}

/** Updates that the completed Workflow Task carried and the worker did not answer. */
export function rejectUnprocessed(svc: Service, run: Run): void {
  for (const id of [...run.updateOrder]) {
    const update = run.updates[id];
    if (update?.state === 'sent') rejectUpdate(svc, run, update, UNPROCESSED);
  }
}

/** The Workflow Task failed or timed out: its updates travel again with the next one. */
export function unsendUpdates(svc: Service, run: Run): void {
  for (const id of run.updateOrder) {
    const update = run.updates[id];
    if (update?.state !== 'sent') continue;
    update.state = transition(updateMachine, 'sent', 'taskFailed') as UpdateInfo['state'];
    emitUpdate(svc, run, update);
  }
}

/**
 * A request for the run ended with an error: the real Service forgets the updates that are not accepted, and who waits for one asks again
 * at once. While the Workflow Task keeps failing that is refused; before, nobody sees a difference.
 */
export function retryUpdates(svc: Service, run: Run): void {
  if (run.task.attempt < FAILING_ATTEMPTS) return;
  for (const update of waitingUpdates(run)) abort(svc, run, update, failingTask());
  armUpdateRetry(svc, run);
}

/** Not accepted yet, and known to the registry alone: one that a reset admitted again is in the history. */
const waitingUpdates = (run: Run): UpdateInfo[] => run.updateOrder.flatMap((id) => run.updates[id] ?? []).filter(({ state, request }) => (state === 'admitted' || state === 'sent') && request !== null);

/** Plans the end of the oldest long poll that will be refused, or takes the plan back. */
export function armUpdateRetry(svc: Service, run: Run): void {
  const failing = run.closedAt === null && run.task.attempt >= FAILING_ATTEMPTS;
  const since = failing ? waitingUpdates(run).flatMap(({ waiters }) => waiters.filter(({ request }) => request !== null).map((waiter) => waiter.since)) : [];
  if (since.length === 0) {
    if (run.updateRetry !== null) svc.host.cancel(run.updateRetry);
    run.updateRetry = null;
  } else if (run.updateRetry === null) {
    const at = now(svc);
    const due = Math.min(...since.map((from) => from + (Math.floor((at - from) / LONG_POLL_MS) + 1) * LONG_POLL_MS));
    run.updateRetry = svc.host.schedule(due as Timestamp, { type: 'updateRetry', workflowId: run.workflowId, runId: run.runId });
  }
}

/** The server failed the Workflow Task because of what was in it: updates seen by it fail, others are to be tried again. */
export function abortUnaccepted(svc: Service, run: Run): void {
  for (const id of [...run.updateOrder]) {
    const update = run.updates[id];
    if (update?.state === 'sent') {
      abort(svc, run, update, workflowNotReady('Unable to perform workflow execution update due to unexpected workflow task failure.'));
    } else if (update?.state === 'admitted') abort(svc, run, update, unavailable('workflow update was aborted'));
  }
}

/** The run is closed: accepted updates fail, others are refused. Where another run follows, the error is one that clients retry: they get there. */
export function abortUpdates(svc: Service, run: Run, why: 'completed' | 'continuing'): void {
  for (const id of [...run.updateOrder]) {
    const update = run.updates[id];
    if (!update) continue;
    if (update.state === 'accepted') {
      update.state = transition(updateMachine, update.state, 'abort') as UpdateInfo['state'];
      update.outcome = { failure: CLOSED_WITH_ACCEPTED };
      emitUpdate(svc, run, update);
      answerWaiters(svc, run, update);
    } else if (update.state === 'admitted' || update.state === 'sent') {
      abort(svc, run, update, why === 'continuing' ? workflowClosing() : notFound(TEXT.abortedByClosing));
    }
  }
}

function abort(svc: Service, run: Run, update: UpdateInfo, error: ServiceError): void {
  update.state = transition(updateMachine, update.state, 'abort') as UpdateInfo['state'];
  emitUpdate(svc, run, update);
  for (const waiter of update.waiters) answerError(svc, waiter.callId, waiter.started ? multiOperationError(null, error, (waiter.started as StartWorkflowExecutionResponse).started).status : error.status);
  update.waiters = [];
  forget(run, update);
}

function answerError(svc: Service, callId: CallId, status: RpcStatus): void {
  delete svc.state.parked[callId];
  svc.host.reply(callId, { ok: false, status });
}

function forget(run: Run, update: UpdateInfo): void {
  delete run.updates[update.updateId];
  run.updateOrder = run.updateOrder.filter((id) => id !== update.updateId);
}

/** Parks the call until the update reaches the stage, or answers at once. */
export function waitForUpdate(svc: Service, run: Run, update: UpdateInfo, waiter: Omit<UpdateWaiter, 'since'>): void {
  update.waiters.push({ ...waiter, since: now(svc) });
  svc.state.parked[waiter.callId] = { kind: 'update', runId: run.runId };
  answerWaiters(svc, run, update);
}

const STAGE = { admitted: 1, accepted: 2, completed: 3 } as const;

function stageOf(update: UpdateInfo): 'admitted' | 'accepted' | 'completed' {
  if (update.outcome !== null) return 'completed';
  return update.state === 'accepted' || update.state === 'completed' ? 'accepted' : 'admitted';
}

function answerWaiters(svc: Service, run: Run, update: UpdateInfo): void {
  const stage = stageOf(update);
  const waiting = update.waiters;
  update.waiters = [];
  for (const waiter of waiting) {
    if (STAGE[waiter.stage] > STAGE[stage]) {
      update.waiters.push(waiter);
      continue;
    }
    delete svc.state.parked[waiter.callId];
    const response = { ...updateResponse(run, update, stage), link: updateLink(run, update, stage, waiter) };
    svc.host.reply(waiter.callId, { ok: true, response: waiter.started ? { responses: [{ startWorkflow: waiter.started }, { updateWorkflow: response }] } : response });
  }
}

function updateResponse(run: Run, update: UpdateInfo, stage: 'admitted' | 'accepted' | 'completed'): UpdateWorkflowExecutionResponse {
  return {
    updateRef: { workflowExecution: { workflowId: run.workflowId, runId: run.runId }, updateId: update.updateId },
    outcome: (update.outcome as Outcome | null) ?? undefined,
    stage: `UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_${stage.toUpperCase()}` as UpdateWorkflowExecutionResponse['stage'],
  };
}

/** A link in the answer to the request, not to a poll: to the run where the update left no event, else to its acceptance. */
function updateLink(run: Run, update: UpdateInfo, stage: string, waiter: UpdateWaiter): Link | undefined {
  if (!waiter.request || stage === 'admitted') return undefined;
  const failed = stage === 'completed' && (update.outcome as Outcome).failure !== undefined;
  const { request } = waiter.request as UpdateWorkflowExecutionRequest;
  return failed ? workflowLink(run, 'Update rejected') : requestLink(run, request?.requestId, 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED');
}

/**
 * Which of the two operations of an Update-with-Start failed; one without an error of its own counts as aborted, but a start that was done.
 * That a run closed which was there before is to be tried again (`multioperation/api.go`).
 */
export function multiOperationError(start: ServiceError | null, update: ServiceError | null, started = false): ServiceError {
  const aborted = { code: RpcCode.ABORTED, message: 'Operation was aborted.', details: [{ '@type': 'type.googleapis.com/temporal.api.failure.v1.MultiOperationExecutionAborted' }] };
  const status = (error: ServiceError | null) => {
    if (!error) return started ? { code: RpcCode.OK, message: '', details: [] } : aborted;
    const { code, message, details = [] } = error.status;
    return message === TEXT.abortedByClosing && !started ? { code: RpcCode.ABORTED, message, details: [] } : { code, message, details };
  };
  const statuses = [status(start), status(update)];
  return new ServiceError(status(start ?? update).code, 'Update-with-Start could not be executed.', [{ '@type': 'type.googleapis.com/temporal.api.errordetails.v1.MultiOperationExecutionFailure', statuses }]);
}

/** Takes a dropped caller out of the waiters. */
export function dropUpdateWaiter(run: Run, callId: CallId): void {
  for (const id of run.updateOrder) {
    const update = run.updates[id];
    if (update) update.waiters = update.waiters.filter((w) => w.callId !== callId);
  }
}

function emitUpdate(svc: Service, run: Run, update: UpdateInfo): void {
  svc.host.emit({ type: 'update', workflowId: run.workflowId, runId: run.runId, updateId: update.updateId, name: update.name, state: update.state as UpdateEntry['state'] });
}
