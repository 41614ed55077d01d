/** Project code to what the VM runs: one function for the Vite plugin, the headless runner and edits in the browser. */
export { compileProject } from './project.ts';
