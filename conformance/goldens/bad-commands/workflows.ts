import { defineSearchAttributeKey } from '@temporalio/common';
import { condition, executeChild, getExternalWorkflowHandle, makeContinueAsNewFunc, proxyActivities, sleep, startChild, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';

/** Commands that a server refuses, or takes though they look wrong. */
const commands: { readonly [name: string]: () => Promise<unknown> } = {
  sleepsBackwards: () => sleep(-5000),
  sleepsNot: () => sleep(0),
  sleepsForAges: () => Promise.race([sleep('90 years'), sleep(10)]),
  activityOnSystemQueue: () => proxyActivities({ startToCloseTimeout: '5s', taskQueue: '/_sys/x' }).step!(),
  activityOnLongQueue: () => proxyActivities({ startToCloseTimeout: '5s', taskQueue: 'x'.repeat(1001) }).step!(),
  activityWithLongType: () => proxyActivities({ startToCloseTimeout: '5s' })['x'.repeat(1001)]!(),
  activityWithLongId: () => proxyActivities({ startToCloseTimeout: '5s', activityId: 'x'.repeat(1001) } as never).step!(),
  activityNegative: () => proxyActivities({ startToCloseTimeout: -5000 }).step!(),
  activityBadRetry: () => proxyActivities({ startToCloseTimeout: '5s', retry: { backoffCoefficient: 0.5 } }).step!(),
  activityLongFairness: () => proxyActivities({ startToCloseTimeout: '5s', priority: { fairnessKey: 'x'.repeat(65) } }).step!(),
  childWithLongId: () => startChild('quick', { workflowId: 'x'.repeat(1001) }),
  childBadCron: () => startChild('quick', { workflowId: 'bad-cron', cronSchedule: '99 * * * *' }),
  childBadRetry: () => startChild('quick', { workflowId: 'bad-retry', retry: { backoffCoefficient: 0.5 } }),
  childNegative: () => startChild('quick', { workflowId: 'negative', workflowRunTimeout: -5000 }),
  childOnSystemQueue: () => startChild('quick', { workflowId: 'system', taskQueue: '/_sys/x' }),
  childBadAttribute: () => startChild('quick', { workflowId: 'attribute', searchAttributes: { CustomInt: ['x'] } }),
  childWithoutType: () => startChild('', { workflowId: 'typeless' }),
  childOfItself: () => executeChild('quick', { workflowId: 'childOfItself' }),
  upsertBad: async () => upsertSearchAttributes([{ key: defineSearchAttributeKey('CustomInt', 'KEYWORD'), value: 'x' }]),
  upsertOfSystem: async () => upsertSearchAttributes([{ key: defineSearchAttributeKey('WorkflowId', 'KEYWORD'), value: 'x' }]),
  upsertLong: async () => upsertSearchAttributes([{ key: defineSearchAttributeKey('CustomKeyword', 'KEYWORD'), value: 'x'.repeat(3000) }]),
  upsertNothing: async () => upsertMemo({}),
  signalsNobody: () => getExternalWorkflowHandle('').signal('go'),
  signalsWithoutName: () => getExternalWorkflowHandle('other').signal(''),
  signalsWrongRun: () => getExternalWorkflowHandle('other', 'no-uuid').signal('go'),
  cancelsNobody: () => getExternalWorkflowHandle('').cancel(),
  signalsItself: () => getExternalWorkflowHandle('signalsItself').signal('go'),
  cancelsItself: () => getExternalWorkflowHandle('cancelsItself').cancel(),
  continuesOnSystemQueue: () => makeContinueAsNewFunc({ taskQueue: '/_sys/x' })(),
  continuesNegative: () => makeContinueAsNewFunc({ workflowRunTimeout: -5000 })(),
  continuesWithBadAttribute: () => makeContinueAsNewFunc({ searchAttributes: { CustomInt: ['x'] } })(),
  continuesAsLongType: () => makeContinueAsNewFunc({ workflowType: 'x'.repeat(1001) })(),
};

export async function quick(): Promise<string> {
  return 'done';
}

/** Tries one of them once, and stays. */
export async function tries(name: string): Promise<void> {
  await commands[name]!();
  await condition(() => false);
}
