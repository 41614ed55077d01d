import { Client, Connection } from '@temporalio/client';
import { cleansUp, deadline, everything, ignores, shields, throwsCancelled } from './workflows';

const taskQueue = 'cancellation';

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
  for (const workflow of [cleansUp, ignores, everything]) {
    const handle = await client.workflow.start<() => Promise<unknown>>(workflow, { taskQueue, workflowId: workflow.name });
    await sleep(600);
    await handle.cancel();
    await report(workflow.name, handle.result());
  }
  for (const workflow of [deadline, shields, throwsCancelled]) {
    await report(workflow.name, client.workflow.execute<() => Promise<unknown>>(workflow, { taskQueue, workflowId: workflow.name }));
  }
  const early = await client.workflow.start(cleansUp, { taskQueue, workflowId: 'cancelled-in-delay', startDelay: '1s' });
  await early.cancel();
  await report('cancelled in its delay', early.result());
  await report('cancel when closed', early.cancel());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
