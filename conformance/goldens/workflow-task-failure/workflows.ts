import { proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { step } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

/** A bug: not a Temporal failure, so the Workflow Task fails and is tried again. */
export async function order(): Promise<string> {
  const value = await step('one');
  if (value === 'one') throw new TypeError('a bug');
  return value;
}

/** A cached run that starts to fail. */
export async function later(): Promise<string> {
  await sleep(300);
  await sleep(300);
  throw new RangeError('a later bug');
}
