import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { processData, storeResult } = proxyActivities<typeof activities>({
  startToCloseTimeout: '10 seconds',
});

export interface Result {
  input: string;
  output: string;
  status: string;
}

export async function dataProcessing(input: string): Promise<Result> {
  const output = await processData(input);
  const status = await storeResult(output);
  return { input, output, status };
}
