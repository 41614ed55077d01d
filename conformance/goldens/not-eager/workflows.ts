import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { greet, shout, count, nothing } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

/** Two activities, one after the other. */
export async function serial(name: string): Promise<string> {
  const greeting = await greet(name);
  return await shout(greeting, 2);
}

/** Three activities at once; they end in the order 2, 3, 1. */
export async function parallel(): Promise<number[]> {
  return await Promise.all([count(600), count(0), count(300)]);
}

/** An activity without arguments and result, options of all kinds. */
export async function options(): Promise<void> {
  const { nothing: withOptions } = proxyActivities<typeof activities>({
    activityId: 'own-id',
    scheduleToCloseTimeout: '20s',
    scheduleToStartTimeout: '10s',
    startToCloseTimeout: '5s',
    heartbeatTimeout: '2s',
    summary: 'an activity with a summary',
    retry: { initialInterval: '100ms', backoffCoefficient: 1.5, maximumInterval: '1s', maximumAttempts: 3, nonRetryableErrorTypes: ['A', 'B'] },
  });
  await withOptions();
  await nothing();
}
