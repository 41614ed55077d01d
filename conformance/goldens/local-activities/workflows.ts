import { ActivityCancellationType, CancellationScope, proxyLocalActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { echo } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '5s' });
const { flaky, fails, nonRetryable } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '5s', retry: { initialInterval: '50ms', maximumAttempts: 3 } });

export async function plain(): Promise<string[]> {
  return [await echo('a'), ...(await Promise.all([echo('b'), echo('c')]))];
}

/** Retried in memory, in one Workflow Task. */
export async function retries(): Promise<number> {
  return await flaky(3);
}

function describe(error: unknown): string {
  const parts: string[] = [];
  for (let e = error; e instanceof Error; e = e.cause) parts.push(`${e.name}: ${e.message}`);
  return parts.join(' <- ');
}

export async function exhausts(): Promise<string> {
  return await fails().catch(describe);
}

export async function stops(): Promise<string> {
  return await nonRetryable().catch(describe);
}

/** The back-off is above the threshold: marker and timer. */
export async function backsOff(): Promise<number> {
  const { flaky: later } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '5s', localRetryThreshold: '100ms', retry: { initialInterval: '300ms', maximumAttempts: 3 } });
  return await later(3);
}

export async function timesOut(): Promise<string> {
  const { slow } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '300ms', retry: { maximumAttempts: 1 } });
  return await slow(2000).catch(describe);
}

/** Longer than the Workflow Task: heartbeats keep it alive. */
export async function heartbeats(): Promise<string> {
  const { slow } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '20s' });
  return await slow(2000);
}

/** Cancelled by a timer, which is only noticed at a heartbeat. */
export async function cancels(): Promise<string> {
  const { slow } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '20s', cancellationType: ActivityCancellationType.TRY_CANCEL });
  const scope = new CancellationScope();
  const result = scope.run(() => slow(3000)).catch(describe);
  await sleep(100);
  scope.cancel();
  return await result;
}

/** Beside a regular timer. */
export async function mixed(): Promise<string[]> {
  const timer = sleep(200).then(() => 'timer');
  const local = await echo('local');
  return [local, await timer, await echo('after')];
}
