/** What the other parts use of the sandbox. */
export { createSandbox, type Sandbox } from './pool.ts';
export { defineModules, resolveModule } from './project.ts';
export { createWorkflowVm, vmsOf } from './workflow-vm.ts';
