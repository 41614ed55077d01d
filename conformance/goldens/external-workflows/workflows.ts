import { condition, defineSignal, getExternalWorkflowHandle, isCancellation, setHandler, sleep } from '@temporalio/workflow';

export const hello = defineSignal<[string]>('hello');

/** Waits for a signal or its cancellation. */
export async function target(): Promise<string> {
  let text = '';
  setHandler(hello, (value) => void (text = value));
  try {
    await condition(() => text !== '');
  } catch (error) {
    if (isCancellation(error)) return 'cancelled';
    throw error;
  }
  return text;
}

const describe = (error: unknown) => `${(error as Error).name}: ${(error as Error).message}`;

export async function signalsOther(id: string): Promise<string> {
  return await getExternalWorkflowHandle(id).signal(hello, 'from outside').then(() => 'sent', describe);
}

export async function cancelsOther(id: string): Promise<string> {
  return await getExternalWorkflowHandle(id).cancel().then(() => 'requested', describe);
}
