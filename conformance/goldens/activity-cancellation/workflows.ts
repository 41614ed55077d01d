import { ActivityCancellationType, CancellationScope, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

/** Cancels one activity after 500 ms and tells how its promise ended and when the run went on. */
async function cancelAfter(call: () => Promise<unknown>): Promise<string> {
  const scope = new CancellationScope();
  const ended = scope.run(call).then(
    (value) => `value ${String(value)}`,
    (error) => `${isCancellation(error) ? 'cancellation' : 'error'} ${(error as Error).message}`,
  );
  await sleep(500);
  scope.cancel();
  const how = await ended;
  await sleep(1000);
  return how;
}

const options = { startToCloseTimeout: '20s', heartbeatTimeout: '500ms', retry: { maximumAttempts: 1 } } as const;

export async function tryCancel(): Promise<string> {
  const { waits } = proxyActivities<typeof activities>({ ...options, cancellationType: ActivityCancellationType.TRY_CANCEL });
  return await cancelAfter(() => waits('rethrow'));
}

export async function waitCompleted(): Promise<string> {
  const { waits } = proxyActivities<typeof activities>({ ...options, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED });
  return await cancelAfter(() => waits('rethrow'));
}

/** The activity hears of the cancellation and completes all the same. */
export async function completesAnyway(): Promise<string> {
  const { waits } = proxyActivities<typeof activities>({ ...options, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED });
  return await cancelAfter(() => waits('value'));
}

/** The activity hears of the cancellation and fails with something else. */
export async function failsAnyway(): Promise<string> {
  const { waits } = proxyActivities<typeof activities>({ ...options, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED });
  return await cancelAfter(() => waits('fail'));
}

export async function abandon(): Promise<string> {
  const { waits } = proxyActivities<typeof activities>({ ...options, cancellationType: ActivityCancellationType.ABANDON });
  return await cancelAfter(() => waits('short'));
}

/** Never started: nobody polls its queue. */
export async function notStarted(): Promise<string> {
  const { waits } = proxyActivities<typeof activities>({ ...options, taskQueue: 'nobody', cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED });
  return await cancelAfter(() => waits('rethrow'));
}

/** Between two attempts. */
export async function inBackoff(): Promise<string> {
  const { fails } = proxyActivities<typeof activities>({ startToCloseTimeout: '20s', retry: { initialInterval: '1h' }, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED });
  return await cancelAfter(() => fails());
}

/** Scheduled and cancelled in the same Workflow Task: no command at all. */
export async function sameTask(): Promise<string> {
  const { waits } = proxyActivities<typeof activities>(options);
  const scope = new CancellationScope();
  const ended = scope.run(() => waits('rethrow')).catch((error: Error) => `${error.name} ${error.message}`);
  scope.cancel();
  return await ended;
}
