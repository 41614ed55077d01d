import { sleep, workflowInfo } from '@temporalio/workflow';

export async function quick(text: string): Promise<unknown> {
  return [text, workflowInfo().memo, Object.keys(workflowInfo().searchAttributes).sort()];
}

export async function slow(): Promise<void> {
  await sleep('1 minute');
}
