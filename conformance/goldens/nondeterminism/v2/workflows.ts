import { proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { step } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

/** Sleeps first: the recorded activity finds a timer. */
export async function order(): Promise<string[]> {
  await sleep('2s');
  return [await step('one'), await step('two')];
}
