import { proxyActivities } from '@temporalio/workflow';

const { step } = proxyActivities<{ step(n: number): Promise<number> }>({ startToCloseTimeout: '1 minute' });

/** Ten activities one after the other. */
export async function short(): Promise<number> {
  let sum = 0;
  for (let i = 0; i < 10; i++) sum += await step(i);
  return sum;
}
