import { describe, expect, test } from 'vitest';
import { runInline } from '../../../testing/inline-project.ts';

/** What a worker does for its workflows: logs, sinks, interceptors, budget, raw mode, versions, replay. */

const execute = (type: string, ...args: unknown[]): string => `console.log(await why(() => client.workflow.execute('${type}', { taskQueue: 'q', workflowId: 'w', args: ${JSON.stringify(args)} })));`;

test('files of the SDK that it does not document can be imported, and are those that it uses itself', async () => {
  const run = await runInline({
    workflows: `import { SdkFlags } from '@temporalio/workflow/lib/flags'; import { CancellationScope } from '@temporalio/workflow/lib/cancellation-scope';
      export async function flow() { return [SdkFlags.NonCancellableScopesAreShieldedFromPropagation.id, CancellationScope === wf.CancellationScope]; }`,
    client: `${execute('flow')}
      const { encodeToPayload } = require('@temporalio/common/lib/internal-non-workflow'); const { msToNumber } = require('@temporalio/common/lib/time.js'); const { SdkFlags } = require('@temporalio/workflow/lib/flags');
      console.log(typeof encodeToPayload, msToNumber('1s'), SdkFlags.NonCancellableScopesAreShieldedFromPropagation.id);`,
  });
  expect(run.log('client-1')).toEqual(['no error: [1,true]', 'function 1000 1']);
});

