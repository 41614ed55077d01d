import { condition, defineSignal, proxyActivities, setHandler, setWorkflowOptions } from '@temporalio/workflow';
import type * as activities from './activities';

const { someActivity } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });
const doNext = defineSignal<[string]>('doNext');

setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, autoUpgrading);
export async function autoUpgrading(): Promise<string[]> {
  return loop('auto v1');
}

setWorkflowOptions({ versioningBehavior: 'PINNED' }, pinned);
export async function pinned(): Promise<string[]> {
  return loop('pinned v1');
}

async function loop(name: string): Promise<string[]> {
  const signals: string[] = [];
  const out: string[] = [];
  setHandler(doNext, (signal) => void signals.push(signal));
  for (;;) {
    await condition(() => signals.length > 0);
    const signal = signals.shift()!;
    if (signal === 'conclude') return [...out, `${name} concludes`];
    out.push(await someActivity(name));
  }
}
