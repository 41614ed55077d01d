import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';

export const setValue = defineSignal<[string, number]>('setValue');
export const getValue = defineQuery<number | undefined, [string]>('getValue');
export const finish = defineSignal('finish');

export async function stateWorkflow(): Promise<[string, number][]> {
  const state = new Map<string, number>();
  let finished = false;
  setHandler(setValue, (key, value) => void state.set(key, value));
  setHandler(getValue, (key) => state.get(key), { description: 'A value by its key' });
  setHandler(finish, () => void (finished = true));
  await condition(() => finished);
  return [...state];
}
