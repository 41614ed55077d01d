import { proxyActivities, sleep } from '@temporalio/workflow';

const { step } = proxyActivities<{ step(n: number): Promise<number> }>({ startToCloseTimeout: '1 minute' });

/** Rounds of 100 activities and 100 timers at once. */
export async function fanOut(rounds: number): Promise<number> {
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    const results = await Promise.all([...numbers.map((n) => step(n)), ...numbers.map((n) => sleep(1000).then(() => n))]);
    sum += results.length;
  }
  return sum;
}
