import { condition, defineSignal, ParentClosePolicy, setHandler, sleep, startChild } from '@temporalio/workflow';

export const finish = defineSignal('finish');

export async function child(): Promise<string> {
  let done = false;
  setHandler(finish, () => void (done = true));
  await condition(() => done);
  return 'finished';
}

/** Starts one child of each policy and completes. */
export async function parent(name: string): Promise<void> {
  for (const policy of ['TERMINATE', 'ABANDON', 'REQUEST_CANCEL'] as const) {
    await startChild(child, { workflowId: `${name}-${policy}`, parentClosePolicy: ParentClosePolicy[policy] });
  }
  await sleep(name === 'terminated' ? '1h' : '500ms');
}
