import { AsyncLocalStorage } from '../../../sandbox/vm/async.ts';

/** Node's `async_hooks`: AsyncLocalStorage, and AsyncResource as far as it carries stores. */
export { AsyncLocalStorage };

export class AsyncResource {
  readonly #run = AsyncLocalStorage.snapshot();
  readonly type: string;
  constructor(type = 'AsyncResource') {
    this.type = type;
  }
  runInAsyncScope(fn: (...args: any[]) => any, thisArg?: unknown, ...args: any[]): any {
    return this.#run(() => fn.apply(thisArg, args));
  }
  bind<F extends (...args: any[]) => any>(fn: F): F {
    return ((...args: any[]) => this.runInAsyncScope(fn, undefined, ...args)) as F;
  }
  static bind<F extends (...args: any[]) => any>(fn: F): F {
    return AsyncLocalStorage.bind(fn);
  }
  emitDestroy(): this {
    return this;
  }
  asyncId(): number {
    return 1;
  }
  triggerAsyncId(): number {
    return 0;
  }
}

export default { AsyncLocalStorage, AsyncResource, executionAsyncId: () => 1, triggerAsyncId: () => 0 };
