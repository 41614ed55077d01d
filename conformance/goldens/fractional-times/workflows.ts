import { condition, makeContinueAsNewFunc, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type * as activities from './activities';

const { echo, flaky } = proxyActivities<typeof activities>({
  startToCloseTimeout: 1500.5, scheduleToCloseTimeout: '2.5004s', heartbeatTimeout: 900.25,
  retry: { initialInterval: 100.123456, backoffCoefficient: 1.1, maximumAttempts: 3 },
});

/** Durations as code computes them: with fractions of a millisecond. */
export async function fractions(run = 0): Promise<unknown> {
  if (run > 0) return [workflowInfo().runTimeoutMs, workflowInfo().executionTimeoutMs];
  await sleep(1.5);
  await sleep(123.456789);
  await sleep(0.2);
  await sleep(1234.0001);
  await sleep(1000.9999999);
  await sleep('1.5ms');
  await condition(() => false, 7.77);
  await echo(await flaky());
  return makeContinueAsNewFunc<typeof fractions>({ workflowRunTimeout: 30000.5 })(1);
}
