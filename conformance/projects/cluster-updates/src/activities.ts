import { log, sleep } from '@temporalio/activity';

export async function assignNodes(job: string, nodes: string[]): Promise<void> {
  log.info(`assigning ${nodes.join(' ')} to ${job}`);
  await sleep(100);
}
