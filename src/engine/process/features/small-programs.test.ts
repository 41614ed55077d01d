import { describe, expect, test } from 'vitest';
import { must } from '../../../base/assert.ts';
import { runInline } from '../../../testing/inline-project.ts';

/** What small programs do that larger ones do elsewhere: all in one file, packages made for a bundler, rare options. */

describe('a start delay', () => {
  const workflows = `
    export const poke = wf.defineSignal('poke');
    export const touch = wf.defineUpdate<string>('touch');
    export async function flow() {
      let woken = '';
      wf.setHandler(poke, () => { woken = 'signal'; });
      wf.setHandler(touch, () => (woken = 'update'));
      await wf.condition(() => woken !== '', '1 day');
      return woken;
    }`;
  const after = async (act: string): Promise<string[]> => {
    const client = `const options = { taskQueue: 'q', workflowId: 'w', startDelay: '1h' };
      const begin = Date.now();
      const h = await client.workflow.start('flow', options); await sleep(2000);
      ${act}
      console.log(await why(() => h.result()), Math.round((Date.now() - begin) / 1000) + ' s');`;
    const run = await runInline({ workflows, client });
    expect(run.output.violations).toEqual([]);
    return run.log('client-1');
  };
  test('is ended by a cancellation', async () => expect(await after('await h.cancel();')).toEqual(['WorkflowFailedError: Workflow execution cancelled <- CancelledFailure: Workflow canceled 2 s']));
  test('is ended by an update', async () => expect(await after(`console.log(await h.executeUpdate('touch'));`)).toEqual(['update', 'no error: "update" 2 s']));
  test('is ended by a Signal-With-Start', async () => expect(await after(`await client.workflow.signalWithStart('flow', { ...options, signal: 'poke' });`)).toEqual(['no error: "signal" 2 s']));
  test('is not ended by a mere signal', async () => expect(await after(`await h.signal('poke');`)).toEqual(['no error: "signal" 3600 s']));
});

test('a loop that waits for the clock ends, and nothing else of the process goes on; what looks at the clock now and then sees it stand still', async () => {
  const run = await runInline({
    workflows: `export async function flow() { return acts({ startToCloseTimeout: '5s', retry: { maximumAttempts: 3 } }).burn(); }`,
    activities: `export async function burn() { const end = Date.now() + (act.activityInfo().attempt === 1 ? 20_000 : 1000); while (Date.now() < end); return 'burnt'; }`,
    client: `const start = Date.now(), since = () => Date.now() - start;
      for (let i = 0; i < 5000; i++) if (since() > 0) throw new Error('the clock runs');
      setTimeout(() => console.log('timer', since()), 1000);
      console.log('before');
      while (since() < 3000);
      console.log('waited', since());
      await null;
      console.log('job', since());
      console.log(await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }));`,
  // Killed while it is busy: the next incarnation is not.
  }, { faults: [{ when: { at: '10s' }, do: { kill: 'worker-1' } }, { when: { at: '11s' }, do: { start: 'worker-1' } }] });
  expect(run.log('client-1')).toEqual(['before', 'waited 3000', 'job 3000', 'timer 3000', 'burnt']);
  const at = run.output.processes['client-1']?.log.map((line) => Date.parse(line.at)) ?? [];
  expect(must(at[1], 'the second line') - must(at[0], 'the first line')).toBe(3000);
  expect(run.output.violations).toEqual([]);
});

test('an activity may calculate what would take a workflow too long', async () => {
  const run = await runInline({
    workflows: `export async function flow() { return acts({ startToCloseTimeout: '1m' }).count(); }`,
    activities: `export { count } from 'count';`,
    client: `console.log(await why(() => client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' })));`,
    // A package's lines are not followed, which is quicker; it counts to more than a workflow may.
    files: { 'node_modules/count/package.json': '{}', 'node_modules/count/index.js': `exports.count = () => { let n = 0; while (n < 1.2e8) n++; return n; };` },
  });
  expect(run.log('client-1')).toEqual(['no error: 120000000']);
});

