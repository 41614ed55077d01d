/** Project code to what the VM runs: one function for the Vite plugin, the headless runner and edits in the browser. */
export { compileProject, type CompileInput } from './project.ts';
export { lower, type Lowered } from './lower.ts';
