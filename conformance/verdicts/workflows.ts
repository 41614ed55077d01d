import { defineSearchAttributeKey } from '@temporalio/common';
import {
  ActivityCancellationType, ApplicationFailure, CancelledFailure, CancellationScope, ChildWorkflowCancellationType, condition, continueAsNew, defineSignal,
  defineUpdate, deprecatePatch, executeChild, getExternalWorkflowHandle, patched, proxyActivities, proxyLocalActivities, setHandler, sleep, upsertMemo, upsertSearchAttributes,
} from '@temporalio/workflow';

/** One workflow for each thing that code can ask for: `verdicts.test.ts` meets each with histories that say something else. */

interface Activities {
  step(): Promise<string>;
}
const { step } = proxyActivities<Activities>({ startToCloseTimeout: '10s' });
const waiting = proxyActivities<Activities>({ startToCloseTimeout: '10s', cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED });
const local = proxyLocalActivities<Activities>({ startToCloseTimeout: '10s' });
const go = defineSignal('go');
const change = defineUpdate<string>('change');

/** Set by the signal. */
function told(): () => boolean {
  let yes = false;
  setHandler(go, () => void (yes = true));
  return () => yes;
}

const forever = () => condition(() => false);

/** Begins something, and cancels it when it is told to. */
async function cancelWhenTold(begin: () => Promise<unknown>): Promise<void> {
  const yes = told();
  const scope = new CancellationScope();
  const done = scope.run(begin).catch(() => undefined);
  await condition(yes);
  scope.cancel();
  await done;
  await forever();
}

export async function nothing(): Promise<void> {
  await forever();
}
export async function activity(): Promise<void> {
  await step();
  await forever();
}
export async function twoActivities(): Promise<void> {
  await Promise.all([step(), step()]);
  await forever();
}
export async function timer(): Promise<void> {
  await sleep('1s');
  await forever();
}
export async function child(): Promise<void> {
  await executeChild('kid', { workflowId: 'kid-1' });
  await forever();
}
export async function localActivity(): Promise<void> {
  await local.step();
  await forever();
}
export async function patch(): Promise<void> {
  if (patched('my-patch')) await step();
  await forever();
}
export async function deprecated(): Promise<void> {
  deprecatePatch('my-patch');
  await step();
  await forever();
}
export async function signalExternal(): Promise<void> {
  await getExternalWorkflowHandle('other').signal(go);
  await forever();
}
export async function cancelExternal(): Promise<void> {
  await getExternalWorkflowHandle('other').cancel();
  await forever();
}
export async function attributes(): Promise<void> {
  upsertSearchAttributes([{ key: defineSearchAttributeKey('CustomKeyword', 'KEYWORD'), value: 'x' }]);
  await forever();
}
export async function memo(): Promise<void> {
  upsertMemo({ note: 'x' });
  await forever();
}
export async function completes(): Promise<string> {
  return 'done';
}
export async function fails(): Promise<void> {
  throw ApplicationFailure.create({ message: 'no' });
}
export async function cancels(): Promise<void> {
  throw new CancelledFailure('stop');
}
export async function continues(): Promise<void> {
  await continueAsNew();
}
export async function updates(): Promise<void> {
  setHandler(change, async () => {
    await step();
    return 'changed';
  });
  await forever();
}
export async function cancelledTimer(): Promise<void> {
  await cancelWhenTold(() => sleep('1s'));
}
export async function triedActivity(): Promise<void> {
  await cancelWhenTold(() => step());
}
export async function waitedActivity(): Promise<void> {
  await cancelWhenTold(() => waiting.step());
}
export async function triedChild(): Promise<void> {
  await cancelWhenTold(() => executeChild('kid', { workflowId: 'kid-1', cancellationType: ChildWorkflowCancellationType.TRY_CANCEL }));
}
export async function waitedChild(): Promise<void> {
  await cancelWhenTold(() => executeChild('kid', { workflowId: 'kid-1', cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED }));
}
