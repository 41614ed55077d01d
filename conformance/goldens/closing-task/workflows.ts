import { ApplicationFailure, condition, defineSignal, getExternalWorkflowHandle, makeContinueAsNewFunc, setHandler, startChild, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

export const finish = defineSignal<[string]>('finish');

export async function waits(): Promise<string> {
  let said = '';
  setHandler(finish, (text) => {
    said = text;
  });
  await condition(() => said !== '');
  return said;
}

const forget = () => undefined;

/** Closes in the Workflow Task in which it signals, or asks to cancel. */
export async function signalsAndCloses(id: string, how: 'completes' | 'fails' | 'continues'): Promise<string> {
  void getExternalWorkflowHandle(id).signal(finish, 'never said').catch(forget);
  if (how === 'fails') throw ApplicationFailure.nonRetryable('on purpose');
  if (how === 'continues') await makeContinueAsNewFunc<typeof quick>({ workflowType: 'quick' })('next');
  return 'gone';
}

export async function cancelsAndCloses(id: string): Promise<string> {
  void getExternalWorkflowHandle(id).cancel().catch(forget);
  await Promise.resolve();
  return 'gone';
}

/** Closes in the Workflow Task in which it starts its children. */
export async function startsAndCloses(): Promise<string> {
  for (const parentClosePolicy of ['ABANDON', 'TERMINATE', 'REQUEST_CANCEL'] as const) {
    void startChild(waits, { workflowId: `kid-${parentClosePolicy}`, parentClosePolicy }).catch(forget);
  }
  await Promise.resolve();
  return 'gone';
}

export async function quick(text: string): Promise<string> {
  return text;
}

/** Null and empty lists take away; a run does not start with them. */
export async function nothings(): Promise<unknown> {
  upsertMemo({ early: null as never, list: [], later: 1 });
  upsertSearchAttributes({ CustomInt: [], CustomKeyword: ['up'] });
  if (workflowInfo().continuedFromExecutionRunId === undefined) {
    await makeContinueAsNewFunc<typeof nothings>({ memo: { none: null, some: 2 }, searchAttributes: { CustomInt: [], CustomKeyword: ['next'] } })();
  }
  return workflowInfo().memo;
}

export async function hasNothings(): Promise<unknown> {
  const child = await startChild(nothings, { workflowId: 'child-of-nothings', memo: { none: null, some: 3 }, searchAttributes: { CustomInt: [] } });
  return await child.result();
}
