import { sleep } from '@temporalio/activity';

export async function rests(ms: number): Promise<void> {
  await sleep(ms);
}
