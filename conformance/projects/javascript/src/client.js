const { Client, Connection } = require('@temporalio/client');

async function run() {
  const connection = await Connection.connect();
  const client = new Client({ connection });
  const result = await client.workflow.execute('example', { taskQueue: 'hello-javascript', workflowId: 'my-business-id', args: ['JavaScript'] });
  console.log(result);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
