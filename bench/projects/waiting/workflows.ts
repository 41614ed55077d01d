import { condition, defineSignal, setHandler } from '@temporalio/workflow';

const done = defineSignal('done');

/** Stays in the cache. */
export async function waiting(): Promise<void> {
  let isDone = false;
  setHandler(done, () => {
    isDone = true;
  });
  await condition(() => isDone);
}
