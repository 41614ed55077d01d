import { Client } from '@temporalio/client';

new Client().workflow.execute('fine', { taskQueue: 'bad', workflowId: 'bad-1', workflowExecutionTimeout: '8 seconds' }).then(console.log, (err) => {
  console.error(err);
  process.exit(1);
});