test('which workflows a worker loads may be made up when it runs, and so may an import', async () => {
  const run = await runInline({
    worker: `const { queue } = await import('./settings-' + process.env.STAGE);
      const w = await W.Worker.create({ taskQueue: queue, workflowsPath: require.resolve(\`./workflows-\${process.env.VERSION}\`) }); await w.run();`,
    client: `console.log(await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }));
      try { require.resolve('./workflows-' + 3); } catch (error: any) { console.log(error.code); }`,
    files: { 'src/settings-test.ts': `export const queue = 'q';`, 'src/workflows-2.ts': `export async function flow() { return 'the second version'; }` },
  }, { env: { STAGE: 'test', VERSION: '2' } });
  expect(run.log('client-1')).toEqual(['the second version', 'MODULE_NOT_FOUND']);
});

test('a client may create a worker of its own and run it until it is done', async () => {
  const run = await runInline({
    workflows: `export async function flow() { return await acts({ startToCloseTimeout: '1m' }).greet('you'); }`,
    activities: `export async function greet(name: string) { return 'hello ' + name; }`,
    worker: `const w = await W.Worker.create({ taskQueue: 'other', workflowsPath: require.resolve('./workflows') }); await w.run();`,
    client: `const { Worker } = require('@temporalio/worker');
      const own = await Worker.create({ taskQueue: 'own', workflowsPath: require.resolve('./workflows'), activities: require('./activities') });
      console.log(await own.runUntil(client.workflow.execute('flow', { taskQueue: 'own', workflowId: 'w' })));`,
  });
  expect(run.log('client-1')).toEqual(['hello you']);
  expect(run.output.processes['client-1']?.exitCode).toBe(0);
});

test('an ignored module is empty in workflow code', async () => {
  const run = await runInline({
    workflows: `import * as crypto from 'crypto'; export async function flow() { return Object.keys(crypto).filter((name) => name !== 'default').length + typeof crypto.createHash; }`,
    workerOptions: `bundlerOptions: { ignoreModules: ['crypto'] },`,
    client: `console.log(await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }));`,
  });
  expect(run.log('client-1')).toEqual(['0undefined']);
});

test('process.env.NODE_ENV is what the bundler makes of it, and process is nothing', async () => {
  const run = await runInline({
    workflows: `declare const process: any; export async function flow() { return [process.env.NODE_ENV, typeof process, process.env.NODE_ENV === 'production' ? 'small' : 'large']; }`,
    activities: `export const none = () => process.env.NODE_ENV;`,
    client: `process.env.NODE_ENV = 'test'; console.log(process.env.NODE_ENV, await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }));`,
  });
  expect(run.log('client-1')).toEqual(['test ["development","undefined","large"]']);
});

test('an RPC that the Service has not is UNIMPLEMENTED', async () => {
  const run = await runInline({
    workflows: `export async function flow() { return 1; }`,
    client: `try { await (client.workflowService as any).startActivityExecution({}); } catch (error: any) { console.log(error.code, error.details); }`,
  });
  expect(run.log('client-1')).toEqual(['12 unknown method StartActivityExecution for service temporal.api.workflowservice.v1.WorkflowService']);
});

describe('an error that a workflow logs', () => {
  const project = {
    workflows: `export async function flow() { await acts({ startToCloseTimeout: '1m', retry: { maximumAttempts: 1 } }).boom(); }`,
    activities: `export async function boom() { throw new TypeError('activity broke'); }`,
    client: `await why(() => client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }));`,
  };
  test('has its causes', async () => {
    const log = (await runInline(project)).log('worker-1').filter((line) => line.includes('Workflow failed'));
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/"sdkComponent":"worker".*"error":"ActivityFailure: Activity task failed.*\[cause\]: ApplicationFailure: activity broke/);
  });
  test('is an Error for a logger of one\'s own', async () => {
    const run = await runInline({
      ...project,
      worker: `W.Runtime.install({ logger: new W.DefaultLogger('WARN', ({ message, meta }: any) => console.log(message, meta.sdkComponent, meta.error instanceof Error, meta.error?.cause?.message)) });
        const w = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities }); await w.run();`,
    });
    expect(run.log('worker-1')).toContain('Workflow failed worker true activity broke');
  });
});

