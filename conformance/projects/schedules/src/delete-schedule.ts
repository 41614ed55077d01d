import { Client, Connection, ScheduleNotFoundError } from '@temporalio/client';

async function run() {
  const client = new Client({ connection: await Connection.connect() });
  for await (const schedule of client.schedule.list()) console.log('listed', schedule.scheduleId);
  const handle = client.schedule.getHandle('sample-schedule');
  await handle.delete();
  try {
    await handle.describe();
  } catch (err) {
    console.log(err instanceof ScheduleNotFoundError, (err as Error).message);
  }
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
