import { Client, Connection } from '@temporalio/client';
import { isDeprecated, isPatched, twice } from './workflows';

const taskQueue = 'patches';

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
  for (const workflow of [isPatched, isDeprecated, twice]) {
    await report(workflow.name, client.workflow.execute<() => Promise<unknown>>(workflow, { taskQueue, workflowId: workflow.name }));
  }
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
