/**
 * The kernel of a simulated process, inside its VM. It has no host functions: the engine calls `boot`, then `deliver` with one
 * message at a time, lets the pending jobs run, and fetches what came of it with `take`. Everything is JSON text.
 *
 *   engine                                     VM
 *   call('boot', BootInfo) ──────────────────► clock, chance, argv, env; the entry module is loaded
 *   call('deliver', Message) ────────────────► handler of `message.type`
 *   call('take') ────────────────────────────► Outbox: ops in the order they were emitted
 *
 * Modules of ours inside the VM (client, worker) use `kernel.emit`, `kernel.on`, `kernel.startRpc` and `kernel.hold`.
 */

/** What a process is born with. */
export interface BootInfo {
  /** Milliseconds since the epoch on the virtual clock. */
  readonly now: number;
  /** Four numbers from 0 to 2^32 − 1, drawn by the engine for this incarnation; all chance in the process comes from them. */
  readonly seed: readonly [number, number, number, number];
  /** `client-1`, `worker-1`, `service-payments`. */
  readonly processId: string;
  readonly kind: 'worker' | 'client' | 'service';
  readonly incarnation: number;
  readonly pid: number;
  /** Entry module, such as `src/client.ts`; it was evaluated as a definition before (see sandbox/project.ts). */
  readonly entry: string;
  /** `process.argv` from index 2. */
  readonly argv: readonly string[];
  readonly env: { readonly [name: string]: string };
  /** Of a service process: which property of the default export it runs. */
  readonly serviceName?: string | undefined;
  /** Of a service process: what its ledger held before. */
  readonly ledger?: readonly { readonly [key: string]: unknown }[] | undefined;
  /** Of a worker process: the file that stands for every `workflowsPath`. */
  readonly workflowsOverride?: string | undefined;
}

/** From the engine to the process. `now` is the virtual time at which it comes. */
export interface Message {
  readonly type: string;
  readonly now: number;
  readonly [field: string]: unknown;
}

/** From the process to the engine. Known to the base class: the types below; others go to the subclass. */
export interface Op {
  readonly op: string;
  readonly [field: string]: unknown;
}

/** Ops every process may emit. */
export type KernelOp =
  | { readonly op: 'log'; readonly level: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'; readonly text: string }
  /** Ask for `{type: 'timer', id}` after `delay` ms. A timer without `ref` keeps neither the process alive nor the run from being idle. */
  | { readonly op: 'timer'; readonly id: number; readonly delay: number; readonly ref: boolean }
  | { readonly op: 'clearTimer'; readonly id: number }
  /** Ask for `{type: 'reply', id, result: RpcResult}`. `request` is proto3 JSON; `timeout` null: no deadline. */
  | { readonly op: 'rpc'; readonly id: number; readonly rpc: string; readonly request: unknown; readonly timeout: number | null }
  | { readonly op: 'cancelRpc'; readonly id: number }
  /** Ask for `{type: 'connected', id, error}`: whether the Service can be reached at an address. */
  | { readonly op: 'connect'; readonly id: number; readonly address: string }
  /** Ask for `{type: 'fetchResult', id, response: FetchResponse}`. */
  | { readonly op: 'fetch'; readonly id: number; readonly request: unknown }
  | { readonly op: 'cancelFetch'; readonly id: number }
  /** The process ends: `process.exit`, or nothing is left to do. Nothing after it counts. */
  | { readonly op: 'exit'; readonly code: number }
  /** An error nobody caught; `exit` with code 1 follows. */
  | { readonly op: 'uncaught'; readonly text: string; readonly message: string; readonly position: CodePosition | null };

export interface CodePosition {
  readonly file: string;
  readonly line: number;
}

/** What `take` returns. */
export interface Outbox {
  readonly ops: readonly Op[];
  /** Call `drain` and `take` again: ticks or exit handlers may have queued jobs. */
  readonly again: boolean;
  /** The code has waited for the clock without letting go of the process: for `ms`, after the first `after` of the ops. */
  readonly busy?: { readonly ms: number; readonly after: number };
}

/** As in src/api/rpc.ts; repeated in this form because it arrives as JSON. */
export type RpcResult =
  | { readonly ok: true; readonly response: any }
  | { readonly ok: false; readonly status: RpcStatus };

export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  /** Unpacked `Any`s in proto3 JSON (`@type` and fields). */
  readonly details?: readonly { readonly '@type'?: string; readonly [field: string]: unknown }[];
}

