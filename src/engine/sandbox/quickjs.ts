import newModule from '@jitl/quickjs-ng-wasmfile-release-sync/emscripten-module';
import type { Vm, VmResult } from '../../api/sandbox.ts';
import { assert } from '../../base/assert.ts';

/**
 * One quickjs-ng VM in a WebAssembly instance of its own. The WASM module sees no host: clock and time zone are constants, there is no
 * file, no environment, no callback but the interrupt handler. Its memory has a hard upper limit; all of its state is in that memory, so
 * that a copy of it is a template from which other instances start.
 */

/** What ends a call into a VM. All are counts, never wall time, so that every machine ends at the same place. */
export interface VmLimits {
  /** Interrupt checks per call; quickjs makes one for each 10,000 loop turns and calls. */
  readonly ticks: number;
  /** Promise jobs per call. */
  readonly jobs: number;
  /** Stack of the interpreter in bytes; deep recursion is a RangeError inside the VM far before the host's own stack ends. */
  readonly stackBytes: number;
  /** Upper limit of the WebAssembly memory. */
  readonly memoryBytes: number;
}

/** The compiled quickjs-ng; made by the host, because compiling is asynchronous (`WebAssembly.Module`). */
export type WasmModule = object;

const PAGE = 65_536;
/** The least memory that the WASM module accepts. */
const INITIAL_MEMORY = 16 * 1024 * 1024;
/** Arguments up to this many bytes go through a buffer that is never freed. */
const SCRATCH_BYTES = 65_536;
/**
 * Where the pinned build keeps `malloc_gc_threshold` in its JSRuntime, and what it is at first. The cycle collector walks the whole heap
 * (the SDK alone is 1.3 MB) whenever half as much again has been allocated; in a replay that is far too often, and there is no function
 * to set it. `boot` asserts that the first value is where we expect it.
 */
const GC_THRESHOLD_OFFSET = 116;
const GC_THRESHOLD_AT_FIRST = 262_144;
/**
 * The build counts 8 bytes for every block that is allocated, whatever its size (emscripten has no malloc_usable_size). A block has some 45
 * bytes on average; garbage in cycles may take a third of the memory before it is collected.
 */
const gcThresholdLeast = (memoryBytes: number): number => Math.floor(memoryBytes / 24);
/** JS_EVAL_FLAG_STRICT is not set: user modules say "use strict" themselves. */
const EVAL_GLOBAL = 0;

/** The functions of quickjs-ng that are used; pointers are numbers. */
interface QuickJs {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _QTS_NewRuntime(): number;
  _QTS_NewContext(runtime: number, intrinsics: number): number;
  _QTS_RuntimeSetMaxStackSize(runtime: number, bytes: number): void;
  _QTS_RuntimeEnableInterruptHandler(runtime: number): void;
  _QTS_RuntimeComputeMemoryUsage(runtime: number, context: number): number;
  _QTS_Eval(context: number, code: number, length: number, fileName: number, detectModule: number, flags: number): number;
  _QTS_Call(context: number, fn: number, self: number, count: number, args: number): number;
  _QTS_NewString(context: number, text: number): number;
  _QTS_GetString(context: number, value: number): number;
  _QTS_GetFloat64(context: number, value: number): number;
  _QTS_GetProp(context: number, value: number, name: number): number;
  _QTS_Typeof(context: number, value: number): number;
  _QTS_Dump(context: number, value: number): number;
  _QTS_GetUndefined(): number;
  _QTS_FreeCString(context: number, text: number): void;
  _QTS_FreeValuePointer(context: number, value: number): void;
  _QTS_FreeValuePointerRuntime(runtime: number, value: number): void;
  _QTS_ResolveException(context: number, result: number): number;
  _QTS_ExecutePendingJob(runtime: number, count: number, contextOut: number): number;
}

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is used of the WebAssembly namespace and of the encoders; the engine's type library knows neither. */
const host = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
    readonly Instance: new (module: WasmModule, imports: unknown) => object;
  };
  readonly TextEncoder: new () => { encode(text: string): Uint8Array; encodeInto(text: string, into: Uint8Array): { read: number; written: number } };
  readonly TextDecoder: new (label: string) => { decode(bytes: Uint8Array): string };
};
const encoder = new host.TextEncoder();
const decoder = new host.TextDecoder('utf-8');

