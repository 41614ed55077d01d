import { Client, Connection } from '@temporalio/client';
import { add, carries, changes, counts } from './workflows';

const taskQueue = 'continue-as-new';

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
  await report('counts', client.workflow.execute(counts, { taskQueue, workflowId: 'counts', args: [1], memo: { kept: true } }));
  await report('changes', client.workflow.execute(changes, { taskQueue, workflowId: 'changes' }));
  const handle = await client.workflow.start(carries, { taskQueue, workflowId: 'carries', args: [0, 1] });
  for (const n of [1, 2, 3, 4]) {
    await sleep(400);
    await handle.signal(add, n);
  }
  await report('carries', handle.result());
  await report('first run', client.workflow.getHandle('counts', undefined, { followRuns: false }).result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
