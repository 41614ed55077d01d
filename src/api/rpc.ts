import type { ProcessId } from '../base/brand.ts';
import type { ProtoAny, RpcName } from './proto.ts';

/**
 * The border between the processes and the Service: WorkflowService RPCs by name, requests and responses in proto3 JSON, so
 * that a wire can be put in front of it. Objects that crossed the border belong to the receiver and are never changed by the sender.
 */
export interface RpcCall {
  readonly callId: CallId;
  readonly rpc: RpcName;
  readonly request: unknown;
  readonly caller: ProcessId;
  /** How long the caller waits, in ms, if not for ever. */
  readonly timeout?: number | null;
}

/** Unique in a run, from 1. */
export type CallId = number;
/** Names an item on the agenda, so that it can be taken off. */
export type AgendaId = number;

export type RpcResult = { readonly ok: true; readonly response: unknown } | { readonly ok: false; readonly status: RpcStatus };

/** A gRPC status with its google.rpc.Status details. */
export interface RpcStatus {
  readonly code: RpcCode;
  readonly message: string;
  readonly details?: readonly ProtoAny[];
}

/** How the simulated network says that the Service could not be reached: messages of an UNAVAILABLE that no Service sent. */
export const Unreachable = {
  /** Nobody listens. */
  refused: 'connection refused',
  /** The connection broke under the call; grpc-js's words. */
  dropped: 'Connection dropped',
} as const;

/** gRPC status codes in use. */
export const RpcCode = {
  OK: 0, CANCELLED: 1, UNKNOWN: 2, INVALID_ARGUMENT: 3, DEADLINE_EXCEEDED: 4, NOT_FOUND: 5, ALREADY_EXISTS: 6, PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8, FAILED_PRECONDITION: 9, ABORTED: 10, OUT_OF_RANGE: 11, UNIMPLEMENTED: 12, INTERNAL: 13, UNAVAILABLE: 14,
} as const;
export type RpcCode = (typeof RpcCode)[keyof typeof RpcCode];
