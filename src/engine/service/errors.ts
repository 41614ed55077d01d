import type { ProtoAny } from '../../api/proto.ts';
import { RpcCode, type RpcStatus } from '../../api/rpc.ts';

/**
 * An RPC that ends in an error, as a gRPC status with the details Temporal puts there (`go.temporal.io/api/serviceerror`).
 * Thrown by handlers, caught where RPCs are dispatched.
 */
export class ServiceError extends Error {
  readonly status: RpcStatus;
  constructor(code: RpcCode, message: string, details?: readonly ProtoAny[]) {
    super(message);
    this.status = details ? { code, message, details } : { code, message };
  }
}

const detail = (type: string, fields: { [field: string]: unknown } = {}): ProtoAny => ({ '@type': `type.googleapis.com/temporal.api.errordetails.v1.${type}`, ...fields });

export const invalidArgument = (message: string): ServiceError => new ServiceError(RpcCode.INVALID_ARGUMENT, message);
export const notFound = (message: string): ServiceError => new ServiceError(RpcCode.NOT_FOUND, message, [detail('NotFoundFailure')]);
export const failedPrecondition = (message: string): ServiceError => new ServiceError(RpcCode.FAILED_PRECONDITION, message);
export const internalError = (message: string): ServiceError => new ServiceError(RpcCode.INTERNAL, message);
export const unimplemented = (message: string): ServiceError => new ServiceError(RpcCode.UNIMPLEMENTED, message);
export const unavailable = (message: string): ServiceError => new ServiceError(RpcCode.UNAVAILABLE, message);

/** The workflow id is taken. */
export const alreadyStarted = (message: string, startRequestId: string, runId: string, firstExecutionRunId: string): ServiceError =>
  new ServiceError(RpcCode.ALREADY_EXISTS, message, [detail('WorkflowExecutionAlreadyStartedFailure', { startRequestId, runId, firstExecutionRunId })]);

export const permissionDenied = (message: string): ServiceError => new ServiceError(RpcCode.PERMISSION_DENIED, message, [detail('PermissionDeniedFailure')]);

export const namespaceAlreadyExists = (namespace: string): ServiceError =>
  new ServiceError(RpcCode.ALREADY_EXISTS, `Namespace ${JSON.stringify(namespace)} already exists`, [detail('NamespaceAlreadyExistsFailure')]);

export const namespaceNotFound = (namespace: string): ServiceError =>
  new ServiceError(RpcCode.NOT_FOUND, `Namespace ${namespace} is not found.`, [detail('NamespaceNotFoundFailure', { namespace })]);

export const queryFailed = (message: string, failure?: unknown): ServiceError =>
  new ServiceError(RpcCode.INVALID_ARGUMENT, message, [detail('QueryFailedFailure', failure ? { failure } : {})]);

export const resourceExhausted = (cause: string, message: string): ServiceError =>
  new ServiceError(RpcCode.RESOURCE_EXHAUSTED, message, [detail('ResourceExhaustedFailure', { cause, scope: 'RESOURCE_EXHAUSTED_SCOPE_NAMESPACE' })]);

/** Tried to close, or has just continued as new: clients try again. */
export const workflowClosing = (): ServiceError => resourceExhausted('RESOURCE_EXHAUSTED_CAUSE_BUSY_WORKFLOW', 'workflow operation can not be applied because workflow is closing');

export const workflowNotReady = (message: string): ServiceError => new ServiceError(RpcCode.FAILED_PRECONDITION, message, [detail('WorkflowNotReadyFailure')]);

/** Texts of the history service (`consts/const.go`). */
export const TEXT = {
  workflowTaskNotFound: 'Workflow task not found.',
  noWorkflowId: "Can't load workflow execution.  WorkflowId not set.",
  workflowNotFound: (workflowId: string): string => `workflow not found for ID: ${workflowId}`,
  runNotFound: (workflowId: string, runId: string): string => `workflow execution not found for workflow ID "${workflowId}" and run ID "${runId}"`,
  completed: 'workflow execution already completed',
  abortedByClosing: 'workflow update was aborted by closing workflow',
  activityTaskNotFound: 'invalid activityID or activity already timed out or invoking workflow is completed',
} as const;