describe('queries that go wrong', () => {
  const workflows = `const answer = (name: string, fn: () => any) => wf.setHandler(wf.defineQuery<any>(name), fn);
    export async function flow() {
      let go = false; wf.setHandler(wf.defineSignal('go'), () => { go = true; });
      answer('big', () => 1n); answer('fine', () => 1); answer('sleeps', () => { void wf.sleep(1000); return 1; });
      await wf.condition(() => go);
    }`;
  const asking = (...queries: string[]): string => `const handle = await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const query of ${JSON.stringify(queries)}) console.log(query, (await why(() => handle.query(query))).replace(/.* < /, '')); await handle.signal('go');`;
  const events = (run: Awaited<ReturnType<typeof runInline>>): string => run.output.workflows['w']!.runs[0]!.history.events.map(({ eventType }) => String(eventType).replace('EVENT_TYPE_WORKFLOW_', '')).join(' ');

  test('an answer that cannot be converted never comes; the worker goes on', async () => {
    const run = await runInline({ workflows, client: asking('big', 'fine') });
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "big ServiceError: Failed to query Workflow <- Error: 4 DEADLINE_EXCEEDED: query timed out before a worker could process it",
        "fine no error: 1",
      ]
    `);
    expect(events(run)).toMatch(/TASK_COMPLETED EXECUTION_COMPLETED$/);
  });
  test('one with a command beside its answer shuts the worker down, and leaves nothing in history', async () => {
    const run = await runInline({ workflows, client: asking('sleeps') });
    expect(run.log('client-1')[0]).toContain('no poller seen for task queue recently, worker may be down');
    expect(run.log('worker-1')).toMatchInlineSnapshot(`
      [
        "ERROR Core reported failure in completeWorkflowActivation(). Initiating Worker shutdown. {"sdkComponent":"worker","taskQueue":"q","error":"TypeError: Malformed Workflow Completion: \\"Workflow completion had a legacy query response along with other commands. This is not allowed and constitutes an error in the lang SDK.\\""}",
      ]
    `);
    expect(events(run)).toMatch(/TASK_COMPLETED EXECUTION_SIGNALED TASK_SCHEDULED$/);
  });
});

describe('log and sinks', () => {
  const FLOW = `const { mine } = wf.proxySinks<any>();
    export async function flow() {
      wf.log.info('one', { n: 1 }); console.log('console', { a: 1 }); mine.once('a'); mine.always('b');
      await wf.sleep(1000);
      wf.log.warn('two'); wf.log.debug('unheard'); mine.once('c'); mine.throws();
      return 'done';
    }`;
  const SINKS = `sinks: { mine: {
      once: { fn(info: any, text: string) { console.log('once', info.workflowId, info.unsafe.isReplaying, text); } },
      always: { fn(info: any, text: string) { console.log('always', info.unsafe.isReplaying, text); }, callDuringReplay: true },
      throws: { fn() { throw new Error('sink is clogged'); } } } },`;
  test('not said twice, unless a sink wants it during replay', async () => {
    const run = await runInline({ workflows: FLOW, workerOptions: `${SINKS} maxCachedWorkflows: 0`, client: execute('flow') });
    expect(run.log('worker-1')).toMatchInlineSnapshot(`
      [
        "[flow(w)] console {"a":1}",
        "one {"sdkComponent":"workflow","taskQueue":"q","namespace":"default","workflowId":"w","runId":"019b76da-a80f-786c-a917-b11db944009d","workflowType":"flow","n":1}",
        "once w false a",
        "always false b",
        "always true b",
        "WARN two {"sdkComponent":"workflow","taskQueue":"q","namespace":"default","workflowId":"w","runId":"019b76da-a80f-786c-a917-b11db944009d","workflowType":"flow"}",
        "once w false c",
        "ERROR External sink function threw an error {"sdkComponent":"worker","taskQueue":"q","namespace":"default","workflowId":"w","runId":"019b76da-a80f-786c-a917-b11db944009d","workflowType":"flow","ifaceName":"mine","fnName":"throws","error":"Error: sink is clogged\\n    at fn (/app/src/worker.ts:9:30)","workflowInfo":{"workflowId":"w","runId":"019b76da-a80f-786c-a917-b11db944009d","workflowType":"flow","searchAttributes":{},"typedSearchAttributes":{"searchAttributes":{}},"taskQueue":"q","namespace":"default","firstExecutionRunId":"019b76da-a80f-786c-a917-b11db944009d","originalExecutionRunId":"019b76da-a80f-786c-a917-b11db944009d","startTime":"2026-01-01T00:00:00.015Z","runStartTime":"2026-01-01T00:00:00.015Z","taskTimeoutMs":10000,"attempt":1,"historyLength":8,"historySize":541,"continueAsNewSuggested":false,"targetWorkerDeploymentVersionChanged":false,"currentBuildId":"@temporalio/worker@1.24.0+src/worker.ts","currentDeploymentVersion":{"buildId":"@temporalio/worker@1.24.0+src/worker.ts","deploymentName":""},"unsafe":{"isReplaying":false,"isReplayingHistoryEvents":false},"priority":{},"memo":{}}}",
      ]
    `);
  });
  test('in the order of the calls, the logger among them', async () => {
    const run = await runInline({ workflows: `const { mine } = wf.proxySinks<any>(); export async function flow() { mine.once('a'); wf.log.info('b'); mine.once('c'); mine.once('d'); wf.log.warn('e'); }`, workerOptions: SINKS, client: execute('flow') });
    expect(run.log('worker-1').map((line) => line.replace(/ \{.*/, ''))).toEqual(['once w false a', 'b', 'once w false c', 'once w false d', 'WARN e']);
  });
  test('arguments cross as structuredClone copies them, as those of the genuine worker from its thread', async () => {
    const run = await runInline({
      workflows: `const { mine } = wf.proxySinks<any>();
        export async function flow() { const o: any = { at: new Date(0), u: undefined }; o.self = o; mine.shows(o, new Map([[1, 10n]]), new Set(['a']), new Uint8Array([1]), new TypeError('t')); mine.info(); }
        export async function refused() { mine.shows(Symbol('q')); }`,
      workerOptions: `sinks: { mine: {
        shows: { fn(_: any, o: any, ...more: any[]) { console.log(o.at.getTime(), 'u' in o, o.self === o, more.map((v: any) => v.constructor.name).join(), more[0].get(1) === 10n); } },
        info: { fn(info: any) { console.log(info.startTime instanceof Date, typeof info.unsafe.now(), Object.keys(info.unsafe.random).join()); } } } },`,
      client: `${execute('flow')}
        const handle = await client.workflow.start('refused', { taskQueue: 'q', workflowId: 'r' });
        await new Promise((resolve) => setTimeout(resolve, 1000));
        const failed = (await handle.fetchHistory()).events!.find((e: any) => e.workflowTaskFailedEventAttributes)!.workflowTaskFailedEventAttributes!;
        console.log(failed.failure!.message);
        await handle.terminate();`,
    });
    expect(run.log('worker-1').filter((line) => !line.startsWith('WARN Failing'))).toMatchInlineSnapshot(`
      [
        "0 true true Map,Set,Uint8Array,TypeError true",
        "true number random,uuid4,fillRandom,toJSON",
        "ERROR Failed to process Workflow Activation {"sdkComponent":"worker","taskQueue":"q","runId":"019b76da-a819-7827-9be1-40742ee7900f","namespace":"default","workflowId":"r","workflowType":"refused","error":"DataCloneError: Symbol(q) could not be cloned.","workflowExists":true}",
        "ERROR Failed to process Workflow Activation {"sdkComponent":"worker","taskQueue":"q","runId":"019b76da-a819-7827-9be1-40742ee7900f","namespace":"default","workflowId":"r","workflowType":"refused","error":"DataCloneError: Symbol(q) could not be cloned.","workflowExists":true}",
      ]
    `);
    expect(run.log('client-1')).toEqual(['no error: undefined', 'Symbol(q) could not be cloned.']);
  });
  test('the logger under its former name', async () => {
    const own = `new W.DefaultLogger('INFO', ({ level, message, meta }) => console.log('OWN', level, message, Object.keys(meta!).join()))`;
    const sink = `{ info: { fn: (info: any, message: string) => console.log('SINK', info.workflowId, message) }, debug: { fn() {} } }`;
    const logs = async (sinks: string): Promise<string[]> => (await runInline({ workflows: `export async function flow() { wf.log.info('one', { n: 1, u: undefined }); }`, workerOptions: `sinks: ${sinks},`, client: execute('flow') })).log('worker-1');
    expect(await logs(`W.defaultSinks(${own})`)).toEqual(['OWN INFO one sdkComponent,namespace,taskQueue,workflowId,runId,workflowType,n']);
    expect(await logs(`{ defaultWorkerLogger: ${sink} }`)).toEqual(['SINK w one']);
  });
  test('an unregistered sink', async () => {
    const run = await runInline({ workflows: FLOW, client: execute('flow') });
    expect(run.log('worker-1').filter((l) => l.includes('unregistered'))).toHaveLength(4);
  });
  test('the logger of Runtime.install gets what worker, workflow and activity say', async () => {
    const run = await runInline({
      workflows: `export async function flow() { wf.log.info('in the workflow', { a: 1 }); await acts({ startToCloseTimeout: '1m' }).speak(); wf.log.error('bad'); }`,
      activities: `export async function speak() { act.log.info('in the activity'); }`, client: execute('flow'),
      worker: `W.Runtime.install({ logger: new W.DefaultLogger('INFO', ({ level, message, meta }) => console.log('MY', level, message, (meta as any)?.sdkComponent, (meta as any)?.workflowId)) });
        const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities });
        await worker.run();`,
    });
    expect(run.log('worker-1')).toMatchInlineSnapshot(`
      [
        "MY INFO Workflow bundle created worker undefined",
        "MY INFO Worker state changed worker undefined",
        "MY INFO No Nexus services registered, not polling for Nexus tasks worker undefined",
        "MY INFO in the workflow workflow w",
        "MY INFO in the activity activity w",
        "MY ERROR bad workflow w",
      ]
    `);
  });
  test('the level of the logger holds for workflows', async () => {
    const run = await runInline({
      workflows: `export async function flow() { wf.log.trace('t'); wf.log.debug('d'); wf.log.info('i'); }`, client: execute('flow'),
      worker: `W.Runtime.install({ logger: new W.DefaultLogger('DEBUG') }); const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows') }); await worker.run();`,
    });
    expect(run.log('worker-1').filter((l) => /^(TRACE|DEBUG)? ?[tdi] /.test(l)).map((l) => l.split(' {')[0])).toEqual(['DEBUG d', 'i']);
  });
});

