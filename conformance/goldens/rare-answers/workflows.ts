import { condition, defineQuery, defineSignal, defineUpdate, patched, proxyLocalActivities, setHandler, sleep, uuid4 } from '@temporalio/workflow';
import type * as activities from './activities';

const { lasts } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '10s' });

export const go = defineSignal('go');
export const state = defineQuery<string>('state');
export const hold = defineUpdate<string>('hold');

/** More patches than a search attribute can hold (2048 bytes): the later ones leave a marker alone. */
export async function manyPatches(): Promise<number> {
  let count = 0;
  for (let i = 0; i < 45; i++) {
    if (patched(`a-patch-with-a-name-that-takes-some-forty-characters-${i}`)) count++;
    if (i === 40) await sleep('100ms');
  }
  return count;
}

/** Updates stay open until it is told to go on. */
export async function holds(): Promise<void> {
  let going = false;
  setHandler(go, () => void (going = true));
  setHandler(state, () => `going: ${going}`);
  setHandler(hold, async () => {
    await condition(() => going);
    return 'let go';
  });
  await condition(() => going);
}

/** Fails its Workflow Task until the end of time. */
export async function broken(): Promise<void> {
  setHandler(state, () => 'asked');
  throw new TypeError('broken');
}

/** A Workflow Task that takes its time. */
export async function busy(): Promise<string> {
  setHandler(state, () => 'asked');
  const result = await lasts(1500);
  return `${result} ${uuid4().length}`;
}
