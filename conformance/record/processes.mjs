// Runs a project as real processes: what records goldens and what measures the genuine worker need.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** Compiles every TypeScript file below `from` to CommonJS below `to`. */
export function compile(from, to) {
  rmSync(to, { recursive: true, force: true });
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const out = join(to, relative(from, file).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, transformSync(readFileSync(file, 'utf8'), { loader: 'ts', format: 'cjs', target: 'es2022', sourcefile: file }).code);
  }
  writeFileSync(join(to, 'package.json'), '{"type":"commonjs"}');
}

/** Starts a compiled file as a process of its own; `lines` fills with what it prints. */
export function start(file, { address, servicesUrl, args = [] }) {
  const env = { ...process.env, TEMPORAL_ADDRESS: address, SERVICES_URL: servicesUrl };
  const child = spawn(process.execPath, ['--require', join(here, 'fetch-hook.cjs'), file, ...args], { env, stdio: ['ignore', 'pipe', process.env.WORKER_LOG ? 'inherit' : 'ignore'] });
  const run = { child, lines: [], ended: new Promise((resolve) => child.on('exit', (code) => resolve(code))) };
  let rest = '';
  child.stdout.on('data', (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    run.lines.push(...parts);
  });
  return run;
}

/** Waits until a worker polls the queue for Workflow Tasks: it has bundled its workflows then. At most 15 s. */
export async function polled(connection, taskQueue) {
  for (let i = 0; i < 150; i++) {
    const { pollers } = await connection.workflowService.describeTaskQueue({ namespace: 'default', taskQueue: { name: taskQueue }, taskQueueType: 1 });
    if (pollers?.length) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A connection to a server that has just started, once its namespace is there. */
export async function connectTo(client, address) {
  const connection = await client.Connection.connect({ address });
  for (let i = 0; i < 50; i++) {
    const ready = await connection.workflowService.describeNamespace({ namespace: 'default' }).then(() => true, () => false);
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return connection;
}
