import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSandbox, type Sandbox } from '../engine/sandbox/index.ts';

/** The folder of this project, found from wherever this code was bundled to. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package-lock.json'))) folder = dirname(folder);
  return folder;
}

let sandbox: Promise<Sandbox> | null = null;

/** The sandbox of this Node process, made once: its templates cost more than a run. */
export function nodeSandbox(): Promise<Sandbox> {
  return (sandbox ??= (async () => {
    const root = projectRoot();
    const require = createRequire(join(root, 'package.json'));
    const wasm = readFileSync(require.resolve('quickjs-wasi/quickjs.wasm'));
    const bundle = (name: string) => readFileSync(join(root, 'build', 'vm', `${name}.js`), 'utf8');
    return createSandbox({ wasmModule: await WebAssembly.compile(wasm), bundles: { workflow: bundle('workflow'), process: bundle('process') } });
  })());
}
