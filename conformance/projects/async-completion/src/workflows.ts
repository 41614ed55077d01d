import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { doSomethingAsync } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });
const { askHuman } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 day', activityId: 'ask-human', retry: { maximumAttempts: 1 } });

export const asyncActivityWorkflow = (): Promise<string> => doSomethingAsync();
export async function humanWorkflow(): Promise<string> {
  try {
    return await askHuman();
  } catch (err) {
    return `failed: ${(err as Error & { cause?: Error }).cause?.message}`;
  }
}
