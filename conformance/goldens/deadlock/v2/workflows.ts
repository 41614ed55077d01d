import { proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { step } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

export async function loops(): Promise<string> {
  return `mended ${await step('one')}`;
}
