import { process } from '../globals/process.ts';

/** Node's `process` as a module. */
export const { env, nextTick } = process;
export default process;
