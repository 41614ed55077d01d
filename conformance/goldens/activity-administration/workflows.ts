import { ActivityFailure, proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { flaky, beats } = proxyActivities<typeof activities>({ startToCloseTimeout: '30s', heartbeatTimeout: '5s', retry: { initialInterval: '1s', backoffCoefficient: 1 } });

/** Fails until the client lets it succeed. */
export async function stuck(until: number): Promise<string> {
  return await flaky(until).catch((error) => `${error instanceof ActivityFailure}: ${error.cause.message}`);
}

export async function beating(): Promise<string> {
  return await beats();
}
