import { describe, expect, test } from 'vitest';
import { runInline } from '../../../testing/inline-project.ts';

/** Activities as their code and their workflow see them. */

const execute = (type: string, ...args: unknown[]): string => `console.log(await why(() => client.workflow.execute('${type}', { taskQueue: 'q', workflowId: 'w', args: ${JSON.stringify(args)} })));`;
/** A workflow that runs one activity and says what came of it. */
const ONE = `export async function one(type: string, options: any, ...args: any[]): Promise<unknown> {
  try { return await acts({ startToCloseTimeout: '1m', ...options })[type](...args); } catch (error: any) { const out = []; for (let e = error; e; e = e.cause) out.push([e.constructor.name, e.message, e.retryState, e.type, e.nonRetryable, e.details, e.timeoutType].filter((v) => v !== undefined)); return out; }
}`;

describe('Context', () => {
  test('info is complete', async () => {
    const run = await runInline({
      workflows: ONE, client: execute('one', 'show', { heartbeatTimeout: '20s', scheduleToCloseTimeout: '3m', retry: { initialInterval: '2s', backoffCoefficient: 3, maximumAttempts: 2, maximumInterval: '1m', nonRetryableErrorTypes: ['X'] }, priority: { priorityKey: 2 } }),
      activities: `export async function show(): Promise<unknown> {
        const { info } = act.Context.current();
        act.heartbeat({ at: 'attempt ' + info.attempt });
        if (info.attempt === 1) throw new Error('first');
        const { taskToken, base64TaskToken, workflowExecution, scheduledTimestampMs, currentAttemptScheduledTimestampMs, ...rest } = info;
        return { ...rest, token: Buffer.from(taskToken).toString('base64') === base64TaskToken, workflowId: workflowExecution!.workflowId, runId: workflowExecution!.runId.length, since: Date.now() - scheduledTimestampMs, sinceAttempt: Date.now() - currentAttemptScheduledTimestampMs };
      }`,
    });
    expect(JSON.parse(run.log('client-1')[0]!.replace('no error: ', ''))).toMatchInlineSnapshot(`
      {
        "activityId": "1",
        "activityNamespace": "default",
        "activityType": "show",
        "attempt": 2,
        "heartbeatDetails": {
          "at": "attempt 1",
        },
        "heartbeatTimeoutMs": 20000,
        "inWorkflow": true,
        "isLocal": false,
        "namespace": "default",
        "priority": {
          "fairnessKey": "",
          "fairnessWeight": 0,
          "priorityKey": 2,
        },
        "retryPolicy": {
          "backoffCoefficient": 3,
          "initialInterval": 2000,
          "maximumAttempts": 2,
          "maximumInterval": 60000,
          "nonRetryableErrorTypes": [
            "X",
          ],
        },
        "runId": 36,
        "scheduleToCloseTimeoutMs": 180000,
        "since": 2009,
        "sinceAttempt": 3,
        "startToCloseTimeoutMs": 60000,
        "taskQueue": "q",
        "token": true,
        "workflowId": "w",
        "workflowNamespace": "default",
        "workflowType": "one",
      }
    `);
  });

  test('log, metricMeter, client, sleep, cancellation', async () => {
    const run = await runInline({
      workflows: ONE, client: execute('one', 'all', {}),
      activities: `export async function all(): Promise<unknown> {
        const context = act.Context.current();
        context.log.info('hello', { a: 1 });
        act.log.warn('careful');
        act.log.debug('unheard');
        context.metricMeter.createCounter('c').add(1, { tag: 'x' });
        act.metricMeter.createHistogram('h').record(3);
        const at = Date.now();
        await context.sleep('2 seconds');
        const described = await act.getClient().workflow.getHandle(context.info.workflowExecution!.workflowId).describe();
        const pending = described.raw.pendingActivities ?? [];
        return [Date.now() - at >= 2000, described.status.name, pending.length, context.cancellationSignal.aborted, act.cancellationSignal() === context.cancellationSignal, context.cancellationDetails ?? null, act.asyncLocalStorage.getStore() === context];
      }`,
    });
    expect(run.log('client-1')).toEqual(['no error: [true,"RUNNING",1,false,true,null,true]']);
    expect(run.log('worker-1')).toMatchInlineSnapshot(`
      [
        "hello {"sdkComponent":"activity","taskQueue":"q","isLocal":false,"attempt":1,"namespace":"default","taskToken":"actk019b76daa80f786ca917b11db944009d000000050000000100000001","activityId":"1","activityType":"all","workflowId":"w","workflowRunId":"019b76da-a80f-786c-a917-b11db944009d","workflowType":"one","a":1}",
        "WARN careful {"sdkComponent":"activity","taskQueue":"q","isLocal":false,"attempt":1,"namespace":"default","taskToken":"actk019b76daa80f786ca917b11db944009d000000050000000100000001","activityId":"1","activityType":"all","workflowId":"w","workflowRunId":"019b76da-a80f-786c-a917-b11db944009d","workflowType":"one"}",
      ]
    `);
  });

  test('the contexts of concurrent activities do not mix', async () => {
    const run = await runInline({
      workflows: `export const many = async () => Promise.all([3, 1, 2].map((n) => acts({ startToCloseTimeout: '1m' }).who(n)));`, client: execute('many'),
      activities: `const ids = async () => { await Promise.resolve(); return act.activityInfo().activityId; };
        export async function who(n: number): Promise<unknown> { const a = act.activityInfo().activityId; await act.sleep(n * 100); await new Promise<void>((r) => setImmediate(r)); return [a, await ids(), act.Context.current().info.activityId]; }`,
    });
    expect(run.log('client-1')).toEqual(['no error: [["1","1","1"],["2","2","2"],["3","3","3"]]']);
  });
});

