import { expect, test } from 'vitest';
import { runInline } from '../../../testing/inline-project.ts';

/** How workers end. */

const ACTIVITY = `
export async function slow(ms: number): Promise<string> {
  try {
    await act.sleep(ms);
    return 'done in attempt ' + act.activityInfo().attempt;
  } catch (error) {
    console.log('cancelled:', String((error as Error).message), JSON.stringify(act.cancellationDetails()));
    throw error;
  }
}`;
const WORKFLOW = `export const flow = (ms: number): Promise<string> => acts({ startToCloseTimeout: '1m' }).slow(ms);`;
const START = `await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w', args: [5000] });`;
const LOUD = (options: string, after = `console.log('run resolved', worker.getState());`) => `
  const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities, ${options} });
  const states: string[] = [worker.getState()];
  const watch = setInterval(() => { const s = worker.getState(); if (s !== states.at(-1)) states.push(s); }, 1);
  try { await worker.run(); ${after} } catch (e: any) { console.log(e.constructor.name, e.message); } finally { clearInterval(watch); }
  states.push(worker.getState());
  console.log(states.join(' '));`;

test('without grace time running activities are cancelled at once, and the attempt fails as WorkerShutdown', async () => {
  const run = await runInline({ workflows: WORKFLOW, activities: ACTIVITY, worker: LOUD(''), client: START }, { faults: [{ when: { at: '2s' }, do: { shutdown: 'worker-1' } }], until: 20_000 as never });
  expect(run.log('worker-1')).toMatchInlineSnapshot(`
    [
      "cancelled: WORKER_SHUTDOWN {"notFound":false,"cancelRequested":false,"paused":false,"timedOut":false,"workerShutdown":true,"reset":false}",
      "run resolved STOPPED",
      "INITIALIZED RUNNING DRAINING STOPPED",
    ]
  `);
  expect(run.output.processes['worker-1']?.exitCode).toBe(0);
  expect(run.of('pendingActivity').at(-1)?.state?.lastFailure).toMatchInlineSnapshot(`
    {
      "applicationFailureInfo": {
        "nonRetryable": false,
        "type": "WorkerShutdown",
      },
      "message": "Worker is shutting down and this activity did not complete in time",
    }
  `);
});

test('within the grace time activities end in peace', async () => {
  const run = await runInline({ workflows: WORKFLOW, activities: ACTIVITY, worker: LOUD(`shutdownGraceTime: '10s'`), client: START }, { faults: [{ when: { at: '2s' }, do: { shutdown: 'worker-1' } }] });
  expect(run.log('worker-1')).toMatchInlineSnapshot(`
    [
      "run resolved STOPPED",
      "INITIALIZED RUNNING DRAINING STOPPED",
    ]
  `);
  expect(run.events('w')).toContain('ActivityTaskCompleted');
});

test('shutdownForceTime: run() rejects', async () => {
  const run = await runInline({
    workflows: WORKFLOW, activities: `export async function slow() { await new Promise((r) => setTimeout(r, 50000)); }`, worker: LOUD(`shutdownGraceTime: '1s', shutdownForceTime: '5s'`), client: START,
  }, { faults: [{ when: { at: '2s' }, do: { shutdown: 'worker-1' } }], until: 60_000 as never });
  expect(run.log('worker-1')).toMatchInlineSnapshot(`
    [
      "ERROR Worker failed {"sdkComponent":"worker","taskQueue":"q","error":"GracefulShutdownPeriodExpiredError: Timed out while waiting for worker to shutdown gracefully"}",
      "IllegalStateError Worker still in use: Expected 1 reference, but got 2",
      "INITIALIZED RUNNING DRAINING FAILED",
    ]
  `);
});

test('ShutdownWorker resets the sticky queue: the next Workflow Task goes to another worker at once', async () => {
  const run = await runInline({
    workflows: `export async function flow() { await wf.sleep('3s'); await wf.sleep('1s'); return wf.workflowInfo().historyLength; }`,
    client: START,
  }, { workersOfEach: 2, faults: [{ when: { at: '1s' }, do: { shutdown: 'worker-1' } }] });
  const first = run.of('cache')[0]?.process;
  expect(run.of('delivery').filter((d) => d.rpc === 'ShutdownWorker' && d.edge === 'request')).toHaveLength(1);
  expect(first).toBe('worker-1');
  expect(run.events('w')).not.toContain('WorkflowTaskTimedOut');
  expect(run.output.workflows['w']?.status).toBe('COMPLETED');
});

test('open polls are taken back at once: what an activity that is stopped leads to is for the next worker', async () => {
  const run = await runInline({
    workflows: `export async function flow() { await acts({ startToCloseTimeout: '1m', retry: { maximumAttempts: 1 } }).slow(); }`,
    activities: `export async function slow() { await act.sleep('20s'); }`,
    worker: `const connection = await W.NativeConnection.connect();
      const make = () => W.Worker.create({ connection, taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities });
      const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
      const begin = Date.now();
      const first = await make(); await first.runUntil(sleep(5000)); console.log('stopped', Date.now() - begin < 5100);
      const second = await make(); await second.runUntil(sleep(2000));
      await connection.close(); await connection.close().catch((error: Error) => console.log(error.name, error.message));
      await make().catch((error: Error) => console.log(error.name, error.message));`,
    client: `console.log(await why(() => client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' })));`,
  });
  expect(run.log('worker-1').map((line) => line.replace(/ \{.*/s, ''))).toEqual(['stopped true', 'WARN Workflow failed', 'IllegalStateError Client already closed', 'IllegalStateError Client already closed']);
  expect(run.log('client-1')[0]).toContain('ApplicationFailure: Worker is shutting down and this activity did not complete in time');
});
