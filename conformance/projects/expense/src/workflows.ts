import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type * as activities from './activities';

export const approve = defineSignal('approve');
export const reject = defineSignal('reject');

const { createExpense, payment } = proxyActivities<typeof activities>({ startToCloseTimeout: '10 s' });

export enum Status {
  Created,
  Approved,
  Rejected,
}

export async function expense(id: string, timeout: string): Promise<{ status: string }> {
  let state = Status.Created as Status;
  setHandler(approve, () => void (state = Status.Approved));
  setHandler(reject, () => void (state = Status.Rejected));
  await createExpense(id);
  if (!(await condition(() => state !== Status.Created, timeout as '1 day'))) return { status: 'TIMED_OUT' };
  if (state === Status.Rejected) return { status: 'REJECTED' };
  await payment(id);
  return { status: 'COMPLETED' };
}
