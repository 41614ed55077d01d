import { CancellationScope, condition, defineQuery, defineSignal, isCancellation, proxyActivities, setHandler } from '@temporalio/workflow';
import type * as activities from '../activities';

const { sendMail } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

export const addItem = defineSignal<[string]>('addItem');
export const checkout = defineSignal('checkout');
export const items = defineQuery<string[]>('items');

/** Collects items until checkout; says goodbye when it is cancelled. */
export async function subscription(customer: string): Promise<string> {
  const basket: string[] = [];
  let done = false;
  setHandler(addItem, (item) => void basket.push(item));
  setHandler(checkout, () => void (done = true));
  setHandler(items, () => basket);
  try {
    await condition(() => done);
    return `${customer} bought ${basket.join(', ')}`;
  } catch (err) {
    if (isCancellation(err)) await CancellationScope.nonCancellable(() => sendMail(customer, `goodbye, you left ${basket.length} items`));
    throw err;
  }
}
