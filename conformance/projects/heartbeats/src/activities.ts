import { activityInfo, Context, CancelledFailure, heartbeat, log, sleep } from '@temporalio/activity';

/** Goes on where the attempt before it stopped. */
export async function fakeProgress(sleepIntervalMs = 1000): Promise<void> {
  try {
    const resumed = (activityInfo().heartbeatDetails as number | undefined) ?? 1;
    for (let progress = resumed; progress <= 100; ++progress) {
      log.info('Progress:', { progress });
      await sleep(sleepIntervalMs);
      heartbeat(progress);
    }
  } catch (err) {
    if (err instanceof CancelledFailure) console.log('Fake progress activity cancelled', err.message);
    throw err;
  }
}

/** Stops its request when the workflow is cancelled. */
export async function cancellableFetch(url: string): Promise<string> {
  const { cancellationSignal } = Context.current();
  const beating = setInterval(() => Context.current().heartbeat(), 500);
  try {
    const response = await fetch(url, { signal: cancellationSignal });
    return await response.text();
  } catch (err) {
    console.log('fetch ended by', (err as Error).name);
    throw err;
  } finally {
    clearInterval(beating);
  }
}
