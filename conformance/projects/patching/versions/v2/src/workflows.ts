import { patched, proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from '../../../src/activities';

const { activityA, activityB } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

export async function myWorkflow(): Promise<string> {
  const said = patched('my-change-id') ? await activityB() : await activityA();
  await sleep('1 day');
  return `v2 ${said}`;
}
