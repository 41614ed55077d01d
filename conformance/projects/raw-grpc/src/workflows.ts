import { sleep } from '@temporalio/workflow';

export async function idle(): Promise<void> {
  await sleep('1 minute');
}
