import { Client, Connection } from '@temporalio/client';
import { add, collects, sleeps, works } from './workflows';

const taskQueue = 'terminate-and-reset';

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
  const first = await client.workflow.start(sleeps, { taskQueue, workflowId: 'terminated' });
  await sleep(1000);
  await first.terminate('because');
  await report('terminated', first.result());
  await report('terminate again', first.terminate('again'));
  await report('terminate nobody', client.workflow.getHandle('nobody').terminate());

  // While a Workflow Task runs: it fails first.
  const busy = await client.workflow.start(works, { taskQueue, workflowId: 'terminated-in-task' });
  await sleep(1000);
  await busy.signal(add, 1);
  await busy.terminate('in the middle');
  await report('terminated in the middle of a task', busy.result());
  await sleep(1500);

  const { workflowService } = client.workflow;
  const reset = async (workflowId: string, runId: string, workflowTaskFinishEventId: number) => {
    await workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId, runId },
      reason: 'reset by the client',
      requestId: `reset-${workflowId}-${workflowTaskFinishEventId}`,
      workflowTaskFinishEventId: workflowTaskFinishEventId as never, // typed as Long, which takes a number too
    });
  };
  const closed = await client.workflow.start(collects, { taskQueue, workflowId: 'reset-closed' });
  await sleep(500);
  await closed.signal(add, 1);
  await sleep(300);
  await closed.signal(add, 2);
  await report('closed', closed.result());
  await reset('reset-closed', closed.firstExecutionRunId, 10);
  await report('after the reset', client.workflow.getHandle('reset-closed').result());

  const open = await client.workflow.start(collects, { taskQueue, workflowId: 'reset-open' });
  await sleep(500);
  await open.signal(add, 1);
  await sleep(300);
  await reset('reset-open', open.firstExecutionRunId, 4);
  await sleep(500);
  await client.workflow.getHandle('reset-open').signal(add, 2);
  await report('after the reset', client.workflow.getHandle('reset-open').result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
