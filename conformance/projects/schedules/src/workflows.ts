import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type * as activities from './activities';

const { remind } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute' });

export async function reminder(text: string): Promise<string> {
  const scheduled = workflowInfo().searchAttributes['TemporalScheduledStartTime']?.[0];
  await remind(text);
  return `${text} at ${scheduled instanceof Date ? scheduled.toISOString() : scheduled}`;
}