test('a service may have a name with a dot; a host that is none is not found', async () => {
  const run = await runInline({
    workflows: `export async function flow() { return 1; }`,
    services: `export default { 'api.example': { async fetch() { return { status: 200, body: 'here' }; } } };`,
    client: `console.log(await (await fetch('http://api.example/x')).text()); await fetch('http://nowhere.example/').catch((error: any) => console.log(error.message, error.cause.code));`,
  });
  expect(run.log('client-1')).toEqual(['here', 'fetch failed ENOTFOUND']);
});

test('a search attribute that no payload gave a type has the one of its value', async () => {
  const run = await runInline({
    workflows: `export async function flow() { return wf.workflowInfo().searchAttributes; }`,
    client: `await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w', searchAttributes: { City: ['Ulm'], Amount: [5], Tags: ['a', 'b'], Due: [new Date(0)], Ok: [true] } });
      for (const query of ["City STARTS_WITH 'U'", 'Amount > 4', "Tags = 'b'", "Due < '2000-01-01T00:00:00Z'", 'Ok = true', 'City = 5'])
        console.log(query, await why(async () => { const ids = []; for await (const w of client.workflow.list({ query })) ids.push(w.workflowId); return ids; }));`,
  });
  expect(run.log('client-1')).toEqual([
    ...["City STARTS_WITH 'U'", 'Amount > 4', "Tags = 'b'", "Due < '2000-01-01T00:00:00Z'", 'Ok = true'].map((query) => `${query} no error: ["w"]`),
    expect.stringMatching(/^City = 5 ServiceError: Failed to list workflows <- .*invalid value type for search attribute City of type Keyword: 5 \(type: int64\)$/),
  ]);
});

test('an error of the project keeps its words, even if they are those of the engine', async () => {
  const run = await runInline({
    workflows: `class Own extends TypeError {}
      export async function flow() {
        const made = [new Error('empty array'), new TypeError('not a function'), RangeError('invalid array length'), new Own('not a function'), wf.ApplicationFailure.create({ message: 'circular reference' })];
        return made.map(({ message }) => message);
      }`,
    client: `console.log(await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }), new TypeError('value is not iterable').message);`,
  });
  expect(run.log('client-1')).toEqual(['["empty array","not a function","invalid array length","not a function","circular reference"] value is not iterable']);
});

