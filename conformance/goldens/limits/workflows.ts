import { condition, defineSignal, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { echo, large } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s', retry: { maximumAttempts: 2 } });
const text = () => 'x'.repeat(2_200_000);

/** A result that no event may hold. */
export async function returnsTooMuch(): Promise<string> {
  return text();
}

/** An activity input that no event may hold. */
export async function sendsTooMuch(): Promise<string> {
  return await echo(text());
}

/** An activity result that no event may hold. */
export async function getsTooMuch(): Promise<string> {
  return await large(2_200_000).catch((error) => `${error.name}: ${error.message} <- ${error.cause?.name}: ${error.cause?.message}`);
}

/** An activity id that is too long. */
export async function longName(): Promise<string> {
  await sleep(10);
  return await proxyActivities<{ [name: string]: () => Promise<string> }>({ startToCloseTimeout: '10s', activityId: 'i'.repeat(1001) }).echo!();
}

const finish = defineSignal('finish');
export async function waits(): Promise<void> {
  let done = false;
  setHandler(finish, () => void (done = true));
  await condition(() => done);
}
