import type { Difference } from './compare.ts';

/** A difference between a golden and our run that is known, and why it may stay. */
export interface Tolerated {
  readonly golden: string;
  /** The file of the golden it is in: a history or `client.log`. */
  readonly file: string;
  /** Matches {@link Difference.where}, such as `WORKFLOW_TASK_STARTED.suggestContinueAsNew`, or `client.log`. */
  readonly where: RegExp;
  readonly reason: string;
}

/** Every known difference; a golden's test fails on any other, and on one of these that is gone. */
export const tolerated: readonly Tolerated[] = [
  {
    golden: 'child-workflows', file: 'history.parent-two.json', where: /^types$/,
    reason: 'Two children start and end at the same moment: which comes first, and which Workflow Task hears of it, is chance on a real machine.',
  },
  {
    golden: 'failures', file: 'history.unknown-type.json', where: /^WORKFLOW_TASK_FAILED\.failure\.stackTrace$/,
    reason: 'The SDK cuts a stack trace at a line with the word `unknown`, which is in the name of this workflow type: nothing is left but the lines of the bundle that Node puts before it.',
  },
  {
    golden: 'data-processing', file: 'client.log', where: /^client\.log$/,
    reason: 'The log shows objects as JSON, Node as `util.inspect` does.',
  },
];

/** The differences that nothing tolerates. */
export const untolerated = (golden: string, file: string, differences: readonly Difference[]): readonly Difference[] =>
  differences.filter(({ where }) => !tolerated.some((known) => known.golden === golden && known.file === file && known.where.test(where)));

/** Tolerations of a file that tolerate nothing any more. */
export const needless = (golden: string, file: string, differences: readonly Difference[]): readonly Tolerated[] =>
  tolerated.filter((known) => known.golden === golden && known.file === file && !differences.some(({ where }) => known.where.test(where)));
