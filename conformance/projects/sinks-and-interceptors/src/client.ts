import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import { sinkWorkflow } from './workflows';

const tracing: WorkflowClientInterceptor = {
  async start(input, next) {
    console.log('client starts', input.workflowType);
    return next(input);
  },
};

async function run() {
  const client = new Client({ connection: await Connection.connect(), interceptors: { workflow: [tracing] } });
  console.log(await client.workflow.execute(sinkWorkflow, { taskQueue: 'sinks', workflowId: 'sinks-1' }));
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