test('a mistake in the code is told in V8\'s words', async () => {
  const mistakes: readonly (readonly [code: string, message: string])[] = [
    ['nothing.foo', "Cannot read properties of undefined (reading 'foo')"],
    ['none.foo()', "Cannot read properties of null (reading 'foo')"],
    ['nothing.foo = 1', "Cannot set properties of undefined (setting 'foo')"],
    ['thing.foo()', 'thing.foo is not a function'],
    ['nothing()', 'nothing is not a function'],
    ["thing['foo']()", 'thing.foo is not a function'],
    ['thing.list[0](1)', 'thing.list[0] is not a function'],
    ['thing.list.at(0).foo(1, 2)', 'thing.list.at(...).foo is not a function'],
    ['new thing.foo()', 'thing.foo is not a constructor'],
    ['late; const late = 1', "Cannot access 'late' before initialization"],
    ['Object.freeze({ a: 1 }).a = 2', "Cannot assign to read only property 'a' of object '#<Object>'"],
    ['Object.freeze({}).b = 2', 'Cannot add property b, object is not extensible'],
    ['for (const x of thing) void x', 'thing is not iterable'],
    ["const key = 'a'; (Object.freeze({ a: 1 }) as any)[key] = 2", "Cannot assign to read only property 'a' of object '#<Object>'"],
    ['(Object.freeze({ a: 1 }) as any).a++', "Cannot assign to read only property 'a' of object '#<Object>'"],
    ['Object.assign(Object.freeze({ a: 1 }), { a: 2 })', "Cannot assign to read only property 'a' of object '#<Object>'"],
    ['Object.freeze([1])[0] = 2', "Cannot assign to read only property '0' of object '[object Array]'"],
    ["Object.defineProperty(Object.freeze({}), 'z', { value: 1 })", 'Cannot define property z, object is not extensible'],
    ['(({ get only() { return 1; } }) as any).only = 2', 'Cannot set property only of #<Object> which has only a getter'],
    ['Math.max(...thing)', 'Spread syntax requires ...iterable[Symbol.iterator] to be a function'],
    ['const [first] = nothing; void first', 'nothing is not iterable'],
    ['(({ a }: any) => a)(nothing)', "Cannot destructure property 'a' of 'undefined' as it is undefined."],
    ['const { a: { b } } = thing; void b', "Cannot read properties of undefined (reading 'b')"],
    ['thing.list.forEach(nothing)', 'undefined is not a function'],
    ['thing.list.sort(1)', 'The comparison function must be either a function or undefined'],
    ['new Map(thing)', 'object is not iterable (cannot read property Symbol(Symbol.iterator))'],
    ["'x' in nothing", "Cannot use 'in' operator to search for 'x' in undefined"],
    ['(1).toFixed(200)', 'toFixed() digits argument must be between 0 and 100'],
    ["'a'.replaceAll(/a/, 'b')", 'String.prototype.replaceAll called with a non-global RegExp argument'],
    ["new Date(0).toLocaleString('en', { timeZone: 'Mars/North' })", 'Invalid time zone specified: Mars/North'],
    ["new Intl.NumberFormat('en', { style: 'currency', currency: 'EURO' })", 'Invalid currency code : EURO'],
    ["new Intl.DateTimeFormat('not a locale')", 'Incorrect locale information provided'],
    ["'ab'.repeat(-2)", 'Invalid count value: -2'],
    ['BigInt(1.5)', 'The number 1.5 cannot be converted to a BigInt because it is not an integer'],
    ["BigInt('x1')", 'Cannot convert x1 to a BigInt'],
    ['BigInt(nothing)', 'Cannot convert undefined to a BigInt'],
    ['const c: any = { a: { list: [] } }; c.a.list.push(c); JSON.stringify([c])', `Converting circular structure to JSON\n    --> starting at object with constructor 'Object'\n    |     property 'a' -> object with constructor 'Object'\n    |     property 'list' -> object with constructor 'Array'\n    --- index 0 closes the circle`],
    ['new Array(-1)', 'Invalid array length'],
    ['new Date(NaN).toISOString()', 'Invalid time value'],
    ['JSON.stringify(1n)', 'Do not know how to serialize a BigInt'],
    ["JSON.parse('<html>')", `Unexpected token '<', "<html>" is not valid JSON`],
  ];
  const body = `const nothing: any = undefined, none: any = null, thing: any = { list: [1] }; void nothing; void none; void thing;
    const said: string[] = [];
    ${mistakes.map(([code]) => `try { ${code}; } catch (error: any) { said.push(error.message); }`).join('\n')}
    return said;`;
  const run = await runInline({
    workflows: `export async function flow(): Promise<any> { const own = await acts({ startToCloseTimeout: '1m' }).act(); return [own, (() => { ${body} })()]; }`,
    activities: `export async function act(): Promise<any> { ${body} }`,
    client: `const both: any = await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }); for (const line of both.flat()) console.log(line);`,
  });
  const messages = mistakes.map(([, message]) => message);
  expect(run.log('client-1')).toEqual([...messages, ...messages]);
});

