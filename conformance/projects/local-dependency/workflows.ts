import format from 'price-tag';
import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { price } = proxyActivities<typeof activities>({ startToCloseTimeout: '5s' });

export async function quote(): Promise<string> {
  return `${format(123_456_789, 'EUR')} or ${await price()}`;
}
