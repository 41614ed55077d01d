import { condition, defineSignal, defineUpdate, isCancellation, proxyActivities, proxyLocalActivities, setHandler, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { slow } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute', cancellationType: 'TRY_CANCEL' });
const local = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

export const apply = defineUpdate<string>('apply');
export const mend = defineSignal('mend');

/** A cancellation and an update come together: the run ends, and only then its update, which no server takes. */
export async function endsBeforeItsUpdate(): Promise<void> {
  setHandler(apply, async () => {
    try {
      return await slow();
    } catch (error) {
      if (!isCancellation(error)) throw error;
      return 'cancelled';
    }
  });
  await local.slow();
  await sleep('1 hour');
}

/** The handler of its update is broken until a signal mends it. */
export async function brokenHandler(): Promise<string> {
  let mended = false;
  let applied = false;
  setHandler(mend, () => {
    mended = true;
  });
  setHandler(apply, () => {
    if (!mended) throw new TypeError('broken');
    applied = true;
    return 'applied';
  });
  await condition(() => applied);
  return 'ended by its update';
}
