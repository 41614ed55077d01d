import * as wf from '@temporalio/workflow';
import type * as activities from './activities';
const { seen } = wf.proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });
const info = (): unknown => { const i = wf.workflowInfo(); return [i.priority ?? null, Object.entries(i.memo ?? {}).sort(), i.typedSearchAttributes.getAll().map(({ key, value }) => `${key.name} ${key.type} ${value instanceof Date ? 'a time' : String(value)}`).sort(), i.retryPolicy ?? null, i.cronSchedule ?? null, i.attempt, i.runTimeoutMs ?? null, i.executionTimeoutMs ?? null, i.taskTimeoutMs, i.continuedFromExecutionRunId !== undefined, i.lastResult ?? null, i.lastFailure?.message ?? null]; };
export const upd = wf.defineUpdate<unknown>('upd');
export async function chain(n: number): Promise<unknown> {
  wf.upsertMemo({ step: n });
  if (n > 0) await wf.continueAsNew<typeof chain>(n - 1);
  return [info(), await seen()];
}
export async function chainWith(n: number): Promise<unknown> {
  if (n > 0) await wf.makeContinueAsNewFunc<typeof chainWith>({ memo: { made: n }, workflowRunTimeout: '50s', workflowTaskTimeout: '7s' })(n - 1);
  return [info(), await seen()];
}
export async function retries(): Promise<unknown> {
  wf.upsertMemo({ at: wf.workflowInfo().attempt });
  if (wf.workflowInfo().attempt < 3) throw wf.ApplicationFailure.retryable(`attempt ${wf.workflowInfo().attempt}`);
  return [info(), await seen()];
}
export async function cron(): Promise<unknown> {
  wf.upsertMemo({ last: String(wf.workflowInfo().lastResult ?? 'none') });
  return [info(), 1].length;
}
export async function kid(): Promise<unknown> { return [info(), await seen()]; }
export async function parent(): Promise<unknown> {
  return [info(), await wf.executeChild(kid, { workflowId: 'kid-plain' }), await wf.executeChild(kid, { workflowId: 'kid-own', priority: { priorityKey: 5 }, memo: { k: 1 }, retry: { maximumAttempts: 2 } }), await wf.executeChild(chain, { workflowId: 'kid-chain', args: [1], staticSummary: 'kid chain' })];
}
export async function waits(): Promise<unknown> { let done = false; wf.setHandler(upd, () => { done = true; return info(); }); await wf.condition(() => done); return info(); }
