import { Client, Connection } from '@temporalio/client';
import { parent } from './workflows';

const taskQueue = 'child-cancellation-types';

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
  for (const type of ['TRY_CANCEL', 'WAIT_CANCELLATION_REQUESTED', 'WAIT_CANCELLATION_COMPLETED'] as const) {
    await report(type, client.workflow.execute(parent, { taskQueue, workflowId: `parent-${type}`, args: [type] }));
    await sleep(200);
  }
  const left = await client.workflow.start(parent, { taskQueue, workflowId: 'parent-ABANDON', args: ['ABANDON'] });
  await report('ABANDON', left.result());
  await report('abandoned child', client.workflow.getHandle('child-ABANDON').terminate('over'));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
