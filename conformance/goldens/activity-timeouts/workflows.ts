import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const retry = { initialInterval: '100ms', backoffCoefficient: 1, maximumAttempts: 2 } as const;

/** Each attempt takes too long. */
export async function startToClose(): Promise<void> {
  await proxyActivities<typeof activities>({ startToCloseTimeout: '400ms', retry }).hangs();
}

/** Nobody polls that queue. */
export async function scheduleToStart(): Promise<void> {
  await proxyActivities<typeof activities>({ scheduleToStartTimeout: '400ms', startToCloseTimeout: '10s', taskQueue: 'nobody' }).hangs();
}

/** The one attempt outlasts the whole. */
export async function scheduleToClose(): Promise<void> {
  await proxyActivities<typeof activities>({ scheduleToCloseTimeout: '400ms' }).hangs();
}

/** Retries until the next one would start too late. */
export async function noTimeToRetry(): Promise<void> {
  await proxyActivities<typeof activities>({ scheduleToCloseTimeout: '2s', startToCloseTimeout: '1s', retry: { initialInterval: '1500ms', backoffCoefficient: 2 } }).fails();
}

/** Attempts time out until the next one would start too late. */
export async function noTimeToRetryTimeout(): Promise<void> {
  await proxyActivities<typeof activities>({ scheduleToCloseTimeout: '1500ms', startToCloseTimeout: '400ms', retry: { initialInterval: '2s' } }).hangs();
}

/** Beats once, then is silent; tells where it was. */
export async function heartbeat(): Promise<void> {
  await proxyActivities<typeof activities>({ startToCloseTimeout: '20s', heartbeatTimeout: '500ms', retry: { maximumAttempts: 1 } }).beatsOnce();
}

/** The second attempt goes on from the last heartbeat. */
export async function resumes(): Promise<number> {
  return await proxyActivities<typeof activities>({ startToCloseTimeout: '20s', heartbeatTimeout: '500ms', retry: { initialInterval: '50ms' } }).goesOn();
}
