import { proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { step } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

export async function order(): Promise<string> {
  return `mended ${await step('one')}`;
}

export async function later(): Promise<string> {
  await sleep(300);
  await sleep(300);
  return 'mended';
}
