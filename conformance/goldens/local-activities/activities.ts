import { activityInfo, ApplicationFailure, sleep } from '@temporalio/activity';

export async function echo(text: string): Promise<string> {
  return `${text} ${activityInfo().isLocal}`;
}

export async function flaky(worksAt: number): Promise<number> {
  const { attempt } = activityInfo();
  if (attempt < worksAt) throw new Error(`attempt ${attempt}`);
  return attempt;
}

export async function fails(): Promise<string> {
  throw ApplicationFailure.create({ message: `attempt ${activityInfo().attempt}`, type: 'Always' });
}

export async function nonRetryable(): Promise<string> {
  throw ApplicationFailure.nonRetryable('never', 'Fatal');
}

export async function slow(ms: number): Promise<string> {
  await sleep(ms);
  return `slept ${ms}`;
}