interface State {
  boot: BootInfo | null;
  now: number;
  /** How often code has looked at the clock since the last message. */
  looks: number;
  busy: { ms: number; after: number } | null;
  ops: Op[];
  nextId: number;
  /** Things that keep the process alive: running timers, open calls, workers. */
  holds: number;
  exited: boolean;
  exiting: boolean;
  beforeExitDone: boolean;
}

/** `while (Date.now() < end);` ends, as it does in Node: so many looks at the clock are free, and then so many take a millisecond. */
const FREE_LOOKS = 10_000;
const LOOKS_PER_MS = 100;

/** Taken before any code of the project runs, which may put its own in their place. */
const { parse, stringify } = JSON;

/** JSON of what the engine reads, even if the project has taught all objects another `toJSON`. */
function plainJson(value: unknown): string {
  const taught = [Object.prototype, Array.prototype].map((prototype) => [prototype, Object.getOwnPropertyDescriptor(prototype, 'toJSON')] as const);
  for (const [prototype, own] of taught) if (own?.configurable) delete (prototype as { toJSON?: unknown }).toJSON;
  const text = stringify(value);
  for (const [prototype, own] of taught) if (own?.configurable) Object.defineProperty(prototype, 'toJSON', own);
  return text;
}

const state: State = { boot: null, now: 0, looks: 0, busy: null, ops: [], nextId: 1, holds: 0, exited: false, exiting: false, beforeExitDone: false };
const handlers = new Map<string, (message: any) => void>();
const bootHooks: ((boot: BootInfo) => void)[] = [];
const replies = new Map<number, (result: RpcResult) => void>();
const connecting = new Map<number, (error: string | null) => void>();

/** Set by globals/process.ts; asked when nothing is left to do. */
export const lifecycle = {
  /** Emits `beforeExit`; true when listeners may have queued work. */
  beforeExit: (): boolean => false,
  /** Emits `exit` and gives the exit code. */
  exitCode: (code: number | undefined): number => code ?? 0,
  /** Gives an error to `process.on('uncaughtException')` listeners; false when there are none. */
  uncaught: (_error: unknown, _kind: 'uncaughtException' | 'unhandledRejection', _promise?: unknown): boolean => false,
  /** Rejections nobody handled since the last call (see promise.ts). */
  unhandledRejections: (): readonly (readonly [promise: unknown, reason: unknown])[] => [],
  /** Runs what `process.nextTick` queued; false when that was nothing. */
  runTicks: (): boolean => false,
  describeError: (error: unknown): { text: string; message: string; position: CodePosition | null } => ({ text: String(error), message: String(error), position: null }),
  /** Loads the entry module. */
  main: (_boot: BootInfo): void => {},
};

/** Ends everything; only the outbox is read after it. */
export class ExitSignal extends Error {
  override name = 'ExitSignal';
}

