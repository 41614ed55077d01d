import { ApplicationFailure, sleep, workflowInfo } from '@temporalio/workflow';

/** Fails until the third attempt. */
export async function flaky(): Promise<number> {
  const { attempt } = workflowInfo();
  if (attempt < 3) throw ApplicationFailure.create({ message: `attempt ${attempt}`, type: 'Flaky' });
  return attempt;
}

export async function exhausts(): Promise<void> {
  throw ApplicationFailure.create({ message: `attempt ${workflowInfo().attempt}` });
}

export async function nonRetryable(): Promise<void> {
  throw ApplicationFailure.nonRetryable('never', 'Fatal');
}

export async function byType(): Promise<void> {
  throw ApplicationFailure.create({ message: 'typed', type: 'Forbidden' });
}

/** The first run times out, the second completes. */
export async function timesOut(): Promise<string> {
  if (workflowInfo().attempt === 1) await sleep('1h');
  return `attempt ${workflowInfo().attempt}`;
}
