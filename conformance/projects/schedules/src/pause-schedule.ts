import { Client, Connection } from '@temporalio/client';
import { setTimeout } from 'timers/promises';

async function run() {
  const client = new Client({ connection: await Connection.connect() });
  const handle = client.schedule.getHandle('sample-schedule');
  await setTimeout(25_000);
  await handle.pause('holidays');
  const { state, info } = await handle.describe();
  console.log('paused', state.paused, state.note, info.numActionsTaken);
  await setTimeout(60_000);
  await handle.trigger();
  await setTimeout(1_000);
  console.log('after the trigger', (await handle.describe()).info.numActionsTaken);
  await handle.unpause();
  await handle.update((previous) => ({ ...previous, spec: { cronExpressions: ['*/1 * * * *'] } }));
  await setTimeout(120_000);
  console.log('after the update', (await handle.describe()).info.numActionsTaken);
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
