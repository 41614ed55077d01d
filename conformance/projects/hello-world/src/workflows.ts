import { proxyActivities } from '@temporalio/workflow';
// Only the types: workflow code may not load activity code.
import type * as activities from './activities';

const { greet } = proxyActivities<typeof activities>({
  startToCloseTimeout: '1 minute',
});

/** A workflow that calls one activity. */
export async function example(name: string): Promise<string> {
  return await greet(name);
}
