import { proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { step } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

export async function order(): Promise<string[]> {
  const log = [await step('one')];
  await sleep('2s');
  log.push(await step('two'));
  return log;
}
