import { durationMs } from '../../../base/brand.ts';
import { formatDuration, parseDuration } from '../../../base/time.ts';
import type { Failure, RetryPolicy, RetryState } from '../../../api/proto.ts';
import { invalidArgument } from '../errors.ts';
import { keptDuration } from './durations.ts';

/** Retry policies of activities and workflows (`common/retrypolicy`, `workflow/retry.go`). */

const DEFAULT_INITIAL_MS = 1_000;
const DEFAULT_COEFFICIENT = 2;
const DEFAULT_MAXIMUM_FACTOR = 100;

/** Fills in what is not set, and refuses what makes no sense. */
export function normalizeRetryPolicy(policy: RetryPolicy): RetryPolicy {
  const maximumAttempts = policy.maximumAttempts ?? 0;
  // Of a policy that permits a single attempt, nothing is looked at.
  const kept = (ms: number): number => (maximumAttempts === 1 ? ms : keptDuration(durationMs(ms)));
  const initialMs = kept(parseDuration(policy.initialInterval) || DEFAULT_INITIAL_MS);
  const maximumMs = kept(parseDuration(policy.maximumInterval) || DEFAULT_MAXIMUM_FACTOR * initialMs);
  const coefficient = policy.backoffCoefficient || DEFAULT_COEFFICIENT;
  if (maximumAttempts !== 1) {
    if (initialMs < 0) throw invalidArgument(`invalid InitialInterval set on retry policy: negative duration`);
    if (coefficient < 1) throw invalidArgument('BackoffCoefficient cannot be less than 1 on retry policy.');
    if (maximumMs < 0) throw invalidArgument('invalid MaximumInterval set on retry policy: negative duration');
    if (maximumMs < initialMs) throw invalidArgument('MaximumInterval cannot be less than InitialInterval on retry policy.');
    if (maximumAttempts < 0) throw invalidArgument('MaximumAttempts cannot be negative on retry policy.');
  }
  return {
    initialInterval: formatDuration(initialMs),
    backoffCoefficient: coefficient,
    maximumInterval: formatDuration(maximumMs),
    maximumAttempts: maximumAttempts || undefined,
    nonRetryableErrorTypes: policy.nonRetryableErrorTypes?.length ? policy.nonRetryableErrorTypes : undefined,
  };
}

/** Whether the failure permits another attempt. */
export function isRetryable(failure: Failure | null, nonRetryableTypes: readonly string[]): boolean {
  if (!failure) return true;
  if (failure.terminatedFailureInfo || failure.canceledFailureInfo) return false;
  if (failure.timeoutFailureInfo) {
    const type = failure.timeoutFailureInfo.timeoutType;
    if (type === 'TIMEOUT_TYPE_START_TO_CLOSE') return !nonRetryableTypes.includes('TemporalTimeout:StartToClose');
    if (type === 'TIMEOUT_TYPE_HEARTBEAT') return !nonRetryableTypes.includes('TemporalTimeout:Heartbeat');
    return false;
  }
  if (failure.serverFailureInfo) return !failure.serverFailureInfo.nonRetryable;
  if (failure.applicationFailureInfo) return !failure.applicationFailureInfo.nonRetryable && !nonRetryableTypes.includes(failure.applicationFailureInfo.type ?? '');
  return true;
}

export interface BackoffInput {
  readonly now: number;
  /** The attempt that has just ended, from 1. */
  readonly attempt: number;
  readonly initialMs: number;
  readonly coefficient: number;
  readonly maximumMs: number;
  /** 0 for no limit. */
  readonly maximumAttempts: number;
  /** No attempt may start later; 0 for never. */
  readonly expiresAt: number;
  /** `nextRetryDelay` of an ApplicationFailure: overrules interval and cap. */
  readonly delayMs: number | null;
}

/** The wait before the next attempt, or why there is none. */
export function nextBackoff(input: BackoffInput): { readonly waitMs: number; readonly state: RetryState } {
  if (input.maximumAttempts > 0 && input.attempt >= input.maximumAttempts) return { waitMs: 0, state: 'RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED' };
  const maximumMs = input.delayMs ?? input.maximumMs;
  let waitMs = input.delayMs ?? input.initialMs;
  if (input.delayMs === null) {
    for (let i = 1; i < input.attempt && waitMs < (maximumMs || Infinity); i++) waitMs *= input.coefficient;
  }
  if (maximumMs === 0 && waitMs <= 0) {
    if (input.delayMs !== 0) return { waitMs: 0, state: 'RETRY_STATE_TIMEOUT' };
  } else if (maximumMs !== 0 && (waitMs <= 0 || waitMs > maximumMs)) waitMs = maximumMs;
  if (input.expiresAt > 0 && input.now + waitMs > input.expiresAt) return { waitMs: 0, state: 'RETRY_STATE_TIMEOUT' };
  return { waitMs: Math.floor(waitMs), state: 'RETRY_STATE_IN_PROGRESS' };
}

/** `nextRetryDelay` of an ApplicationFailure in milliseconds, or null. */
export function nextRetryDelay(failure: Failure | null): number | null {
  const delay = failure?.applicationFailureInfo?.nextRetryDelay;
  return delay === undefined ? null : parseDuration(delay);
}
