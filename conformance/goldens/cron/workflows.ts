import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';

/** Runs again and again; the second run fails, which a cron survives. */
export async function tick(): Promise<number> {
  const last = workflowInfo().lastResult as number | undefined;
  if (last === undefined && workflowInfo().lastFailure === undefined && workflowInfo().continuedFromExecutionRunId) return 7;
  if (last === 1) throw ApplicationFailure.create({ message: 'one run fails' });
  return (last ?? 0) + 1;
}
