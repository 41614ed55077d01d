import { activityInfo, CompleteAsyncError } from '@temporalio/activity';
import { AsyncCompletionClient } from '@temporalio/client';

/** Ends without a result; the result comes from elsewhere, with the task token. */
export async function doSomethingAsync(): Promise<string> {
  const { taskToken } = activityInfo();
  const client = new AsyncCompletionClient();
  setTimeout(() => {
    void client.complete(taskToken, 'Job done!');
  }, 1000);
  throw new CompleteAsyncError();
}

/** Somebody completes it by its id. */
export async function askHuman(): Promise<string> {
  throw new CompleteAsyncError();
}
