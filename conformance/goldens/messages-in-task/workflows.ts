import { allHandlersFinished, condition, continueAsNew, defineQuery, defineSignal, defineUpdate, proxyLocalActivities, setHandler, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { rests } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '10s' });

export const add = defineUpdate<string, [string]>('add');
export const note = defineSignal<[string]>('note');
export const finish = defineSignal('finish');
export const log = defineQuery<string[]>('log');

function handlers(seen: string[]): () => boolean {
  let done = false;
  setHandler(log, () => seen);
  setHandler(note, (text) => void seen.push(`signal ${text}`));
  setHandler(finish, () => void (done = true));
  setHandler(add, async (text) => {
    seen.push(`update ${text}`);
    return `${seen.length}`;
  });
  return () => done;
}

/** Its first Workflow Task lasts as long as a local activity: what comes meanwhile waits. */
export async function busy(): Promise<string[]> {
  const seen: string[] = [];
  const done = handlers(seen);
  await rests(2000);
  seen.push('rested');
  await condition(done);
  await condition(allHandlersFinished);
  return seen;
}

/** Nothing but a timer; handlers from the beginning. */
export async function idle(): Promise<string[]> {
  const seen: string[] = [];
  const done = handlers(seen);
  await condition(done);
  return seen;
}

/** Continues as new when told to, with an update open. */
export async function moves(round: number): Promise<number> {
  let open = false;
  setHandler(add, async () => {
    open = true;
    await sleep('1h');
    return 'never';
  });
  if (round === 2) return round;
  await condition(() => open);
  return await continueAsNew<typeof moves>(round + 1);
}
