import { sleep } from '@temporalio/activity';

export async function rests(ms: number): Promise<string> {
  await sleep(ms);
  return `rested ${ms}`;
}