/** Pointers into the memory of a VM; the same in every VM that was made from one template. */
export interface Roots {
  readonly runtime: number;
  readonly context: number;
  /** `(method, argument) => text`, see PRELUDE. */
  readonly dispatch: number;
  readonly undefined: number;
  readonly scratch: number;
  readonly args: number;
}

/** A heap to start from: the pages that are not all zero. */
export interface Template {
  readonly roots: Roots;
  readonly limits: VmLimits;
  readonly pages: readonly { readonly at: number; readonly bytes: Uint8Array }[];
  readonly bytes: number;
}

/**
 * Calls a kernel method; errors are caught here, so that only what can't be caught (interrupts) reaches the host as an exception.
 * The first letter of the answer says what follows: `v` text, `u` nothing, `e` an error as JSON.
 */
const PRELUDE = `(method, argument) => {
  try {
    const value = globalThis.__kernel[method](argument);
    return typeof value === 'string' ? 'v' + value : 'u';
  } catch (error) {
    let name = 'Error', message = '', stack = '';
    try {
      if (typeof error === 'object' && error !== null) {
        name = String(error.name);
        message = String(error.message);
        stack = String(error.stack);
      } else message = String(error);
    } catch {}
    return 'e' + JSON.stringify([name, message, stack]);
  }
}`;

