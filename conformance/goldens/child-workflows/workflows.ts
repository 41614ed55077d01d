import { ApplicationFailure, CancellationScope, ChildWorkflowFailure, condition, defineSignal, executeChild, getExternalWorkflowHandle, isCancellation, setHandler, sleep, startChild, workflowInfo } from '@temporalio/workflow';

export const finish = defineSignal<[string]>('finish');

/** The child of the others. */
export async function child(what: 'value' | 'fail' | 'hang' | 'signal'): Promise<string> {
  if (what === 'fail') throw ApplicationFailure.create({ message: 'child failed', type: 'ChildError', nonRetryable: true });
  if (what === 'hang') await sleep('1h');
  if (what === 'signal') {
    let text = '';
    setHandler(finish, (value) => void (text = value));
    await condition(() => text !== '');
    await sleep('300ms');
    return `signalled ${text}`;
  }
  return `child of ${workflowInfo().parent?.workflowId}`;
}

function describe(error: unknown): string {
  const parts: string[] = [];
  for (let e = error; e instanceof Error; e = e.cause) parts.push(`${e.name}: ${e.message}${e instanceof ChildWorkflowFailure ? ` ${e.retryState} ${e.workflowType}` : ''}`);
  return parts.join(' <- ');
}

const attempt = (call: Promise<string>) => call.catch(describe);

export async function completes(): Promise<string> {
  return await executeChild(child, { workflowId: 'child-completes', args: ['value'] });
}

export async function fails(): Promise<string> {
  return await attempt(executeChild(child, { workflowId: 'child-fails', args: ['fail'] }));
}

/** Cancels the child after it has started and waits for its end. */
export async function cancels(): Promise<string> {
  const scope = new CancellationScope();
  const result = scope.run(() => executeChild(child, { workflowId: 'child-cancels', args: ['hang'] }));
  const described = attempt(result);
  await sleep(500);
  scope.cancel();
  return await described;
}

/** Cancels the child in the task that starts it. */
export async function cancelsAtOnce(): Promise<string> {
  const scope = new CancellationScope();
  const result = scope.run(() => executeChild(child, { workflowId: 'child-cancels-at-once', args: ['hang'] })).catch((error) => `${isCancellation(error)} ${describe(error)}`);
  scope.cancel();
  return await result;
}

export async function signals(): Promise<string> {
  const handle = await startChild(child, { workflowId: 'child-signals', args: ['signal'] });
  await sleep('500ms');
  await handle.signal(finish, 'by parent');
  return await handle.result();
}

/** The id is taken by the child of an earlier call. */
export async function exists(): Promise<string> {
  const first = await startChild(child, { workflowId: 'child-exists', args: ['signal'] });
  const second = await attempt(executeChild(child, { workflowId: 'child-exists', args: ['value'] }));
  await first.signal(finish, 'end');
  await first.result();
  return second;
}

export async function timesOut(): Promise<string> {
  return await attempt(executeChild(child, { workflowId: 'child-times-out', args: ['hang'], workflowRunTimeout: '1s' }));
}

/** The client terminates the child. */
export async function terminated(): Promise<string> {
  return await attempt(executeChild(child, { workflowId: 'child-terminated', args: ['hang'] }));
}

/** Two children at once, with memo and retry policy. */
export async function two(): Promise<string[]> {
  return await Promise.all([
    executeChild(child, { workflowId: 'child-two-a', args: ['value'], memo: { note: 'a' }, retry: { maximumAttempts: 2 } }),
    executeChild(child, { workflowId: 'child-two-b', args: ['value'], workflowExecutionTimeout: '1m', workflowRunTimeout: '30s', workflowTaskTimeout: '5s' }),
  ]);
}