test('a request that gRPC does not take is refused before its payload is', async () => {
  const run = await runInline({
    workflows: `export async function flow() { await wf.sleep('1 day'); }`,
    client: `const options = { taskQueue: 'q', workflowId: 'w' };
      for (const megabytes of [3, 5]) console.log((await why(() => client.workflow.start('flow', { ...options, args: ['x'.repeat(megabytes * 1024 * 1024)] }))).replace(/\\(\\d+/, '(N'));`,
  });
  expect(run.log('client-1')).toEqual([
    'ServiceError: Failed to start Workflow <- Error: 3 INVALID_ARGUMENT: Blob data size exceeds limit.',
    'ServiceError: Failed to start Workflow <- Error: 8 RESOURCE_EXHAUSTED: grpc: received message larger than max (N vs. 4194304)',
  ]);
}, 60_000);

test('an eager activity has the priority of its own alone, one that is polled that of its workflow too', async () => {
  const run = await runInline({
    workflows: `export async function flow() { return [await acts({ startToCloseTimeout: '1m' }).prio(), await acts({ startToCloseTimeout: '1m', allowEagerDispatch: false, priority: { priorityKey: 1 }, retry: { maximumAttempts: 3 } }).prio()]; }`,
    activities: `export async function prio() { const { info } = act.Context.current(); return [info.priority, 'activityRunId' in info, info.retryPolicy.maximumAttempts]; }`,
    client: `console.log(await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w', priority: { priorityKey: 2, fairnessKey: 'a' } }));`,
  });
  expect(run.log('client-1')).toEqual(['[[{},true,0],[{"priorityKey":1,"fairnessKey":"a","fairnessWeight":0},true,3]]']);
});

test('what a closed workflow says, and what a later run is told', async () => {
  const run = await runInline({
    workflows: `export async function flow(n = 0): Promise<any> { if (n === 0) await wf.continueAsNew<typeof flow>(1); return wf.workflowInfo().runTimeoutMs; }
      export async function forever() { await wf.sleep('1h'); }`,
    client: `const options = { taskQueue: 'q', workflowId: 'w' };
      console.log(JSON.stringify(await client.workflow.execute('flow', options)));
      console.log(await why(() => client.workflow.getHandle('w', undefined, { firstExecutionRunId: '01a1febe-2c88-7071-ac68-f511e218e061' }).cancel()));
      const h = await client.workflow.start('forever', options);
      console.log(await why(() => client.workflow.getHandle('w', undefined, { firstExecutionRunId: '01a1febe-2c88-7071-ac68-f511e218e061' }).cancel()));
      await h.terminate(); console.log(await why(() => h.result()));
      console.log(await why(() => client.workflow.start('flow', { ...options, workflowRunTimeout: -1 })));`,
  });
  expect(run.log('client-1')).toEqual([
    '0',
    'no error: {}',
    'WorkflowNotFoundError: workflow execution not found',
    'WorkflowFailedError: terminated by user via frontend <- TerminatedFailure: terminated by user via frontend',
    'ServiceError: Failed to start Workflow <- Error: 3 INVALID_ARGUMENT: An invalid WorkflowRunTimeoutSeconds is set on request. cause: negative duration',
  ]);
});

test('a worker that is never run keeps its process, as the thread of its workflows does; one without workflows does not', async () => {
  const program = { workflows: `export async function flow() { return 1; }`, client: `console.log('client');` };
  const idle = await runInline({ ...program, worker: `await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows') });` });
  expect(idle.output.processes['worker-1']?.exitCode).toBe(null);
  const ended = await runInline({ ...program, worker: `await W.Worker.create({ taskQueue: 'q', activities: { async a() {} } });` });
  expect(ended.output.processes['worker-1']?.exitCode).toBe(0);
});

