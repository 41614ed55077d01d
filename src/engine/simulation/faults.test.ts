import { describe, expect, test } from 'vitest';
import type { DurationMs } from '../../base/brand.ts';
import type { FaultRule, TraceEntry } from '../../trace/entries.ts';
import { runInline, type InlineProject, type InlineRun } from '../../testing/inline-project.ts';

/** Every fault strikes at the instant it names, once, and does what it says. */

const PROJECT: InlineProject = {
  workflows: `export async function flow() { const a = acts({ startToCloseTimeout: '5s' }); const first = await a.call('one'); await wf.sleep('3s'); return [first, await a.call('two')]; }`,
  activities: `export async function call(what: string) { const r = await fetch('http://shop/' + what, { method: 'POST' }); if (!r.ok) throw new Error('status ' + r.status); return (await r.json()).n; }`,
  client: `const h = await client.workflow.start('flow', { taskQueue: 'q', workflowId: 'w' }); console.log(await why(() => h.result()));`,
  services: `let n = 0; export default { shop: { latency: '40ms', async fetch(request: any, { ledger, sleep }: any) { if (request.path === '/two') await sleep('200ms'); n++; ledger.append({ path: request.path }); return { status: 200, body: { n } }; } } };`,
};
const play = (faults: FaultRule[], until?: number, project = PROJECT): Promise<InlineRun> => runInline(project, { faults, ...(until === undefined ? {} : { until: until as DurationMs }) });
/** Position of the first entry that fits; −1 when there is none. */
const find = (run: InlineRun, fits: (entry: TraceEntry) => boolean): number => run.entries.findIndex(fits);
const strikes = (run: InlineRun): number[] => run.of('fault').map((f) => f.ms);

