import type { HistoryEvent, InitializeWorkflow, Message, NamespacedWorkflowExecution, QueryWorkflow, Request, WorkflowActivationJob, WorkflowExecutionStartedEventAttributes, WorkflowQuery } from '../../api/proto.ts';

/** Jobs of an activation, from events and tasks, and the order in which the SDK wants them. */

/** 0 initialize, 1 patches, 2 random seed, 3 signals and updates, 4 the rest, 5 local activities, 6 queries. */
function rank(job: WorkflowActivationJob): number {
  if (job.initializeWorkflow) return 0;
  if (job.notifyHasPatch) return 1;
  if (job.updateRandomSeed) return 2;
  if (job.signalWorkflow || job.doUpdate) return 3;
  if (job.resolveActivity?.isLocal === true) return 5;
  return job.queryWorkflow ? 6 : 4;
}

/** Sorts jobs as the SDK wants them; equal ones stay in the order in which they came. */
export function sortJobs(jobs: WorkflowActivationJob[]): WorkflowActivationJob[] {
  return jobs.length < 2 ? jobs : jobs.sort((a, b) => rank(a) - rank(b));
}

export function initializeJob(attributes: WorkflowExecutionStartedEventAttributes, workflowId: string, seed: bigint, startTime: string): InitializeWorkflow {
  const a = attributes;
  const parent: NamespacedWorkflowExecution | undefined = a.parentWorkflowExecution
    ? { namespace: a.parentWorkflowNamespace, workflowId: a.parentWorkflowExecution.workflowId, runId: a.parentWorkflowExecution.runId } : undefined;
  return {
    workflowType: a.workflowType?.name ?? '', workflowId, arguments: a.input?.payloads ?? [], randomnessSeed: seed.toString(), headers: a.header?.fields ?? {},
    identity: a.identity, parentWorkflowInfo: parent, workflowExecutionTimeout: a.workflowExecutionTimeout, workflowRunTimeout: a.workflowRunTimeout,
    workflowTaskTimeout: a.workflowTaskTimeout, continuedFromExecutionRunId: a.continuedExecutionRunId, continuedInitiator: a.initiator,
    continuedFailure: a.continuedFailure, lastCompletionResult: a.lastCompletionResult, firstExecutionRunId: a.firstExecutionRunId,
    retryPolicy: a.retryPolicy, attempt: a.attempt, cronSchedule: a.cronSchedule, workflowExecutionExpirationTime: a.workflowExecutionExpirationTime,
    cronScheduleToScheduleInterval: a.firstWorkflowTaskBackoff, memo: a.memo, searchAttributes: a.searchAttributes, startTime,
    rootWorkflow: a.rootWorkflowExecution, priority: a.priority, originalExecutionRunId: a.originalExecutionRunId,
  };
}

export const queryJob = (queryId: string, query: WorkflowQuery): QueryWorkflow =>
  ({ queryId, queryType: query.queryType ?? '', arguments: query.queryArgs?.payloads ?? [], headers: query.header?.fields ?? {} });

/** An update's request as the Service delivers it, or as history tells of it. */
export interface UpdateRequestMessage {
  readonly id: string;
  readonly protocolInstanceId: string;
  /** May be handled once the event with this id is; null when at once. */
  readonly eventId: string | null;
  readonly request: Request;
}

/** Checks a message of the Service; a text says what is wrong with it. */
export function parseMessage(message: Message): UpdateRequestMessage | string {
  if (!message.body) return 'Protocol message body must be populated';
  const { '@type': _type, ...request } = message.body;
  return withRequest({ id: message.id ?? '', protocolInstanceId: message.protocolInstanceId ?? '', eventId: message.eventId ?? null }, request as Request);
}

function withRequest(head: Omit<UpdateRequestMessage, 'request'>, request: Request | undefined): UpdateRequestMessage | string {
  if (!request?.input) return "Update request's `input` field must be populated";
  if (!request.meta) return "Update request's `meta` field must be populated";
  return { ...head, request };
}

/** The message that an Accepted event answered. */
export function messageOfAccepted(event: HistoryEvent): UpdateRequestMessage | string {
  const a = event.workflowExecutionUpdateAcceptedEventAttributes;
  return withRequest(
    { id: a?.acceptedRequestMessageId ?? '', protocolInstanceId: a?.protocolInstanceId ?? '', eventId: a?.acceptedRequestSequencingEventId ?? '0' }, a?.acceptedRequest,
  );
}

/** The message that an Admitted event stands for. */
export function messageOfAdmitted(event: HistoryEvent): UpdateRequestMessage | string {
  const request = event.workflowExecutionUpdateAdmittedEventAttributes?.request;
  const updateId = request?.meta?.updateId ?? '';
  return withRequest({ id: `${updateId}/request`, protocolInstanceId: updateId, eventId: event.eventId ?? '0' }, request);
}

/** A few words about a job for people. */
export function describeJob(job: WorkflowActivationJob): string {
  for (const name in job) {
    const value = (job as { readonly [name: string]: { readonly [field: string]: unknown } | undefined })[name];
    if (value === undefined) continue;
    const subject = value['seq'] ?? value['signalName'] ?? value['patchId'] ?? value['name'] ?? value['queryType'] ?? value['workflowType'];
    return subject === undefined ? name : `${name} ${String(subject)}`;
  }
  return 'nothing';
}
