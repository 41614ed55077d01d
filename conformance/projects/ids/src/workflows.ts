import ms from 'ms';
import { proxyActivities, sleep, uuid4 } from '@temporalio/workflow';
import type * as activities from './activities';

const { newIds } = proxyActivities<typeof activities>({ startToCloseTimeout: '5s' });

export async function makeIds(): Promise<{ ids: string[]; random: number; slept: string }> {
  const random = Math.random();
  await sleep(ms('90s'));
  return { ids: [uuid4(), ...(await newIds())], random, slept: ms(ms('1.5m'), { long: true }) };
}
