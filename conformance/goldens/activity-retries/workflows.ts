import { proxyActivities, ApplicationFailure, ActivityFailure } from '@temporalio/workflow';
import type * as activities from './activities';

const retry = { initialInterval: '50ms', backoffCoefficient: 2, maximumInterval: '100ms' } as const;
const { flaky } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s', retry });
const { alwaysFails, nonRetryable, typed, plainError } = proxyActivities<typeof activities>({
  startToCloseTimeout: '10s',
  retry: { ...retry, maximumAttempts: 3, nonRetryableErrorTypes: ['Forbidden'] },
});
const { ownDelay } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

/** Fails twice, then works. */
export async function recovers(): Promise<string> {
  return await flaky(3);
}

/** Fails with a failure that has a cause and details, three times. */
export async function exhausts(): Promise<void> {
  await alwaysFails();
}

export async function stopsAtOnce(): Promise<void> {
  await nonRetryable();
}

export async function stopsByType(): Promise<void> {
  await typed('Forbidden');
}

/** The failure is caught and told. */
export async function tells(): Promise<string[]> {
  try {
    await plainError();
  } catch (error) {
    const failure = error as ActivityFailure;
    const cause = failure.cause as ApplicationFailure;
    return [failure.name, failure.message, String(failure.retryState), failure.activityType, failure.activityId ?? '', cause.name, cause.message, cause.type ?? '', String(cause.nonRetryable)];
  }
  return [];
}

/** The delay of the failure wins over the policy. */
export async function delayed(): Promise<number> {
  return await ownDelay();
}
