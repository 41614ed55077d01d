import { proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { step } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

/** The version before the patch. */
export async function order(): Promise<string[]> {
  const log = [await step('old')];
  await sleep('3s');
  log.push(await step('last'));
  return log;
}
