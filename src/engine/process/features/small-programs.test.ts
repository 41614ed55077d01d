import { describe, expect, test } from 'vitest';
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
