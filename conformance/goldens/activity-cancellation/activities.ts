import { CancelledFailure, Context, heartbeat, sleep } from '@temporalio/activity';

/** Beats until it hears of its cancellation (at most 5 s), then ends as told. */
export async function waits(end: 'rethrow' | 'value' | 'fail' | 'short'): Promise<string> {
  try {
    for (let i = 0; i < (end === 'short' ? 12 : 50); i++) {
      heartbeat(i);
      await sleep(100);
    }
    return 'not cancelled';
  } catch (error) {
    if (!(error instanceof CancelledFailure)) throw error;
    if (end === 'value') return `completed, ${Context.current().cancellationSignal.aborted}`;
    if (end === 'fail') throw new Error('failed while cancelled');
    throw error;
  }
}

export async function fails(): Promise<void> {
  throw new Error('no luck');
}
