import { condition, defineSignal, proxyActivities, proxyLocalActivities, setHandler, sleep, uuid4 } from '@temporalio/workflow';
import type * as activities from './activities';

const { step } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });
export const add = defineSignal<[number]>('add');

export async function sleeps(): Promise<void> {
  await sleep('1h');
}

/** Its Workflow Task lasts as long as the local activity. */
export async function works(): Promise<void> {
  await proxyLocalActivities<typeof activities>({ startToCloseTimeout: '10s' }).rests(2000);
}

/** Two activities, then two signals. */
export async function collects(): Promise<string> {
  const numbers: number[] = [];
  setHandler(add, (n) => void numbers.push(n));
  const log = [await step('one'), await step('two')];
  await condition(() => numbers.length >= 2);
  return [...log, ...numbers, uuid4().length].join(' ');
}
