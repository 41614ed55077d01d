import { ApplicationFailure, continueAsNew, executeChild, proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const frequent = proxyActivities<typeof activities>({ startToCloseTimeout: '60s', heartbeatTimeout: '2s' });
const infrequent = proxyActivities<typeof activities>({ startToCloseTimeout: '2s', retry: { backoffCoefficient: 1, initialInterval: '60s' } });
const told = proxyActivities<typeof activities>({ startToCloseTimeout: '2s' });
const once = proxyActivities<typeof activities>({ startToCloseTimeout: '2s', retry: { maximumAttempts: 1 } });

export const frequentPolling = (): Promise<string> => frequent.pollFrequently('frequent');
export const infrequentPolling = (): Promise<string> => infrequent.pollOnce('infrequent');
export const toldPolling = (): Promise<string> => told.pollAsTold('told');

/** Leaves the polling to a child, whose history is cut now and then. */
export const periodicPolling = (): Promise<string> => executeChild(pollingChild, { args: [{ intervalSeconds: 60 }], workflowId: 'polling-child' });

export async function pollingChild(params: { intervalSeconds: number }): Promise<string> {
  for (let i = 0; i < 2; i++) {
    try {
      return await once.pollOnce('periodic');
    } catch {
      // not yet
    }
    await sleep(params.intervalSeconds * 1000);
  }
  await continueAsNew<typeof pollingChild>(params);
  throw ApplicationFailure.nonRetryable('unreachable');
}
