import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { act } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s', retry: { maximumAttempts: 2 } });

export const fine = (): Promise<string> => act();
