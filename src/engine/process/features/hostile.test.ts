import { describe, expect, test } from 'vitest';
import { runInline } from '../../../testing/inline-project.ts';

/** Names and code that nobody would write, and that nothing may break of. */

const ODD = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', ' ', '😀', 'ü/ö?#%', '10', '9'];

test('any text may be an id, the name of a queue, of a type', async () => {
  const run = await runInline({
    workflows: `export async function flow(x: string) { return [x, wf.workflowInfo().workflowId, await acts({ startToCloseTimeout: '1m' }).echo(x)]; }`,
    activities: `export async function echo(x: string) { return x; }`,
    client: `const odd: string[] = ${JSON.stringify(ODD)};
      for (const id of odd) console.log(await client.workflow.execute('flow', { taskQueue: 'q', workflowId: id, args: [id] }));
      for (const taskQueue of odd) await client.workflow.start('flow', { taskQueue, workflowId: 'on ' + taskQueue, args: [''] });
      for (const type of odd) await client.workflow.start(type, { taskQueue: 'nobody', workflowId: 'of ' + type });`,
  });
  expect(run.log('client-1')).toEqual(ODD.map((id) => JSON.stringify([id, id, id])));
  expect(Object.keys(run.output.workflows).toSorted()).toEqual([...ODD, ...ODD.map((q) => `on ${q}`), ...ODD.map((t) => `of ${t}`)].toSorted());
});

test('a function as a result is no JSON, and no trouble', async () => {
  const run = await runInline({ workflows: `export async function flow() { return () => 1; }`, client: `await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' });` });
  expect(run.output.workflows['w']).toMatchObject({ status: 'COMPLETED', result: '' });
});

describe('a project that changes built-in objects harms itself at most', () => {
  test.each([
    ['a toJSON for all', `(Object.prototype as any).toJSON = () => 'P';`, 0],
    ['a getter for all', `Object.defineProperty(Object.prototype, 'type', { get: () => 'T', configurable: true });`, 0],
    ['no JSON', `(JSON as any).stringify = (JSON as any).parse = () => { throw new Error('mine'); };`, 0],
    ['no push', `(Array.prototype as any).push = () => { throw new Error('mine'); };`, 1],
  ])('%s', async (_, code, exitCode) => {
    const run = await runInline({ workflows: `export async function flow() { return 1; }`, client: `${code} await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' });` });
    expect(run.output.processes['client-1']?.exitCode).toBe(exitCode);
  });
});

test('exit codes are those that a shell sees; variables of the environment are texts', async () => {
  const codes = await Promise.all(['-1', '300', '"2" as any'].map(async (code) => (await runInline({ client: `process.exit(${code});` })).output.processes['client-1']?.exitCode));
  expect(codes).toEqual([255, 44, 2]);
  expect((await runInline({ client: `(process.env as any).N = 5; console.log(typeof process.env.N, process.env.N, delete process.env.N, 'N' in process.env);` })).log('client-1')).toEqual(['string 5 true false']);
});
