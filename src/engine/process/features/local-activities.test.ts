import { describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../../../api/proto.ts';
import { runInline, type InlineRun } from '../../../testing/inline-project.ts';

/** Local activities, through the whole simulation. */

const LOCAL = `const local = (options: object): any => wf.proxyLocalActivities<any>(options as any);
export async function flow(type: string, options: any, ...args: any[]): Promise<unknown> {
  const at = Date.now();
  try { return [await local(options)[type](...args), Date.now() - at]; } catch (error: any) { const out: any[] = [Math.round((Date.now() - at) / 100) / 10]; for (let e = error; e; e = e.cause) out.push([e.constructor.name, e.message, e.retryState, e.type, e.timeoutType].filter((v) => v !== undefined)); return out; }
}`;
const execute = (type: string, options: object, ...args: unknown[]): string => `console.log(await why(() => client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w', args: ${JSON.stringify([type, options, ...args])} })));`;
const calls = (run: InlineRun): number[] => run.of('activityExecution').filter((e) => e.phase === 'started').map((e) => Math.round(e.ms / 1000));
const markers = (run: InlineRun): HistoryEvent[] => (run.output.workflows['w']?.runs[0]?.history.events ?? []).filter((e) => e.markerRecordedEventAttributes);

const FAILING = `let n = 0; export async function flaky(times: number) { n++; if (act.activityInfo().attempt <= times) throw new Error('no ' + act.activityInfo().attempt); return [n, act.activityInfo().attempt, act.activityInfo().isLocal]; }
export async function slow(ms: number) { await act.sleep(ms); return 'slept'; }`;

test('the time of one attempt is cut to the whole', async () => {
  const activities = `export async function times() { const { startToCloseTimeoutMs, scheduleToCloseTimeoutMs } = act.activityInfo(); return [startToCloseTimeoutMs, scheduleToCloseTimeoutMs]; }`;
  const client = (options: object, workflowId: string): string => `console.log(JSON.stringify((await client.workflow.execute('flow', { taskQueue: 'q', workflowId: '${workflowId}', args: ['times', ${JSON.stringify(options)}] }) as any)[0]));`;
  const run = await runInline({ workflows: LOCAL, activities, client: [{ startToCloseTimeout: '5s' }, { scheduleToCloseTimeout: '5s' }, { scheduleToCloseTimeout: '5s', startToCloseTimeout: '2s' }, { scheduleToCloseTimeout: '2s', startToCloseTimeout: '5s' }].map((options, i) => client(options, `w${i}`)).join('\n') });
  expect(run.log('client-1')).toEqual(['[5000,0]', '[5000,5000]', '[2000,5000]', '[2000,2000]']);
});

describe('retries', () => {
  test('in memory while the back-off is short; one marker', async () => {
    const run = await runInline({ workflows: LOCAL, activities: FAILING, client: execute('flaky', { startToCloseTimeout: '10s' }, 2) });
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "no error: [[3,3,true],0]",
      ]
    `);
    expect(calls(run)).toMatchInlineSnapshot(`
      [
        0,
        1,
        3,
      ]
    `);
    expect(markers(run)).toHaveLength(1);
    expect(run.events('w').filter((e) => e === 'TimerStarted')).toEqual([]);
  });
  test('a back-off above localRetryThreshold: a marker and a timer, the attempt count goes on', async () => {
    const run = await runInline({ workflows: LOCAL, activities: FAILING, client: execute('flaky', { startToCloseTimeout: '10s', localRetryThreshold: '3s', retry: { initialInterval: '2s', backoffCoefficient: 4 } }, 3) });
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "no error: [[4,4,true],42013]",
      ]
    `);
    expect(calls(run)).toMatchInlineSnapshot(`
      [
        0,
        2,
        10,
        42,
      ]
    `);
    expect(run.events('w')).toMatchInlineSnapshot(`
      [
        "WorkflowExecutionStarted",
        "WorkflowTaskScheduled",
        "WorkflowTaskStarted",
        "WorkflowTaskCompleted",
        "MarkerRecorded",
        "TimerStarted",
        "TimerFired",
        "WorkflowTaskScheduled",
        "WorkflowTaskStarted",
        "WorkflowTaskCompleted",
        "MarkerRecorded",
        "TimerStarted",
        "TimerFired",
        "WorkflowTaskScheduled",
        "WorkflowTaskStarted",
        "WorkflowTaskCompleted",
        "MarkerRecorded",
        "WorkflowExecutionCompleted",
      ]
    `);
  });
  test('maximumAttempts, nonRetryableErrorTypes', async () => {
    expect((await runInline({ workflows: LOCAL, activities: FAILING, client: execute('flaky', { startToCloseTimeout: '10s', retry: { maximumAttempts: 2 } }, 5) })).log('client-1')).toMatchInlineSnapshot(`
      [
        "no error: [0,["ApplicationFailure","no 2","Error"]]",
      ]
    `);
    expect((await runInline({ workflows: LOCAL, activities: FAILING, client: execute('flaky', { startToCloseTimeout: '10s', retry: { nonRetryableErrorTypes: ['Error'] } }, 5) })).log('client-1')).toMatchInlineSnapshot(`
      [
        "no error: [0,["ApplicationFailure","no 1","Error"]]",
      ]
    `);
  });
});

