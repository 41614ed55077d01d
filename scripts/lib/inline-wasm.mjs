import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from './paths.mjs';

const require = createRequire(import.meta.url);

/** quickjs-ng as quickjs-wasi ships it, with what it calls all the time inlined: a sixth faster, as V8 inlines nothing in WebAssembly. */
export const quickJsWasm = 'node_modules/quickjs-wasi/quickjs.wasm';

/** What the module uses beyond the first version of WebAssembly. */
const features = ['--enable-bulk-memory', '--enable-sign-ext', '--enable-mutable-globals', '--enable-nontrapping-float-to-int'];
/** Sizes by measurement: with larger ones the instruction cache gets too small. */
const inlining = ['--inlining-optimizing', '--flexible-inline-max-function-size=120', '--one-caller-inline-max-function-size=300', '--always-inline-max-function-size=40'];

/** @param {string} outfile relative to the project */
export function inlineWasm(outfile) {
  const wasmOpt = join(dirname(require.resolve('binaryen')), 'bin', 'wasm-opt');
  const { status } = spawnSync(process.execPath, [wasmOpt, ...features, ...inlining, require.resolve('quickjs-wasi/quickjs.wasm'), '-o', outfile], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('wasm-opt failed');
}
