import { CompleteAsyncError } from '@temporalio/activity';

export async function later(): Promise<string> {
  throw new CompleteAsyncError();
}
