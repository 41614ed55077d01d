import { ApplicationFailure, log } from '@temporalio/activity';

export async function pay(invoice: string): Promise<string> {
  const response = await fetch('http://bank/payments', { method: 'POST', body: JSON.stringify({ invoice }) });
  if (response.status === 402) {
    // No money will appear by asking again.
    throw ApplicationFailure.nonRetryable('account is empty', 'InsufficientFunds');
  }
  if (!response.ok) {
    log.warn(`the bank answered ${response.status}`);
    throw ApplicationFailure.create({ message: `the bank answered ${response.status}`, type: 'BankUnavailable' });
  }
  return response.text();
}
