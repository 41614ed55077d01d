// Makes what start, build, test, bench and headless need and git does not carry: the bundles that run inside the VM, the VM's
// WebAssembly module, the scenarios' projects compiled, and recorded runs.
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { makeIfStale } from './lib/fresh.mjs';
import { inlineWasm, quickJsWasm } from './lib/inline-wasm.mjs';
import { root } from './lib/paths.mjs';

const script = 'scripts/build-vm-bundles.mjs';
const scenarioBuilder = 'build/headless/build-scenarios.mjs';
const recorder = 'build/headless/build-recordings.mjs';

/** Builds what is stale; says so on stderr. */
export async function prepare() {
  await makeIfStale({
    name: 'vm-bundles',
    inputs: ['package-lock.json', script, 'src/base', 'src/api', 'src/engine/process', 'src/engine/sandbox/vm'],
    outputs: ['build/vm/workflow.js', 'build/vm/process.js'],
    make: () => node('Building the VM bundles', script),
  });
  await makeIfStale({
    name: 'vm-wasm',
    inputs: [quickJsWasm, 'scripts/lib/inline-wasm.mjs'],
    outputs: ['build/vm/quickjs.wasm'],
    make() {
      process.stderr.write('Inlining in the WebAssembly module\n');
      inlineWasm('build/vm/quickjs.wasm');
    },
  });
  await makeIfStale({
    name: 'scenarios',
    inputs: ['package-lock.json', 'src/compile', 'src/scenarios', 'bench/projects', 'src/host/bundle.ts', 'src/headless/build-scenarios.ts', 'src/headless/project-files.ts'],
    outputs: ['build/scenarios'],
    async make() {
      const { bundleForNode } = await import('./lib/bundle.mjs');
      bundleForNode('src/headless/build-scenarios.ts', scenarioBuilder);
      node('Compiling the scenarios', scenarioBuilder);
    },
  });
  await makeIfStale({
    name: 'recordings',
    inputs: ['package-lock.json', 'src/base', 'src/api', 'src/compile', 'src/engine', 'src/headless', 'src/trace', 'src/scenarios'],
    outputs: ['build/recordings/landing.json', 'build/recordings/histories.json', 'build/recordings/machines.json'],
    async make() {
      const { bundleForNode } = await import('./lib/bundle.mjs');
      bundleForNode('src/headless/build-recordings.ts', recorder);
      node('Recording runs for the landing page', recorder);
    },
  });
}

function node(what, file) {
  process.stderr.write(`${what}\n`);
  const { status } = spawnSync(process.execPath, [file], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${file} failed`);
}

/** The name under which vitest calls it, so that `npx vitest run <file>` alone works too. */
export { prepare as setup };

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await prepare();
