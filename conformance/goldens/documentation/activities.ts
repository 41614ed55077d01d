import { ApplicationFailureCategory } from '@temporalio/common';
import { ApplicationFailure, Context, activityInfo, cancellationSignal, heartbeat, log, sleep } from '@temporalio/activity';
export async function greet(name: string): Promise<string> { return `Hello, ${name}!`; }
export async function benign(): Promise<void> {
  throw ApplicationFailure.create({ message: 'Something unusual', type: 'MyType', category: ApplicationFailureCategory.BENIGN, details: [{ a: 1 }], nextRetryDelay: '200ms' });
}
export async function progress(ms: number): Promise<number> {
  try {
    for (let i = activityInfo().heartbeatDetails ?? 0; i < 50; i++) { await sleep(ms); heartbeat(i); }
    return 50;
  } catch (err) {
    log.info('cancelled', {});
    throw err;
  }
}
export async function retried(): Promise<string> {
  const { attempt } = activityInfo();
  if (attempt < 3) throw ApplicationFailure.retryable(`attempt ${attempt}`, 'Again', attempt);
  return `done at ${attempt} ${Context.current().info.retryPolicy?.maximumAttempts} ${Context.current().info.priority?.priorityKey}`;
}
export async function waits(): Promise<void> { await new Promise((_, reject) => cancellationSignal().addEventListener('abort', () => reject(cancellationSignal().reason))); }
