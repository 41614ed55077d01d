// `npm run fuzz [-- vitest arguments]`: the long searches, files named *.fuzz.ts.
import { spawnSync } from 'node:child_process';
import { ensureInstalled } from './lib/install.mjs';
import { root } from './lib/paths.mjs';

ensureInstalled();
const { prepare } = await import('./prepare.mjs');
await prepare();
const { findBrowser } = await import('./lib/browser.mjs');
const { executablePath } = await findBrowser();
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.fuzz.config.ts', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, CHROMIUM_PATH: executablePath ?? '' } },
);
process.exitCode = status ?? 1;