test('interceptors: client, workflow and activity, with headers between them', async () => {
  const run = await runInline({
    workflows: `export async function flow(name: string) { return acts({ startToCloseTimeout: '1m' }).greet(name); }`,
    activities: `export async function greet(name: string) { return 'hello ' + name; }`,
    files: {
      'src/interceptors.ts': `import { defaultPayloadConverter, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
        export const interceptors: WorkflowInterceptorsFactory = () => { let header: any; return {
          inbound: [{ async execute(input, next) { header = input.headers['tenant']; return (await next(input)) + ' via inbound'; } }],
          outbound: [{ async scheduleActivity(input, next) { return (await next({ ...input, headers: { ...input.headers, tenant: header } })) + ' via outbound'; } }],
        }; };`,
    },
    worker: `const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities, interceptors: {
        workflowModules: [require.resolve('./interceptors')],
        activity: [(ctx) => ({ inbound: { async execute(input, next) { console.log('header', common.defaultPayloadConverter.fromPayload(input.headers['tenant']!)); return (await next(input)) + ' via activity of ' + ctx.info.activityType; } }, outbound: { getLogAttributes(input, next) { return { ...next(input), tenant: 'x' }; } } })] } });
      await worker.run();`,
    client: `const intercepted = new C.Client({ interceptors: { workflow: [{ async start(input, next) { return next({ ...input, headers: { ...input.headers, tenant: common.defaultPayloadConverter.toPayload('acme') } }); } }] } });
      console.log(await intercepted.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w', args: ['you'] }));`,
  });
  expect(run.log('worker-1')).toEqual(['header acme']);
  expect(run.log('client-1')).toEqual(['hello you via activity of greet via outbound via inbound']);
});

