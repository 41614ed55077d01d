import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { account, add, addSlowly, endsByUpdate, fails, finish, leaves, total } from './workflows';

const taskQueue = 'updates';

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
  const handle = await client.workflow.start(account, { taskQueue, workflowId: 'account', args: [100] });
  await sleep(500);
  await report('accepted', handle.executeUpdate(add, { args: [1], updateId: 'u1' }));
  await report('rejected', handle.executeUpdate(add, { args: [-1], updateId: 'u2' }));
  await report('same id again', handle.executeUpdate(add, { args: [1], updateId: 'u1' }));
  await report('with an activity', handle.executeUpdate(addSlowly, { args: [10], updateId: 'u3' }));
  await report('fails', handle.executeUpdate(fails, { args: ['no'], updateId: 'u4' }));
  await report('unknown', handle.executeUpdate('unknown', { args: [], updateId: 'u5' }));
  const started = await handle.startUpdate(addSlowly, { args: [20], updateId: 'u6', waitForStage: 'ACCEPTED' });
  await report('started', started.result());
  await report('by id', handle.getUpdateHandle('u3').result());
  await report('total', handle.query(total));
  await handle.signal(finish);
  await report('result', handle.result());
  await report('update when closed', handle.executeUpdate(add, { args: [1], updateId: 'u7' }));

  const leaving = await client.workflow.start(leaves, { taskQueue, workflowId: 'leaves' });
  await sleep(500);
  const open = await leaving.startUpdate(add, { args: [1], updateId: 'open', waitForStage: 'ACCEPTED' });
  await report('left', leaving.result());
  await report('open update', open.result());

  const ending = await client.workflow.start(endsByUpdate, { taskQueue, workflowId: 'ends-by-update' });
  await sleep(500);
  await report('last update', ending.executeUpdate(add, { args: [5], updateId: 'last' }));
  await report('ended', ending.result());

  const startWorkflowOperation = new WithStartWorkflowOperation(account, { taskQueue, workflowId: 'with-start', args: [7], workflowIdConflictPolicy: 'USE_EXISTING' });
  await report('update with start', client.workflow.executeUpdateWithStart(add, { args: [3], updateId: 'w1', startWorkflowOperation }));
  await sleep(300);
  const again = new WithStartWorkflowOperation(account, { taskQueue, workflowId: 'with-start', args: [1000], workflowIdConflictPolicy: 'USE_EXISTING' });
  await report('update with start again', client.workflow.executeUpdateWithStart(add, { args: [4], updateId: 'w2', startWorkflowOperation: again }));
  await report('rejected at start', client.workflow.executeUpdateWithStart(add, {
    args: [-4],
    updateId: 'w3',
    startWorkflowOperation: new WithStartWorkflowOperation(account, { taskQueue, workflowId: 'rejected-at-start', args: [1], workflowIdConflictPolicy: 'FAIL' }),
  }));
  await sleep(300);
  await client.workflow.getHandle('with-start').signal(finish);
  await client.workflow.getHandle('rejected-at-start').signal(finish);
  await report('with start', client.workflow.getHandle('with-start').result());
  await report('rejected at start', client.workflow.getHandle('rejected-at-start').result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
