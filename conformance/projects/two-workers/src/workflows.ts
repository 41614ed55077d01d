import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { render } = proxyActivities<typeof activities>({ taskQueue: 'rendering', startToCloseTimeout: '5s' });

export async function publish(pages: string[]): Promise<string[]> {
  return Promise.all(pages.map((page) => render(page)));
}