describe('budget', () => {
  test('an endless loop costs 5 s of virtual time and fails the Workflow Task', async () => {
    const run = await runInline(
      { workflows: `export async function flow() { for (;;); }`, client: `await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' });` }, { until: 12_000 as never },
    );
    const failed = run.output.workflows['w']!.runs[0]!.history.events.find((e) => e.workflowTaskFailedEventAttributes);
    expect(failed?.workflowTaskFailedEventAttributes?.failure?.message).toBe('Script execution timed out after 5000ms');
    expect(run.log('worker-1')[0]).toContain('Script execution timed out after 5000ms');
    expect(Date.parse(failed!.eventTime!) - Date.parse(run.output.virtualStart)).toBeGreaterThan(5000);
  });
  test('other workflows of the worker get on once it is over', async () => {
    const run = await runInline(
      { workflows: `export async function bad() { for (;;); } export async function good() { await wf.sleep(1000); return 'fine'; }`, client: `const good = await client.workflow.start('good', { taskQueue: 'q', workflowId: 'good' }); await client.workflow.start('bad', { taskQueue: 'q', workflowId: 'bad', workflowExecutionTimeout: '1m' }); console.log(await good.result());` },
    );
    expect(run.log('client-1')).toEqual(['fine']);
    expect(run.output.workflows['bad']?.status).toBe('TIMED_OUT');
  });
});

