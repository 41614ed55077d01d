import { Client, Connection } from '@temporalio/client';
import { finish, parent } from './workflows';

const taskQueue = 'parent-close-policies';

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
  await report('completed', client.workflow.execute(parent, { taskQueue, workflowId: 'parent-completed', args: ['completed'] }));
  const second = await client.workflow.start(parent, { taskQueue, workflowId: 'parent-terminated', args: ['terminated'] });
  await sleep(1000);
  await second.terminate('enough');
  await report('terminated', second.result());
  await sleep(500);
  for (const name of ['completed', 'terminated']) {
    await client.workflow.getHandle(`${name}-ABANDON`).signal(finish);
    for (const policy of ['TERMINATE', 'ABANDON', 'REQUEST_CANCEL']) await report(`${name} ${policy}`, client.workflow.getHandle(`${name}-${policy}`).result());
  }
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
