import { proxyActivities } from '@temporalio/workflow';
import _ from 'lodash';

export const chunks = async (): Promise<unknown> => _.chunk([1, 2, 3], 2);
void proxyActivities;
