import { Client, Connection } from '@temporalio/client';
import { add, adder, fails, finish, late, total } from './workflows';

const taskQueue = 'signals-and-queries';

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
  const handle = await client.workflow.start(adder, { taskQueue, workflowId: 'adder', args: [1] });
  await sleep(500);
  await report('query', handle.query(total));
  await handle.signal(add, 2);
  await sleep(300);
  await handle.signal(add, 3, 'three');
  await sleep(300);
  await report('query', handle.query(total));
  await report('query that fails', handle.query(fails, 'out of range'));
  await report('unknown query', handle.query('unknown'));
  await handle.signal('unknown', 1);
  await sleep(300);
  await handle.signal(finish);
  await report('result', handle.result());
  await report('query when closed', handle.query(total));
  await report('signal when closed', handle.signal(add, 1));
  await report('no such run', client.workflow.getHandle('nobody').query(total));

  const second = await client.workflow.start(late, { taskQueue, workflowId: 'late' });
  await sleep(200);
  await second.signal(add, 1, 'a');
  await sleep(100);
  await second.signal(add, 2, 'b');
  await report('late', second.result());

  const third = await client.workflow.signalWithStart(adder, { taskQueue, workflowId: 'with-start', args: [10], signal: add, signalArgs: [5] });
  await sleep(300);
  await client.workflow.signalWithStart(adder, { taskQueue, workflowId: 'with-start', args: [1000], signal: add, signalArgs: [6] });
  await sleep(300);
  await third.signal(finish);
  await report('with start', third.result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
