import { activityInfo, ApplicationFailure, Context, heartbeat, sleep } from '@temporalio/activity';

export async function flaky(until: number): Promise<string> {
  const { attempt } = activityInfo();
  if (attempt < until) throw ApplicationFailure.create({ message: `attempt ${attempt}` });
  return `attempt ${attempt}`;
}

/** Beats for ever in its first attempt; a later one ends at once. */
export async function beats(): Promise<string> {
  if (activityInfo().attempt > 1) return 'second attempt';
  for (;;) {
    heartbeat('on');
    await sleep(200);
    Context.current().cancellationSignal.throwIfAborted();
  }
}
