import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import client from '@temporalio/client';
import type { ChildProcess } from 'node:child_process';
import type { Measure } from './context.ts';
import { rate } from './simulation.ts';

/** The loads of simulate.bench.ts and growth.bench.ts that take no time of their own (timers do), and the ids of their workflows. */
const loads: { readonly [load: string]: { readonly size: number; readonly ids: readonly string[] } } = {
  sequential: { size: 2_000, ids: ['bench'] },
  concurrent: { size: 200, ids: Array.from({ length: 200 }, (_, i) => `bench-${i}`) },
  children: { size: 1_000, ids: ['bench', ...Array.from({ length: 1_000 }, (_, i) => `child-${i}`)] },
};

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
}
/** What of conformance/record is used here; it is loaded at run time, as it looks for its files beside itself. */
interface Recording {
  hasServer(): boolean;
  startServer(port: number): Promise<{ readonly address: string; readonly stop: () => void }>;
  compile(from: string, to: string): void;
  start(file: string, options: { readonly address: string; readonly args?: readonly string[] }): Started;
  polled(connection: client.Client, taskQueue: string): Promise<void>;
  connectTo(module: typeof client, address: string): Promise<client.Connection>;
}

/** Where `new Client()` and `NativeConnection` look without an address, as the loads do. */
const PORT = 7233;

/**
 * The same loads on a real development server with the genuine worker, to put beside ours: events per second, and the memory of a cached
 * workflow. Skipped where no server has been built (`npm run conformance:record` builds one where Go is).
 */
export const measure: Measure = async ({ root }) => {
  const load = (file: string): Promise<Partial<Recording>> => import(pathToFileURL(join(root, 'conformance/record', file)).href) as Promise<Partial<Recording>>;
  const recording = { ...(await load('server.mjs')), ...(await load('processes.mjs')) } as Recording;
  if (!recording.hasServer()) return { skipped: 'no Temporal development server on this machine' };

  /** Starts a server and the load's worker, runs its client to its end, and looks at what came of it. */
  const play = async <T>(name: string, size: number, look: (at: { readonly temporal: client.Client; readonly worker: Started; readonly started: number }) => Promise<T>): Promise<T> => {
    const server = await recording.startServer(PORT);
    const out = join(root, 'node_modules/.cache/bench', name);
    recording.compile(join(root, 'bench/projects', name), out);
    const worker = recording.start(join(out, 'worker.js'), server);
    try {
      const temporal = new client.Client({ connection: await recording.connectTo(client, server.address) });
      await recording.polled(temporal, 'bench');
      const started = performance.now();
      await recording.start(join(out, 'client.js'), { ...server, args: [String(size)] }).ended;
      return await look({ temporal, worker, started });
    } finally {
      worker.child.kill('SIGKILL');
      server.stop();
    }
  };

  const results: { [load: string]: unknown } = {};
  for (const [name, { size, ids }] of Object.entries(loads)) {
    results[name] = await play(name, size, async ({ temporal, started }) => {
      for (const id of ids) await temporal.workflow.getHandle(id).result();
      const milliseconds = Math.round(performance.now() - started);
      let events = 0;
      for (const id of ids) events += (await temporal.workflow.getHandle(id).describe()).historyLength;
      return { events, milliseconds, eventsPerSecond: rate({ events, milliseconds }) };
    });
  }
  const resident = (workflows: number): Promise<number | null> =>
    play('waiting', workflows, async ({ worker }) => {
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      const status = `/proc/${worker.child.pid}/status`;
      return existsSync(status) ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1]) : null;
    });
  const few = await resident(100);
  const many = await resident(1_100);
  return { ...results, cachedWorkflowKbEach: few === null || many === null ? 'skipped: no /proc' : Math.round((many - few) / 100) / 10 };
};
