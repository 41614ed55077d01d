import { sleep } from '@temporalio/workflow';

export async function long(): Promise<string> {
  await sleep('30 days');
  return 'awake';
}