describe('failures', () => {
  const FAILURES = `
    export async function plain() { throw new TypeError('plain'); }
    export async function notRetryable() { throw act.ApplicationFailure.nonRetryable('never again', 'Final', { a: 1 }, 2); }
    export async function retryable() { throw act.ApplicationFailure.retryable('try', 'Again'); }
    export async function delayed() { if (act.activityInfo().attempt === 1) throw act.ApplicationFailure.create({ message: 'later', nextRetryDelay: '7s' }); return 'ok'; }
    export async function benign() { throw act.ApplicationFailure.create({ message: 'quiet', category: common.ApplicationFailureCategory.BENIGN, nonRetryable: true }); }
    export async function caused() { throw act.ApplicationFailure.create({ message: 'outer', nonRetryable: true, cause: new Error('inner') }); }
    export async function text() { throw 'just text'; }
    export async function nothing() { throw undefined; }
    export async function cancelledByItself() { throw new act.CancelledFailure('of its own'); }
  `;
  const outcome = async (type: string, options: object = { retry: { maximumAttempts: 2, initialInterval: '1s' } }) => {
    const run = await runInline({ workflows: ONE, activities: FAILURES, client: execute('one', type, options) });
    return { client: run.log('client-1')[0]!.replace('no error: ', ''), worker: run.log('worker-1'), run };
  };
  test('any error becomes an ApplicationFailure of its class, tried again up to maximumAttempts', async () => {
    expect((await outcome('plain')).client).toMatchInlineSnapshot(`"[["ActivityFailure","Activity task failed","MAXIMUM_ATTEMPTS_REACHED"],["ApplicationFailure","plain","TypeError",false,[]]]"`);
  });
  test('nonRetryable, with type and details', async () => {
    const { client, run } = await outcome('notRetryable');
    expect(client).toMatchInlineSnapshot(`"[["ActivityFailure","Activity task failed","NON_RETRYABLE_FAILURE"],["ApplicationFailure","never again","Final",true,[{"a":1},2]]]"`);
    expect(run.of('activityExecution').filter((e) => e.phase === 'started')).toHaveLength(1);
  });
  test('nonRetryableErrorTypes', async () => {
    expect((await outcome('retryable', { retry: { nonRetryableErrorTypes: ['Again'] } })).client).toMatchInlineSnapshot(`"[["ActivityFailure","Activity task failed","NON_RETRYABLE_FAILURE"],["ApplicationFailure","try","Again",false,[]]]"`);
  });
  test('nextRetryDelay', async () => {
    const { client, run } = await outcome('delayed');
    expect(client).toBe('"ok"');
    const [a, b] = run.of('activityExecution').filter((e) => e.phase === 'started').map((e) => e.ms);
    expect(b! - a!).toBeGreaterThanOrEqual(7000);
  });
  test('BENIGN: its failure is no warning', async () => {
    const { client, worker, run } = await outcome('benign');
    expect(client).toContain('quiet');
    expect(worker).toEqual([]);
    const failed = run.output.workflows['w']!.runs[0]!.history.events.find((e) => e.activityTaskFailedEventAttributes);
    expect(failed?.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo?.category).toBe('APPLICATION_ERROR_CATEGORY_BENIGN');
  });
  test('causes, thrown text and nothing, a CancelledFailure that nobody asked for', async () => {
    expect((await outcome('caused')).client).toMatchInlineSnapshot(`"[["ActivityFailure","Activity task failed","NON_RETRYABLE_FAILURE"],["ApplicationFailure","outer","",true,[]],["TemporalFailure","inner"]]"`);
    expect((await outcome('text', { retry: { maximumAttempts: 1 } })).client).toMatchInlineSnapshot(`"[["ActivityFailure","Activity task failed","MAXIMUM_ATTEMPTS_REACHED"],["ApplicationFailure","just text","",false,[]]]"`);
    expect((await outcome('nothing', { retry: { maximumAttempts: 1 } })).client).toMatchInlineSnapshot(`"[["ActivityFailure","Activity task failed","MAXIMUM_ATTEMPTS_REACHED"],["ApplicationFailure","undefined","",false,[]]]"`);
    expect((await outcome('cancelledByItself', { retry: { maximumAttempts: 1 } })).client).toMatchInlineSnapshot(`"[["ActivityFailure","Activity task failed","MAXIMUM_ATTEMPTS_REACHED"],["ApplicationFailure","of its own","CancelledFailure",false,[]]]"`);
  });
  test('the worker says what failed', async () => {
    expect((await outcome('plain')).worker).toMatchInlineSnapshot(`
      [
        "WARN Activity failed {"sdkComponent":"worker","taskQueue":"q","isLocal":false,"attempt":1,"namespace":"default","taskToken":"actk019b76daa80f786ca917b11db944009d000000050000000100000001","activityId":"1","activityType":"plain","workflowId":"w","workflowRunId":"019b76da-a80f-786c-a917-b11db944009d","workflowType":"one","error":"TypeError: plain\\n    at plain (/app/src/activities.ts:4:43)\\n    at executeNextHandler (/app/node_modules/@temporalio/worker/lib/activity.js:1:1)\\n    at execute (/app/node_modules/@temporalio/worker/lib/activity.js:1:1)","durationMs":0}",
        "WARN Activity failed {"sdkComponent":"worker","taskQueue":"q","isLocal":false,"attempt":2,"namespace":"default","taskToken":"actk019b76daa80f786ca917b11db944009d000000050000000200000003","activityId":"1","activityType":"plain","workflowId":"w","workflowRunId":"019b76da-a80f-786c-a917-b11db944009d","workflowType":"one","error":"TypeError: plain\\n    at plain (/app/src/activities.ts:4:43)\\n    at executeNextHandler (/app/node_modules/@temporalio/worker/lib/activity.js:1:1)\\n    at execute (/app/node_modules/@temporalio/worker/lib/activity.js:1:1)","durationMs":0}",
      ]
    `);
  });
  test('an activity that the worker does not have', async () => {
    expect((await outcome('unknown')).client).toMatchInlineSnapshot(`"[["ActivityFailure","Activity task failed","MAXIMUM_ATTEMPTS_REACHED"],["ApplicationFailure","Activity function unknown is not registered on this Worker, available activities: [\\"plain\\",\\"notRetryable\\",\\"retryable\\",\\"delayed\\",\\"benign\\",\\"caused\\",\\"text\\",\\"nothing\\",\\"cancelledByItself\\"]","NotFoundError",false,[]]]"`);
  });
  test('a result or an argument that can not be converted', async () => {
    const run = await runInline({ workflows: ONE, client: execute('one', 'odd', { retry: { maximumAttempts: 1 } }), activities: `export async function odd() { return 12n; }` });
    expect(run.log('client-1')[0]).toMatchInlineSnapshot(`"no error: [["ActivityFailure","Activity task failed","MAXIMUM_ATTEMPTS_REACHED"],["ApplicationFailure","Unable to convert 12 to payload","ValueError",false,[]]]"`);
  });
});

