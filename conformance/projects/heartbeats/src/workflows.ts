import { ActivityCancellationType, CancellationScope, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { fakeProgress, cancellableFetch } = proxyActivities<typeof activities>({
  startToCloseTimeout: '200s',
  heartbeatTimeout: '3s',
  // Wait until the activity has really ended.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

export async function runCancellableActivity(): Promise<void> {
  try {
    await fakeProgress();
  } catch (err) {
    if (isCancellation(err)) console.log('Workflow cancelled along with its activity');
    throw err;
  }
}

export async function survivesCrash(): Promise<string> {
  await fakeProgress(500);
  return 'finished';
}

export async function fetchWithDeadline(): Promise<string> {
  try {
    return await CancellationScope.cancellable(async () => {
      const answer = cancellableFetch('http://slow/answer');
      const late = sleep('4s').then(() => CancellationScope.current().cancel());
      await Promise.race([answer, late]);
      return await answer;
    });
  } catch (err) {
    if (isCancellation(err)) return 'too slow';
    throw err;
  }
}
