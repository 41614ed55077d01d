/** What the other parts use of the sandbox. */
export { createSandbox, vmLimits, type Sandbox, type VmBundles } from './pool.ts';
export { defineModules, projectRoot, resolveModule } from './project.ts';
export type { WasmModule } from './quickjs.ts';
export { createWorkflowVm, type WorkflowVmOptions } from './workflow-vm.ts';
