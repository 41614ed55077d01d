import { ActivityNotFoundError, Client } from '@temporalio/client';
import { setTimeout } from 'node:timers/promises';
import { asyncActivityWorkflow, humanWorkflow } from './workflows';

async function run() {
  const client = new Client();
  const options = { taskQueue: 'async' };
  console.log(await client.workflow.execute(asyncActivityWorkflow, { ...options, workflowId: 'token' }));
  const yes = await client.workflow.start(humanWorkflow, { ...options, workflowId: 'human-yes' });
  const no = await client.workflow.start(humanWorkflow, { ...options, workflowId: 'human-no' });
  await setTimeout(3_600_000);
  await client.activity.heartbeat({ workflowId: 'human-yes', activityId: 'ask-human' }, 'thinking');
  await client.activity.complete({ workflowId: 'human-yes', activityId: 'ask-human' }, 'yes');
  await client.activity.fail({ workflowId: 'human-no', activityId: 'ask-human' }, new Error('I would rather not'));
  console.log(await yes.result(), '/', await no.result());
  try {
    await client.activity.complete({ workflowId: 'human-yes', activityId: 'ask-human' }, 'again');
  } catch (err) {
    console.log(err instanceof ActivityNotFoundError, (err as Error).name);
  }
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
