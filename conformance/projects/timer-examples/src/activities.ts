import { sleep } from '@temporalio/activity';

export async function processOrder(ms: number): Promise<void> {
  await sleep(ms);
}

export async function notify(text: string): Promise<void> {
  console.log(text);
}
