import { Client, Connection } from '@temporalio/client';
import { cancelsAndCloses, hasNothings, nothings, signalsAndCloses, startsAndCloses, waits } from './workflows';

const taskQueue = 'closing-task';
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  const { workflow } = client;
  const statusOf = async (workflowId: string) => workflow.getHandle(workflowId).describe().then(({ status }) => status.name, (error: Error) => `${error.name}: ${error.message}`);
  const target = async (workflowId: string) => {
    await workflow.start(waits, { taskQueue, workflowId, searchAttributes: { CustomInt: [7], CustomKeyword: ['target'] } });
    await sleep(300);
    return workflowId;
  };

  for (const how of ['completes', 'fails', 'continues'] as const) {
    const id = await target(`target-${how}`);
    await workflow.execute(signalsAndCloses, { taskQueue, workflowId: `signals-and-${how}`, args: [id, how] }).then((result) => console.log(how, result), (error: Error) => console.log(how, error.message));
    await sleep(300);
    console.log(id, await statusOf(id));
    await workflow.getHandle(id).terminate();
  }
  const id = await target('target-of-cancel');
  console.log('cancels', await workflow.execute(cancelsAndCloses, { taskQueue, workflowId: 'cancels-and-closes', args: [id] }));
  await sleep(300);
  console.log(id, await statusOf(id));
  await workflow.getHandle(id).terminate();

  console.log('starts', await workflow.execute(startsAndCloses, { taskQueue, workflowId: 'starts-and-closes' }));
  await sleep(500);
  for (const policy of ['ABANDON', 'TERMINATE', 'REQUEST_CANCEL']) console.log(policy, await statusOf(`kid-${policy}`));

  const memo = { early: 1, none: null, list: [] };
  console.log('nothings', JSON.stringify(await workflow.execute(nothings, { taskQueue, workflowId: 'nothings', memo, searchAttributes: { CustomInt: [], CustomKeyword: ['start'] } }).then((memo: any) => Object.entries(memo).sort())));
  console.log('child', JSON.stringify(await workflow.execute(hasNothings, { taskQueue, workflowId: 'has-nothings', memo: { none: null } }).then((memo: any) => Object.entries(memo).sort())));
  for (const workflowId of ['nothings', 'child-of-nothings', 'has-nothings']) {
    const { memo, searchAttributes } = await workflow.getHandle(workflowId).describe();
    console.log(workflowId, JSON.stringify(Object.entries(memo ?? {}).sort()), JSON.stringify([searchAttributes.CustomInt, searchAttributes.CustomKeyword]));
  }
  for (const query of ['CustomInt = 1', 'NOT CustomInt = 1', "CustomKeyword = 'up'", "NOT CustomKeyword = 'up'", "CustomKeyword = 'up';"]) console.log(query, (await workflow.count(`WorkflowType != 'quick' AND ${query}`)).count);
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
