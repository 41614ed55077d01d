import type { Metadata } from '@grpc/grpc-js';
import { IllegalStateError } from '@temporalio/common';
import { SymbolBasedInstanceOfError } from '@temporalio/common/lib/type-helpers';
import type { CombinedWorkerRunErrorCause } from '@temporalio/worker';

/** Makes an error class known by name, as the SDK's own are: `instanceof` works across copies of a package. */
const named = SymbolBasedInstanceOfError;

export class GracefulShutdownPeriodExpiredError extends Error {}
named('GracefulShutdownPeriodExpiredError')(GracefulShutdownPeriodExpiredError);

export class UnhandledRejectionError extends Error {
  override readonly cause: unknown;
  constructor(message: string, cause: unknown) {
    super(message);
    this.cause = cause;
  }
}
named('UnhandledRejectionError')(UnhandledRejectionError);

export class CombinedWorkerRunError extends Error {
  override readonly cause: CombinedWorkerRunErrorCause;
  constructor(message: string, { cause }: { cause: CombinedWorkerRunErrorCause }) {
    super(message);
    this.cause = cause;
  }
}
named('CombinedWorkerRunError')(CombinedWorkerRunError);

export class PromiseCompletionTimeoutError extends Error {}
named('PromiseCompletionTimeoutError')(PromiseCompletionTimeoutError);

export class ShutdownError extends Error {}
named('ShutdownError')(ShutdownError);

export class TransportError extends Error {}
named('TransportError')(TransportError);

/** A call over a worker's connection failed: as core-bridge makes it, which has the text in `message` alone. */
export class ServiceError extends Error {
  readonly code: number;
  readonly details = '';
  readonly metadata: Metadata;
  constructor(message: string, code: number, metadata: Metadata) {
    super(message);
    this.code = code;
    this.metadata = metadata;
    // Core's errors come from native code.
    (this as { stack?: string | undefined }).stack = undefined;
  }
}
named('ServiceError')(ServiceError);

export class UnexpectedError extends Error {
  override readonly cause: unknown;
  constructor(message: string, cause?: unknown) {
    super(message);
    this.cause = cause;
  }
}
named('UnexpectedError')(UnexpectedError);

export class ReplayError extends Error {}
named('ReplayError')(ReplayError);

export const errors = { IllegalStateError, ShutdownError, TransportError, UnexpectedError, GracefulShutdownPeriodExpiredError };