export const kernel = {
  /** The boot information. Throws before `boot`: modules may not use it while they load, because they load into a template. */
  get boot(): BootInfo {
    if (!state.boot) throw new Error('the process has not been booted');
    return state.boot;
  },
  get booted(): boolean {
    return state.boot !== null;
  },
  /** Virtual milliseconds since the epoch. Stands still while code runs, unless it looks so often that it must be waiting for time to pass. */
  now(): number {
    state.looks++;
    if (state.looks > FREE_LOOKS && state.looks % LOOKS_PER_MS === 0) {
      state.now++;
      state.busy ??= { ms: 0, after: state.ops.length };
      state.busy.ms++;
    }
    return state.now;
  },
  /** A number unique in this process, from 1. */
  nextId(): number {
    return state.nextId++;
  },
  /** Runs when the process is booted, before the entry module is loaded. */
  onBoot(hook: (boot: BootInfo) => void): void {
    bootHooks.push(hook);
  },
  /** Tells the engine something. Fields are plain JSON values. */
  emit(op: Op | KernelOp): void {
    if (!state.exited) state.ops.push(op);
  },
  /** Handles messages of a type; one handler a type. An error it throws is an uncaught error of the process. */
  on<M = any>(type: string, handler: (message: M) => void): void {
    handlers.set(type, handler);
  },
  /**
   * Calls the Temporal Service. Request and response are proto3 JSON; a deadline of null is none. `cancel` takes the call back and says whether it was still open;
   * the callback is not called then.
   */
  startRpc(name: string, request: unknown, timeoutMs: number | null, done: (result: RpcResult) => void): { cancel(): boolean } {
    const id = kernel.nextId();
    const release = kernel.hold();
    replies.set(id, (result) => {
      release();
      done(result);
    });
    kernel.emit({ op: 'rpc', id, rpc: name, request, timeout: timeoutMs });
    return {
      cancel: () => {
        if (!replies.delete(id)) return false;
        release();
        kernel.emit({ op: 'cancelRpc', id });
        return true;
      },
    };
  },
  /** Connects to the Service at `host:port`. The callback gets the code of what went wrong (`ECONNREFUSED`), or null. */
  connect(address: string, done: (error: string | null) => void): void {
    const id = kernel.nextId();
    const release = kernel.hold();
    connecting.set(id, (error) => {
      release();
      done(error);
    });
    kernel.emit({ op: 'connect', id, address });
  },
  /** Keeps the process alive until the function it returns is called (more calls do nothing). */
  hold(): () => void {
    state.holds++;
    let held = true;
    return () => {
      if (held) state.holds--;
      held = false;
    };
  },
  /** Ends the process: nothing after it counts. */
  exit(code: number | undefined): void {
    if (state.exited) return;
    if (!state.exiting) {
      state.exiting = true;
      code = lifecycle.exitCode(code);
    }
    if (state.exited) return;
    kernel.emit({ op: 'exit', code: code ?? 0 });
    state.exited = true;
  },
  get exited(): boolean {
    return state.exited;
  },
  /** An error nobody caught: listeners get it, or it is logged and the process ends with exit code 1, as in Node. */
  uncaught(error: unknown, kind: 'uncaughtException' | 'unhandledRejection' = 'uncaughtException', promise?: unknown): void {
    if (state.exited || error instanceof ExitSignal) return;
    if (lifecycle.uncaught(error, kind, promise)) return;
    kernel.emit({ op: 'uncaught', ...lifecycle.describeError(error) });
    kernel.exit(1);
  },
};

kernel.on('reply', (message: { id: number; result: RpcResult }) => {
  const done = replies.get(message.id);
  replies.delete(message.id);
  done?.(message.result);
});

kernel.on('connected', (message: { id: number; error: string | null }) => {
  const done = connecting.get(message.id);
  connecting.delete(message.id);
  done?.(message.error);
});

function guarded(run: () => void): void {
  try {
    run();
  } catch (error) {
    kernel.uncaught(error);
  }
}

/** What the engine calls: `globalThis.__kernel`. */
export const entrances = {
  /** The line of project code that ran last. */
  lastLine: 0,
  boot(json: string): void {
    const boot = parse(json) as BootInfo;
    state.boot = boot;
    state.now = boot.now;
    for (const hook of bootHooks) hook(boot);
    guarded(() => lifecycle.main(boot));
    lifecycle.runTicks();
  },
  deliver(json: string): void {
    const message = parse(json) as Message;
    state.now = message.now;
    state.looks = 0;
    if (state.exited) return;
    const handler = handlers.get(message.type);
    if (!handler) throw new Error(`no handler for message ${message.type}`);
    guarded(() => handler(message));
    lifecycle.runTicks();
  },
  /** Does nothing: the engine drains jobs after it. */
  drain(): void {},
  /** The ops since the last `take`. Looks first for ticks that promise jobs queued, unhandled rejections and a process that has nothing left to do. */
  take(): string {
    let again = lifecycle.runTicks();
    if (again) return outbox(again);
    for (const [promise, reason] of lifecycle.unhandledRejections()) guarded(() => kernel.uncaught(reason, 'unhandledRejection', promise));
    if (state.holds > 0) state.beforeExitDone = false;
    else if (!state.exited && !state.beforeExitDone) {
      // Its listeners may find more to do; it comes again only after that was done.
      state.beforeExitDone = true;
      guarded(() => {
        again = lifecycle.beforeExit();
      });
    }
    if (!state.exited && !again && state.holds === 0) guarded(() => kernel.exit(undefined));
    return outbox(again);
  },
};

function outbox(again: boolean): string {
  const { ops, busy } = state;
  state.ops = [];
  state.busy = null;
  return plainJson({ ops, again, ...(busy && { busy }) } satisfies Outbox);
}
