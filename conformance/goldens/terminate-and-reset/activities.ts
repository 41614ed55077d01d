import { sleep } from '@temporalio/activity';

export async function step(name: string): Promise<string> {
  return name;
}

export async function rests(ms: number): Promise<void> {
  await sleep(ms);
}
