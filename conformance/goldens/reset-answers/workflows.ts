import { condition, defineSignal, defineUpdate, executeChild, patched, proxyActivities, setHandler, sleep, startChild, workflowInfo } from '@temporalio/workflow';
import type * as activities from './activities';

const { quick, lasts } = proxyActivities<typeof activities>({ startToCloseTimeout: '20s' });

export const add = defineSignal<[number]>('add');
export const put = defineUpdate<number, [number]>('put');

/** Two activities, a sum of signals and updates, and an end when the sum is large enough. */
export async function sums(goal: number): Promise<string> {
  let sum = 0;
  setHandler(add, (n) => void (sum += n));
  setHandler(put, (n) => (sum += n));
  const first = await quick(1);
  const second = await quick(2);
  await condition(() => sum >= goal);
  const info = workflowInfo();
  return `${first + second} ${sum} ${info.runId === info.originalExecutionRunId} ${info.attempt}`;
}

export async function kid(): Promise<string> {
  await sleep('700ms');
  return 'grown up';
}

/** Has a child and an activity that are not over when it is reset. */
export async function family(): Promise<string> {
  await quick(1);
  const child = await startChild(kid, { workflowId: `kid-of-${workflowInfo().workflowId}` });
  const activity = lasts(600);
  return `${await child.result()} ${await activity} ${patched('p')}`;
}

export async function chain(left: number): Promise<string> {
  const text = await executeChild(kid, { workflowId: `kid-${left}` });
  return `${text} ${left}`;
}
