import { condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { step } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });
export const finish = defineSignal('finish');

/** Paused while it sleeps: the timer fires, but nobody hears of it before it goes on. */
export async function sleeps(): Promise<string> {
  await sleep('2s');
  return await step('after');
}

/** Paused while it waits; the signal waits, too. */
export async function waits(): Promise<string> {
  let done = false;
  setHandler(finish, () => void (done = true));
  await condition(() => done);
  return 'finished';
}
