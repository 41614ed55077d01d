import { describe, expect, test } from 'vitest';
import { timestamp } from '../../base/brand.ts';
import { createStream } from '../../base/random.ts';
import type { TraceEntry } from '../../trace/entries.ts';
import type { ExternalServicePort, FetchResponse, ProcessHost, ProcessItem, ProcessPort, ProcessSpec } from '../ports.ts';
import { createProcess } from './index.ts';
import { compileForTest, testSandbox } from './runtime/testing.ts';

/** Processes on the engine's side, with the test in the place of the simulation. */

interface World {
  readonly process: ProcessPort;
  readonly entries: TraceEntry[];
  readonly calls: { id: number; rpc: string; timeout: number | null }[];
  readonly responses: [number, FetchResponse][];
  exitCode: number | null;
  now: number;
  /** Fires what is due, in order, until nothing is left. */
  run(): void;
}

async function world(spec: Partial<ProcessSpec> & { kind: ProcessSpec['kind'] }, source: string): Promise<World> {
  const { pool } = await testSandbox();
  const project = compileForTest({ 'src/main.ts': source });
  let items: { id: number; at: number; item: ProcessItem }[] = [];
  let nextId = 1;
  const streams: { [name: string]: ReturnType<typeof createStream> } = {};
  const refuse = (): never => {
    throw new Error('not in this test');
  };
  const host: ProcessHost = {
    now: () => timestamp(w.now),
    schedule: (_process, at, item) => {
      items.push({ id: nextId, at, item });
      return nextId++;
    },
    cancel: (id) => {
      items = items.filter((i) => i.id !== id);
    },
    stream: (name) => (streams[name] ??= createStream(1, name)),
    call: (_process, rpc, _request, timeout) => {
      w.calls.push({ id: nextId, rpc, timeout });
      return nextId++;
    },
    cancelCall: (id) => {
      w.calls.splice(w.calls.findIndex((c) => c.id === id), 1);
    },
    connect: () => null, fetch: refuse, cancelFetch: refuse,
    respond: (_process, id, response) => {
      w.responses.push([id, response]);
    },
    emit: (entry) => {
      w.entries.push(entry);
    },
    acquireVm: (template) => pool.acquire(template),
    releaseVm: (vm) => pool.release(vm),
    createWorkflowVm: refuse, project: () => project, polling: refuse, takeInjectedFailure: refuse,
    exited: (_process, code) => {
      w.exitCode = code;
    },
  };
  const w: World = {
    process: createProcess({ id: 'client-1', entry: 'src/main.ts', argv: [], env: {}, ...spec }, host),
    entries: [], calls: [], responses: [], exitCode: null, now: Date.UTC(2026, 0, 1),
    run() {
      for (;;) {
        items.sort((a, b) => a.at - b.at || a.id - b.id);
        const next = items.shift();
        if (!next) return;
        w.now = next.at;
        w.process.fire(next.item);
      }
    },
  };
  w.process.start('');
  return w;
}

const logs = (w: World): string[] => w.entries.flatMap((e) => (e.type === 'log' ? [`${e.level} ${e.text}`] : []));
const states = (w: World): string[] => w.entries.flatMap((e) => (e.type === 'process' ? [`${e.state}${e.exitCode === undefined ? '' : ` ${e.exitCode}`}`] : []));

