import { Client, Connection, WithStartWorkflowOperation } from '@temporalio/client';
import { add, busy, finish, hasChildren, quick, total, waits } from './workflows';

const taskQueue = 'client-answers';
const nobody = '0196a1f0-0000-7000-8000-000000000001';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Prints what a call gives: its value, or its error with the causes. */
async function report(label: string, call: () => Promise<unknown>): Promise<void> {
  try {
    console.log(label, JSON.stringify(await call()) ?? 'undefined');
  } catch (error) {
    for (let e: unknown = error; e instanceof Error; e = e.cause) console.log(label, `${e.name}: ${e.message}`);
  }
}

async function run() {
  const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? 'localhost:7233' });
  const client = new Client({ connection });
  const { workflow } = client;
  const start = (workflowId: string, more: object = {}) => workflow.start(waits, { taskQueue, workflowId, ...more } as never);

  const open = await start('open', { memo: { a: 1 }, searchAttributes: { CustomKeyword: ['k'], CustomInt: [7] }, staticSummary: 'a summary', staticDetails: 'some *details*' });
  const closed = await workflow.start(quick, { taskQueue, workflowId: 'closed' });
  await closed.result();

  for (const [name, handle] of Object.entries({
    'no such id': workflow.getHandle('nobody'),
    'no such id and run': workflow.getHandle('nobody', nobody),
    'no such run': workflow.getHandle('open', nobody),
    'no run id': workflow.getHandle('open', 'not-a-uuid'),
    'run of another': workflow.getHandle('open', closed.firstExecutionRunId),
    'other first run': workflow.getHandle('open', undefined, { firstExecutionRunId: nobody }),
    'empty id': workflow.getHandle(''),
    closed,
  })) {
    if (name !== 'other first run') {
      if (name !== 'closed') await report(`${name}: result`, () => handle.result());
      await report(`${name}: describe`, async () => (await handle.describe()).status.name);
      await report(`${name}: history`, async () => (await handle.fetchHistory()).events?.length);
      await report(`${name}: query`, () => handle.query(total));
      await report(`${name}: signal`, () => handle.signal(finish));
      await report(`${name}: update`, () => handle.executeUpdate(add, { args: [1] }));
      await report(`${name}: update handle`, () => handle.getUpdateHandle('unknown').result());
    }
    await report(`${name}: cancel`, async () => void (await handle.cancel()));
    await report(`${name}: terminate`, async () => void (await handle.terminate('no more')));
  }

  await report('signal without name', () => open.signal(''));
  await report('signal like the SDK\'s own', () => open.signal('__temporal_x'));
  await report('query without name', () => open.query(''));
  await report('update without name', () => open.executeUpdate(''));
  await report('update refused', () => open.executeUpdate(add, { args: [-1] }));
  await report('update once', () => open.executeUpdate(add, { args: [2], updateId: 'once' }));
  await report('update once again', () => open.executeUpdate(add, { args: [5], updateId: 'once' }));
  await report('update handle', () => open.getUpdateHandle('once').result());
  await report('update handle of another', () => open.getUpdateHandle('twice').result());
  await report('update with a long id', () => open.executeUpdate(add, { args: [1], updateId: 'x'.repeat(1001) }));
  await report('update only admitted', () => open.startUpdate(add, { args: [1], waitForStage: 'ADMITTED' as never }));
  await report('query', () => open.query(total));

  const refused: { readonly [name: string]: object } = {
    'same id': {},
    'same id, reject': { workflowIdReusePolicy: 'REJECT_DUPLICATE' },
    'same id, failed only': { workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' },
    'reject and terminate': { workflowIdReusePolicy: 'REJECT_DUPLICATE', workflowIdConflictPolicy: 'TERMINATE_EXISTING' },
    'both terminate': { workflowIdReusePolicy: 'TERMINATE_IF_RUNNING', workflowIdConflictPolicy: 'FAIL' },
    'no id': { workflowId: '' },
    'no queue': { taskQueue: '' },
    'queue of the system': { taskQueue: '/_sys/x' },
    'long queue': { taskQueue: 'x'.repeat(1001) },
    'bad cron': { workflowId: 'new', cronSchedule: '99 * * * *' },
    'cron and delay': { workflowId: 'new', cronSchedule: '* * * * *', startDelay: '5s' },
    'bad cron zone': { workflowId: 'new', cronSchedule: 'CRON_TZ=Nowhere/No * * * * *' },
    'cron that never comes': { workflowId: 'new', cronSchedule: '0 0 31 2 *' },
    'coefficient below 1': { workflowId: 'new', retry: { backoffCoefficient: 0.5 } },
    'maximum below initial': { workflowId: 'new', retry: { initialInterval: '10s', maximumInterval: '1s' } },
    'no attempts': { workflowId: 'new', retry: { maximumAttempts: 0 } },
    'attribute of another type': { workflowId: 'new', searchAttributes: { CustomInt: ['x'] } },
    'two values': { workflowId: 'new', searchAttributes: { CustomKeyword: ['x', 'y'] } },
    'attribute of the system': { workflowId: 'new', searchAttributes: { WorkflowId: ['x'] } },
    'long attribute': { workflowId: 'new', searchAttributes: { CustomKeyword: ['x'.repeat(3000)] } },
    'long summary': { workflowId: 'new', staticSummary: 'x'.repeat(500) },
    'priority out of range': { workflowId: 'new', priority: { priorityKey: -1 } },
    'long fairness key': { workflowId: 'new', priority: { fairnessKey: 'x'.repeat(65) } },
  };
  for (const [name, options] of Object.entries(refused)) await report(name, async () => (await start('open', options)).workflowId);
  await report('no type', async () => (await workflow.start('', { taskQueue, workflowId: 'new' })).workflowId);
  await report('closed id, failed only', async () => (await start('closed', { workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' })).workflowId);
  await report('same id, use', async () => (await start('open', { workflowIdConflictPolicy: 'USE_EXISTING' })).firstExecutionRunId === open.firstExecutionRunId);
  await report('signal with start of a closed one', async () => (await workflow.signalWithStart(waits, { taskQueue, workflowId: 'closed', signal: finish, workflowIdReusePolicy: 'REJECT_DUPLICATE' })).workflowId);
  await report('update with start that fails', () => workflow.executeUpdateWithStart(add, { args: [1], startWorkflowOperation: new WithStartWorkflowOperation(waits, { taskQueue, workflowId: 'open', workflowIdConflictPolicy: 'FAIL' }) }));
  await report('update with start, no policy', () => workflow.executeUpdateWithStart(add, { args: [1], startWorkflowOperation: new WithStartWorkflowOperation(waits, { taskQueue, workflowId: 'open' } as never) }));
  await report('update with start, delay', () => workflow.executeUpdateWithStart(add, { args: [1], startWorkflowOperation: new WithStartWorkflowOperation(waits, { taskQueue, workflowId: 'new', startDelay: '5s', workflowIdConflictPolicy: 'FAIL' }) }));

  await report('complete by a token', () => client.activity.complete(new TextEncoder().encode('x'), 1));
  await report('complete of nobody', () => client.activity.complete({ workflowId: 'nobody', activityId: '1' }, 1));
  await report('complete of no activity', () => client.activity.complete({ workflowId: 'open', activityId: '1' }, 1));
  await report('heartbeat of no activity', () => client.activity.heartbeat({ workflowId: 'open', activityId: '1' }));
  await report('complete of a closed one', () => client.activity.complete({ workflowId: 'closed', activityId: '1' }, 1));

  for (const query of ['Nonsense', 'Unknown = 1', "WorkflowType = 'waits' ORDER BY StartTime", 'WorkflowId = 7', "StartTime > 'soon'", "ExecutionStatus = 'Sleeping'", "WorkflowId LIKE 'x'", "CustomInt = 'seven'"]) {
    await report(`list ${query}`, async () => {
      for await (const one of workflow.list({ query })) void one;
    });
  }
  await report('count by type', () => workflow.count('GROUP BY WorkflowType'));

  const { status, type, memo, historyLength, priority, parentExecution, rootExecution, raw } = await open.describe();
  console.log('described', JSON.stringify({ status, type, memo, historyLength, priority, parentExecution, rootExecution: rootExecution?.workflowId, pending: raw.pendingActivities?.length }));
  await report('summary', async () => {
    const described = await open.describe();
    return [await described.staticSummary(), await described.staticDetails()];
  });

  const work = await workflow.start(busy, { taskQueue, workflowId: 'busy' });
  await sleep(700);
  const busyRaw = (await work.describe()).raw;
  for (const { activityId, state, attempt, maximumAttempts, lastFailure } of busyRaw.pendingActivities ?? []) console.log('pending activity', activityId, state, attempt, maximumAttempts, lastFailure);
  for (const { workflowId, workflowTypeName, parentClosePolicy } of busyRaw.pendingChildren ?? []) console.log('pending child', workflowId, workflowTypeName, parentClosePolicy);
  const child = await workflow.getHandle('busy-child').describe();
  console.log('child', JSON.stringify([child.parentExecution?.workflowId, child.rootExecution?.workflowId, child.memo]));
  await report('complete by id', () => client.activity.complete({ workflowId: 'busy', activityId: '1' }, null));
  await sleep(300);
  await work.terminate('over');
  await report('children', () => workflow.execute(hasChildren, { taskQueue, workflowId: 'has-children' }));

  await open.cancel();
  await open.cancel();
  await report('cancelled', () => open.result());
  await connection.close();
}

run().catch((error) => {
  console.error(error);
  process.exit(1);
});
