import { allHandlersFinished, ApplicationFailure, condition, defineQuery, defineSignal, defineUpdate, proxyActivities, setHandler, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { slow } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });

export const add = defineUpdate<number, [number]>('add');
export const addSlowly = defineUpdate<number, [number]>('addSlowly');
export const fails = defineUpdate<void, [string]>('fails');
export const finish = defineSignal('finish');
export const total = defineQuery<number>('total');

/** Takes updates until told to finish. */
export async function account(start: number): Promise<number> {
  let sum = start;
  let done = false;
  setHandler(add, (n) => (sum += n), {
    validator(n) {
      if (n < 0) throw new Error(`negative: ${n}`);
    },
  });
  setHandler(addSlowly, async (n) => {
    const more = await slow(n);
    sum += more;
    return sum;
  });
  setHandler(fails, async (text) => {
    await sleep(100);
    throw ApplicationFailure.create({ message: text, type: 'Refused' });
  });
  setHandler(finish, () => void (done = true));
  setHandler(total, () => sum);
  await condition(() => done);
  await condition(allHandlersFinished);
  return sum;
}

/** Ends while an update is still open. */
export async function leaves(): Promise<string> {
  let begun = false;
  setHandler(add, async () => {
    begun = true;
    await sleep('1h');
    return 0;
  });
  await condition(() => begun);
  await sleep(200);
  return 'left';
}

/** Ends in the Workflow Task that handles the update. */
export async function endsByUpdate(): Promise<string> {
  let value = 0;
  setHandler(add, (n) => (value = n));
  await condition(() => value > 0);
  return `ended by ${value}`;
}