describe('a client', () => {
  test('runs, waits and exits', async () => {
    const w = await world({ kind: 'client' }, `console.log('a'); setTimeout(() => { console.warn('b', process.pid > 0); }, 50);`);
    w.run();
    expect([logs(w), states(w), w.exitCode]).toEqual([['INFO a', 'WARN b true'], ['running', 'exited 0'], 0]);
  });
  test('an uncaught error: exit code 1, logged and shown with its place', async () => {
    const w = await world({ kind: 'client' }, `setTimeout(() => { throw new Error('boom'); }, 5);`);
    w.run();
    expect(states(w)).toEqual(['running', 'exited 1']);
    expect(logs(w)[0]).toMatch(/^ERROR src\/main\.ts:\d+\nError: boom\n {4}at /);
    expect(w.entries.at(-1)).toMatchObject({ type: 'process', error: { message: 'Error: boom', position: { file: 'src/main.ts' } } });
  });
  test('an endless loop hangs the process; it can be killed and started anew', async () => {
    const w = await world({ kind: 'client' }, `console.log('start'); setTimeout(() => { for (;;); }, 5);`);
    w.run();
    expect([states(w), w.exitCode]).toEqual([['running', 'hung'], null]);
    w.process.kill();
    w.process.start('');
    expect(states(w)).toEqual(['running', 'hung', 'killed', 'running']);
    expect(logs(w).filter((l) => l === 'INFO start')).toHaveLength(2);
  });
  test('endless promise jobs hang it too', async () => {
    const w = await world({ kind: 'client' }, `async function f() { for (;;) await null; } f();`);
    expect(states(w)).toEqual(['running', 'hung']);
  });
  test('memory without end ends it', async () => {
    const w = await world({ kind: 'client' }, `const all = []; for (;;) all.push(new Array(10000).fill(all.length));`);
    expect(states(w)).toEqual(['running', 'exited 134']);
  });
  test('recursion without end is an error that the code may catch', async () => {
    const w = await world({ kind: 'client' }, `const f = () => f() + 1; try { f(); } catch (e) { console.log(e.name, e.message); }`);
    expect(logs(w)).toEqual(['INFO RangeError Maximum call stack size exceeded']);
  });
  test('what does not load', async () => {
    const w = await world({ kind: 'client' }, `import 'left-pad';`);
    expect(states(w)).toEqual(['running', 'exited 1']);
    expect(logs(w)[0]).toContain("Cannot find module 'left-pad'");
  });
  test('killed: timers and answers of the dead incarnation reach nobody', async () => {
    const w = await world({ kind: 'client' }, `import { Connection } from '@temporalio/client'; Connection.connect().then(() => console.log('connected'));`);
    const [call] = w.calls;
    expect(call).toMatchObject({ rpc: 'GetSystemInfo', timeout: 10_000 });
    w.process.kill();
    w.process.onReply(call?.id ?? 0, { ok: true, response: {} });
    expect([logs(w), states(w), w.exitCode]).toEqual([[], ['running', 'killed'], null]);
  });
  test('SIGTERM', async () => {
    const w = await world({ kind: 'client' }, `setInterval(() => {}, 1000); process.on('SIGTERM', (s) => { console.log(s); process.exit(7); });`);
    w.process.shutdown();
    expect([logs(w), states(w)]).toEqual([['INFO SIGTERM'], ['running', 'exited 7']]);
  });
});

describe('an external service', () => {
  const source = `
    let n = 0;
    export default { payments: { latency: '80ms', async fetch(request, { ledger, random, sleep, log }) {
      n++;
      if (request.path === '/slow') await sleep('2s');
      if (request.path === '/throw') throw new Error('broken');
      if (request.path === '/text') return { status: 202, headers: { 'X-A': 1 }, body: 'hi' };
      ledger.append({ charged: 100, key: request.headers['idempotency-key'] });
      log('n', n, random() < 1);
      return { status: 200, body: { n, ledger: ledger.entries().length } };
    } } };`;
  const start = () => world({ kind: 'service', id: 'service-payments', serviceName: 'payments' }, source);
  const ask = (w: World, id: number, path: string): void => (w.process as ExternalServicePort).onRequest(id, 'worker-1', { service: 'payments', method: 'POST', path, headers: { 'idempotency-key': 'k' }, body: '{}' });

  test('answers, keeps its ledger over a kill, loses its variables', async () => {
    const w = await start();
    expect((w.process as ExternalServicePort).latency).toBe(80);
    ask(w, 1, '/charge');
    ask(w, 2, '/charge');
    w.process.kill();
    w.process.start('');
    ask(w, 3, '/charge');
    const json = { 'content-type': 'application/json' };
    expect(w.responses).toEqual([
      [1, { status: 200, headers: json, body: '{"n":1,"ledger":1}' }],
      [2, { status: 200, headers: json, body: '{"n":2,"ledger":2}' }],
      [3, { status: 200, headers: json, body: '{"n":1,"ledger":3}' }],
    ]);
    expect(w.entries.filter((e) => e.type === 'ledger')[0]).toEqual({ type: 'ledger', service: 'payments', at: w.now, entry: { charged: 100, key: 'k' } });
    expect(logs(w)[0]).toBe('INFO n 1 true');
  });
  test('what it throws is a 500; text stays text; it sleeps on virtual time', async () => {
    const w = await start();
    const began = w.now;
    for (const [i, path] of ['/throw', '/text', '/slow'].entries()) ask(w, i, path);
    w.run();
    expect(w.now - began).toBe(2000);
    expect(w.responses.slice(0, 2)).toEqual([[0, { status: 500, headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: 'broken' }], [1, { status: 202, headers: { 'x-a': '1', 'content-type': 'text/plain;charset=UTF-8' }, body: 'hi' }]]);
    expect(w.responses[2]?.[1].status).toBe(200);
  });
  test('killed while it works on a request: no answer', async () => {
    const w = await start();
    ask(w, 1, '/slow');
    w.process.kill();
    w.run();
    expect(w.responses).toEqual([]);
  });
});
