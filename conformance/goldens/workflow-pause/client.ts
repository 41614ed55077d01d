import { Client, Connection } from '@temporalio/client';
import { finish, sleeps, waits } from './workflows';

const taskQueue = 'workflow-pause';

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
  const of = (workflowId: string, runId: string) => ({ namespace: 'default', workflowId, runId, identity: 'client', reason: 'by hand', requestId: `request-${workflowId}` });

  const asleep = await client.workflow.start(sleeps, { taskQueue, workflowId: 'asleep' });
  await sleep(500);
  await report('pause', workflowService.pauseWorkflowExecution(of('asleep', asleep.firstExecutionRunId)));
  await sleep(3000);
  console.log('status', (await asleep.describe()).status.name);
  await report('unpause', workflowService.unpauseWorkflowExecution(of('asleep', asleep.firstExecutionRunId)));
  await report('asleep', asleep.result());

  const waiting = await client.workflow.start(waits, { taskQueue, workflowId: 'waits' });
  await sleep(500);
  await report('pause', workflowService.pauseWorkflowExecution(of('waits', waiting.firstExecutionRunId)));
  await report('pause again', workflowService.pauseWorkflowExecution({ ...of('waits', waiting.firstExecutionRunId), requestId: 'another' }));
  await waiting.signal(finish);
  await sleep(500);
  await report('unpause', workflowService.unpauseWorkflowExecution(of('waits', waiting.firstExecutionRunId)));
  await report('waits', waiting.result());
  await report('pause when closed', workflowService.pauseWorkflowExecution(of('waits', waiting.firstExecutionRunId)));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
