import { sleep } from '../globals/timers.ts';

/** Node's `timers/promises`. */
type Options = { signal?: AbortSignal; ref?: boolean };

export const setTimeout = <T>(delay = 1, value?: T, options: Options = {}): Promise<T> => sleep(delay, value, options);
export const setImmediate = <T>(value?: T, options: Options = {}): Promise<T> => sleep(0, value, options, true);
export async function* setInterval<T>(delay = 1, value?: T, options: Options = {}): AsyncGenerator<T> {
  for (;;) yield await sleep(delay, value as T, options);
}
export const scheduler = { wait: (delay: number, options?: Options): Promise<void> => sleep(delay, undefined, options), yield: (): Promise<void> => sleep(0, undefined, {}, true) };

export default { setTimeout, setImmediate, setInterval, scheduler };
