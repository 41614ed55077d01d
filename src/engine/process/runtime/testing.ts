import { readFileSync } from 'node:fs';
import { transpileModule, ModuleKind, ScriptTarget } from 'typescript';
import type { CompiledModule, CompiledProject, Vm } from '../../../api/sandbox.ts';
import { createSandbox, defineModules, type Sandbox } from '../../sandbox/index.ts';
import type { BootInfo, Op, Outbox } from './kernel.ts';

/** For tests: one simulated process on the real bundle in QuickJS, with the test in the place of the engine. */

let sandbox: Promise<Sandbox> | undefined;

/** The process template of the built bundle, made once a test file. */
export function testSandbox(): Promise<Sandbox> {
  sandbox ??= (async () => {
    const wasmModule = await WebAssembly.compile(readFileSync('build/vm/quickjs.wasm'));
    return createSandbox({ wasmModule, bundles: { workflow: 'globalThis.__kernel = {};', process: readFileSync('build/vm/process.js', 'utf8') } });
  })();
  return sandbox;
}

/** TypeScript files to what the VM takes; imports that start with a dot are files of the project. */
export function compileForTest(files: { readonly [path: string]: string }): CompiledProject {
  const modules: Record<string, CompiledModule> = {};
  for (const [path, source] of Object.entries(files)) {
    const code = transpileModule(source, { fileName: path, compilerOptions: { target: ScriptTarget.ES2016, module: ModuleKind.CommonJS, esModuleInterop: true } }).outputText;
    const imports: Record<string, CompiledModule['imports'][string]> = {};
    for (const [, specifier = ''] of code.matchAll(/require\("([^"]+)"\)/g)) {
      const target = `${path.replace(/[^/]*$/, '')}${specifier.slice(2)}.ts`;
      imports[specifier] = specifier.startsWith('./') ? { kind: 'module', path: target } : { kind: 'builtin', name: specifier.replace(/^node:/, '') };
    }
    modules[path] = { path, code, imports, source, errors: [], mappings: '' } as CompiledModule;
  }
  return { modules, files: Object.keys(files) };
}

export type RpcHandler = (rpc: string, request: any) => { readonly response?: unknown; readonly error?: { code: number; message: string; details?: readonly object[] } } | null;

export interface TestProcess {
  readonly vm: Vm;
  readonly ops: Op[];
  readonly logs: string[];
  now: number;
  exitCode: number | null;
  /** Delivers a message and takes what came of it. */
  send(message: { type: string; [field: string]: unknown }): void;
  /** Runs timers and scripted RPCs until nothing is due or the process ended. */
  run(): void;
}

/** Starts `src/main.ts` of the files. Timers fire in order of time; RPCs and fetches are answered after 1 ms; an answer `null` never comes. */
export async function startTestProcess(files: { readonly [path: string]: string }, options: { rpc?: RpcHandler; fetch?: (request: any) => object; boot?: Partial<BootInfo> } = {}): Promise<TestProcess> {
  const { pool } = await testSandbox();
  const vm = pool.acquire('process');
  const due: { at: number; seq: number; message: { type: string; [field: string]: unknown } }[] = [];
  let seq = 0;
  const later = (delay: number, message: { type: string; [field: string]: unknown }): void => {
    due.push({ at: process.now + delay, seq: seq++, message });
    due.sort((a, b) => a.at - b.at || a.seq - b.seq);
  };
  const drop = (type: string, id: unknown): void => {
    const at = due.findIndex((d) => d.message.type === type && d.message['id'] === id);
    if (at >= 0) due.splice(at, 1);
  };
  const take = (): void => {
    for (let again = true; again; ) {
      const taken = vm.call('take');
      if (!taken.ok) throw new Error(`${taken.kind}: ${taken.name}: ${taken.message}\n${taken.stack}`);
      const outbox = JSON.parse(taken.value ?? '') as Outbox;
      again = outbox.again;
      if (again) vm.call('drain');
      for (const op of outbox.ops) {
        process.ops.push(op);
        if (op.op === 'log') process.logs.push(op['text'] as string);
        if (op.op === 'uncaught') process.logs.push(op['text'] as string);
        if (op.op === 'exit') process.exitCode = op['code'] as number;
        if (op.op === 'timer') later(op['delay'] as number, { type: 'timer', id: op['id'], ref: op['ref'] });
        if (op.op === 'clearTimer') drop('timer', op['id']);
        if (op.op === 'cancelRpc') drop('reply', op['id']);
        if (op.op === 'cancelFetch') drop('fetchResult', op['id']);
        if (op.op === 'fetch' && options.fetch) later(1, { type: 'fetchResult', id: op['id'], response: options.fetch(op['request']) });
        if (op.op === 'connect') later(0, { type: 'connected', id: op['id'], error: null });
        if (op.op === 'rpc') {
          const answer = options.rpc?.(op['rpc'] as string, op['request']) ?? null;
          if (answer) later(1, { type: 'reply', id: op['id'], result: answer.error ? { ok: false, status: answer.error } : { ok: true, response: answer.response ?? {} } });
          else if (op['timeout'] !== null) later(op['timeout'] as number, { type: 'reply', id: op['id'], result: { ok: false, status: { code: 4, message: 'Deadline exceeded' } } });
        }
      }
    }
  };
  const process: TestProcess = {
    vm, ops: [], logs: [], now: Date.UTC(2026, 0, 1), exitCode: null,
    send(message) {
      const result = vm.call('deliver', JSON.stringify({ ...message, now: process.now }));
      if (!result.ok) throw new Error(`${result.kind}: ${result.name}: ${result.message}\n${result.stack}`);
      take();
    },
    run() {
      for (let next = due.shift(); next && process.exitCode === null; next = due.shift()) {
        process.now = next.at;
        process.send(next.message);
      }
    },
  };
  const project = compileForTest(files);
  const defined = defineModules(vm, project, Object.keys(files));
  if (!defined.ok) throw new Error(`${defined.name}: ${defined.message}`);
  const boot: BootInfo = { now: process.now, seed: [1, 2, 3, 4], processId: 'client-1', kind: 'client', incarnation: 1, pid: 1001, entry: 'src/main.ts', argv: [], env: {}, ...options.boot };
  const booted = vm.call('boot', JSON.stringify(boot));
  if (!booted.ok) throw new Error(`${booted.kind}: ${booted.name}: ${booted.message}\n${booted.stack}`);
  take();
  pool.release(vm);
  return process;
}
