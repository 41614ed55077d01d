import { condition, continueAsNew, defineSignal, makeContinueAsNewFunc, setHandler, sleep, workflowInfo } from '@temporalio/workflow';

/** Three runs; tells what a later run knows of the first. */
export async function counts(n: number): Promise<string> {
  if (n < 3) await continueAsNew<typeof counts>(n + 1);
  const info = workflowInfo();
  return `${n} ${info.continuedFromExecutionRunId !== undefined} ${info.firstExecutionRunId !== info.runId} ${info.attempt} ${JSON.stringify(info.memo ?? null)}`;
}

/** Goes on as another type with other options. */
export async function changes(): Promise<void> {
  const other = makeContinueAsNewFunc<typeof target>({ workflowType: 'target', memo: { from: 'changes' }, workflowRunTimeout: '30s', workflowTaskTimeout: '7s' });
  await sleep(100);
  await other('handed over');
}

export async function target(text: string): Promise<string> {
  return `target ${text} ${JSON.stringify(workflowInfo().memo)}`;
}

export const add = defineSignal<[number]>('add');

/** Continues at once when it has two signals. */
export async function carries(sum: number, runs: number): Promise<number> {
  let count = 0;
  setHandler(add, (n) => {
    sum += n;
    count++;
  });
  await condition(() => count >= 2);
  if (runs > 0) await continueAsNew<typeof carries>(sum, runs - 1);
  return sum;
}
