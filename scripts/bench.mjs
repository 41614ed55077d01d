// `npm run bench [-- name …]`: prints measurements as JSON. Each file bench/<name>.ts is one benchmark and exports
// `measure(context: BenchContext): Promise<Record<string, unknown>>` (bench/context.ts); it runs in a process of its own, so that
// none inherits the heap of another. Progress goes to stderr.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import { ensureInstalled } from './lib/install.mjs';
import { buildDirectory, root } from './lib/paths.mjs';

ensureInstalled();
const { prepare } = await import('./prepare.mjs');
await prepare();

const wanted = process.argv.slice(2);
const benchmarks = readdirSync(`${root}/bench`)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .toSorted();
const unknown = wanted.filter((name) => !benchmarks.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`No such benchmark: ${unknown.join(', ')}\n`);
  process.exit(2);
}

const { bundleForNode } = await import('./lib/bundle.mjs');
rmSync(`${buildDirectory}/bench`, { recursive: true, force: true });
const env = { ...process.env };
try {
  const { findBrowser } = await import('./lib/browser.mjs');
  env.CHROMIUM_PATH = (await findBrowser()).executablePath ?? '';
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  env.BENCH_WITHOUT_BROWSER = '1';
}

const results = {};
let failed = false;
for (const name of benchmarks) {
  process.stderr.write(`${name} …\n`);
  bundleForNode(`bench/${name}.bench.ts`, `build/bench/${name}.mjs`);
  const child = spawnSync(process.execPath, ['--expose-gc', 'scripts/lib/bench-child.mjs', `build/bench/${name}.mjs`], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 2, 'pipe'],
    maxBuffer: 64 << 20,
  });
  failed ||= child.status !== 0;
  results[name] = child.status === 0 ? JSON.parse(String(child.output[3])) : { error: 'failed, see stderr' };
}
const machine = {
  node: process.version,
  platform: `${platform()} ${arch()}`,
  cpu: cpus()[0]?.model,
  processors: availableParallelism(),
  memoryGb: Math.round(totalmem() / 1e9),
};
process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
process.exitCode = failed ? 1 : 0;