describe('raw mode', () => {
  const FLOW = `export async function flow() { const seen = [Math.random(), Date.now(), wf.uuid4()]; await wf.sleep(5000); return seen; }`;
  const faults = [{ when: { at: '2s' }, do: { kill: 'worker-1' } }, { when: { at: '3s' }, do: { start: 'worker-1' } }];
  const result = async (env: object, seed = 1) => (await runInline({ workflows: FLOW, client: execute('flow') }, { faults, env: env as never, seed, until: 60_000 as never })).output.workflows['w'];
  test('sandboxed: the same values again on replay', async () => {
    const calm = (await runInline({ workflows: FLOW, client: execute('flow') })).output.workflows['w']?.result;
    expect((await result({}))?.result).toEqual(calm);
  });
  test('raw: chance and clock of the incarnation, and still the same run for the same seed', async () => {
    const raw = { REPLAYGROUND_SANDBOX: 'off' };
    const first = (await result(raw))?.result as unknown[];
    const calm = (await runInline({ workflows: FLOW, client: execute('flow') }, { env: raw })).output.workflows['w']?.result as unknown[];
    expect(first[0]).not.toBe(calm[0]);
    expect((first[1] as number) - (calm[1] as number)).toBeGreaterThan(2500);
    expect(await result(raw)).toEqual(await result(raw));
  });
  test('a replay that takes another branch is a non-determinism error', async () => {
    const run = await runInline(
      { workflows: `export async function flow() { const at = Date.now(); if (at < Date.UTC(2026, 0, 1, 0, 0, 1)) await acts({ startToCloseTimeout: '1m' }).early(); else await acts({ startToCloseTimeout: '1m' }).late(); await wf.sleep('1m'); }`, activities: `export async function early() {} export async function late() {}`, client: `await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' });` },
      { env: { REPLAYGROUND_SANDBOX: 'off' }, faults: [...faults, { when: { at: '4s' }, do: { signal: { workflowId: 'w', name: 'x' } } }], until: 30_000 as never },
    );
    const failed = run.output.workflows['w']!.runs[0]!.history.events.find((e) => e.workflowTaskFailedEventAttributes);
    expect(failed?.workflowTaskFailedEventAttributes?.cause).toBe('WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR');
    expect(failed?.workflowTaskFailedEventAttributes?.failure?.message).toContain(`Activity type of scheduled event 'early' does not match activity type of activity command 'late'`);
  });
});

describe('workflow registration', () => {
  test('a default export runs types that have no function', async () => {
    const run = await runInline({ workflows: `export async function known() { return 'known'; }\nexport default async function (...args: unknown[]) { return [wf.workflowInfo().workflowType, ...args]; }`, client: execute('anything', 1) + execute('known').replaceAll(`'w'`, `'v'`) });
    expect(run.log('client-1')).toEqual(['no error: ["anything",1]', 'no error: "known"']);
  });
  test('a type that is not there fails the Workflow Task', async () => {
    const run = await runInline({ workflows: `export async function known() {}`, client: `await client.workflow.start('unknown', { taskQueue: 'q', workflowId: 'w' });` }, { until: 5000 as never });
    const failed = run.output.workflows['w']!.runs[0]!.history.events.find((e) => e.workflowTaskFailedEventAttributes);
    expect(failed?.workflowTaskFailedEventAttributes?.failure?.message).toMatchInlineSnapshot(`"Failed to initialize workflow of type 'unknown': no such function is exported by the workflow bundle"`);
  });
  test('workflowFailureErrorTypes makes an error fail the workflow', async () => {
    const run = await runInline({ workflows: `export class Mine extends Error { constructor() { super('my failure'); this.name = 'Mine'; } }\nexport async function flow() { throw new Mine(); }`, workerOptions: `workflowFailureErrorTypes: { flow: ['Mine'] }`, client: execute('flow') });
    expect(run.log('client-1')).toMatchInlineSnapshot(`
      [
        "WorkflowFailedError: Workflow execution failed <- ApplicationFailure: my failure",
      ]
    `);
  });
});

describe('worker versions', () => {
  test('buildId and useVersioning', async () => {
    const run = await runInline({ workflows: `export async function flow() {}`, workerOptions: `buildId: 'b-7'`, client: execute('flow') });
    const started = run.output.workflows['w']!.runs[0]!.history.events.find((e) => e.workflowTaskCompletedEventAttributes)?.workflowTaskCompletedEventAttributes;
    expect(started?.workerVersion).toEqual({ buildId: 'b-7' });
    const refused = await runInline({ workerOptions: `useVersioning: true`, client: '' });
    expect(refused.log('worker-1')[0]).toContain('Must provide a buildId if useVersioning is true');
  });
});

