import { Client, Connection } from '@temporalio/client';
import { scheduled } from './workflows';

const taskQueue = 'schedules';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Prints what a call gives: its value, or its error with the causes. */
async function report(label: string, call: Promise<unknown>): Promise<void> {
  try {
    console.log(label, JSON.stringify(await call) ?? 'undefined');
  } catch (error) {
    for (let e: unknown = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`);
  }
}

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  const schedule = await client.schedule.create({
    scheduleId: 'triggered',
    spec: { calendars: [{ year: 2099 }] },
    action: { type: 'startWorkflow', workflowType: scheduled, args: ['triggered'], taskQueue, workflowId: 'from-trigger' },
  });
  await schedule.trigger();
  await sleep(1500);
  const described = await schedule.describe();
  console.log('triggered', described.info.numActionsTaken, described.state.paused, described.info.recentActions.length);
  await schedule.pause('by hand');
  console.log('paused', (await schedule.describe()).state.paused, (await schedule.describe()).state.note);
  await schedule.delete();

  const every = await client.schedule.create({
    scheduleId: 'every',
    spec: { intervals: [{ every: '1s' }] },
    action: { type: 'startWorkflow', workflowType: scheduled, args: ['interval'], taskQueue, workflowId: 'from-interval' },
    state: { remainingActions: 2 },
  });
  await sleep(3500);
  console.log('every', (await every.describe()).info.numActionsTaken, (await every.describe()).state.remainingActions);
  await every.delete();
  await report('deleted', every.describe());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
