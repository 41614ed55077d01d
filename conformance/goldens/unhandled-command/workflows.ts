import { condition, defineSignal, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type * as activities from './activities';

export const poke = defineSignal<[string]>('poke');

/** Its last local activity sends it a signal, which comes while the Workflow Task is open: the completion is refused. */
export async function pokesItself(): Promise<string[]> {
  const { signalBack } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '5s' });
  const seen: string[] = [];
  setHandler(poke, (text) => void seen.push(text));
  await signalBack('ping');
  return seen;
}

/** The same, but it stays open: the signal is buffered and the next task follows at once. */
export async function staysOpen(): Promise<string[]> {
  const { signalBack } = proxyLocalActivities<typeof activities>({ startToCloseTimeout: '5s' });
  const seen: string[] = [];
  setHandler(poke, (text) => void seen.push(text));
  await signalBack('ping');
  await condition(() => seen.length > 0);
  return seen;
}
