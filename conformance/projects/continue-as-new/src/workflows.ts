import { continueAsNew, sleep, workflowInfo } from '@temporalio/workflow';

export async function loopingWorkflow(iteration = 0, seen: string[] = []): Promise<string[]> {
  if (iteration === 4) return seen;
  await sleep('10 minutes');
  await continueAsNew<typeof loopingWorkflow>(iteration + 1, [...seen, `${iteration}:${workflowInfo().historyLength}`]);
  throw new Error('never reached');
}
