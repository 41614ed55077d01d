import { condition, defineQuery, defineSignal, setHandler, sleep } from '@temporalio/workflow';

export const add = defineSignal<[number, string?]>('add');
export const finish = defineSignal('finish');
export const total = defineQuery<number>('total');
export const fails = defineQuery<number, [string]>('fails');

/** Sums until it is told to finish. */
export async function adder(start: number): Promise<number> {
  let sum = start;
  let done = false;
  setHandler(add, (n) => void (sum += n));
  setHandler(finish, () => void (done = true));
  setHandler(total, () => sum);
  setHandler(fails, (text) => {
    throw new RangeError(text);
  });
  await condition(() => done);
  return sum;
}

/** A handler that waits; signals that come before the handler are kept. */
export async function late(): Promise<string[]> {
  const seen: string[] = [];
  await sleep(500);
  setHandler(add, async (n, text) => {
    seen.push(`begin ${n}`);
    await sleep(200);
    seen.push(`end ${n} ${text}`);
  });
  await condition(() => seen.length === 4);
  return seen;
}
