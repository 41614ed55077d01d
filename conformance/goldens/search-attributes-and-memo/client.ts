import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { upserts } from './workflows';

const taskQueue = 'search-attributes-and-memo';

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
  const handle = await client.workflow.start(upserts, {
    taskQueue,
    workflowId: 'upserts',
    memo: { note: 'first', gone: true },
    typedSearchAttributes: [{ key: defineSearchAttributeKey('CustomKeyword', 'KEYWORD'), value: 'first' }],
    staticSummary: 'a summary',
    staticDetails: 'some details',
  });
  await report('result', handle.result());
  const description = await handle.describe();
  // Maps have no order on the wire.
  console.log('memo', JSON.stringify(Object.entries(description.memo ?? {}).sort()));
  console.log('attributes', JSON.stringify(description.typedSearchAttributes.getAll().map((pair) => [pair.key.name, pair.value]).filter(([name]) => String(name).startsWith('Custom'))));
  console.log('status', description.status.name, description.type, description.historyLength);
  console.log('summary', await description.staticSummary(), '/', await description.staticDetails());
  await sleep(500);
  console.log('count', (await client.workflow.count(`CustomKeyword = 'changed' AND TaskQueue = '${taskQueue}'`)).count);
  for await (const info of client.workflow.list({ query: `CustomKeyword = 'changed' AND TaskQueue = '${taskQueue}'` })) console.log('listed', info.workflowId, info.status.name);
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
