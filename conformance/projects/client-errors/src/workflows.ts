import { ApplicationFailure, condition, continueAsNew, defineQuery, defineUpdate, setHandler, sleep } from '@temporalio/workflow';

export const query = defineQuery<string>('query');
export const update = defineUpdate<string, [string]>('update');

export async function fails(): Promise<void> {
  throw ApplicationFailure.create({ message: 'it went wrong', type: 'WentWrong', details: ['detail', 2], nonRetryable: true, cause: new Error('the root') });
}
export async function waits(): Promise<void> {
  setHandler(query, () => {
    throw new Error('no answer');
  });
  setHandler(update, async (arg) => {
    if (arg === 'fail') throw ApplicationFailure.create({ message: 'update went wrong' });
    return arg;
  }, { validator: (arg) => {
    if (arg === 'reject') throw new Error('rejected by the validator');
  } });
  await condition(() => false);
}
export async function times(): Promise<void> {
  await sleep('1 hour');
}
export async function moves(n: number): Promise<void> {
  if (n > 0) await continueAsNew<typeof moves>(n - 1);
}
