import { patched, proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { step } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

/** The patched version: an open run goes on with the old branch, a new one takes the new branch. */
export async function order(): Promise<string[]> {
  const log = patched('p') ? [await step('new'), await step('newer')] : [await step('old')];
  await sleep('3s');
  log.push(await step('last'));
  return log;
}
