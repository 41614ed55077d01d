import { continueAsNew, sleep } from '@temporalio/workflow';

export async function sleeps(): Promise<void> {
  await sleep('1h');
}

/** Each run is short, all together are not. */
export async function again(n: number): Promise<void> {
  await sleep('700ms');
  await continueAsNew<typeof again>(n + 1);
}
