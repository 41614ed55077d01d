import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { later } = proxyActivities<typeof activities>({ startToCloseTimeout: '5s', heartbeatTimeout: '4s', cancellationType: 'WAIT_CANCELLATION_COMPLETED', retry: { maximumAttempts: 1 } });

/** The activity is ended from outside. */
export async function waits(): Promise<string> {
  return await later();
}
