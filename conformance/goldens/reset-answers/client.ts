import { Client, Connection } from '@temporalio/client';
import { add, chain, family, put, sums } from './workflows';

const taskQueue = 'reset-answers';
const namespace = 'default';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Prints what a call gives: its value, or its error with the causes. */
async function report(label: string, call: () => Promise<unknown>): Promise<void> {
  try {
    console.log(label, JSON.stringify(await call()) ?? 'undefined');
  } catch (error) {
    for (let e: unknown = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`);
  }
}

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  let requests = 0;
  const reset = async (workflowId: string, event: number, more: object = {}) => {
    const { runId } = await client.workflowService.resetWorkflowExecution({
      namespace, workflowExecution: { workflowId }, workflowTaskFinishEventId: event as never, reason: 'once more', requestId: `r${requests++}`, ...more,
    });
    return runId;
  };

  const summing = await client.workflow.start(sums, { taskQueue, workflowId: 'sums', args: [100], memo: { a: 1 }, searchAttributes: { CustomKeyword: ['k'] } });
  await sleep(1500);
  await summing.signal(add, 1);
  await sleep(200);
  await report('put', () => summing.executeUpdate(put, { args: [10], updateId: 'u1' }));
  await summing.signal(add, 2);
  await sleep(200);
  for (const [name, event] of Object.entries({ 'event 0': 0, 'event 1': 1, 'event 2': 2, 'the first start': 3, 'an activity': 5, 'after the end': 1000 })) await report(`to ${name}`, async () => (await reset('sums', event)).length);
  await report('of nobody', () => reset('nobody', 4));
  await report('without request id', () => reset('sums', 4, { requestId: '' }));
  await report('to an activity', async () => (await reset('sums', 7)).length);
  await sleep(700);
  await report('described', async () => {
    const { status, historyLength, memo, searchAttributes } = await client.workflow.getHandle('sums').describe();
    return [status.name, historyLength, memo, searchAttributes['CustomKeyword']];
  });
  const twice = { requestId: 'the same' };
  const first = await reset('sums', 4, { ...twice, resetReapplyType: 3 });
  await sleep(500);
  await report('same request', async () => (await reset('sums', 4, twice)) === first);
  await sleep(500);
  await report('excluding updates', async () => (await reset('sums', 4, { resetReapplyExcludeTypes: [2] })).length);
  await sleep(500);
  await client.workflow.getHandle('sums').signal(add, 1000);
  await report('result', () => client.workflow.getHandle('sums').result());
  await report('of a closed one', async () => (await reset('sums', 4, { resetReapplyExcludeTypes: [1] })).length);
  await sleep(500);
  await client.workflow.getHandle('sums').terminate('enough');

  await client.workflow.start(family, { taskQueue, workflowId: 'family' });
  await sleep(400);
  await report('with a child and an activity', async () => (await reset('family', 10)).length);
  await report('family', () => client.workflow.getHandle('family').result());

  await report('chain', () => client.workflow.execute(chain, { taskQueue, workflowId: 'chain', args: [1] }));
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
