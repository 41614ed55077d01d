import { describe, expect, test } from 'vitest';
import { runInline, type InlineRun } from '../../../testing/inline-project.ts';

/** Slots, pollers, cache, tuner and rate limits of a worker, seen from outside. */

const NAP = `export async function nap(ms: number): Promise<number> { await act.sleep(ms); return Date.now(); }`;
/** A workflow with `n` naps at once. */
const FAN = `export const fan = async (n: number, ms: number): Promise<void> => { await Promise.all(Array.from({ length: n }, () => acts({ startToCloseTimeout: '5m' }).nap(ms))); };`;
const fanClient = (n: number, ms: number): string => `await client.workflow.execute('fan', { taskQueue: 'q', workflowId: 'w', args: [${n}, ${ms}] });`;
const most = (run: InlineRun, kind: 'workflow' | 'activity' | 'localActivity'): number => Math.max(...run.of('slots').filter((s) => s.kind === kind).map((s) => s.used));
const starts = (run: InlineRun): number[] => run.of('activityExecution').filter((e) => e.phase === 'started').map((e) => e.ms);

describe('slots', () => {
  test('activities', async () => {
    const run = await runInline({ workflows: FAN, activities: NAP, workerOptions: 'maxConcurrentActivityTaskExecutions: 3', client: fanClient(9, 1000) });
    expect(most(run, 'activity')).toBe(3);
    expect(run.of('slots').find((s) => s.kind === 'activity')?.total).toBe(3);
    expect(run.of('run').at(-1)?.ms).toBeGreaterThan(3000);
  });
  test('local activities', async () => {
    const run = await runInline({
      workflows: `export const flow = async (): Promise<void> => { const { nap } = wf.proxyLocalActivities<any>({ startToCloseTimeout: '1m' }); await Promise.all(Array.from({ length: 6 }, () => nap(1000))); };`,
      activities: NAP, workerOptions: 'maxConcurrentLocalActivityExecutions: 2', client: `await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' });`,
    });
    expect(most(run, 'localActivity')).toBe(2);
    expect(run.of('run').at(-1)?.ms).toBeGreaterThan(3000);
  });
  test('Workflow Tasks', async () => {
    const run = await runInline({
      workflows: `export const flow = async (): Promise<void> => { await wf.proxyLocalActivities<any>({ startToCloseTimeout: '1m' }).nap(1000); };`,
      activities: NAP, workerOptions: 'maxConcurrentWorkflowTaskExecutions: 12',
      client: `const all = []; for (let i = 0; i < 10; i++) all.push(client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' + i })); await Promise.all(all);`,
    });
    // Eight of the twelve are held by polls of the sticky queue.
    expect(most(run, 'workflow')).toBe(4);
    expect(run.of('run').at(-1)?.ms).toBeGreaterThan(3000);
  });
});

describe('pollers', () => {
  test('simple maximum', async () => {
    const run = await runInline({ activities: NAP, workerOptions: 'activityTaskPollerBehavior: { type: "simple-maximum", maximum: 3 }, workflowTaskPollerBehavior: { type: "simple-maximum", maximum: 4 }, maxConcurrentActivityTaskPolls: 7, nonStickyToStickyPollRatio: 0.5', client: '' });
    const counts = (kind: string) => Math.max(...run.of('pollers').filter((p) => p.kind === kind).map((p) => p.count));
    expect([counts('activity'), counts('workflow'), counts('stickyWorkflow')]).toEqual([3, 2, 2]);
  });
  test('autoscaling: more polls while tasks wait, fewer when it is quiet', async () => {
    const run = await runInline({
      workflows: `${FAN} export async function drip() { for (let i = 0; i < 25; i++) { await acts({ startToCloseTimeout: '5m' }).nap(1); await wf.sleep(5000); } }`,
      activities: NAP, workerOptions: `activityTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 2, maximum: 20 }, maxEagerActivityReservationsPerWorkflowTask: 0`,
      client: `${fanClient(200, 10)} await client.workflow.execute('drip', { taskQueue: 'q', workflowId: 'd' });`,
    });
    const counts = run.of('pollers').filter((p) => p.kind === 'activity').map((p) => p.count);
    expect(counts[0]).toBe(2);
    expect(Math.max(...counts)).toBeGreaterThan(2);
    expect(Math.max(...counts)).toBeLessThanOrEqual(20);
    expect(counts.at(-1)).toBe(1);
  });
});