describe('replay from a process', () => {
  const WORKER = (code: string) => `const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities });
    const client = worker.client!;
    await worker.runUntil(async () => { await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }); await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'v' }); });
    console.log(worker.getState());
    ${code}`;
  const FILES = { 'src/other.ts': `import { sleep } from '@temporalio/workflow'; export async function flow() { await sleep(1); }` };
  test('runReplayHistory: fine, or a DeterminismViolationError', async () => {
    const run = await runInline({
      workflows: `export async function flow() { return acts({ startToCloseTimeout: '1m' }).a(); }`, activities: `export async function a() { return 1; }`, files: FILES, client: '',
      worker: WORKER(`const { NativeConnection } = W; const connection = await NativeConnection.connect(); const { Client } = require('@temporalio/client'); const c = new Client({ connection });
        const history = await c.workflow.getHandle('w').fetchHistory();
        await W.Worker.runReplayHistory({ workflowsPath: require.resolve('./workflows') }, history, 'w');
        console.log('fine');
        try { await W.Worker.runReplayHistory({ workflowsPath: require.resolve('./other') }, history); } catch (e: any) { console.log(e.constructor.name, e instanceof require('@temporalio/workflow').DeterminismViolationError, e.message); }
        const bundle = await W.bundleWorkflowCode({ workflowsPath: require.resolve('./other') });
        for await (const { workflowId, error } of W.Worker.runReplayHistories({ workflowBundle: bundle }, [{ workflowId: 'w', history }, { workflowId: 'again', history }])) console.log(workflowId, error?.name);
        await connection.close();`),
    });
    expect(run.log('worker-1')).toMatchInlineSnapshot(`
      [
        "STOPPED",
        "fine",
        "DeterminismViolationError true Replay failed with a nondeterminism error. This means that the workflow code as written is not compatible with the history that was fed in. Details: Workflow activation completion failed: Failure { failure: Some(Failure { message: "[TMPRL1100] Nondeterminism error: Timer machine does not handle this event: HistoryEvent(id: 5, ActivityTaskScheduled)", source: "", stack_trace: "", encoded_attributes: None, cause: None, failure_info: Some(ApplicationFailureInfo(ApplicationFailureInfo { r#type: "", non_retryable: false, details: None, next_retry_delay: None, category: Unspecified })) }), force_cause: NonDeterministicError }",
        "w DeterminismViolationError",
        "again DeterminismViolationError",
      ]
    `);
    expect(run.output.processes['worker-1']?.exitCode).toBe(0);
  });
});

test('getStatus counts what goes on', async () => {
  const run = await runInline({
    workflows: `export async function flow() { await Promise.all([acts({ startToCloseTimeout: '1m', heartbeatTimeout: '5s' }).nap(), wf.proxyLocalActivities<any>({ startToCloseTimeout: '1m' }).nap()]); }`, activities: `export async function nap() { await act.sleep(3000); }`,
    worker: `const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities });
      setTimeout(() => { console.log(JSON.stringify(worker.getStatus())); }, 1500);
      console.log(worker.getStatus().runState, worker.options.maxCachedWorkflows, worker.options.taskQueue);
      await worker.run(); console.log(JSON.stringify(worker.getStatus()));`,
    client: execute('flow') }, { faults: [{ when: { at: '10s' }, do: { shutdown: 'worker-1' } }] });
  expect(run.log('worker-1')).toMatchInlineSnapshot(`
    [
      "INITIALIZED 2310 q",
      "{"runState":"RUNNING","numHeartbeatingActivities":1,"workflowPollerState":"POLLING","activityPollerState":"POLLING","hasOutstandingWorkflowPoll":true,"hasOutstandingActivityPoll":true,"numCachedWorkflows":1,"numInFlightWorkflowActivations":0,"numInFlightActivities":1,"numInFlightNonLocalActivities":0,"numInFlightLocalActivities":1}",
      "{"runState":"STOPPED","numHeartbeatingActivities":0,"workflowPollerState":"SHUTDOWN","activityPollerState":"SHUTDOWN","hasOutstandingWorkflowPoll":false,"hasOutstandingActivityPoll":false,"numCachedWorkflows":0,"numInFlightWorkflowActivations":0,"numInFlightActivities":0,"numInFlightNonLocalActivities":0,"numInFlightLocalActivities":0}",
    ]
  `);
});

