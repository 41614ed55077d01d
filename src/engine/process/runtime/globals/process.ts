import { EventEmitter } from '../builtin/events.ts';
import { ExitSignal, kernel, lifecycle } from '../kernel.ts';
import { AsyncLocalStorage } from '../../../sandbox/vm/async.ts';
import { projectRoot } from '../../../sandbox/vm/modules.ts';

/** `process`, as much of it as programs around Temporal use. Memory and CPU figures are fixed, because real ones are chance. */

/** Where the project lies, as its own code sees it. */
export const ROOT = projectRoot.slice(0, -1);

const emitter = new EventEmitter();
let booted = 0;
const MEMORY = { rss: 67_108_864, heapTotal: 33_554_432, heapUsed: 16_777_216, external: 1_048_576, arrayBuffers: 65_536 };

const ticks: (() => void)[] = [];

/** Runs what `process.nextTick` queued, new entries included: as in Node when the stack is empty before promise jobs run, and when none are left. */
lifecycle.runTicks = () => {
  if (ticks.length === 0) return false;
  for (let tick = ticks.shift(); tick; tick = ticks.shift()) tick();
  return true;
};

function nextTick(callback: (...args: any[]) => void, ...args: any[]): void {
  const bound = AsyncLocalStorage.bind(callback);
  ticks.push(() => {
    try {
      bound(...args);
    } catch (error) {
      kernel.uncaught(error);
    }
  });
}

/** A stream that writes whole lines to the log. */
function output(level: 'INFO' | 'ERROR', fd: number): object {
  let rest = '';
  return Object.assign(new EventEmitter(), {
    fd, isTTY: false, columns: 80, writable: true,
    write(chunk: unknown, ...more: unknown[]): boolean {
      const lines = (rest + (typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk as Uint8Array))).split('\n');
      rest = lines.pop() as string;
      for (const text of lines) kernel.emit({ op: 'log', level, text });
      const callback = more.find((m) => typeof m === 'function') as (() => void) | undefined;
      if (callback) nextTick(callback);
      return true;
    },
    end(): void {},
    flush(): void {
      if (rest !== '') kernel.emit({ op: 'log', level, text: rest });
      rest = '';
    },
  });
}
const stdout = output('INFO', 1) as any;
const stderr = output('ERROR', 2) as any;

const hrtime = (previous?: readonly [number, number]): [number, number] => {
  const ms = kernel.now() - booted;
  const [s, ns] = [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
  if (!previous) return [s, ns];
  const [ds, dns] = [s - previous[0], ns - previous[1]];
  return dns < 0 ? [ds - 1, dns + 1e9] : [ds, dns];
};

export const process: any = Object.assign(emitter, {
  title: 'node', platform: 'linux', arch: 'x64', version: 'v20.20.2', versions: { node: '20.20.2' }, release: { name: 'node' },
  execPath: '/usr/local/bin/node', execArgv: [] as string[], argv: [] as string[], argv0: 'node', env: {} as Record<string, string>, pid: 0, ppid: 1, exitCode: undefined as number | undefined,
  stdout, stderr, stdin: Object.assign(new EventEmitter(), { fd: 0, isTTY: false, resume() {}, pause() {}, unref() {}, setEncoding() {} }),
  cwd: () => ROOT,
  chdir: () => {
    throw new Error('process.chdir() is not supported in simulated processes');
  },
  exit(code?: number): never {
    kernel.exit(code === undefined ? undefined : Number(code));
    throw new ExitSignal('process.exit');
  },
  abort: () => process.exit(134),
  kill(pid: number, signal: string | number = 'SIGTERM'): boolean {
    if (pid !== process.pid) throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH', errno: -3, syscall: 'kill' });
    if (signal !== 0) nextTick(() => signalled(String(signal)));
    return true;
  },
  nextTick,
  hrtime: Object.assign(hrtime, { bigint: () => BigInt(Math.round((kernel.now() - booted) * 1e6)) }),
  uptime: () => (kernel.now() - booted) / 1000,
  memoryUsage: Object.assign(() => ({ ...MEMORY }), { rss: () => MEMORY.rss }),
  cpuUsage: () => ({ user: 0, system: 0 }),
  resourceUsage: () => ({ userCPUTime: 0, systemCPUTime: 0, maxRSS: MEMORY.rss / 1024 }),
  umask: () => 0o22, getuid: () => 1000, getgid: () => 1000,
  emitWarning: (warning: unknown) => stderr.write(`(node:${process.pid}) ${warning instanceof Error ? `${warning.name}: ${warning.message}` : `Warning: ${String(warning)}`}\n`),
  features: {}, config: {},
});

const SIGNALS: { readonly [name: string]: number } = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15, SIGUSR2: 12 };

/** A signal reaches the process: its listeners, or the end. */
export function signalled(name: string): void {
  if (emitter.listenerCount(name) > 0) emitter.emit(name, name, SIGNALS[name]);
  else kernel.exit(128 + (SIGNALS[name] ?? 15));
}

kernel.on('signal', (message: { name: string }) => signalled(message.name));

kernel.onBoot((boot) => {
  booted = boot.now;
  process.pid = boot.pid;
  process.argv = [process.execPath, `${ROOT}/${boot.entry}`, ...boot.argv];
  // Variables are texts, whatever is assigned.
  process.env = new Proxy({ ...boot.env }, { set: (variables, name, value) => Reflect.set(variables, name, String(value)) });
});

lifecycle.beforeExit = () => emitter.emit('beforeExit', process.exitCode ?? 0);
lifecycle.exitCode = (code) => {
  if (code !== undefined) process.exitCode = code;
  emitter.emit('exit', process.exitCode ?? 0);
  stdout.flush();
  stderr.flush();
  return Number(process.exitCode ?? 0) & 0xff; // as a shell sees it
};
lifecycle.uncaught = (error, kind, promise) => {
  if (kind === 'unhandledRejection' && emitter.listenerCount(kind) > 0) return emitter.emit(kind, error, promise);
  if (emitter.listenerCount('uncaughtException') === 0) return false;
  return emitter.emit('uncaughtException', error, kind);
};
