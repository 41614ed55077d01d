import { Client, Connection } from '@temporalio/client';
import { cancelsOther, signalsOther, target } from './workflows';

const taskQueue = 'external-workflows';

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
  await workflow.start(target, { taskQueue, workflowId: 'target-1' });
  await sleep(300);
  await report('signal', workflow.execute(signalsOther, { taskQueue, workflowId: 'signals', args: ['target-1'] }));
  await report('target', workflow.getHandle('target-1').result());
  await workflow.start(target, { taskQueue, workflowId: 'target-2' });
  await sleep(300);
  await report('cancel', workflow.execute(cancelsOther, { taskQueue, workflowId: 'cancels', args: ['target-2'] }));
  await report('target', workflow.getHandle('target-2').result());
  await report('signal nobody', workflow.execute(signalsOther, { taskQueue, workflowId: 'signals-nobody', args: ['nobody'] }));
  await report('cancel nobody', workflow.execute(cancelsOther, { taskQueue, workflowId: 'cancels-nobody', args: ['nobody'] }));
  await report('signal closed', workflow.execute(signalsOther, { taskQueue, workflowId: 'signals-closed', args: ['target-1'] }));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