test('a workflow that cannot be made is an error in the log, whoever logs', async () => {
  const program = { workflows: `export async function flow() { return 1; }`, client: `console.log(await why(() => client.workflow.execute('nope', { taskQueue: 'q', workflowId: 'w', workflowRunTimeout: '3s' })));` };
  const wanted = /Failed to process Workflow Activation .*"error":"TypeError: Failed to initialize workflow of type 'nope'[^"]*","workflowExists":false/;
  expect((await runInline(program)).log('worker-1').join()).toMatch(wanted);
  const custom = await runInline({ ...program, worker: `W.Runtime.install({ logger: new W.DefaultLogger('ERROR', ({ message, meta }) => console.log(message, meta)) }); const w = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows') }); await w.run();` });
  expect(custom.log('worker-1').join()).toMatch(wanted);
});

test('what is missing is told as Node tells it, and bundling is logged', async () => {
  const run = await runInline({
    workflows: `export async function flow() { return 1; }`,
    worker: `for (const load of [() => require('./nothing' + ''), () => W.Worker.create({ taskQueue: 'q', workflowsPath: '/nowhere/workflows' })] as any[])
        try { await load(); } catch (error: any) { console.log(error.code, error.path, error.message); }
      const bundle = await W.bundleWorkflowCode({ workflowsPath: require.resolve('./workflows') }); console.log(Object.keys(bundle));`,
    client: `console.log('client');`,
  });
  expect(run.log('worker-1')).toEqual([
    "MODULE_NOT_FOUND undefined Cannot find module './nothing'\nRequire stack:\n- /app/src/worker.ts", "ENOENT /nowhere/workflows ENOENT: no such file or directory, stat '/nowhere/workflows'",
    '["sourceMap","code"]',
  ]);
  expect(run.output.processes['worker-1']?.log.map(({ text }) => text)).toContain('Workflow bundle created');
});

test('a worker that could do nothing is refused, one whose workflows are not there, too', async () => {
  const run = await runInline({
    workflows: `export async function flow() { return 1; }`,
    worker: `for (const options of [{ taskQueue: 'q', activities: { five: 5 } }, { taskQueue: 'q', workflowsPath: __dirname + '/nowhere' }] as any[]) await W.Worker.create(options).catch((error) => console.log(error.name, error.message));
      const w = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows') }); await w.run();`,
    client: `console.log(await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }));`,
  });
  expect(run.log('worker-1')).toEqual(['TypeError Failed to convert WorkerOptions to CoreWorkerConfig: At least one task type must be enabled in `task_types`', "Error ENOENT: no such file or directory, stat '/app/src/nowhere'"]);
  expect(run.log('client-1')).toEqual(['1']);
});

test('a reset to the middle of what one Workflow Task wrote is refused as a real server refuses it', async () => {
  const run = await runInline({
    workflows: `export async function flow() { await acts({ startToCloseTimeout: '1m' }).step(); return 1; }`,
    activities: `export async function step() {}`,
    client: `await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' });
      for (const id of [5, 6]) console.log(await why(() => client.workflowService.resetWorkflowExecution({ namespace: 'default', workflowExecution: { workflowId: 'w' }, workflowTaskFinishEventId: id, requestId: 'r' + id } as any)));`,
  });
  expect(run.log('client-1')).toEqual([
    'Error: 3 INVALID_ARGUMENT: StateRebuilder unable to Rebuild mutable state to event ID: 4, version: 0, this event must be at the boundary',
    expect.stringContaining('Can only reset workflow to event ID in range [WorkflowTaskScheduled +1, WorkflowTaskStarted + 1]: 6'),
  ]);
});

test("node:assert/strict is assert's", async () => {
  const run = await runInline({
    workflows: `export async function flow() { return await acts({ startToCloseTimeout: '1m' }).check(); }`,
    files: { 'src/activities.ts': `import assert from 'node:assert/strict';\nexport async function check() { try { assert.equal(1, '1' as any); } catch (error: any) { return error.code; } }` },
    client: `console.log(await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' }));`,
  });
  expect(run.log('client-1')).toEqual(['ERR_ASSERTION']);
});
