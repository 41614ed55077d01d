import { condition, defineQuery, defineSignal, defineUpdate, executeChild, proxyActivities, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type * as activities from './activities';

const { waitsForever } = proxyActivities<typeof activities>({ startToCloseTimeout: '1 minute', heartbeatTimeout: '50s', retry: { maximumAttempts: 3 } });

export const finish = defineSignal('finish');
export const total = defineQuery<number>('total');
export const add = defineUpdate<number, [number]>('add');

/** Open until it is told to finish. */
export async function waits(): Promise<number> {
  let sum = 0;
  let over = false;
  setHandler(finish, () => void (over = true));
  setHandler(total, () => sum);
  setHandler(add, (n) => (sum += n), { validator: (n) => { if (n < 0) throw new RangeError('not below zero'); } });
  await condition(() => over);
  return sum;
}

export async function quick(): Promise<string> {
  return 'done';
}

/** Has a pending activity and a pending child. */
export async function busy(): Promise<void> {
  await Promise.all([waitsForever(), executeChild(waits, { workflowId: 'busy-child', memo: { from: 'parent' } })]);
}

/** All that a child sees of itself. */
export async function sees(): Promise<unknown> {
  const info = workflowInfo();
  const { workflowId, root, parent, executionTimeoutMs, runTimeoutMs, taskTimeoutMs, attempt, memo, retryPolicy, cronSchedule, historyLength, priority } = info;
  // Its parent has nothing to do by then.
  await sleep('300ms');
  return { workflowId, root: root?.workflowId, parent: parent?.workflowId, executionTimeoutMs, runTimeoutMs, taskTimeoutMs, attempt, memo, retryPolicy, cronSchedule, historyLength, priority };
}

export async function hasChildren(): Promise<unknown[]> {
  return [await executeChild(sees, { workflowId: 'sees-1' }), await executeChild(middle, { workflowId: 'middle', workflowRunTimeout: '40s', workflowTaskTimeout: '5s', retry: { maximumAttempts: 2 } })];
}

export async function middle(): Promise<unknown> {
  return await executeChild(sees, { workflowId: 'sees-2', workflowExecutionTimeout: '30s' });
}
