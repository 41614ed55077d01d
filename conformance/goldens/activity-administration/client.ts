import { Client, Connection } from '@temporalio/client';
import { beating, stuck } from './workflows';

const taskQueue = 'activity-administration';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Prints what a call gives: its value, or its error with the causes. */
async function report(label: string, call: Promise<unknown>): Promise<void> {
  try {
    console.log(label, JSON.stringify(await call) ?? 'undefined');
  } catch (error) {
    for (let e: unknown = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`);
  }
}

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  const { workflowService } = client.workflow;
  const of = (workflowId: string) => ({ namespace: 'default', execution: { workflowId }, id: '1', identity: 'client' });
  const pending = async (workflowId: string) => {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    return raw.pendingActivities?.map(({ state, attempt, paused }) => [state, attempt, paused]);
  };

  const paused = await client.workflow.start(stuck, { taskQueue, workflowId: 'paused-in-backoff', args: [2] });
  await sleep(500);
  await workflowService.pauseActivity(of('paused-in-backoff'));
  await sleep(2000);
  console.log('paused', JSON.stringify(await pending('paused-in-backoff')));
  await workflowService.unpauseActivity(of('paused-in-backoff'));
  await report('unpaused', paused.result());

  const reset = await client.workflow.start(stuck, { taskQueue, workflowId: 'reset', args: [100] });
  await sleep(2500);
  console.log('before the reset', JSON.stringify(await pending('reset')));
  await workflowService.resetActivity(of('reset'));
  await sleep(500);
  console.log('after the reset', JSON.stringify(await pending('reset')));
  await reset.terminate('enough');

  const running = await client.workflow.start(beating, { taskQueue, workflowId: 'paused-while-running' });
  await sleep(1000);
  await workflowService.pauseActivity(of('paused-while-running'));
  await sleep(5000);
  console.log('paused', JSON.stringify(await pending('paused-while-running')));
  await workflowService.unpauseActivity(of('paused-while-running'));
  await report('unpaused', running.result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
