import { condition, defineUpdate, proxyActivities, setHandler } from '@temporalio/workflow';
import type * as activities from './activities';

const { initTransaction, completeTransaction, cancelTransaction } = proxyActivities<typeof activities>({ startToCloseTimeout: '30s', retry: { maximumAttempts: 2 } });

export const confirmation = defineUpdate<string>('confirmation');

export async function transaction(amount: number): Promise<string> {
  let id: string | undefined;
  let failure: Error | undefined;
  setHandler(confirmation, async () => {
    await condition(() => id !== undefined || failure !== undefined);
    if (failure) throw failure;
    return id!;
  });
  try {
    id = await initTransaction(amount);
  } catch (err) {
    failure = err as Error;
    await cancelTransaction(amount);
    throw err;
  }
  await completeTransaction(id);
  return `${id} completed`;
}
