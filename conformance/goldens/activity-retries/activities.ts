import { activityInfo, ApplicationFailure } from '@temporalio/activity';

/** Works at the given attempt. */
export async function flaky(worksAt: number): Promise<string> {
  const { attempt } = activityInfo();
  if (attempt < worksAt) throw new Error(`attempt ${attempt} failed`);
  return `worked at attempt ${attempt}`;
}

export async function alwaysFails(): Promise<void> {
  throw ApplicationFailure.create({ message: 'outer', type: 'Outer', details: [{ code: 7 }, 'x'], cause: new RangeError('inner') });
}

export async function nonRetryable(): Promise<void> {
  throw ApplicationFailure.nonRetryable('never again', 'Fatal', 'detail');
}

export async function typed(type: string): Promise<void> {
  throw ApplicationFailure.create({ message: 'typed', type });
}

export async function plainError(): Promise<void> {
  throw new TypeError('plain');
}

export async function ownDelay(): Promise<number> {
  const { attempt } = activityInfo();
  if (attempt === 1) throw ApplicationFailure.create({ message: 'later', nextRetryDelay: '200ms' });
  return attempt;
}
