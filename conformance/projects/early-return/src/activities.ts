import { ApplicationFailure, sleep } from '@temporalio/activity';

export async function initTransaction(amount: number): Promise<string> {
  if (amount < 0) throw ApplicationFailure.nonRetryable('amount is negative', 'BadAmount');
  await sleep(500);
  return `tx-${amount}`;
}
export async function completeTransaction(id: string): Promise<void> {
  await sleep(10_000);
  console.log('completed', id);
}
export async function cancelTransaction(amount: number): Promise<void> {
  console.log('cancelled', amount);
}
