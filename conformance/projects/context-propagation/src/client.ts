import { Client } from '@temporalio/client';
import { getContext, inject, withContext } from './context';
import { sampleWorkflow } from './workflows';

async function run() {
  const client = new Client({
    interceptors: {
      workflow: [{ start: (input, next) => next({ ...input, headers: inject(input.headers, getContext()) }) }],
    },
  });
  const results = await Promise.all(
    ['Acme', 'Initech'].map((customer) => withContext({ customer }, () => client.workflow.execute(sampleWorkflow, { taskQueue: 'context', workflowId: `context-${customer}` }))),
  );
  console.log(results);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
