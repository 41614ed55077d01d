import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { extend } = proxyActivities<typeof activities>({ startToCloseTimeout: '5s' });

export async function travel(trip: activities.Trip): Promise<{ trip: activities.Trip; weekday: number; known: boolean }> {
  const longer = await extend(trip, 'Rome');
  return { trip: longer, weekday: longer.start.getUTCDay(), known: longer.stops.has('Rome') };
}
