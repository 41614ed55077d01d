import { clearTimeout, setImmediate, setInterval, setTimeout } from '../globals/timers.ts';
import promises from './timers-promises.ts';

/** Node's `timers`. */
export default { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval: clearTimeout, clearImmediate: clearTimeout, promises };
