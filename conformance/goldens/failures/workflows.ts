import { ApplicationFailure, executeChild, proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { chain } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } });

export async function application(): Promise<void> {
  throw ApplicationFailure.create({ message: 'told', type: 'Told', nonRetryable: true, details: ['a', { b: 1 }], cause: new Error('the cause'), category: 'BENIGN' });
}

/** Through an activity, a child and a parent. */
export async function nested(depth: number): Promise<void> {
  if (depth === 0) await chain();
  await executeChild(nested, { workflowId: `nested-${depth - 1}`, args: [depth - 1] });
}

/** A failure with the activity's failure as its cause. */
export async function wraps(): Promise<void> {
  try {
    await chain();
  } catch (error) {
    throw ApplicationFailure.create({ message: 'wrapped', cause: error as Error });
  }
}