describe('timeouts', () => {
  test('start-to-close counts as a failed attempt', async () => {
    const run = await runInline({ workflows: LOCAL, activities: FAILING, client: execute('slow', { startToCloseTimeout: '2s', retry: { maximumAttempts: 2 } }, 10_000) });
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "no error: [2,["ActivityFailure","Local Activity timed out","CANCEL_REQUESTED"],["TimeoutFailure","Activity timed out","START_TO_CLOSE"]]",
      ]
    `);
    expect(calls(run)).toHaveLength(2);
  });
  test('schedule-to-close ends it', async () => {
    const run = await runInline({ workflows: LOCAL, activities: FAILING, client: execute('flaky', { scheduleToCloseTimeout: '5s' }, 50) });
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "no error: [127,["ActivityFailure","Local Activity timed out","CANCEL_REQUESTED"],["TimeoutFailure","Activity timed out","SCHEDULE_TO_CLOSE"]]",
      ]
    `);
  });
});

test('a long one heartbeats the Workflow Task at 80 % of its timeout', async () => {
  const run = await runInline({ workflows: LOCAL, activities: FAILING, client: execute('slow', { startToCloseTimeout: '1m' }, 20_000) });
  expect(run.log('client-1')).toMatchInlineSnapshot(`
    [
      "no error: ["slept",20000]",
    ]
  `);
  expect(run.events('w')).toMatchInlineSnapshot(`
    [
      "WorkflowExecutionStarted",
      "WorkflowTaskScheduled",
      "WorkflowTaskStarted",
      "WorkflowTaskCompleted",
      "WorkflowTaskScheduled",
      "WorkflowTaskStarted",
      "WorkflowTaskCompleted",
      "WorkflowTaskScheduled",
      "WorkflowTaskStarted",
      "WorkflowTaskCompleted",
      "MarkerRecorded",
      "WorkflowExecutionCompleted",
    ]
  `);
  expect(run.of('delivery').filter((d) => d.rpc === 'RespondWorkflowTaskCompleted' && d.edge === 'request').map((d) => Math.round(d.ms / 1000))).toEqual([8, 16, 20]);
});

test('a Workflow Task that waits for more than 5 s is warned of, a heartbeat too', async () => {
  const of = async (ms: number): Promise<string[]> => {
    const run = await runInline({ workflows: LOCAL, activities: FAILING, client: execute('slow', { startToCloseTimeout: '1m' }, ms) });
    return run.log('worker-1').map((line) => line.replace(run.output.workflows['w']?.runs[0]?.runId ?? '', '<run>'));
  };
  const warning = (duration: number): RegExp => new RegExp(`^WARN \\[TMPRL1104\\] <run>:4:1 Workflow task duration exceeded 5 seconds\\. {"workflow_type":"flow","event_id":4,"attempt":1,"workflow_task_duration":${duration},"workflow_history_size":\\d{3},`);
  expect(await of(4000)).toEqual([]);
  expect(await of(6000)).toEqual([expect.stringMatching(warning(6000))]);
  expect(await of(12_000)).toEqual([expect.stringMatching(warning(8000))]);
});

test('a signal comes in between heartbeats', async () => {
  const run = await runInline({
    workflows: `export async function flow() { const got: number[] = []; const at = Date.now(); wf.setHandler(wf.defineSignal('s'), () => { got.push(Math.round((Date.now() - at) / 1000)); }); await wf.proxyLocalActivities<any>({ startToCloseTimeout: '1m' }).slow(20000); return got; }`, activities: FAILING,
    client: `const h = await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' }); await sleep(3000); await h.signal('s'); console.log(await why(() => h.result()));`,
  });
  expect(run.log('client-1')).toEqual(['no error: [8]']);
});

test('a crash before the Workflow Task completes runs it again', async () => {
  const run = await runInline(
    { workflows: LOCAL, activities: FAILING.replace('export async function slow(ms: number) {', `export async function slow(ms: number) { await fetch('http://bank/pay', { method: 'POST' });`), client: execute('slow', { startToCloseTimeout: '1m' }, 2000), services: `export default { bank: { async fetch(_r: any, { ledger }: any) { ledger.append({ paid: 1 }); return { status: 200, body: 'ok' }; } } };` },
    { faults: [{ when: { at: '1s' }, do: { kill: 'worker-1' } }, { when: { at: '1.5s' }, do: { start: 'worker-1' } }] },
  );
  expect(run.output.workflows['w']?.status).toBe('COMPLETED');
  expect(run.output.services['bank']?.ledger).toHaveLength(2);
  expect(markers(run)).toHaveLength(1);
});

describe('cancellation', () => {
  const flow = (type: string): string => `export async function flow() {
    const at = Date.now();
    try {
      await wf.CancellationScope.cancellable(async () => {
        const running = wf.proxyLocalActivities<any>({ startToCloseTimeout: '1m', cancellationType: '${type}' }).stubborn();
        await wf.sleep('2s'); wf.CancellationScope.current().cancel(); await running;
      });
    } catch (error: any) { return [Math.round((Date.now() - at) / 1000), error.constructor.name, error.message, error.cause?.constructor.name, error.cause?.message]; }
  }`;
  const STUBBORN = `export async function stubborn() { try { await act.sleep('30s'); } catch (e: any) { await new Promise((r) => setTimeout(r, 3000)); console.log('stopped', e.message); throw e; } }`;
  test.each(['TRY_CANCEL', 'WAIT_CANCELLATION_COMPLETED', 'ABANDON'])('%s', async (type) => {
    const run = await runInline({ workflows: flow(type), activities: STUBBORN, client: `console.log(await why(() => client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' })));` });
    expect([run.log('client-1'), run.log('worker-1')]).toMatchSnapshot();
  });
});
