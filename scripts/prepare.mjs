// Makes what start, build, test, bench and headless need and git does not carry: the bundles that run inside the VM.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { makeIfStale } from './lib/fresh.mjs';
import { root } from './lib/paths.mjs';

const vmBundles = {
  name: 'vm-bundles',
  script: 'scripts/build-vm-bundles.mjs',
  inputs: ['package-lock.json', 'scripts/build-vm-bundles.mjs', 'src/base', 'src/api', 'src/engine/process/runtime', 'src/engine/sandbox'],
  outputs: ['build/vm'],
};

/** Builds what is stale; says so on stderr. */
export async function prepare() {
  const { script, ...step } = vmBundles;
  if (!existsSync(`${root}/${script}`)) return; // TODO(infra): goes away with the sandbox's first commit
  await makeIfStale({
    ...step,
    make() {
      process.stderr.write('Building the VM bundles\n');
      const { status } = spawnSync(process.execPath, [script], { cwd: root, stdio: ['ignore', 2, 2] });
      if (status !== 0) throw new Error(`${script} failed`);
    },
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await prepare();
