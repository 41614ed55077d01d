import { Client, Connection } from '@temporalio/client';
import { cancels, cancelsAtOnce, completes, exists, fails, signals, terminated, timesOut, two } from './workflows';

const taskQueue = 'child-workflows';

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
  const { workflow } = client;
  for (const parent of [completes, fails, cancels, cancelsAtOnce, signals, exists, timesOut, two]) {
    await report(parent.name, workflow.execute<() => Promise<unknown>>(parent, { taskQueue, workflowId: `parent-${parent.name}` }));
  }
  const handle = await workflow.start(terminated, { taskQueue, workflowId: 'parent-terminated' });
  await sleep(500);
  await workflow.getHandle('child-terminated').terminate('by the client');
  await report('terminated', handle.result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
