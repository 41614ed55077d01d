import { proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { step } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

const { slow } = proxyActivities<typeof activities>({ startToCloseTimeout: '3s', retry: { initialInterval: '500ms' } });

/** The worker is killed while the activity runs: the service learns it by start-to-close. */
export async function midActivity(): Promise<string> {
  return `${await step('before')} ${await slow()}`;
}

/** The worker is killed while the run sleeps: its sticky queue times out. */
export async function asleep(): Promise<string> {
  await sleep('2s');
  return await step('after');
}
