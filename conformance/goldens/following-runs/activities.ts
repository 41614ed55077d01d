import { activityInfo } from '@temporalio/activity';

export async function seen(): Promise<string> {
  return JSON.stringify(activityInfo().priority ?? null);
}
