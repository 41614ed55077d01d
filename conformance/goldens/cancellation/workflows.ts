import { CancellationScope, CancelledFailure, condition, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { step, long } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s', heartbeatTimeout: '1s', cancellationType: 'WAIT_CANCELLATION_COMPLETED' });

/** Cleans up in a non-cancellable scope, then ends as cancelled. */
export async function cleansUp(): Promise<void> {
  try {
    await sleep('1h');
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => step('clean up'));
    throw error;
  }
}

/** Completes although it was cancelled. */
export async function ignores(): Promise<string> {
  try {
    await sleep('1h');
  } catch {
    return `completed, ${CancellationScope.current().consideredCancelled}`;
  }
  return 'slept';
}

/** A scope with a deadline around an activity. */
export async function deadline(): Promise<string> {
  try {
    await CancellationScope.withTimeout(500, () => long());
    return 'in time';
  } catch (error) {
    return `${(error as Error).name} ${isCancellation(error)}`;
  }
}

/** Nested scopes: the shield keeps its activity from the cancellation of the outer one. */
export async function shields(): Promise<string[]> {
  const log: string[] = [];
  const outer = new CancellationScope();
  const done = outer
    .run(async () => {
      const shielded = CancellationScope.nonCancellable(() => step('shielded'));
      const timer = sleep('1h').catch((error) => log.push((error as Error).name));
      await timer;
      log.push(await shielded);
    })
    .catch((error) => log.push(`outer ${(error as Error).name}`));
  await condition(() => false, 300);
  outer.cancel();
  await done;
  return log;
}

/** A cancellation of the run reaches all that wait. */
export async function everything(): Promise<void> {
  await Promise.all([sleep('1h'), sleep('2h'), long()]);
}

/** Throws a cancellation of its own. */
export async function throwsCancelled(): Promise<void> {
  throw new CancelledFailure('on my own');
}
