import { Client } from '@temporalio/client';
import { oneAtATime } from './workflows';

async function run() {
  const client = new Client();
  const results = await Promise.all(
    [1, 2, 3, 4, 5].map((n) => client.workflow.execute(oneAtATime, { taskQueue: 'mutex', workflowId: `user-${n}`, args: ['printer'] })),
  );
  console.log(results);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
