import { proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { activityA } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

export async function myWorkflow(): Promise<string> {
  const said = await activityA();
  await sleep('1 day');
  return `v1 ${said}`;
}
