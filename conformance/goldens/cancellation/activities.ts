import { heartbeat, sleep } from '@temporalio/activity';

export async function step(name: string): Promise<string> {
  return name;
}

export async function long(): Promise<void> {
  for (let i = 0; i < 50; i++) {
    heartbeat(i);
    await sleep(100);
  }
}
