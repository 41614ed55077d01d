import { proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { rests } = proxyActivities<typeof activities>({ startToCloseTimeout: '30s', retry: { initialInterval: '500ms' } });

/** The worker is told to stop while the activity runs, and waits for it. */
export async function inActivity(): Promise<string> {
  return await rests(1500);
}

/** The worker stops while the run sleeps: it says goodbye to its sticky queue. */
export async function asleep(): Promise<string> {
  await sleep('8s');
  return await rests(10);
}
