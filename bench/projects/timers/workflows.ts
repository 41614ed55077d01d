import { sleep } from '@temporalio/workflow';

/** One timer after the other. */
export async function timers(count: number): Promise<number> {
  for (let i = 0; i < count; i++) await sleep(1000);
  return count;
}