test('runUntil hands on results and errors', async () => {
  const run = await runInline({
    client: '', workflows: `export async function flow() { return 1; }`,
    worker: `const make = () => W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows') });
      const worker = await make();
      console.log(await worker.runUntil(worker.client!.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' })));
      try { await (await make()).runUntil(async () => { throw new TypeError('inner'); }); } catch (e: any) { console.log(e.constructor.name, e.message); }
      try { await worker.run(); } catch (e: any) { console.log(e.constructor.name, e.message); }
      try { worker.shutdown(); } catch (e: any) { console.log(e.constructor.name, e.message); }`,
  });
  expect(run.log('worker-1')).toMatchInlineSnapshot(`
    [
      "1",
      "TypeError inner",
      "IllegalStateError Poller was already started",
      "IllegalStateError Not running. Current state: STOPPED",
    ]
  `);
});

test.each(['debugMode: true', 'reuseV8Context: false', 'enableSDKTracing: true', 'showStackTraceSources: true', `isolateExecutionTimeout: '10s'`, 'bundlerOptions: { ignoreModules: ["fs"] }', 'workflowThreadPoolSize: 2', 'enableNonLocalActivities: true'])('option %s is taken', async (option) => {
  const run = await runInline({ workflows: `export async function flow() { return 1; }`, workerOptions: option, client: execute('flow') });
  expect(run.log('client-1')).toEqual(['no error: 1']);
});

test.each([['isolateExecutionTimeout: "1s"', 'Script execution timed out after 1000ms', 1], ['', 'Script execution timed out after 5000ms', 5]])('an endless loop may take as long as the worker says: %s', async (workerOptions, message, seconds) => {
  const run = await runInline({ workflows: `export async function flow() { for (;;); }`, workerOptions, client: `await why(() => client.workflow.execute("flow", { taskQueue: "q", workflowId: "w", workflowRunTimeout: "6s" }));` });
  const failed = run.output.workflows['w']?.runs[0]?.history.events.find((e) => e.workflowTaskFailedEventAttributes);
  expect(failed?.workflowTaskFailedEventAttributes?.failure?.message).toBe(message);
  expect(Math.floor((Date.parse(failed?.eventTime ?? '') - Date.parse(run.output.virtualStart)) / 1000)).toBe(seconds);
});

test('a sink gets a structured clone of what the workflow gives, and console lines have their level', async () => {
  const given = `1, new Date(0), new Map([[1, { a: new Set([1]) }]]), new RangeError('e', { cause: 'c' }), undefined, null, 5n, NaN, -0, new Uint8Array([1, 2]), /re/g, { $clone: 1, u: undefined }, [new Point(3)]`;
  const run = await runInline({
    workflows: `class Point { constructor(readonly x: number) {} }
      export async function flow() { wf.proxySinks<any>().mine.all(${given}); console.error('bad', () => 1); console.warn('careful'); }
      export async function refused() { wf.proxySinks<any>().mine.all(() => 1); }`,
    workerOptions: `sinks: { mine: { all: { fn(info: any, ...args: any[]) {
      console.log(args.map((x) => require('util').inspect(x).replace(/\\n.*/s, '')).join(' | '), info.startTime instanceof Date, info.typedSearchAttributes, 'cronSchedule' in info, args[3].cause, args[3] instanceof RangeError);
    } } } },`,
    client: `await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }); await client.workflow.execute('refused', { taskQueue: 'q', workflowId: 'r', workflowRunTimeout: '1s' }).catch(() => {});`,
  });
  expect(run.output.processes['worker-1']?.log.map(({ level, text }) => `${level} ${text}`).filter((line) => !line.includes('sdkComponent')).slice(0, 3)).toEqual([
    'ERROR [flow(w)] bad [Function (anonymous)]',
    'WARN [flow(w)] careful',
    `INFO 1 | 1970-01-01T00:00:00.000Z | Map(1) { 1 => { a: Set(1) { 1 } } } | RangeError: e | undefined | null | 5n | NaN | -0 | Uint8Array(2) [ 1, 2 ] | /re/g | { '$clone': 1, u: undefined } | [ { x: 3 } ] true {"searchAttributes":{}} true c true`,
  ]);
  const failed = run.output.workflows['r']?.runs[0]?.history.events.find((e) => e.workflowTaskFailedEventAttributes);
  expect(failed?.workflowTaskFailedEventAttributes?.failure?.message).toBe('() => (1) could not be cloned.');
});

