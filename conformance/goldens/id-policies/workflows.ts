import { ApplicationFailure, condition, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';

export const finish = defineSignal('finish');

export async function waits(): Promise<string> {
  let done = false;
  setHandler(finish, () => void (done = true));
  await condition(() => done);
  return 'finished';
}

export async function fails(): Promise<void> {
  throw ApplicationFailure.create({ message: 'as told' });
}

export async function completes(): Promise<number> {
  return workflowInfo().attempt;
}
