import { Client, Connection } from '@temporalio/client';
import { getDataConverter } from './data-converter';
import { secret } from './workflows';

async function run() {
  const client = new Client({ connection: await Connection.connect(), dataConverter: await getDataConverter() });
  const handle = await client.workflow.start(secret, { taskQueue: 'encryption', workflowId: 'secret-1', args: ['Alice'] });
  console.log(await handle.result());
  console.log(await handle.query('who'));
  try {
    await client.workflow.execute(secret, { taskQueue: 'encryption', workflowId: 'secret-2', args: ['nobody'] });
  } catch (err) {
    const cause = (err as { cause?: { cause?: Error & { details?: unknown } } }).cause?.cause;
    console.log(cause?.name, cause?.message, cause?.details);
  }
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
