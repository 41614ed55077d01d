import { Client, Connection, ScheduleOverlapPolicy, type ScheduleDescription, type ScheduleSpec } from '@temporalio/client';
import { quick, slow } from './workflows';

const taskQueue = 'schedule-answers';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Prints what a call gives: its value, or its error with the causes. */
async function report(label: string, call: () => Promise<unknown>): Promise<void> {
  try {
    console.log(label, JSON.stringify(await call()) ?? 'undefined');
  } catch (error) {
    for (let e: unknown = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`);
  }
}

/** What of a description is the same each time. */
function lasting({ scheduleId, spec, action, memo, searchAttributes, policies, state, info }: ScheduleDescription): unknown {
  const { nextActionTimes, recentActions, runningActions, createdAt, lastUpdatedAt, ...counts } = info;
  return {
    scheduleId, spec, action, memo, searchAttributes, policies, state, ...counts, next: nextActionTimes.length, recent: recentActions.map(({ action }) => action.type), running: runningActions.length,
    created: createdAt instanceof Date, updated: lastUpdatedAt instanceof Date,
  };
}

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  const action = { type: 'startWorkflow', workflowType: quick, args: ['scheduled'], taskQueue } as const;
  const create = (scheduleId: string, spec: ScheduleSpec, more: object = {}) => client.schedule.create({ scheduleId, spec, action, ...more } as never);

  const full = await create('full', {
    calendars: [
      { comment: 'work', second: 30, minute: [0, { start: 10, end: 20, step: 5 }], hour: { start: 9, end: 17, step: 2 }, dayOfWeek: ['MONDAY', { start: 'THURSDAY', end: 'SATURDAY' }], year: { start: 2090, end: 2095 } },
      { month: ['JANUARY', { start: 'JUNE', end: 'AUGUST' }], dayOfMonth: '*', hour: '*', year: 2099 },
    ],
    cronExpressions: ['0 12 * * MON-FRI 2098 # noon', '@yearly', '@every 9000h/3h'],
    intervals: [{ every: '500 days', offset: '3 days' }, { every: '5 years' }],
    skip: [{ month: 'DECEMBER', comment: 'holidays' }],
    startAt: new Date('2080-01-01T00:00:00Z'), endAt: new Date('2099-12-31T23:59:59Z'), jitter: '30s', timezone: 'Europe/Berlin',
  }, {
    memo: { note: 'memo' }, searchAttributes: { CustomKeyword: ['found'] },
    policies: { overlap: 'BUFFER_ONE', catchupWindow: '2 days', pauseOnFailure: true }, state: { note: 'a note', paused: true },
    action: { ...action, workflowId: 'full', memo: { of: 'action' }, searchAttributes: { CustomInt: [3] }, workflowRunTimeout: '20s', workflowTaskTimeout: '7s', retry: { maximumAttempts: 2, backoffCoefficient: 3 } },
  });
  await report('full', async () => lasting(await full.describe()));
  await report('plain', async () => lasting(await (await create('plain', { intervals: [{ every: '1 day' }] })).describe()));
  await report('created twice', async () => (await create('plain', {})).scheduleId);

  const refused: { readonly [name: string]: ScheduleSpec } = {
    'bad cron': { cronExpressions: ['* * * *'] },
    'bad month of cron': { cronExpressions: ['* * * 13 *'] },
    'bad every': { cronExpressions: ['@every often'] },
    'two zones': { cronExpressions: ['CRON_TZ=UTC 0 * * * *', '0 * * * *'] },
    'bad zone': { timezone: 'Mars/Olympus', calendars: [{ hour: 1 }] },
    'short interval': { intervals: [{ every: '100ms' }] },
    'offset too long': { intervals: [{ every: '1h', offset: '1h' }] },
    'year out of range': { calendars: [{ year: 1999 }] },
    'range without end': { calendars: [{ hour: { start: 9 } }] },
    'no spec': {},
  };
  for (const [name, spec] of Object.entries(refused)) await report(name, async () => (await create('new', spec)).scheduleId);
  const strange: { readonly [name: string]: object } = {
    'no id': { scheduleId: '' },
    'long id': { scheduleId: 'x'.repeat(1001) },
    'no queue': { action: { ...action, taskQueue: '' } },
    'no type': { action: { ...action, workflowType: '' } },
    'no actions left': { scheduleId: 'none-left', state: { remainingActions: 0 } },
    'short catch-up': { scheduleId: 'short', policies: { catchupWindow: '1s' } },
    'negative catch-up': { scheduleId: 'negative', policies: { catchupWindow: -5 } },
    'bad retry': { scheduleId: 'retry', action: { ...action, retry: { backoffCoefficient: 0.5 } } },
    'attribute of another type': { scheduleId: 'attribute', searchAttributes: { CustomInt: ['x'] } },
  };
  for (const [name, more] of Object.entries(strange)) {
    await report(name, async () => {
      const { policies, state } = await (await create('new-too', { calendars: [{ year: 2099 }] }, more)).describe();
      return [policies, state];
    });
  }

  const nobody = client.schedule.getHandle('nobody');
  await report('describe nobody', () => nobody.describe());
  await report('trigger nobody', () => nobody.trigger());
  await report('pause nobody', () => nobody.pause());
  await report('update nobody', () => nobody.update((previous) => previous));
  await report('backfill nobody', () => nobody.backfill({ start: new Date(0), end: new Date(1), overlap: ScheduleOverlapPolicy.ALLOW_ALL }));
  await report('delete nobody', () => nobody.delete());

  await full.update((previous) => ({ ...previous, spec: { calendars: [{ year: 2097 }] }, policies: { ...previous.policies, overlap: ScheduleOverlapPolicy.SKIP }, state: { ...previous.state, note: 'changed' } }));
  await report('updated', async () => lasting(await full.describe()));
  await report('update that is wrong', () => full.update((previous) => ({ ...previous, spec: { intervals: [{ every: 1 }] } })));
  await report('still', async () => (await full.describe()).spec);
  await full.unpause();
  await report('unpaused', async () => (await full.describe()).state);
  await full.pause('not today');
  await report('paused', async () => (await full.describe()).state);
  await full.trigger();
  await sleep(1500);
  await report('triggered while paused', async () => lasting(await full.describe()));

  const slowly = await create('slowly', { calendars: [{ year: 2099 }] }, { action: { ...action, workflowType: slow, workflowId: 'slow', args: [] }, policies: { overlap: 'BUFFER_ONE' } });
  for (const overlap of [ScheduleOverlapPolicy.BUFFER_ONE, undefined, ScheduleOverlapPolicy.BUFFER_ONE, ScheduleOverlapPolicy.BUFFER_ONE, ScheduleOverlapPolicy.SKIP] as const) {
    await slowly.trigger(overlap);
    await sleep(1200);
  }
  await sleep(700);
  await report('buffered', async () => lasting(await slowly.describe()));
  await slowly.trigger(ScheduleOverlapPolicy.TERMINATE_OTHER);
  await sleep(1500);
  await report('terminated', async () => lasting(await slowly.describe()));

  await sleep(700);
  const seen: unknown[] = [];
  for await (const { scheduleId, memo, searchAttributes, spec, action: started, state } of client.schedule.list()) seen.push([scheduleId, memo, searchAttributes, spec, started, state]);
  for (const one of seen.map((each) => JSON.stringify(each)).sort()) console.log('listed', one);
  await full.delete();
  await report('deleted', () => full.describe());
  await report('deleted twice', () => full.delete());
  for (const scheduleId of ['slowly', 'plain', 'new', 'none-left', 'short', 'negative', 'retry']) await client.schedule.getHandle(scheduleId).delete();
  for await (const { workflowId } of client.workflow.list({ query: "ExecutionStatus = 'Running' AND WorkflowType = 'slow'" })) await client.workflow.getHandle(workflowId).terminate('over');
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
