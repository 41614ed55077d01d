import { activityInfo, ApplicationFailure, heartbeat, sleep } from '@temporalio/activity';

export async function echo(n: number): Promise<number> {
  return n;
}

/** Takes up to two seconds, with heartbeats; hears of its cancellation. */
export async function slow(n: number): Promise<string> {
  const from = (activityInfo().heartbeatDetails as number | undefined) ?? 0;
  for (let i = from; i < 5 * n; i++) {
    heartbeat(i);
    await sleep(100);
  }
  return `slow from ${from}`;
}

/** Works at attempt `n`. */
export async function flaky(n: number): Promise<number> {
  const { attempt } = activityInfo();
  if (attempt < n) throw new Error(`attempt ${attempt} of ${n}`);
  return attempt;
}

/** Has an effect in the outside world. */
export async function charge(n: number): Promise<unknown> {
  const { workflowExecution, activityId } = activityInfo();
  const response = await fetch('http://bank/charge', { method: 'POST', headers: { 'idempotency-key': `${workflowExecution?.workflowId}/${activityId}` }, body: JSON.stringify({ n }) });
  if (!response.ok) throw new Error(`the bank answers ${response.status}`);
  return await response.json();
}

export async function refuse(n: number): Promise<number> {
  throw ApplicationFailure.nonRetryable(`refused ${n}`, 'Refused', n);
}

/** Outlasts its timeout at the first attempt. */
export async function hang(n: number): Promise<string> {
  if (activityInfo().attempt === 1) await sleep(n * 4000);
  return 'hung';
}
