import { activityInfo, heartbeat } from '@temporalio/activity';

/** Longer than any timeout here. */
export async function hangs(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 3000));
}

export async function fails(): Promise<void> {
  throw new Error('no luck');
}

export async function beatsOnce(): Promise<void> {
  heartbeat({ progress: 1 });
  await new Promise((resolve) => setTimeout(resolve, 3000));
}

export async function goesOn(): Promise<number> {
  const last = (activityInfo().heartbeatDetails as number | undefined) ?? 0;
  if (last > 0) return last + 1;
  heartbeat(41);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  return 0;
}
