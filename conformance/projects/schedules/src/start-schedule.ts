import { Client, Connection, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { reminder } from './workflows';

async function run() {
  const client = new Client({ connection: await Connection.connect() });
  const options = {
    scheduleId: 'sample-schedule',
    action: { type: 'startWorkflow' as const, workflowType: reminder, args: ['buy milk'] as [string], taskQueue: 'schedules', workflowId: 'reminder' },
    policies: { overlap: ScheduleOverlapPolicy.BUFFER_ONE, catchupWindow: '1 day' as const },
    spec: { intervals: [{ every: '10s' as const }] },
  };
  const schedule = await client.schedule.create(options);
  console.log(`Started schedule '${schedule.scheduleId}'`);
  try {
    await client.schedule.create(options);
  } catch (err) {
    console.log(err instanceof ScheduleAlreadyRunning, (err as Error).message);
  }
  await client.connection.close();
}

run().catch((err) => {
  console.error(err);
  process.exit(1);
});