describe('heartbeats', () => {
  const beats = (run: Awaited<ReturnType<typeof runInline>>) => run.of('delivery').filter((d) => d.rpc === 'RecordActivityTaskHeartbeat' && d.edge === 'request').map((d) => Math.round(d.ms / 1000));
  const BEATING = `export async function beat(seconds: number) { for (let i = 1; i <= seconds; i++) { await act.sleep(1000); act.heartbeat(i); } return act.activityInfo().heartbeatDetails ?? null; }`;
  test('throttled to 80 % of the heartbeat timeout', async () => {
    const run = await runInline({ workflows: ONE, activities: BEATING, client: execute('one', 'beat', { heartbeatTimeout: '10s' }, 30) });
    expect(beats(run)).toMatchInlineSnapshot(`
      [
        1,
        9,
        17,
        25,
      ]
    `);
  });
  test('throttled to maxHeartbeatThrottleInterval', async () => {
    const run = await runInline({ workflows: ONE, activities: BEATING, workerOptions: `maxHeartbeatThrottleInterval: '4s'`, client: execute('one', 'beat', { heartbeatTimeout: '100s' }, 20) });
    expect(beats(run)).toMatchInlineSnapshot(`
      [
        1,
        5,
        9,
        13,
        17,
      ]
    `);
  });
  test('without a heartbeat timeout every defaultHeartbeatThrottleInterval', async () => {
    const run = await runInline({ workflows: ONE, activities: BEATING, workerOptions: `defaultHeartbeatThrottleInterval: '6s'`, client: execute('one', 'beat', {}, 20) });
    expect(beats(run)).toMatchInlineSnapshot(`
      [
        1,
        7,
        13,
        19,
      ]
    `);
  });
  test('details that were never sent go along with a failure, and the next attempt gets them', async () => {
    const run = await runInline({
      workflows: ONE, client: execute('one', 'fails', { heartbeatTimeout: '100s' }),
      activities: `export async function fails() { if (act.activityInfo().attempt > 1) return act.activityInfo().heartbeatDetails; for (let i = 1; i <= 5; i++) { await act.sleep(100); act.heartbeat({ i }); } throw new Error('no'); }`,
    });
    expect(run.log('client-1')).toEqual(['no error: {"i":5}']);
    expect(beats(run)).toHaveLength(1);
  });
  test('a heartbeat missed: timed out, tried again on what was recorded', async () => {
    const run = await runInline({
      workflows: ONE, client: execute('one', 'stuck', { heartbeatTimeout: '5s' }),
      activities: `export async function stuck() { const { attempt, heartbeatDetails } = act.activityInfo(); if (attempt > 1) return heartbeatDetails; act.heartbeat('alive'); await act.sleep('30s'); }`,
    });
    expect(run.log('client-1')).toEqual(['no error: "alive"']);
    expect(run.log('worker-1')).toMatchInlineSnapshot(`[]`);
  });
});

