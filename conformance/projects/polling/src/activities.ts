import { ApplicationFailure, activityInfo, heartbeat, sleep } from '@temporalio/activity';

async function ask(job: string): Promise<string> {
  const response = await fetch(`http://jobs/${job}`);
  if (!response.ok) throw new Error(`${job} is not ready`);
  return response.text();
}

/** Polls within one attempt, heartbeating. */
export async function pollFrequently(job: string): Promise<string> {
  for (;;) {
    try {
      return await ask(job);
    } catch {
      heartbeat();
      await sleep(1000);
    }
  }
}

/** One attempt is one poll; the retry policy waits. */
export async function pollOnce(job: string): Promise<string> {
  return ask(job);
}

/** The server says when to come again. */
export async function pollAsTold(job: string): Promise<string> {
  try {
    return await ask(job);
  } catch (err) {
    throw ApplicationFailure.create({ message: `attempt ${activityInfo().attempt}: ${(err as Error).message}`, nextRetryDelay: '60s' });
  }
}
