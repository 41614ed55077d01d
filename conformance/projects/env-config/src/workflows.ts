import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { where } = proxyActivities<typeof activities>({ startToCloseTimeout: '5s' });

export const configured = (): Promise<string> => where();
