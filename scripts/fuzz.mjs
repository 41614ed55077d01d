// `npm run fuzz [-- vitest arguments]`: the long searches, files named *.fuzz.ts; without arguments also 500 seeds of each scenario, twice,
// in Node and in a browser, instead of the 50 of `npm test`.
import { spawnSync } from 'node:child_process';
import { ensureInstalled } from './lib/install.mjs';
import { distDirectory, root } from './lib/paths.mjs';

ensureInstalled();
const { prepare } = await import('./prepare.mjs');
await prepare();
const { findBrowser } = await import('./lib/browser.mjs');
/** @type {NodeJS.ProcessEnv} */
const env = { ...process.env, CHROMIUM_PATH: (await findBrowser()).executablePath ?? '' };

run(['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.fuzz.config.ts', ...process.argv.slice(2)]);
if (process.argv.length === 2) {
  env.REPLAYGROUND_SEEDS ??= '500';
  run(['node_modules/vitest/vitest.mjs', 'run', 'conformance/seeds.test.ts']);
  run(['scripts/build.mjs']);
  run(['node_modules/@playwright/test/cli.js', 'test', 'determinism', '--reporter=list'], { E2E_DIR: distDirectory });
}

function run(node, more = {}) {
  const { status } = spawnSync(process.execPath, node, { cwd: root, stdio: 'inherit', env: { ...env, ...more } });
  if (status !== 0) process.exitCode = status ?? 1;
}
