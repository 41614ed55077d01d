import { deprecatePatch, patched, proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { step } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

/** New runs record the patch and take the new branch. */
export async function isPatched(): Promise<string> {
  const first = patched('my-patch') ? await step('new') : await step('old');
  await sleep(100);
  const second = patched('my-patch') ? 'again' : 'never';
  return `${first} ${second}`;
}

export async function isDeprecated(): Promise<string> {
  deprecatePatch('my-patch');
  return await step('only new');
}

/** Two patches, the second in a later Workflow Task. */
export async function twice(): Promise<boolean[]> {
  const b = patched('b');
  await sleep(100);
  const a = patched('a');
  await sleep(100);
  return [a, b];
}
