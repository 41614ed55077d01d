import { CancellationScope, defineQuery, defineSignal, isCancellation, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type * as activities from './activities';
import { UpdatableTimer } from './updatable-timer';

const { processOrder, notify } = proxyActivities<typeof activities>({ startToCloseTimeout: '5m' });

export const setDeadline = defineSignal<[number]>('setDeadline');
export const timeLeft = defineQuery<number>('timeLeft');

export async function countdownWorkflow(ms: number): Promise<string> {
  const target = new UpdatableTimer(Date.now() + ms);
  setHandler(setDeadline, (deadline) => void (target.deadline = deadline));
  setHandler(timeLeft, () => target.deadline - Date.now());
  await target;
  return new Date(Date.now()).toISOString();
}

/** Tells the customer when the order takes longer than half a minute. */
export async function processOrderWorkflow(orderMs: number): Promise<string> {
  let pending = true;
  const order = processOrder(orderMs).then(() => void (pending = false));
  const slow = await CancellationScope.cancellable(async () => {
    const timer = sleep('30 seconds').then(() => true, (err) => {
      if (!isCancellation(err)) throw err;
      return false;
    });
    await Promise.race([order, timer]);
    if (pending) return true;
    CancellationScope.current().cancel();
    return timer;
  });
  if (slow) {
    await notify('still working on it');
    await order;
  }
  return slow ? 'slow' : 'fast';
}
