import { Client, Connection } from '@temporalio/client';
import { tries } from './workflows';

const taskQueue = 'bad-commands';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const names = [
  'sleepsBackwards', 'sleepsNot', 'sleepsForAges', 'activityOnSystemQueue', 'activityOnLongQueue', 'activityWithLongType',
  'activityWithLongId', 'activityNegative', 'activityBadRetry', 'activityLongFairness', 'childWithLongId', 'childBadCron',
  'childBadRetry', 'childNegative', 'childOnSystemQueue', 'childBadAttribute', 'childWithoutType', 'childOfItself',
  'upsertBad', 'upsertOfSystem', 'upsertLong', 'upsertNothing', 'signalsNobody', 'signalsWithoutName',
  'signalsWrongRun', 'cancelsNobody', 'signalsItself', 'cancelsItself', 'continuesOnSystemQueue', 'continuesNegative',
  'continuesWithBadAttribute', 'continuesAsLongType',
];

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  for (const name of names) {
    const handle = await client.workflow.start(tries, { taskQueue, workflowId: name, args: [name], workflowTaskTimeout: '20s', searchAttributes: { CustomInt: [1], CustomKeyword: ['x'] } });
    await sleep(name.startsWith('sleeps') ? 1500 : 400);
    const { events } = await handle.fetchHistory();
    for (const event of events ?? []) {
      const failed = event.workflowTaskFailedEventAttributes;
      if (failed) console.log(name, failed.cause, failed.failure?.message);
    }
    const { status } = await handle.describe();
    console.log(name, status.name, events?.length);
    if (status.name === 'RUNNING') await handle.terminate('over');
  }
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
