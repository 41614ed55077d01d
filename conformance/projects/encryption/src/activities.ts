import { ApplicationFailure } from '@temporalio/activity';

export async function greet(name: string): Promise<string> {
  if (name === 'nobody') throw ApplicationFailure.nonRetryable('secret reason', 'Nobody', { hidden: true });
  return `Hello, ${name}`;
}
