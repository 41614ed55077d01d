import { proxyActivities } from '@temporalio/workflow';

const { step } = proxyActivities<{ step(n: number): Promise<number> }>({ startToCloseTimeout: '1 minute' });

export async function sequential(count: number): Promise<number> {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += await step(i);
  return sum;
}
