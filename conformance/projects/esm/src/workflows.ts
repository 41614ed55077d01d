import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities.js';
import { decorate } from './lib/decorate.js';

const { greet } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

export async function example(name: string): Promise<string> {
  return decorate(await greet(name));
}
