import { deprecatePatch, proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from '../../../src/activities';

const { activityB } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

export async function myWorkflow(): Promise<string> {
  deprecatePatch('my-change-id');
  const said = await activityB();
  await sleep('1 day');
  return `v3 ${said}`;
}
