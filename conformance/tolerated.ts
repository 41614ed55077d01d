import type { Difference } from './compare.ts';

/** A difference between a golden and our run that is known, and why it may stay. */
export interface Tolerated {
  /** The name of the golden, or `*`. */
  readonly golden: string;
  /** Matches {@link Difference.where}, such as `WORKFLOW_TASK_STARTED.suggestContinueAsNew`. */
  readonly where: RegExp;
  readonly reason: string;
}

/** Every known difference; a golden's test fails on any other. */
export const tolerated: readonly Tolerated[] = [];

/** The differences that nothing tolerates. */
export const untolerated = (golden: string, differences: readonly Difference[]): readonly Difference[] =>
  differences.filter(({ where }) => !tolerated.some((known) => (known.golden === '*' || known.golden === golden) && known.where.test(where)));
