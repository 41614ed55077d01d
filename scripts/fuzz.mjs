// `npm run fuzz [-- vitest arguments]`: the long searches, files named *.fuzz.ts; without arguments also 500 seeds of each scenario, twice,
// in Node and in a browser, instead of the 50 of `npm test`. `--seed N` runs that seed of the random programs alone, `--runs N --from N` so
// many of them.
import { spawnSync } from 'node:child_process';
import { ensureInstalled } from './lib/install.mjs';
import { distDirectory, root } from './lib/paths.mjs';

ensureInstalled();
const { prepare } = await import('./prepare.mjs');
await prepare();
const { findBrowser } = await import('./lib/browser.mjs');
/** @type {NodeJS.ProcessEnv} */
const env = { ...process.env, CHROMIUM_PATH: (await findBrowser()).executablePath ?? '' };

const rest = process.argv.slice(2);
const random = { '--seed': 'REPLAYGROUND_SEED', '--runs': 'REPLAYGROUND_RUNS', '--from': 'REPLAYGROUND_FROM' };
for (const [flag, variable] of Object.entries(random)) {
  const at = rest.indexOf(flag);
  if (at === -1) continue;
  env[variable] = rest.splice(at, 2)[1];
  if (!rest.includes('random.fuzz')) rest.push('random.fuzz');
}
run(['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.fuzz.config.ts', ...rest]);
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
