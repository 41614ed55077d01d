import { log, proxyActivities, sleep } from '@temporalio/workflow';
import type * as activities from './activities';

const { reserveStock, charge, ship } = proxyActivities<typeof activities>({
  startToCloseTimeout: '5 seconds',
});

export async function order(id: string): Promise<string> {
  const item = await reserveStock(id);
  log.info(`${item} is reserved, waiting a minute for second thoughts`);
  await sleep('1 minute');
  const receipt = await charge(id, item);
  const parcel = await ship(id, item);
  return `${receipt}, ${parcel}`;
}
