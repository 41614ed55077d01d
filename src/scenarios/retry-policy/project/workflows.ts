import { proxyActivities } from '@temporalio/workflow';
import type { RetryPolicy } from '@temporalio/workflow';
import type * as activities from './activities';

export async function payInvoice(invoice: string, retry: RetryPolicy): Promise<string> {
  // Without `retry` the Service's default applies: 1 s, doubled each time, at most 100 s, without end.
  const { pay } = proxyActivities<typeof activities>({
    startToCloseTimeout: '5 seconds',
    retry,
  });
  return await pay(invoice);
}
