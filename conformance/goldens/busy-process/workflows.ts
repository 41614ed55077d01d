import { ActivityFailure, proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { burn, measure, quick } = proxyActivities<typeof activities>({ startToCloseTimeout: '30s' });
const { burn: tooLong } = proxyActivities<typeof activities>({ startToCloseTimeout: '1s', retry: { maximumAttempts: 1 } });

export async function calculates(): Promise<boolean[]> {
  return [await burn(4000), await measure(500)];
}

export async function waitsForTheProcess(): Promise<string> {
  const began = Date.now();
  return `${await quick()} ${Date.now() - began > 2000 ? 'late' : 'in time'}`;
}

export async function timesOut(): Promise<string> {
  try {
    await tooLong(2500);
    return 'in time';
  } catch (error) {
    return `${(error as ActivityFailure).cause?.message}`;
  }
}