test('assert of a workflow is that of Node, which does not find the source', async () => {
  const run = await runInline({
    workflows: `import assert from 'assert';
      const told = (check: () => void) => { try { check(); return 'nothing'; } catch (e: any) { return e.name + ' ' + e.code + ' ' + e.message; } };
      export async function flow() {
        return [told(() => assert(false)), told(() => (assert as any)()), told(() => assert.deepEqual({ a: 1 }, { a: '2' })), told(() => assert.doesNotThrow(() => { throw new Error('z'); })),
          told(() => assert.throws(() => { throw new TypeError('q'); }, RangeError)), told(() => assert.throws(() => { throw new Error('zz'); }, /yy/)), told(() => assert.ifError(new Error('if'))),
          told(() => assert.throws(() => { throw new TypeError('q'); }, TypeError)), told(() => assert.strict.equal(1, '1' as any))];
      }`,
    client: `for (const line of await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' })) console.log(line);`,
  });
  expect(run.log('client-1').map((line) => line.replace('AssertionError ERR_ASSERTION ', ''))).toEqual([
    'false == true', 'No value argument passed to `assert.ok()`', `Expected values to be loosely deep-equal:\n\n{\n  a: 1\n}\n\nshould loosely deep-equal\n\n{\n  a: '2'\n}`,
    'Got unwanted exception.\nActual message: "z"', 'The error is expected to be an instance of "RangeError". Received "TypeError"\n\nError message:\n\nq',
    `The input did not match the regular expression /yy/. Input:\n\n'Error: zz'\n`, 'ifError got unwanted exception: if', 'nothing', `Expected values to be strictly equal:\n\n1 !== '1'\n`,
  ]);
});

test('worker.options are those of the genuine worker', async () => {
  const run = await runInline({
    client: '', workflows: `export async function flow() {}`,
    worker: `const { interceptors, nexusTaskPollerBehavior, isolateExecutionTimeout, isolateExecutionTimeoutMs } = (await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), debugMode: true })).options;
      console.log(JSON.stringify({ interceptors, nexusTaskPollerBehavior, isolateExecutionTimeout, isolateExecutionTimeoutMs }));
      await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), isolateExecutionTimeout: 'x' }).catch((e: any) => console.log(String(e)));`,
  });
  expect(run.log('worker-1')).toEqual([
    '{"interceptors":{"client":{"workflow":[],"schedule":[]},"activity":[],"nexus":[],"workflowModules":[]},"nexusTaskPollerBehavior":{"type":"simple-maximum","maximum":10},"isolateExecutionTimeout":"4294967295ms","isolateExecutionTimeoutMs":4294967295}',
    `TypeError: Invalid duration string: 'x'`,
  ]);
});

test('bytes of TextEncoder are of another realm, as in the genuine sandbox: they are sent as JSON', async () => {
  const run = await runInline({
    workflows: `export async function flow() {
      const bytes = new TextEncoder().encode('hé');
      return [bytes, bytes instanceof Uint8Array, ArrayBuffer.isView(bytes), bytes.length, new TextDecoder().decode(bytes), [...bytes.slice(1)], new Uint8Array(bytes) instanceof Uint8Array, String(new TextEncoder()), typeof (globalThis as any).AbortSignal];
    }`,
    client: `console.log(JSON.stringify(await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' })));`,
  });
  expect(run.log('client-1')).toEqual([JSON.stringify([{ 0: 104, 1: 195, 2: 169 }, false, true, 3, 'hé', [195, 169], true, '[object TextEncoder]', 'undefined'])]);
});
