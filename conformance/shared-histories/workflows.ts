import { CancellationScope, condition, defineSignal, isCancellation, proxyActivities, setHandler, sleep, startChild } from '@temporalio/workflow';

/**
 * The workflows of genuine histories that other projects have published, written down again from what the histories say: each
 * function bears the workflow type and gives the same commands.
 */

const { greet } = proxyActivities<{ greet(name: string): Promise<string> }>({ startToCloseTimeout: '60s' });

/** Greets every 10 s until it is cancelled. */
export async function example(name: string): Promise<void> {
  for (;;) {
    await greet(name);
    await sleep('10s');
  }
}

const { fakeProgress } = proxyActivities<{ fakeProgress(): Promise<void> }>({ startToCloseTimeout: '200s', cancellationType: 'WAIT_CANCELLATION_COMPLETED' });
const activityStarted = defineSignal('activityStarted');

/** Cancels its activity once it is told that it runs. */
export async function cancelFakeProgress(): Promise<void> {
  let running = false;
  setHandler(activityStarted, () => void (running = true));
  const scope = new CancellationScope();
  const progress = scope.run(() => fakeProgress()).catch((error) => {
    if (!isCancellation(error)) throw error;
  });
  await condition(() => running);
  scope.cancel();
  await progress;
}

const approve = defineSignal('approve');

/** Starts a child, approves it, and waits for its greeting and a moment more. */
export async function topSecretGreeting(name: string): Promise<string> {
  const child = await startChild<(name: string) => Promise<string>>('topSecretGreetingChild', { args: [name] });
  const [greeting] = await Promise.all([child.result(), child.signal(approve), sleep(1)]);
  return greeting;
}
