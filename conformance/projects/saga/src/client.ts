import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { bookTrip } from './workflows';

async function run() {
  const client = new Client({ connection: await Connection.connect({ address: 'localhost:7233' }) });
  console.log('Booked', await client.workflow.execute(bookTrip, { taskQueue: 'saga', workflowId: 'saga-fine', args: ['fine'] }));
  try {
    await client.workflow.execute(bookTrip, { taskQueue: 'saga', workflowId: 'saga-overbooked', args: ['overbooked'] });
  } catch (err) {
    if (!(err instanceof WorkflowFailedError)) throw err;
    console.log(err.message, '<-', err.cause?.message, '<-', (err.cause as Error & { cause?: Error })?.cause?.message);
  }
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
