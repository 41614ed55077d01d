import { ApplicationFailure } from '@temporalio/activity';

class OwnError extends Error {
  override name = 'OwnError';
}

export async function chain(): Promise<void> {
  throw ApplicationFailure.create({ message: 'first', type: 'First', cause: new OwnError('second', { cause: new Error('third') }) });
}
