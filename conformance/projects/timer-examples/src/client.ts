import { Client } from '@temporalio/client';
import { countdownWorkflow, processOrderWorkflow, setDeadline, timeLeft } from './workflows';

async function run() {
  const client = new Client();
  const countdown = await client.workflow.start(countdownWorkflow, { taskQueue: 'timers', workflowId: 'countdown', args: [60_000] });
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const left = await countdown.query(timeLeft);
  console.log('about 50 s left', Math.round(left / 1000));
  await countdown.signal(setDeadline, Date.parse('2026-01-01T02:00:00Z'));
  console.log(await countdown.result());
  console.log('fast', await client.workflow.execute(processOrderWorkflow, { taskQueue: 'timers', workflowId: 'fast', args: [1_000] }));
  console.log('slow', await client.workflow.execute(processOrderWorkflow, { taskQueue: 'timers', workflowId: 'slow', args: [60_000] }));
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
