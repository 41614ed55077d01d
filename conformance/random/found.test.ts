import { afterAll, describe, expect, test } from 'vitest';
import type { FaultRule } from '../../src/trace/entries.ts';
import { runInline } from '../../src/testing/inline-project.ts';
import { stopGenuine } from '../genuine.ts';
import { sweep } from './sweep.ts';

afterAll(stopGenuine);

/** What random runs found, each told again as a run of its own. More of it is told where it was mended: in the worker's tests. */
describe('found by random runs', () => {
  test('a poll on its way for long, whose worker is killed meanwhile', async () => {
    const faults: FaultRule[] = [
      { when: { rpc: 'PollActivityTaskQueue', edge: 'request', nth: 5 }, do: { delay: '9s' } }, { when: { at: '2s' }, do: { kill: 'worker-1' } }, { when: { at: '3s' }, do: { start: 'worker-1' } },
    ];
    const run = await runInline({ workflows: `export async function flow() { await wf.sleep('120s'); return 'done'; }` , client: `await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' });` }, { faults });
    expect(run.output.workflows['w']).toMatchObject({ status: 'COMPLETED', result: 'done' });
  });

  test('a query that waited for a worker sees no event that came after it with a Workflow Task', async () => {
    const run = await runInline(
      {
        workflows: `export const add = wf.defineSignal('add'); export const get = wf.defineQuery<number>('get');
          export async function flow() { let n = 0; wf.setHandler(add, () => { n++; }); wf.setHandler(get, () => n); await wf.sleep('60s'); return n; }`,
        client: `const h = await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' });
          await sleep(5000); const asked = h.query('get'); await sleep(100); await h.signal('add'); console.log('answer', await asked); console.log('result', await h.result());`,
      },
      { faults: [{ when: { at: '2s' }, do: { kill: 'worker-1' } }, { when: { at: '8s' }, do: { start: 'worker-1' } }] },
    );
    expect(run.log('client-1')).toEqual(['answer 0', 'result 1']);
    const answer = run.entries.findIndex((entry) => entry.type === 'query' && entry.state === 'answered');
    const before = run.entries.slice(0, answer).filter((entry) => entry.type === 'activation');
    expect(before.some(({ jobs }) => jobs.includes('queryWorkflow get'))).toBe(true);
    expect(before.some(({ jobs }) => jobs.includes('signalWorkflow add'))).toBe(false);
  });
});

/** Seeds that failed once with the programs of today. */
const seeds: readonly number[] = [127, 174, 286, 1179, 1226, 11401, 26352];
test('seeds that failed once', async () => {
  expect((await sweep(seeds)).failures.join('\n')).toBe('');
}, 300_000);
