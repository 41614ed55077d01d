import { Client } from '@temporalio/client';
import { quote } from './workflows';

new Client().workflow.execute(quote, { taskQueue: 'quotes', workflowId: 'quote-1' }).then(console.log, (err) => {
  console.error(err);
  process.exit(1);
});