/** Something the interpreter did not survive. */
class VmBroken extends Error {
  readonly kind: 'budget' | 'memory' | 'stack';
  constructor(kind: 'budget' | 'memory' | 'stack', message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A WASM instance and the interpreter in it. */
export class QuickJsVm implements Vm {
  readonly #quickJs: QuickJs;
  readonly #memory: WasmMemory;
  readonly #limits: VmLimits;
  #roots: Roots;
  #bytes: Uint8Array;
  /** Strings in the VM that name kernel methods. */
  readonly #methods = new Map<string, number>();
  #ticks = 0;
  #outOfMemory = false;
  #broken: VmBroken | null = null;
  /** Set while a host exception may have left the WASM stack pointer anywhere: the instance can't be used again. */
  #lost = false;

  /** Use `newVm`. */
  constructor(quickJs: QuickJs, memory: WasmMemory, limits: VmLimits) {
    this.#quickJs = quickJs;
    this.#memory = memory;
    this.#limits = limits;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#roots = { runtime: 0, context: 0, dispatch: 0, undefined: 0, scratch: 0, args: 0 };
  }

  /** For the glue: quickjs asks whether to stop. */
  shouldInterrupt(): 0 | 1 {
    this.#ticks += 1;
    return this.#ticks > this.#limits.ticks ? 1 : 0;
  }

  /** For the glue: the allocator wants the memory to be `bytes` long. The same answer whatever the memory has been before. */
  grow(bytes: number): 0 | 1 {
    const wanted = Math.ceil(bytes / PAGE);
    if (wanted * PAGE > this.#limits.memoryBytes) {
      this.#outOfMemory = true;
      return 0;
    }
    // In steps of 1 MB, since growing copies on some engines.
    const target = Math.min(this.#limits.memoryBytes / PAGE, Math.ceil(wanted / 16) * 16);
    this.#memory.grow(target - this.#memory.buffer.byteLength / PAGE);
    this.#bytes = new Uint8Array(this.#memory.buffer);
    return 1;
  }

  /** Makes runtime and context in a fresh instance. */
  boot(): void {
    const q = this.#quickJs;
    const runtime = q._QTS_NewRuntime();
    assert(this.#word(runtime + GC_THRESHOLD_OFFSET) === GC_THRESHOLD_AT_FIRST, 'JSRuntime has another layout than in the pinned build');
    q._QTS_RuntimeSetMaxStackSize(runtime, this.#limits.stackBytes);
    q._QTS_RuntimeEnableInterruptHandler(runtime);
    const context = q._QTS_NewContext(runtime, 0);
    const scratch = q._malloc(SCRATCH_BYTES);
    this.#roots = { runtime, context, dispatch: 0, undefined: q._QTS_GetUndefined(), scratch, args: q._malloc(16) };
    const dispatch = this.#evaluate(PRELUDE, 'prelude.js');
    this.#roots = { ...this.#roots, dispatch };
  }

  /** Copies the heap. No call may be running. */
  takeTemplate(): Template {
    const pages: { at: number; bytes: Uint8Array }[] = [];
    let total = 0;
    const words = new Int32Array(this.#memory.buffer);
    const step = 4096;
    const isUsed = (at: number): boolean => {
      for (let w = at >> 2; w < (at + step) >> 2; w++) if (words[w] !== 0) return true;
      return false;
    };
    let start = -1; // where the present stretch of used pages begins: few long copies are faster than many short ones
    for (let at = 0; at <= this.#bytes.length; at += step) {
      const used = at < this.#bytes.length && isUsed(at);
      if (used && start < 0) start = at;
      if (used || start < 0) continue;
      pages.push({ at: start, bytes: this.#bytes.slice(start, at) });
      total += at - start;
      start = -1;
    }
    return { roots: this.#roots, limits: this.#limits, pages, bytes: total };
  }

  /** Makes the heap that of the template, whatever it was. */
  restore(template: Template): void {
    this.#bytes.fill(0);
    while (template.pages.length > 0 && template.pages.at(-1)!.at + template.pages.at(-1)!.bytes.length > this.#bytes.length) this.grow(this.#bytes.length + PAGE);
    for (const page of template.pages) this.#bytes.set(page.bytes, page.at);
    this.#roots = template.roots;
    this.#methods.clear();
    this.#ticks = 0;
    this.#outOfMemory = false;
    this.#broken = null;
  }

  /** True when the instance can take another template: nothing was thrown through it and it has not grown large. */
  get reusable(): boolean {
    return !this.#lost && this.#bytes.length <= 2 * INITIAL_MEMORY;
  }

  /** Interrupt checks of the last call: a measure of work that is the same everywhere. */
  get ticks(): number {
    return this.#ticks;
  }

  /** Bytes of WebAssembly memory. */
  get memoryBytes(): number {
    return this.#bytes.length;
  }

  eval(code: string, fileName: string): VmResult {
    return this.#guarded(() => {
      const result = this.#evaluate(code, fileName);
      const value = this.#takeText(result);
      this.#runJobs();
      return { ok: true, value };
    });
  }

  call(method: string, argument?: string): VmResult {
    return this.#guarded(() => {
      const q = this.#quickJs;
      const { context, dispatch, args } = this.#roots;
      let methodHandle = this.#methods.get(method);
      if (methodHandle === undefined) this.#methods.set(method, (methodHandle = this.#newString(method)));
      const argumentHandle = argument === undefined ? this.#roots.undefined : this.#newString(argument);
      const view = new Int32Array(this.#memory.buffer, args, 2);
      view[0] = methodHandle;
      view[1] = argumentHandle;
      const result = q._QTS_Call(context, dispatch, this.#roots.undefined, 2, args);
      if (argument !== undefined) q._QTS_FreeValuePointer(context, argumentHandle);
      this.#throwIfException(result);
      const text = this.#getString(result);
      q._QTS_FreeValuePointer(context, result);
      this.#runJobs();
      if (text.charCodeAt(0) !== 101) return { ok: true, value: text.charCodeAt(0) === 118 ? text.slice(1) : undefined };
      const [name, message, stack] = JSON.parse(text.slice(1)) as [string, string, string];
      return { ok: false, kind: 'exception', name, message, stack };
    });
  }

  lastLine(): number {
    if (this.#lost) return 0;
    const broken = this.#broken;
    this.#broken = null;
    this.#outOfMemory = false;
    const answer = this.eval('String(globalThis.__kernel.lastLine)', 'kernel.js');
    this.#broken = broken;
    return answer.ok ? Number(answer.value) : 0;
  }

  heapBytes(): number {
    const q = this.#quickJs;
    const { runtime, context } = this.#roots;
    const usage = q._QTS_RuntimeComputeMemoryUsage(runtime, context);
    const name = this.#newString('memory_used_size');
    const value = q._QTS_GetProp(context, usage, name);
    const bytes = q._QTS_GetFloat64(context, value);
    for (const handle of [usage, name, value]) q._QTS_FreeValuePointer(context, handle);
    return bytes;
  }

  #word(pointer: number): number {
    return new Uint32Array(this.#memory.buffer, pointer, 1)[0] as number;
  }

  #keepCollectorRare(): void {
    const pointer = this.#roots.runtime + GC_THRESHOLD_OFFSET;
    const least = gcThresholdLeast(this.#limits.memoryBytes);
    if (this.#word(pointer) < least) new Uint32Array(this.#memory.buffer, pointer, 1)[0] = least;
  }

  /** Runs a call within the budget; whatever breaks the VM becomes a result. */
  #guarded(run: () => VmResult): VmResult {
    if (this.#broken) return { ok: false, kind: this.#broken.kind, name: 'Error', message: this.#broken.message, stack: '' };
    this.#ticks = 0;
    this.#keepCollectorRare();
    let result: VmResult;
    try {
      result = run();
    } catch (error) {
      if (error instanceof VmException) result = error.result;
      else {
        if (!(error instanceof VmBroken)) this.#lost = true; // a trap or the host's own stack end
        result = this.#breakWith(error instanceof VmBroken ? error : new VmBroken(this.#outOfMemory ? 'memory' : 'stack', String(error)));
      }
    }
    if (this.#ticks > this.#limits.ticks) return this.#breakWith(new VmBroken('budget', 'interrupted'));
    if (this.#outOfMemory) return this.#breakWith(new VmBroken('memory', 'out of memory'));
    return result;
  }

  #breakWith(broken: VmBroken): VmResult {
    this.#broken ??= broken;
    return { ok: false, kind: this.#broken.kind, name: 'Error', message: this.#broken.message, stack: '' };
  }

  /** Runs pending jobs until none is left or the budget is spent. */
  #runJobs(): void {
    const q = this.#quickJs;
    const { runtime, context, args } = this.#roots;
    let left = this.#limits.jobs;
    for (;;) {
      new Int32Array(this.#memory.buffer, args, 1)[0] = 0;
      const result = q._QTS_ExecutePendingJob(runtime, left, args);
      const used = new Int32Array(this.#memory.buffer, args, 1)[0] as number;
      if (used === 0) {
        q._QTS_FreeValuePointerRuntime(runtime, result);
        return;
      }
      this.#throwIfException(result);
      const done = q._QTS_GetFloat64(context, result);
      q._QTS_FreeValuePointer(context, result);
      left -= done;
      if (left <= 0) throw new VmBroken('budget', 'too many promise jobs');
      if (done === 0) return;
    }
  }

  /** Compiles and runs; gives the value's handle. */
  #evaluate(code: string, fileName: string): number {
    const q = this.#quickJs;
    const bytes = encoder.encode(code);
    const codePointer = this.#allocate(bytes);
    const namePointer = this.#allocate(encoder.encode(fileName));
    const result = q._QTS_Eval(this.#roots.context, codePointer, bytes.length, namePointer, 0, EVAL_GLOBAL);
    q._free(codePointer);
    q._free(namePointer);
    this.#throwIfException(result);
    return result;
  }

  /** Frees `result` and throws when it stands for an exception. */
  #throwIfException(result: number): void {
    const q = this.#quickJs;
    const { context } = this.#roots;
    const exception = q._QTS_ResolveException(context, result);
    if (exception === 0) return;
    if (this.#ticks > this.#limits.ticks) throw new VmBroken('budget', 'interrupted');
    const text = this.#takeHeapText(q._QTS_Dump(context, exception));
    q._QTS_FreeValuePointer(context, exception);
    let error: { name?: unknown; message?: unknown; stack?: unknown };
    try {
      const parsed: unknown = JSON.parse(text);
      error = typeof parsed === 'object' && parsed !== null ? parsed : { message: text };
    } catch {
      error = { message: text };
    }
    throw new VmException({ ok: false, kind: 'exception', name: String(error.name ?? 'Error'), message: String(error.message ?? ''), stack: String(error.stack ?? '') });
  }

  /** Text of a value that is a string, undefined for others; frees the value. */
  #takeText(value: number): string | undefined {
    const q = this.#quickJs;
    const { context } = this.#roots;
    const type = q._QTS_Typeof(context, value);
    const isString = this.#readText(type) === 'string';
    q._free(type);
    const text = isString ? this.#getString(value) : undefined;
    q._QTS_FreeValuePointer(context, value);
    return text;
  }

  #getString(value: number): string {
    const q = this.#quickJs;
    const pointer = q._QTS_GetString(this.#roots.context, value);
    if (pointer === 0) throw new VmBroken('memory', 'out of memory');
    const text = this.#readText(pointer);
    q._QTS_FreeCString(this.#roots.context, pointer);
    return text;
  }

  #takeHeapText(pointer: number): string {
    const text = this.#readText(pointer);
    this.#quickJs._QTS_FreeCString(this.#roots.context, pointer);
    return text;
  }

  #readText(pointer: number): string {
    const end = this.#bytes.indexOf(0, pointer);
    return decoder.decode(this.#bytes.subarray(pointer, end));
  }

  #newString(text: string): number {
    const q = this.#quickJs;
    const { context, scratch } = this.#roots;
    if (text.length * 3 < SCRATCH_BYTES) {
      const { written } = encoder.encodeInto(text, this.#bytes.subarray(scratch, scratch + SCRATCH_BYTES));
      this.#bytes[scratch + written] = 0;
      return q._QTS_NewString(context, scratch);
    }
    const pointer = this.#allocate(encoder.encode(text));
    const handle = q._QTS_NewString(context, pointer);
    q._free(pointer);
    return handle;
  }

  /** Puts bytes and a closing zero on the heap. */
  #allocate(bytes: Uint8Array): number {
    const pointer = this.#quickJs._malloc(bytes.length + 1);
    if (pointer === 0) throw new VmBroken('memory', 'out of memory');
    this.#bytes.set(bytes, pointer);
    this.#bytes[pointer + bytes.length] = 0;
    return pointer;
  }
}

/** An exception of the code, on its way to the result. */
class VmException extends Error {
  readonly result: VmResult;
  constructor(result: VmResult) {
    super('exception in the VM');
    this.result = result;
  }
}

/**
 * The names of the WASM module's imports in the pinned build (0.32.0), by what they are for. `newVm` asserts that there are no others.
 * Taken from its glue code.
 */
const IMPORTS = {
  memory: 'a',
  abort: ['b', 'r', 's', 't', 'u', 'h', 'g'],
  fdWrite: 'c',
  fdClose: 'd',
  environGet: 'e',
  environSizesGet: 'f',
  shouldInterrupt: 'i',
  setItimer: 'j',
  growMemory: 'k',
  keepaliveReset: 'l',
  localTime: 'm',
  tzset: 'n',
  fdSeek: 'o',
  now: 'p',
  clockTimeGet: 'q',
} as const;

/** A new instance with no runtime in it yet: `boot` or `restore` it. */
export async function newVm(wasmModule: WasmModule, limits: VmLimits): Promise<QuickJsVm> {
  const memory = new host.WebAssembly.Memory({ initial: INITIAL_MEMORY / PAGE, maximum: limits.memoryBytes / PAGE });
  let vm: QuickJsVm | undefined;
  const refuse = (): never => {
    throw new Error('the VM asked for something that it must not have');
  };
  const words = (): Int32Array => new Int32Array(memory.buffer);
  const imports: Record<string, unknown> = {
    [IMPORTS.memory]: memory,
    [IMPORTS.fdWrite]: () => 52,
    [IMPORTS.fdClose]: () => 52,
    [IMPORTS.fdSeek]: () => 70,
    [IMPORTS.environGet]: () => 0,
    [IMPORTS.environSizesGet]: (count: number, size: number) => {
      words()[count >> 2] = 0;
      words()[size >> 2] = 0;
      return 0;
    },
    [IMPORTS.setItimer]: () => 0,
    [IMPORTS.keepaliveReset]: () => {},
    [IMPORTS.shouldInterrupt]: () => vm?.shouldInterrupt() ?? 0,
    [IMPORTS.growMemory]: (bytes: number) => vm?.grow(bytes >>> 0) ?? 0,
    // Time stands still at the epoch and the zone is UTC. What project code sees as the clock is made inside the VM.
    [IMPORTS.now]: () => 0,
    [IMPORTS.clockTimeGet]: (_clock: number, _precision: bigint, out: number) => {
      new BigInt64Array(memory.buffer)[out >> 3] = 0n;
      return 0;
    },
    [IMPORTS.localTime]: (_seconds: bigint, out: number) => {
      words().fill(0, out >> 2, (out >> 2) + 11); // only tm_gmtoff is read
    },
    [IMPORTS.tzset]: (timezone: number, daylight: number, standardName: number, daylightName: number) => {
      words()[timezone >> 2] = 0;
      words()[daylight >> 2] = 0;
      for (const name of [standardName, daylightName]) new Uint8Array(memory.buffer).set([85, 84, 67, 0], name);
    },
  };
  for (const name of IMPORTS.abort) imports[name] = refuse;
  const quickJs = (await newModule({
    wasmMemory: memory,
    instantiateWasm(wanted: { a: Record<string, unknown> }, done: (instance: object, module: object) => void) {
      for (const name of Object.keys(wanted.a)) assert(name in imports, `unknown import ${name} of quickjs-ng`);
      done(new host.WebAssembly.Instance(wasmModule, { a: imports }), wasmModule);
      return {};
    },
  } as never)) as unknown as QuickJs;
  vm = new QuickJsVm(quickJs, memory, limits);
  return vm;
}
