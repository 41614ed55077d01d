import { CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';

export async function sleeps(): Promise<string> {
  await sleep('300ms');
  await sleep(0);
  await sleep(1);
  return 'woken';
}

/** The first timer cancels the second. */
export async function cancels(): Promise<string | void> {
  const scope = new CancellationScope();
  const long = scope.run(() => sleep('1h')).catch((error) => (isCancellation(error) ? 'cancelled' : 'error'));
  await sleep(200);
  scope.cancel();
  return await long;
}

/** Started and cancelled in one Workflow Task. */
export async function sameTask(): Promise<string | void> {
  const scope = new CancellationScope();
  const long = scope.run(() => sleep('1h')).catch((error) => (isCancellation(error) ? 'cancelled' : 'error'));
  scope.cancel();
  return await long;
}

/** A race that a timer wins, one that the condition wins. */
export async function conditions(): Promise<boolean[]> {
  let ready = false;
  const first = await condition(() => ready, '200ms');
  const later = sleep(100).then(() => (ready = true));
  const second = await condition(() => ready, '1h');
  await later;
  return [first, second];
}

/** Several at once, ended before the last one fires. */
export async function race(): Promise<number> {
  const after = (ms: number) => sleep(ms).then(() => ms);
  const first = await Promise.race([after(600), after(200), after(3600000)]);
  await sleep(700);
  return first;
}

/** `setTimeout` is a timer too. */
export async function globals(): Promise<string> {
  const never = setTimeout(() => {}, 3600000);
  await new Promise<void>((resolve) => {
    setTimeout(resolve, 200);
  });
  clearTimeout(never);
  return 'done';
}
