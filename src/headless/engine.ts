import { existsSync, readFileSync } from 'node:fs';
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
    const made = (name: string) => readFileSync(join(root, 'build', 'vm', name));
    const wasmModule = await WebAssembly.compile(made('quickjs.wasm'));
    return createSandbox({ wasmModule, bundles: { workflow: made('workflow.js').toString(), process: made('process.js').toString() } });
  })());
}
