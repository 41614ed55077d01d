// Makes what start, build, test, bench and headless need and git does not carry: the bundles that run inside the VM.
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { makeIfStale } from './lib/fresh.mjs';
import { root } from './lib/paths.mjs';

const script = 'scripts/build-vm-bundles.mjs';

/** Builds what is stale; says so on stderr. */
export async function prepare() {
  await makeIfStale({
    name: 'vm-bundles',
    inputs: ['package-lock.json', script, 'src/base', 'src/api', 'src/engine/process', 'src/engine/sandbox/vm'],
    outputs: ['build/vm/workflow.js', 'build/vm/process.js'],
    make() {
      process.stderr.write('Building the VM bundles\n');
      const { status } = spawnSync(process.execPath, [script], { cwd: root, stdio: ['ignore', 2, 2] });
      if (status !== 0) throw new Error(`${script} failed`);
    },
  });
}

/** The name under which vitest calls it, so that `npx vitest run <file>` alone works too. */
export { prepare as setup };

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await prepare();