describe('sticky cache', () => {
  const waiting = `export const go = wf.defineSignal('go');
    export async function flow(): Promise<boolean> { let going = false; wf.setHandler(go, () => { going = true; }); await wf.condition(() => going); return wf.workflowInfo().unsafe.isReplaying; }`;
  const client = `const handles = []; for (let i = 0; i < 4; i++) { handles.push(await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' + i })); await sleep(100); }
    await handles[0].signal('go'); await handles[0].result();`;
  const cache = (run: InlineRun): string[] => run.of('cache').map((e) => `${e.op} ${e.workflowId}${e.reason ? ` ${e.reason}` : ''}`);
  test('holds maxCachedWorkflows runs and gives up the one used the longest ago', async () => {
    const run = await runInline({ workflows: waiting, workerOptions: 'maxCachedWorkflows: 3', client });
    expect(cache(run)).toMatchInlineSnapshot(`
      [
        "add w0",
        "add w1",
        "add w2",
        "evict w0 CacheFull",
        "add w3",
        "evict w1 CacheFull",
        "add w0",
        "evict w0 WorkflowExecutionEnding",
      ]
    `);
    // The evicted run is replayed when it is needed again.
    expect(run.of('activation').filter((a) => a.workflowId === 'w0' && a.replaying)).toHaveLength(1);
    expect(run.events('w0')).toMatchInlineSnapshot(`
      [
        "WorkflowExecutionStarted",
        "WorkflowTaskScheduled",
        "WorkflowTaskStarted",
        "WorkflowTaskCompleted",
        "WorkflowExecutionSignaled",
        "WorkflowTaskScheduled",
        "WorkflowTaskStarted",
        "WorkflowTaskCompleted",
        "WorkflowExecutionCompleted",
      ]
    `);
  });
  test('0: no sticky queue, every Workflow Task replays', async () => {
    const run = await runInline({ workflows: waiting, workerOptions: 'maxCachedWorkflows: 0', client });
    expect(run.of('pollers').some((p) => p.kind === 'stickyWorkflow')).toBe(false);
    expect(run.of('activation').filter((a) => a.workflowId === 'w0' && a.replaying)).toHaveLength(1);
    const [, completed] = run.output.workflows['w0']!.runs[0]!.history.events.filter((e) => e.workflowTaskScheduledEventAttributes);
    expect(completed?.workflowTaskScheduledEventAttributes?.taskQueue?.kind).toBe('TASK_QUEUE_KIND_NORMAL');
  });
});

describe('resource-based tuner', () => {
  test('modelled memory and CPU bound the activities; the ramp throttle spaces them', async () => {
    const run = await runInline({
      workflows: FAN, activities: NAP, workerOptions: `activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 }, tuner: { tunerOptions: { targetMemoryUsage: 0.8, targetCpuUsage: 0.5 }, activityTaskSlotOptions: { minimumSlots: 2, maximumSlots: 50, rampThrottle: '100ms' } }`, client: fanClient(40, 5000),
    });
    // 5 % of the CPU each: ten of them reach 50 %.
    expect(most(run, 'activity')).toBe(10);
    expect(run.of('slots').find((s) => s.kind === 'activity')?.total).toBe(50);
    const [first = 0] = starts(run);
    expect(starts(run).filter((at) => at < first + 95)).toHaveLength(2);
  });
  test('the load is that of the process: two workers in it share the limit', async () => {
    const run = await runInline({
      workflows: FAN, activities: NAP, client: fanClient(40, 5000),
      worker: `const tuner = { tunerOptions: { targetMemoryUsage: 0.8, targetCpuUsage: 0.5 }, activityTaskSlotOptions: { minimumSlots: 1, rampThrottle: '1ms' } };
        const make = () => W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities, tuner, activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 } } as any);
        await Promise.all([(await make()).run(), (await make()).run()]);`,
    });
    const naps = run.of('activityExecution').map((e) => (e.phase === 'started' ? 1 : e.phase === 'completed' ? -1 : 0));
    let at = 0;
    // Ten reach the target; what the open poll of each worker brings comes on top.
    expect(Math.max(...naps.map((change) => (at += change)))).toBeLessThanOrEqual(12);
    expect(Math.max(...run.of('slots').map((s) => s.load.cpu))).toBeGreaterThanOrEqual(0.5);
    expect(run.of('slots').at(-1)?.load.cpu).toBe(0);
  });
  test('suppliers can be mixed', async () => {
    const run = await runInline({
      workflows: FAN, activities: NAP, client: fanClient(6, 1000),
      workerOptions: `tuner: { workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: 5 }, activityTaskSlotSupplier: { type: 'resource-based', tunerOptions: { targetMemoryUsage: 0.9, targetCpuUsage: 0.9 }, maximumSlots: 4 }, localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 } }`,
    });
    expect(most(run, 'activity')).toBe(4);
    expect(run.of('slots').find((s) => s.kind === 'workflow')?.total).toBe(5);
  });
  test('options that exclude each other are refused', async () => {
    const run = await runInline({ workerOptions: `tuner: { tunerOptions: { targetMemoryUsage: 0.8, targetCpuUsage: 0.5 } }, maxConcurrentActivityTaskExecutions: 3`, client: '' });
    expect(run.output.processes['worker-1']?.exitCode).toBe(1);
    expect(run.log('worker-1')[0]).toContain('Cannot set both tuner and maxConcurrentActivityTaskExecutions');
  });
});

describe('rate limits', () => {
  const gaps = (times: number[]): number[] => times.slice(1).map((t, i) => t - (times[i] as number));
  test('maxActivitiesPerSecond holds for one worker and multiplies with workers', async () => {
    const limited = `maxActivitiesPerSecond: 2, maxEagerActivityReservationsPerWorkflowTask: 0`;
    const one = await runInline({ workflows: FAN, activities: NAP, workerOptions: limited, client: fanClient(10, 1) });
    expect((starts(one).at(-1) ?? 0) - (starts(one)[0] ?? 0)).toBeGreaterThanOrEqual(4000);
    const two = await runInline({ workflows: FAN, activities: NAP, workerOptions: limited, client: fanClient(10, 1) }, { workersOfEach: 2 });
    const took = (starts(two).at(-1) ?? 0) - (starts(two)[0] ?? 0);
    expect(took).toBeLessThan(3000);
  });
  test('maxTaskQueueActivitiesPerSecond holds for all workers together', async () => {
    const run = await runInline({ workflows: FAN, activities: NAP, workerOptions: `maxTaskQueueActivitiesPerSecond: 2, maxEagerActivityReservationsPerWorkflowTask: 0`, client: fanClient(12, 1) }, { workersOfEach: 3 });
    const times = starts(run);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(3500);
    expect(Math.max(...gaps(times))).toBeLessThan(3000);
  });
});