describe('triggers', () => {
  test('at a time', async () => {
    const run = await play([{ when: { at: '1.25s' }, do: { evict: 'worker-1' } }]);
    expect(strikes(run)).toEqual([1250]);
  });
  test('before a step', async () => {
    const run = await play([{ when: { step: 20 }, do: { evict: 'worker-1' } }]);
    const at = find(run, (e) => e.type === 'fault');
    const step = run.entries.slice(0, at).findLast((e) => e.type === 'step');
    expect(step).toMatchObject({ step: 20 });
    expect(run.entries[at - 1]).toBe(step);
  });
  test('when the nth event of a type is written', async () => {
    const run = await play([{ when: { event: 'ActivityTaskScheduled', nth: 2 }, do: { evict: 'worker-1' } }]);
    const events = run.entries.slice(0, find(run, (e) => e.type === 'fault')).filter((e) => e.type === 'history');
    expect(events.filter((e) => e.event.eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED')).toHaveLength(2);
    expect(strikes(run)).toHaveLength(1);
  });
  test('when the nth hop of an RPC is about to be delivered', async () => {
    for (const edge of ['request', 'response'] as const) {
      const run = await play([{ when: { rpc: 'RespondWorkflowTaskCompleted', nth: 2, edge, process: 'worker-1' }, do: { evict: 'worker-1' } }]);
      const hops = run.entries.slice(0, find(run, (e) => e.type === 'fault')).filter((e) => e.type === 'delivery' && e.rpc === 'RespondWorkflowTaskCompleted' && e.edge === edge);
      expect(hops).toHaveLength(1);
      expect(strikes(run)).toHaveLength(1);
    }
  });
  test('of a process that does not do it: never', async () => {
    expect(strikes(await play([{ when: { rpc: 'RespondWorkflowTaskCompleted', process: 'client-1' }, do: { kill: 'worker-1' } }]))).toEqual([]);
  });
});

describe('processes', () => {
  test('kill a worker: nothing it holds survives; a new start is a new incarnation', async () => {
    const run = await play([{ when: { event: 'TimerStarted' }, do: { kill: 'worker-1' } }, { when: { at: '2s' }, do: { start: 'worker-1' } }]);
    expect(run.of('process').filter((p) => p.process === 'worker-1').map((p) => `${p.state} ${p.incarnation}`)).toEqual(['running 1', 'killed 1', 'running 2']);
    expect(run.output.workflows['w']?.status).toBe('COMPLETED');
    const second = find(run, (e) => e.type === 'process' && e.process === 'worker-1' && e.incarnation === 2);
    expect(run.entries.slice(second).some((e) => e.type === 'activation' && e.replaying)).toBe(true);
  });
  test('kill a client: its requests stay done', async () => {
    const run = await play([{ when: { rpc: 'StartWorkflowExecution', edge: 'response' }, do: { kill: 'client-1' } }]);
    expect(run.output.processes['client-1']).toMatchObject({ exitCode: null, log: [] });
    expect(run.output.workflows['w']?.status).toBe('COMPLETED');
  });
  test('kill an external service: requests in its hands are lost, its ledger is not, new ones are refused', async () => {
    const killed = await play([{ when: { at: '3.2s' }, do: { kill: 'service-shop' } }, { when: { at: '6s' }, do: { start: 'service-shop' } }]);
    const phases = killed.of('serviceRequest').map((r) => `${r.path} ${r.phase}`);
    expect(phases).toContain('/two lost');
    expect(phases).toContain('/two refused');
    // Its variables begin anew, its ledger goes on.
    expect(killed.output.workflows['w']?.result).toEqual([1, 1]);
    expect(killed.output.services['shop']?.ledger.map((l) => l['path'])).toEqual(['/one', '/two']);
  });
  test('start what runs: killed first', async () => {
    const run = await play([{ when: { at: '1s' }, do: { start: 'worker-1' } }]);
    expect(run.of('process').filter((p) => p.process === 'worker-1').map((p) => p.state)).toEqual(['running', 'killed', 'running']);
    expect(run.output.workflows['w']?.status).toBe('COMPLETED');
  });
  test('kill what is dead: nothing', async () => {
    const run = await play([{ when: { at: '1s' }, do: { kill: 'worker-1' } }, { when: { at: '1.1s' }, do: { kill: 'worker-1' } }, { when: { at: '1.2s' }, do: { shutdown: 'worker-1' } }, { when: { at: '1.3s' }, do: { evict: 'worker-1' } }], 10_000);
    expect(run.of('process').filter((p) => p.state === 'killed')).toHaveLength(1);
  });
  test('start with new code', async () => {
    const run = await runInline({ ...PROJECT, files: { 'v2/src/activities.ts': `export async function call() { return 'new'; }` } }, { faults: [{ when: { event: 'TimerStarted' }, do: { start: 'worker-1', dir: 'v2' } }] });
    expect(run.output.workflows['w']?.result).toEqual([1, 'new']);
    expect(run.of('process').find((p) => p.process === 'worker-1' && p.incarnation === 2)?.dir).toBe('v2');
  });
  test('shutdown: a worker drains, a client with a SIGTERM handler has its say', async () => {
    const run = await play([{ when: { at: '1s' }, do: { shutdown: 'worker-1' } }], 10_000);
    expect(run.output.processes['worker-1']?.exitCode).toBe(0);
    const client = await play([{ when: { at: '1s' }, do: { shutdown: 'client-1' } }], 10_000, { ...PROJECT, client: `process.on('SIGTERM', () => { console.log('bye'); process.exit(3); }); await sleep(5000);` });
    expect(client.output.processes['client-1']).toMatchObject({ exitCode: 3 });
    expect(client.log('client-1')).toEqual(['bye']);
  });
  test('evict: the cache is empty, the next Workflow Task replays', async () => {
    const run = await play([{ when: { at: '1s' }, do: { evict: 'worker-1' } }]);
    expect(run.of('cache').filter((c) => c.op === 'evict' && c.ms === 1000)).toHaveLength(1);
    expect(run.of('activation').some((a) => a.replaying && a.ms > 1000)).toBe(true);
  });
});

describe('the network', () => {
  test('a dropped request never arrives: DEADLINE_EXCEEDED, and Core gives the report up', async () => {
    const run = await play([{ when: { rpc: 'RespondActivityTaskCompleted' }, do: { drop: true } }]);
    expect(run.of('delivery').find((d) => d.rpc === 'RespondActivityTaskCompleted')?.dropped).toBe(true);
    expect(run.events('w').filter((e) => e === 'ActivityTaskTimedOut')).toEqual([]);
    // The attempt timed out on the Service's side, so the effect happened twice.
    expect(run.output.services['shop']?.ledger.map((l) => l['path'])).toEqual(['/one', '/one', '/two']);
  });
  test('a dropped response: it was done, the caller does not know', async () => {
    const run = await play([{ when: { rpc: 'RespondActivityTaskCompleted', edge: 'response' }, do: { drop: true } }]);
    expect(run.output.services['shop']?.ledger.map((l) => l['path'])).toEqual(['/one', '/two']);
    expect(run.output.workflows['w']?.status).toBe('COMPLETED');
  });
  test('a dropped task response: the Workflow Task times out', async () => {
    const run = await play([{ when: { rpc: 'PollWorkflowTaskQueue', edge: 'response' }, do: { drop: true } }]);
    expect(run.events('w').slice(0, 5)).toEqual(['WorkflowExecutionStarted', 'WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskTimedOut', 'WorkflowTaskScheduled']);
    expect(run.output.workflows['w']?.status).toBe('COMPLETED');
  });
  test('a delayed request arrives late', async () => {
    const run = await play([{ when: { rpc: 'StartWorkflowExecution' }, do: { delay: '2s' } }]);
    const [start] = run.of('delivery').filter((d) => d.rpc === 'StartWorkflowExecution');
    expect(start!.ms - strikes(run)[0]!).toBe(2000);
  });
  test('a delayed response arrives late', async () => {
    const run = await play([{ when: { rpc: 'StartWorkflowExecution', edge: 'response' }, do: { delay: '2s' } }]);
    const [asked, answered] = run.of('delivery').filter((d) => d.rpc === 'StartWorkflowExecution');
    expect(answered!.ms - asked!.ms).toBeGreaterThanOrEqual(2000);
  });
  test('an outage of the Service: refused at once, timers wait, then all goes on', async () => {
    const run = await play([{ when: { at: '2s' }, do: { outage: { service: 'temporal', for: '20s' } } }]);
    expect(run.of('delivery').some((d) => d.error?.code === 14 && d.ms > 2000 && d.ms < 22_000)).toBe(true);
    expect(run.of('history').filter((h) => h.ms > 2000 && h.ms < 22_000)).toEqual([]);
    expect(run.output.workflows['w']?.status).toBe('COMPLETED');
  });
  test('a worker that starts during an outage of the Service ends at once, with what Core says', async () => {
    const run = await play([{ when: { at: '2s' }, do: { kill: 'worker-1' } }, { when: { at: '2.5s' }, do: { outage: { service: 'temporal', for: '2s' } } }, { when: { at: '3s' }, do: { start: 'worker-1' } }, { when: { at: '5s' }, do: { start: 'worker-1' } }]);
    expect(run.log('worker-1')).toEqual(['ERROR TransportError: tonic::transport::Error(Transport, ConnectError(ConnectError("tcp connect error", 127.0.0.1:7233, Os { code: 111, kind: ConnectionRefused, message: "Connection refused" })))']);
    expect(run.of('process').flatMap((p) => (p.process === 'worker-1' && p.state === 'exited' ? [Math.floor(p.ms / 100)] : []))).toEqual([30]);
    expect(run.output.workflows['w']?.result).toEqual([1, 2]);
  });
  test('an outage of an external service: its requests are refused', async () => {
    const run = await play([{ when: { at: '0s' }, do: { outage: { service: 'shop', for: '4s' } } }]);
    expect(run.of('serviceRequest').filter((r) => r.phase === 'refused').length).toBeGreaterThan(1);
    expect(run.output.workflows['w']?.result).toEqual([1, 2]);
  });
});

describe('what an operator does', () => {
  test('fail: the next attempts throw before the body runs', async () => {
    const run = await play([{ when: { at: '0s' }, do: { fail: { activityType: 'call', attempts: 2, message: 'injected', type: 'Injected' } } }]);
    expect(run.output.services['shop']?.requests).toBe(2);
    const started = run.output.workflows['w']!.runs[0]!.history.events.find((e) => e.activityTaskStartedEventAttributes)?.activityTaskStartedEventAttributes;
    expect(started).toMatchObject({ attempt: 3, lastFailure: { message: 'injected', applicationFailureInfo: { type: 'Injected' } } });
    const final = await play([{ when: { at: '0s' }, do: { fail: { activityType: 'call', attempts: 1, message: 'final', nonRetryable: true } } }]);
    expect(final.output.workflows['w']?.status).toBe('FAILED');
  });
  test('signal, cancel, terminate', async () => {
    const signalled = await play([{ when: { at: '1s' }, do: { signal: { workflowId: 'w', name: 'hello', args: [{ a: 1 }] } } }]);
    expect(signalled.events('w')).toContain('WorkflowExecutionSignaled');
    const cancelled = await play([{ when: { at: '1s' }, do: { cancel: { workflowId: 'w' } } }]);
    expect(cancelled.output.workflows['w']?.status).toBe('CANCELED');
    const terminated = await play([{ when: { at: '1s' }, do: { terminate: { workflowId: 'w' } } }]);
    expect(terminated.output.workflows['w']?.status).toBe('TERMINATED');
    const nobody = await play([{ when: { at: '1s' }, do: { cancel: { workflowId: 'nobody' } } }]);
    expect(nobody.of('log').filter((l) => l.process === 'temporal').map((l) => l.text)).toEqual(['workflow not found for ID: nobody']);
  });
});

describe('a worker that hangs', () => {
  test('in an activity: it polls on, answers nothing, and its tasks time out until it is killed', async () => {
    const run = await play(
      [{ when: { at: '30s' }, do: { start: 'worker-1' } }], undefined,
      { ...PROJECT, activities: `export async function call(what: string) { if (Date.now() < Date.UTC(2026, 0, 1, 0, 0, 20)) for (;;); return what; }` },
    );
    expect(run.of('process').filter((p) => p.process === 'worker-1').map((p) => p.state)).toEqual(['running', 'hung', 'killed', 'running']);
    expect(run.output.workflows['w']?.result).toEqual(['one', 'two']);
  });
});

describe('nothing is left behind', () => {
  test('of a thousand activities with long timeouts, heartbeats and timers', async () => {
    const run = await runInline({
      workflows: `export async function flow(n: number) { const a = acts({ startToCloseTimeout: '10 days', heartbeatTimeout: '1 day' }); for (let i = 0; i < n; i++) { await wf.CancellationScope.cancellable(async () => { void wf.sleep('30 days').catch(() => {}); await a.beat(); wf.CancellationScope.current().cancel(); }); } }`,
      activities: `export async function beat() { act.heartbeat(1); await act.sleep(10); }`,
      client: `for (let i = 0; i < 20; i++) await client.workflow.execute('flow', { taskQueue: 'q', workflowId: 'w' + i, args: [50] });`,
    });
    // What was cancelled does not keep the run alive: it is idle long before the timeouts.
    expect(run.output.endedBy).toBe('idle');
    expect(Date.parse(run.output.virtualEnd) - Date.parse(run.output.virtualStart)).toBeLessThan(600_000);
    expect(Object.values(run.output.workflows).map((w) => w.status).every((s) => s === 'COMPLETED')).toBe(true);
  });
});

describe('clients one after the other', () => {
  const two = { ...PROJECT, client: `await sleep(60_000);`, files: { 'src/second.ts': `console.log('second');` } };
  const playTwo = (faults: FaultRule[]) => runInline(two, { faults, clients: ['client.ts', 'second.ts'] });
  test('a killed one has ended', async () => {
    const run = await playTwo([{ when: { at: '1s' }, do: { kill: 'client-1' } }]);
    expect([run.output.processes['client-1']?.exitCode, run.log('client-2')]).toEqual([null, ['second']]);
    expect(run.of('process').findLast((p) => p.process === 'client-2')?.ms).toBe(1000);
  });
  test('one that is started again has not', async () => {
    const run = await playTwo([{ when: { at: '1s' }, do: { start: 'client-1' } }]);
    expect(run.of('process').filter((p) => p.process === 'client-2').map((p) => p.state)).toEqual(['running', 'exited']);
    expect(run.of('process').findLast((p) => p.process === 'client-2')?.ms).toBe(61_000);
  });
});

test('an outage within an outage does not shorten it', async () => {
  const outage = (at: string, length: string): FaultRule => ({ when: { at }, do: { outage: { service: 'temporal', for: length } } });
  const run = await play([outage('100ms', '20s'), outage('200ms', '1s')]);
  expect(run.of('delivery').filter((d) => d.edge === 'response' && d.error === undefined && d.ms > 150).at(0)?.ms).toBeGreaterThan(20_000);
});
