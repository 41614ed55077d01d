/** What the other parts use of the sandbox. */
export { createSandbox, type Sandbox } from './pool.ts';
export { defineModules, resolveModule } from './project.ts';
export { createWorkflowVm } from './workflow-vm.ts';
