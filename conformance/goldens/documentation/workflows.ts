import * as wf from '@temporalio/workflow';
import type * as activities from './activities';
const act = wf.proxyActivities<typeof activities>({ startToCloseTimeout: '10s', retry: { initialInterval: '100ms', maximumAttempts: 3 }, cancellationType: wf.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED, heartbeatTimeout: '2s' });

interface Input { n: number }
export const update = wf.defineUpdate<number, [Input]>('add');
export const entitySignal = wf.defineSignal<[Input]>('inc');
export const state = wf.defineQuery<number>('state');
const MAX = 4;
export async function entity(input: Input, isNew = true): Promise<string> {
  try {
    const pending: Input[] = [];
    let total = input.n;
    wf.setHandler(entitySignal, (i) => { pending.push(i); });
    wf.setHandler(state, () => total);
    wf.setHandler(update, async (i) => { await act.greet('u'); total += i.n; return total; }, { validator: (i) => { if (i.n < 0) throw new Error('negative'); } });
    if (isNew) await act.greet('setup');
    for (let iteration = 1; iteration <= MAX; ++iteration) {
      await wf.condition(() => pending.length > 0, '1 day');
      while (pending.length) { const i = pending.shift()!; await act.greet('x'); total += i.n; }
    }
    await wf.condition(wf.allHandlersFinished);
    await wf.continueAsNew<typeof entity>({ n: total }, false);
    return '';
  } catch (err) {
    if (wf.isCancellation(err)) { await wf.CancellationScope.nonCancellable(() => act.greet('cleanup')); return 'cleaned'; }
    throw err;
  }
}

export async function scopes(): Promise<string[]> {
  const out: string[] = [];
  try { await wf.CancellationScope.withTimeout(300, () => act.progress(50)); } catch (e: any) { out.push(e.name, String(wf.isCancellation(e)), e.cause?.name); }
  const scope = new wf.CancellationScope();
  const p = scope.run(() => wf.sleep('1h'));
  scope.cancel();
  try { await p; } catch (e: any) { out.push(e.name, e.message); }
  try { await Promise.race([act.progress(30), wf.sleep(100).then(() => { throw new Error('raced'); })]); } catch (e: any) { out.push(e.message); }
  out.push(String(await wf.condition(() => false, 50)));
  const t = new wf.Trigger<number>();
  void wf.sleep(20).then(() => t.resolve(7));
  out.push(String(await t));
  try { await wf.CancellationScope.cancellable(async () => { const c = wf.CancellationScope.current(); void c.cancelRequested.catch(() => {}); void wf.sleep(10).then(() => c.cancel()); await wf.sleep('1h'); }); } catch (e: any) { out.push(e.name); }
  return out;
}

export async function failing(): Promise<unknown> {
  const out: unknown[] = [];
  try { await act.benign(); } catch (e: any) { out.push(e.name, e.activityType, e.retryState, e.cause.type, e.cause.category, e.cause.details, e.cause.nonRetryable); }
  out.push(await wf.proxyActivities<typeof activities>({ startToCloseTimeout: '1s', retry: { initialInterval: 50, maximumAttempts: 5 }, priority: { priorityKey: 2 }, summary: 'a summary' }).retried());
  try { await wf.proxyActivities<typeof activities>({ scheduleToCloseTimeout: '400ms', heartbeatTimeout: '100ms', retry: { maximumAttempts: 1 } }).waits(); } catch (e: any) { out.push(e.message, e.cause?.name, e.cause?.timeoutType); }
  return out;
}

export async function kid(name: string, fail: boolean): Promise<string> {
  await wf.sleep(100);
  if (fail) throw wf.ApplicationFailure.nonRetryable('kid failed', 'Kid', name);
  await wf.sleep(name === 'slow' ? '1h' : 20);
  return `kid ${name} of ${wf.workflowInfo().parent?.workflowId} root ${wf.workflowInfo().root?.workflowId}`;
}
export async function parent(): Promise<unknown> {
  const out: unknown[] = [];
  wf.setCurrentDetails('**details** now');
  for (const n of ['a', 'b']) out.push(await wf.executeChild(kid, { args: [n, false], workflowId: `kid-${n}`, staticSummary: `sum ${n}`, staticDetails: 'd' }));
  try { await wf.executeChild(kid, { args: ['c', true], workflowId: 'kid-c' }); } catch (e: any) { out.push(e.name, e.message, e.cause?.message, e.cause?.details, e.retryState); }
  const slow = await wf.startChild(kid, { args: ['slow', false], workflowId: 'kid-slow', parentClosePolicy: 'TERMINATE', cancellationType: 'WAIT_CANCELLATION_REQUESTED' });
  try { await wf.startChild(kid, { args: ['slow', false], workflowId: 'kid-slow' }); } catch (e: any) { out.push(e.name, e.message); }
  const ext = wf.getExternalWorkflowHandle('nobody');
  try { await ext.signal('x'); } catch (e: any) { out.push(e.name, e.message); }
  try { await ext.cancel(); } catch (e: any) { out.push(e.name, e.message); }
  await wf.getExternalWorkflowHandle(slow.workflowId).cancel();
  try { await slow.result(); } catch (e: any) { out.push(e.name, e.cause?.name); }
  wf.upsertMemo({ a: 1, b: null, c: { d: [1] } });
  wf.upsertMemo({ a: null });
  out.push(wf.workflowInfo().memo);
  await wf.sleep(10, { summary: 'short nap' });
  if (wf.patched('p1')) out.push('patched');
  wf.deprecatePatch('p0');
  return out;
}

/** Fails in its first run. */
export async function flaky(): Promise<string> {
  if (wf.workflowInfo().attempt === 1) throw wf.ApplicationFailure.retryable('first attempt');
  return `attempt ${wf.workflowInfo().attempt}`;
}
