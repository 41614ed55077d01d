import { proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';
import { getContext } from './workflow-interceptors';

const { whoAsks } = proxyActivities<typeof activities>({ startToCloseTimeout: '5s' });

export async function sampleWorkflow(): Promise<string> {
  await sleep(10);
  return `${getContext().customer} in the workflow, ${await whoAsks()} in the activity`;
}
