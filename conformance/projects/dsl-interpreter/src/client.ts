import { Client } from '@temporalio/client';
import program from './programs/order.json';
import type { DSL } from './dsl';
import { interpret } from './workflows';

async function run() {
  const client = new Client();
  console.log(await client.workflow.execute(interpret, { taskQueue: 'dsl', workflowId: 'dsl-1', args: [program as DSL] }));
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
