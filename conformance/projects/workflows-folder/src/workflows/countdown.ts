import { sleep } from '@temporalio/workflow';

export async function countdown(from: number): Promise<number> {
  for (let i = from; i > 0; i--) await sleep(1000);
  return from;
}
