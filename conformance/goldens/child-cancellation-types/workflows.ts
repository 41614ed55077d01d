import { CancellationScope, ChildWorkflowCancellationType, executeChild, isCancellation, sleep } from '@temporalio/workflow';

/** Takes its time to end when it is cancelled. */
export async function child(): Promise<void> {
  try {
    await sleep('1h');
  } catch (error) {
    await CancellationScope.nonCancellable(() => sleep('300ms'));
    throw error;
  }
}

/** Cancels a running child and tells how it heard of the end; waits until the child must have ended. */
export async function parent(type: keyof typeof ChildWorkflowCancellationType): Promise<string> {
  const scope = new CancellationScope();
  const result = scope.run(() => executeChild(child, { workflowId: `child-${type}`, cancellationType: ChildWorkflowCancellationType[type], parentClosePolicy: 'ABANDON' }));
  const heard = result.then(
    () => 'completed',
    (error) => `${(error as Error).name} ${isCancellation(error)} ${(error as Error).message}`,
  );
  await sleep('500ms');
  scope.cancel();
  const text = await heard;
  await sleep('1s');
  return text;
}