describe('cancellation', () => {
  const BODY = `export async function body(ms: number) { const beating = setInterval(() => act.heartbeat(), 500); try { await act.sleep(ms); return 'done'; } catch (error: any) { await new Promise((r) => setTimeout(r, 3000)); console.log('cleaned up', error.constructor.name, error.message, JSON.stringify(act.cancellationDetails())); throw error; } finally { clearInterval(beating); } }`;
  const flow = (type: string): string => `export async function flow() {
    const at = Date.now();
    try {
      return await wf.CancellationScope.cancellable(async () => {
        const running = acts({ startToCloseTimeout: '1m', heartbeatTimeout: '2s', cancellationType: '${type}' }).body(20000);
        await wf.sleep('4s');
        wf.CancellationScope.current().cancel();
        return await running;
      });
    } catch (error: any) { const s = Math.round((Date.now() - at) / 1000); const said = [s, error.constructor.name, error.message, error.cause?.constructor.name, error.cause?.message]; if ('${type}' !== 'ABANDON') await wf.sleep('10s'); return said; }
  }`;
  test('TRY_CANCEL resolves at once', async () => {
    const run = await runInline({ workflows: flow('TRY_CANCEL'), activities: BODY, client: execute('flow') });
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "no error: [4,"ActivityFailure","Activity cancelled","CancelledFailure",""]",
      ]
    `);
    expect(run.log('worker-1')).toMatchInlineSnapshot(`
      [
        "cleaned up CancelledFailure CANCELLED {"notFound":false,"cancelRequested":true,"paused":false,"timedOut":false,"workerShutdown":false,"reset":false}",
      ]
    `);
    expect(run.events('w')).toContain('ActivityTaskCanceled');
  });
  test('WAIT_CANCELLATION_COMPLETED waits for the end of the activity', async () => {
    const run = await runInline({ workflows: flow('WAIT_CANCELLATION_COMPLETED'), activities: BODY, client: execute('flow') });
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "no error: [8,"ActivityFailure","Activity cancelled","CancelledFailure",""]",
      ]
    `);
    expect(run.events('w')).toContain('ActivityTaskCanceled');
  });
  test('ABANDON asks nobody', async () => {
    const run = await runInline({ workflows: flow('ABANDON'), activities: BODY, client: execute('flow') });
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "no error: [4,"ActivityFailure","Activity cancelled","CancelledFailure",""]",
      ]
    `);
    expect(run.events('w')).not.toContain('ActivityTaskCancelRequested');
  });
  test('without heartbeats an activity never learns of it', async () => {
    const run = await runInline({
      workflows: flow('WAIT_CANCELLATION_COMPLETED').replace(`heartbeatTimeout: '2s', `, ''), activities: `export async function body(ms: number) { await act.sleep(ms); return 'done'; }`, client: execute('flow'),
    });
    expect(run.log('client-1')).toEqual(['no error: "done"']);
    expect(run.events('w')).toContain('ActivityTaskCancelRequested');
    expect(run.of('run').at(-1)?.ms).toBeGreaterThan(20_000);
  });
  test('a workflow that ends: the heartbeat says NOT_FOUND', async () => {
    const run = await runInline({
      workflows: `export async function flow() { void acts({ startToCloseTimeout: '1m', heartbeatTimeout: '2s' }).body(20000).catch(() => {}); await wf.sleep('4s'); }`, activities: BODY, client: execute('flow'),
    });
    expect(run.log('worker-1')).toMatchInlineSnapshot(`
      [
        "cleaned up CancelledFailure NOT_FOUND {"notFound":true,"cancelRequested":false,"paused":false,"timedOut":false,"workerShutdown":false,"reset":false}",
      ]
    `);
  });
});

describe('completed asynchronously', () => {
  const ASYNC = `export async function later(): Promise<string> { console.log('token', act.activityInfo().base64TaskToken); throw new act.CompleteAsyncError(); }`;
  const by = (body: string) => runInline({
    workflows: ONE, activities: ASYNC,
    client: `const handle = await client.workflow.start('one', { taskQueue: 'q', workflowId: 'w', args: ['later', { heartbeatTimeout: '10s', cancellationType: 'WAIT_CANCELLATION_COMPLETED', startToCloseTimeout: '1h', retry: { maximumAttempts: 1 } }] });
      await sleep(1000);
      const id = { workflowId: 'w', activityId: '1' };
      ${body}
      console.log(await why(() => handle.result()));`,
  });
  test('complete, fail, reportCancellation, heartbeat by id', async () => {
    expect((await by(`await client.activity.complete(id, { fine: true });`)).log('client-1')).toEqual(['no error: {"fine":true}']);
    expect((await by(`await client.activity.fail(id, new Error('by hand'));`)).log('client-1')[0]).toMatchInlineSnapshot(`"no error: [["ActivityFailure","Activity task failed","MAXIMUM_ATTEMPTS_REACHED"],["ApplicationFailure","by hand","Error",false,[]]]"`);
    expect((await by(`for (let i = 0; i < 5; i++) { await client.activity.heartbeat(id, i); await sleep(5000); } await client.activity.complete(id, 'late');`)).log('client-1')).toEqual(['no error: "late"']);
    expect((await by(`await sleep(20_000);`)).log('client-1')[0]).toMatchInlineSnapshot(`"no error: [["ActivityFailure","Activity task timed out","MAXIMUM_ATTEMPTS_REACHED"],["TimeoutFailure","activity Heartbeat timeout","HEARTBEAT"]]"`);
    const cancelled = await by(`await handle.cancel(); await sleep(500); console.log(await why(() => client.activity.heartbeat(id, 1))); await client.activity.reportCancellation(id, 'stopped');`);
    expect(cancelled.log('client-1')).toMatchInlineSnapshot(`
      [
        "ActivityCancelledError: cancelled",
        "no error: [["ActivityFailure","Activity cancelled","CANCEL_REQUESTED"],["CancelledFailure","",["stopped"]]]",
      ]
    `);
    expect(cancelled.events('w')).toContain('ActivityTaskCanceled');
  });
  test('what is not there', async () => {
    const run = await by(`console.log(await why(() => client.activity.complete({ workflowId: 'w', activityId: '9' }, 1)));
      console.log(await why(() => client.activity.complete({ workflowId: 'none', activityId: '1' }, 1)));
      console.log(await why(() => client.activity.complete(Buffer.from('nonsense'), 1)));
      await client.activity.complete(id, 1);
      console.log(await why(() => client.activity.complete(id, 2)));`);
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "ActivityNotFoundError: Not found",
        "ActivityNotFoundError: Not found",
        "ActivityCompletionError: Error deserializing task token.",
        "ActivityNotFoundError: Not found",
        "no error: 1",
      ]
    `);
  });
  test('by token, from the worker', async () => {
    const run = await runInline({
      workflows: ONE, client: execute('one', 'later', {}),
      activities: `export async function later() { const { taskToken } = act.activityInfo(); const { activity } = act.getClient(); setTimeout(async () => { await activity.heartbeat(taskToken, 1); await activity.complete(taskToken, 'by token'); }, 5000); throw new act.CompleteAsyncError(); }`,
    });
    expect(run.log('client-1')).toEqual(['no error: "by token"']);
    expect(run.of('slots').filter((s) => s.kind === 'activity').at(-1)?.used).toBe(0);
  });
});

describe('registration', () => {
  test('methods of an instance, a factory, a default activity', async () => {
    const run = await runInline({
      workflows: `export const flow = async () => { const a = acts({ startToCloseTimeout: '1m' }); return [await a.greet('x'), await a.made('y'), await a.whatever(1, 2)]; };`, client: execute('flow'),
      activities: `export class Greeter { constructor(private readonly word: string) {} greet = async (name: string) => this.word + ' ' + name; }
        export const create = (suffix: string) => ({ async made(name: string) { return name + suffix; } });`,
      worker: `const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities: { ...new activities.Greeter('hi'), ...activities.create('!'), async default(...args: unknown[]) { const { activityInfo } = require('@temporalio/activity'); return [activityInfo().activityType, ...args]; } } as any });
        await worker.run();`,
    });
    expect(run.log('client-1')).toEqual(['no error: ["hi x","y!",["whatever",1,2]]']);
  });
});
