import type { TemplateName, Vm, VmPool } from '../../api/sandbox.ts';
import { assert } from '../../base/assert.ts';
import { QuickJsVm, type Template, type VmLimits, type WasmModule } from './quickjs.ts';

const MB = 1024 * 1024;

/**
 * Limits by template. All cached runs of a worker share one workflow VM. A tick is about 10,000 calls and loop turns: the SDK's own
 * decoder takes 2,500 for a payload of 2 MB, the largest that Temporal lets pass, and an activation may have several. An activity
 * may calculate what would be too long for a workflow.
 */
export const vmLimits: { readonly [T in TemplateName]: VmLimits } = {
  workflow: { ticks: 10_000, jobs: 500_000, stackBytes: 160 * 1024, memoryBytes: 256 * MB },
  process: { ticks: 30_000, jobs: 500_000, stackBytes: 160 * 1024, memoryBytes: 128 * MB },
};

/** Text of the bundles that scripts/build-vm-bundles.mjs makes. */
export interface VmBundles {
  readonly workflow: string;
  readonly process: string;
}

/** The QuickJS machinery of one host. */
export interface Sandbox {
  readonly pool: VmPool;
  /** Size of each heap template in bytes. */
  readonly templateBytes: { readonly [T in TemplateName]: number };
}

/**
 * Runs the bundles once, which gives the heap templates.
 * @param options.bundles text of what scripts/build-vm-bundles.mjs makes
 */
export function createSandbox(options: { readonly wasmModule: WasmModule; readonly bundles: VmBundles }): Sandbox {
  const { wasmModule, bundles } = options;
  const templates = { workflow: makeTemplate(wasmModule, 'workflow', bundles.workflow), process: makeTemplate(wasmModule, 'process', bundles.process) };
  return { pool: new Pool(wasmModule, templates), templateBytes: { workflow: templates.workflow.bytes, process: templates.process.bytes } };
}

function makeTemplate(wasmModule: WasmModule, name: TemplateName, bundle: string): Template {
  // Loading a bundle is our own code: it may take as long as it takes.
  const vm = new QuickJsVm(wasmModule, { ...vmLimits[name], ticks: 100_000 });
  vm.boot();
  const result = vm.eval(bundle, `${name}.js`);
  if (!result.ok) throw new Error(`the ${name} bundle does not load: ${result.name}: ${result.message}\n${result.stack}`);
  return vm.takeTemplate();
}

/** Instances of the WASM module by their memory limit; the heap is restored when one is taken. */
class Pool implements VmPool {
  readonly #wasmModule: WasmModule;
  readonly #templates: { readonly [T in TemplateName]: Template };
  readonly #ready: { readonly [T in TemplateName]: QuickJsVm[] } = { workflow: [], process: [] };
  readonly #taken = new Map<Vm, TemplateName>();

  constructor(wasmModule: WasmModule, templates: { readonly [T in TemplateName]: Template }) {
    this.#wasmModule = wasmModule;
    this.#templates = templates;
  }

  acquire(template: TemplateName): Vm {
    const vm = this.#ready[template].pop() ?? new QuickJsVm(this.#wasmModule, vmLimits[template]);
    vm.restore(this.#templates[template]);
    this.#taken.set(vm, template);
    return vm;
  }

  release(vm: Vm): void {
    const template = this.#taken.get(vm);
    assert(template !== undefined, 'a VM is released once, to the pool that gave it');
    this.#taken.delete(vm);
    const quickJs = vm as QuickJsVm;
    if (quickJs.reusable) this.#ready[template].push(quickJs);
  }
}
