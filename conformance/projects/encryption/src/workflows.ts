import { defineQuery, proxyActivities, setHandler } from '@temporalio/workflow';
import type * as activities from './activities';

const { greet } = proxyActivities<typeof activities>({ startToCloseTimeout: '1m' });

export async function secret(name: string): Promise<string> {
  setHandler(defineQuery<string>('who'), () => name);
  return await greet(name);
}
