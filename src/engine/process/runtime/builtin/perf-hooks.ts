import { performance } from '../globals/performance.ts';

/** Node's `perf_hooks`. */
export { performance };
export default { performance };
