import type { Vm, VmResult } from '../../api/sandbox.ts';
import { assert } from '../../base/assert.ts';
import { decoder, encoder } from '../../base/utf8.ts';

/**
 * One quickjs-ng VM in a WebAssembly instance of its own. The WASM module (quickjs-wasi, whose own JavaScript is not used) sees no host:
 * clock, time zone and chance are constants, there is no file, no environment, no callback but the interrupt handler. All of its state is
 * in its memory, so that a copy of that is a template from which other instances start.
 */

/** What ends a call into a VM. All are counts, never wall time, so that every machine ends at the same place. */
export interface VmLimits {
  /** Interrupt checks per call; quickjs makes one for each 10,000 loop turns and calls. */
  readonly ticks: number;
  /** Promise jobs per call. */
  readonly jobs: number;
  /** Stack of the interpreter in bytes; deep recursion is a RangeError inside the VM far before the host's own stack ends. */
  readonly stackBytes: number;
  /** Upper limit of the heap. */
  readonly memoryBytes: number;
}

/** The compiled quickjs-ng; made by the host, because compiling is asynchronous (`WebAssembly.Module`). */
export type WasmModule = object;

const PAGE = 65_536;
/** Free memory that a template has from the start: an instance that never needed more can be used again. */
const ROOM_BYTES = 8 * 1024 * 1024;
/** Arguments up to this many bytes go through a buffer that is never freed. */
const SCRATCH_BYTES = 65_536;
/**
 * The cycle collector walks the whole heap (the SDK alone is 1.3 MB) whenever half as much again has been allocated; in a replay that is far
 * too often. Garbage in cycles may take this part of the memory before it is collected.
 */
const GARBAGE_SHARE = 1 / 8;
/** JS_EVAL_FLAG_STRICT is not set: user modules say "use strict" themselves. */
const EVAL_GLOBAL = 0;
/** 26 numbers of 8 bytes; the third is `memory_used_size`. */
const MEMORY_USAGE_BYTES = 26 * 8;

/** The exports of the WASM module that are used; pointers and handles are numbers. There is one runtime with one context. */
interface QuickJs {
  readonly memory: WasmMemory;
  readonly __stack_pointer: { value: number };
  _initialize(): void;
  qjs_init(): number;
  qjs_set_interrupt_handler(on: number): void;
  qjs_set_max_stack_size(bytes: number): void;
  qjs_set_memory_limit(bytes: number): void;
  qjs_get_gc_threshold(): number;
  qjs_set_gc_threshold(bytes: number): void;
  qjs_compute_memory_usage(out: number): void;
  qjs_eval(code: number, length: number, fileName: number, flags: number): number;
  qjs_call(fn: number, self: number, count: number, args: number): number;
  /** Positive: ran one, zero: there was none, negative: it threw. */
  qjs_execute_pending_job(): number;
  qjs_new_string(text: number, length: number): number;
  qjs_is_string(value: number): number;
  /** Text that `qjs_free_cstring` frees; its length goes to `lengthOut`. */
  qjs_get_string_len(value: number, lengthOut: number): number;
  qjs_free_cstring(text: number): void;
  qjs_get_undefined(): number;
  qjs_is_exception(value: number): number;
  qjs_get_exception(): number;
  qjs_free_value(value: number): void;
  wasm_malloc(bytes: number): number;
  wasm_free(pointer: number): void;
}

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is used of the WebAssembly namespace; the engine's type library does not know it. */
const host = globalThis as unknown as {
  readonly WebAssembly: { readonly Instance: new (module: WasmModule, imports: unknown) => { readonly exports: unknown } };
};

/** Pointers into the memory of a VM; the same in every VM that was made from one template. */
interface Roots {
  /** `(method, argument) => text`, see PRELUDE. */
  readonly dispatch: number;
  /** `(error) => text`, see PRELUDE. */
  readonly describe: number;
  readonly undefined: number;
  readonly scratch: number;
  readonly args: number;
}

/** A heap to start from: the pages that are not all zero. */
export interface Template {
  readonly roots: Roots;
  readonly pages: readonly { readonly at: number; readonly bytes: Uint8Array }[];
  /** Sum of the pages. */
  readonly bytes: number;
  /** Length of the whole memory. */
  readonly memoryBytes: number;
  readonly stackPointer: number;
}

/** An error as JSON; project code can't break it: it runs later, and finds nothing of its own in here. */
const DESCRIBE = `((stringify, text) => (error) => {
  let name = 'Error', message = '', stack = '';
  try {
    if (typeof error === 'object' && error !== null) {
      name = text(error.name);
      message = text(error.message);
      stack = text(error.stack);
    } else message = text(error);
  } catch {}
  return '[' + stringify(name) + ',' + stringify(message) + ',' + stringify(stack) + ']';
})(JSON.stringify, String)`;

/**
 * Calls a kernel method; errors are caught here, so that only what can't be caught (interrupts) reaches the host as an exception.
 * The first letter of the answer says what follows: `v` text, `u` nothing, `e` an error as JSON.
 */
const DISPATCH = `((describe) => (method, argument) => {
  try {
    const value = globalThis.__kernel[method](argument);
    return typeof value === 'string' ? 'v' + value : 'u';
  } catch (error) {
    return 'e' + describe(error);
  }
})(${DESCRIBE})`;

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
  readonly #limits: VmLimits;
  #roots: Roots = { dispatch: 0, describe: 0, undefined: 0, scratch: 0, args: 0 };
  /** Views of the memory; the memory's buffer is another one whenever it has grown. */
  #bytes: Uint8Array;
  #words: Int32Array;
  /** Strings in the VM that name kernel methods. */
  readonly #methods = new Map<string, number>();
  /** Memory that the present template takes. */
  #templateBytes = 0;
  #stackPointer = 0;
  #memoryLimit: number;
  #ticks = 0;
  #outOfMemory = false;
  #broken: VmBroken | null = null;
  /** Set when a host exception went through the interpreter: the instance can't be used again. */
  #lost = false;

  /** A new instance with no runtime in it yet: `boot` or `restore` it. */
  constructor(wasmModule: WasmModule, limits: VmLimits) {
    this.#limits = limits;
    this.#memoryLimit = limits.memoryBytes;
    const refuse = (): never => {
      throw new Error('the VM asked for something that it must not have');
    };
    const imports = {
      env: {
        host_interrupt: () => this.#interrupt(),
        // What project code sees as clock and zone is made inside the VM.
        host_get_timezone_offset: () => 0,
        host_call: refuse,
        host_promise_rejection: refuse,
        host_module_normalize: refuse,
        host_module_load: refuse,
      },
      wasi_snapshot_preview1: {
        clock_time_get: (_clock: number, _precision: bigint, out: number) => {
          new BigInt64Array(this.#quickJs.memory.buffer, out, 1)[0] = 0n;
          return 0;
        },
        random_get: (out: number, length: number) => {
          new Uint8Array(this.#quickJs.memory.buffer, out, length).fill(0);
          return 0;
        },
        fd_write: () => 52,
        fd_close: () => 52,
        fd_fdstat_get: () => 52,
        fd_seek: () => 70,
      },
    };
    this.#quickJs = new host.WebAssembly.Instance(wasmModule, imports).exports as QuickJs;
    this.#bytes = new Uint8Array(this.#quickJs.memory.buffer);
    this.#words = new Int32Array(this.#quickJs.memory.buffer);
  }

  /** Makes runtime and context in a fresh instance. */
  boot(): void {
    const q = this.#quickJs;
    q._initialize();
    assert(q.qjs_init() === 0, 'quickjs-ng starts');
    q.qjs_set_max_stack_size(this.#limits.stackBytes);
    q.qjs_set_memory_limit(this.#limits.memoryBytes);
    q.qjs_set_interrupt_handler(1);
    this.#stackPointer = q.__stack_pointer.value;
    const scratch = q.wasm_malloc(SCRATCH_BYTES);
    this.#roots = { ...this.#roots, undefined: q.qjs_get_undefined(), scratch, args: q.wasm_malloc(8) };
    this.#roots = { ...this.#roots, describe: this.#evaluate(DESCRIBE, 'prelude.js') };
    this.#roots = { ...this.#roots, dispatch: this.#evaluate(DISPATCH, 'prelude.js') };
  }

  /** Copies the heap. No call may be running. */
  takeTemplate(): Template {
    const q = this.#quickJs;
    q.wasm_free(q.wasm_malloc(ROOM_BYTES));
    const bytes = this.#view();
    const words = this.#words;
    const pages: { at: number; bytes: Uint8Array }[] = [];
    let total = 0;
    const step = 4096;
    const isUsed = (at: number): boolean => {
      for (let w = at >> 2; w < (at + step) >> 2; w++) if (words[w] !== 0) return true;
      return false;
    };
    let start = -1; // where the present stretch of used pages begins: few long copies are faster than many short ones
    for (let at = 0; at <= bytes.length; at += step) {
      const used = at < bytes.length && isUsed(at);
      if (used && start < 0) start = at;
      if (used || start < 0) continue;
      pages.push({ at: start, bytes: bytes.slice(start, at) });
      total += at - start;
      start = -1;
    }
    return { roots: this.#roots, pages, bytes: total, memoryBytes: bytes.length, stackPointer: this.#stackPointer };
  }

  /** Makes the heap that of the template. The instance is fresh or `reusable`. */
  restore(template: Template): void {
    const { memory, __stack_pointer } = this.#quickJs;
    const missing = template.memoryBytes - memory.buffer.byteLength;
    assert(missing >= 0, 'memory never shrinks');
    if (missing > 0) memory.grow(missing / PAGE);
    const bytes = this.#view().fill(0);
    for (const page of template.pages) bytes.set(page.bytes, page.at);
    __stack_pointer.value = template.stackPointer;
    this.#stackPointer = template.stackPointer;
    this.#templateBytes = template.memoryBytes;
    this.#roots = template.roots;
    this.#methods.clear();
    this.#outOfMemory = false;
    this.#broken = null;
  }

  /** True when the instance can take its template again. One that has grown can't: its memory limit would be met elsewhere. */
  get reusable(): boolean {
    return !this.#lost && this.#view().length === this.#templateBytes;
  }

  eval(code: string, fileName: string): VmResult {
    return this.#guarded(() => {
      const value = this.#evaluate(code, fileName);
      const text = this.#quickJs.qjs_is_string(value) === 0 ? undefined : this.#takeString(value);
      if (text === undefined) this.#quickJs.qjs_free_value(value);
      this.#runJobs();
      return { ok: true, value: text };
    });
  }

  call(method: string, argument?: string): VmResult {
    return this.#guarded(() => {
      let methodHandle = this.#methods.get(method);
      if (methodHandle === undefined) this.#methods.set(method, (methodHandle = this.#newString(method)));
      const argumentHandle = argument === undefined ? this.#roots.undefined : this.#newString(argument);
      const result = this.#callRoot(this.#roots.dispatch, methodHandle, argumentHandle);
      if (argument !== undefined) this.#quickJs.qjs_free_value(argumentHandle);
      this.#throwIfException(result);
      const text = this.#takeString(result);
      this.#runJobs();
      if (text.charCodeAt(0) !== 101) return { ok: true, value: text.charCodeAt(0) === 118 ? text.slice(1) : undefined };
      return exception(text.slice(1));
    });
  }

  lastLine(): number {
    const q = this.#quickJs;
    this.#ticks = 0;
    this.#outOfMemory = false;
    this.#memoryLimit = Infinity; // where it is spent, nothing else can be asked
    q.qjs_set_memory_limit(0);
    try {
      return Number(this.#takeString(this.#evaluate('String(globalThis.__kernel.lastLine)', 'kernel.js')));
    } catch {
      return 0;
    } finally {
      this.#memoryLimit = this.#limits.memoryBytes;
      q.qjs_set_memory_limit(this.#limits.memoryBytes);
    }
  }

  heapBytes(): number {
    const q = this.#quickJs;
    const out = this.#allocate(MEMORY_USAGE_BYTES);
    q.qjs_compute_memory_usage(out);
    const bytes = Number(new BigInt64Array(q.memory.buffer, out, 3)[2]);
    q.wasm_free(out);
    return bytes;
  }

  /** quickjs asks whether to stop. */
  #interrupt(): 0 | 1 {
    this.#ticks += 1;
    this.#outOfMemory ||= this.#quickJs.memory.buffer.byteLength > this.#memoryLimit;
    return this.#outOfMemory || this.#ticks > this.#limits.ticks ? 1 : 0;
  }

  /** The memory as it is now. */
  #view(): Uint8Array {
    const { buffer } = this.#quickJs.memory;
    if (this.#bytes.buffer !== buffer) {
      this.#bytes = new Uint8Array(buffer);
      this.#words = new Int32Array(buffer);
    }
    return this.#bytes;
  }

  /** Runs a call within the budget; whatever breaks the VM becomes a result. */
  #guarded(run: () => VmResult): VmResult {
    if (this.#broken) return { ok: false, kind: this.#broken.kind, name: 'Error', message: this.#broken.message, stack: '' };
    this.#ticks = 0;
    const q = this.#quickJs;
    const garbage = this.#limits.memoryBytes * GARBAGE_SHARE;
    if (q.qjs_get_gc_threshold() < garbage) q.qjs_set_gc_threshold(garbage);
    let result: VmResult;
    try {
      result = run();
    } catch (error) {
      if (error instanceof VmException) result = error.result;
      else {
        if (!(error instanceof VmBroken)) {
          this.#lost = true; // a trap or the host's own stack end
          q.__stack_pointer.value = this.#stackPointer; // enough to ask for the last line
        }
        return this.#breakWith(error instanceof VmBroken ? error : new VmBroken(this.#outOfMemory ? 'memory' : 'stack', String(error)));
      }
    }
    if (this.#ticks > this.#limits.ticks) return this.#breakWith(new VmBroken('budget', 'interrupted'));
    if (this.#outOfMemory || q.memory.buffer.byteLength >= this.#limits.memoryBytes) return this.#breakWith(new VmBroken('memory', 'out of memory'));
    return result;
  }

  #breakWith(broken: VmBroken): VmResult {
    this.#broken ??= broken;
    return { ok: false, kind: this.#broken.kind, name: 'Error', message: this.#broken.message, stack: '' };
  }

  /** Runs pending jobs until none is left or the budget is spent. */
  #runJobs(): void {
    const q = this.#quickJs;
    for (let left = this.#limits.jobs; left > 0; left--) {
      const ran = q.qjs_execute_pending_job();
      if (ran === 0) return;
      if (ran < 0) this.#throwException();
    }
    throw new VmBroken('budget', 'too many promise jobs');
  }

  /** Compiles and runs; gives the value's handle. */
  #evaluate(code: string, fileName: string): number {
    const q = this.#quickJs;
    const bytes = encoder.encode(code);
    const codePointer = this.#allocateText(bytes);
    const namePointer = this.#allocateText(encoder.encode(fileName));
    const result = q.qjs_eval(codePointer, bytes.length, namePointer, EVAL_GLOBAL);
    q.wasm_free(codePointer);
    q.wasm_free(namePointer);
    this.#throwIfException(result);
    return result;
  }

  /** Calls a function of ours; gives the handle of what it returned. */
  #callRoot(fn: number, ...args: readonly number[]): number {
    this.#view();
    const at = this.#roots.args >> 2;
    for (let i = 0; i < args.length; i++) this.#words[at + i] = args[i]!;
    return this.#quickJs.qjs_call(fn, this.#roots.undefined, args.length, this.#roots.args);
  }

  #throwIfException(result: number): void {
    if (this.#quickJs.qjs_is_exception(result) === 0) return;
    this.#quickJs.qjs_free_value(result);
    this.#throwException();
  }

  #throwException(): never {
    const q = this.#quickJs;
    const error = q.qjs_get_exception();
    if (this.#outOfMemory) throw new VmBroken('memory', 'out of memory');
    if (this.#ticks > this.#limits.ticks) throw new VmBroken('budget', 'interrupted');
    const described = this.#callRoot(this.#roots.describe, error);
    q.qjs_free_value(error);
    if (q.qjs_is_exception(described) !== 0) throw new VmBroken('memory', 'out of memory');
    throw new VmException(exception(this.#takeString(described)));
  }

  /** Text of a string; frees the string. */
  #takeString(value: number): string {
    const q = this.#quickJs;
    const pointer = q.qjs_get_string_len(value, this.#roots.args);
    if (pointer === 0) throw new VmBroken('memory', 'out of memory');
    const bytes = this.#view();
    const text = decoder.decode(bytes.subarray(pointer, pointer + this.#words[this.#roots.args >> 2]!));
    q.qjs_free_cstring(pointer);
    q.qjs_free_value(value);
    return text;
  }

  #newString(text: string): number {
    const q = this.#quickJs;
    const { scratch } = this.#roots;
    if (text.length * 3 < SCRATCH_BYTES) {
      const { written } = encoder.encodeInto(text, this.#view().subarray(scratch, scratch + SCRATCH_BYTES));
      return q.qjs_new_string(scratch, written);
    }
    const bytes = encoder.encode(text);
    const pointer = this.#allocateText(bytes);
    const handle = q.qjs_new_string(pointer, bytes.length);
    q.wasm_free(pointer);
    return handle;
  }

  /** Puts bytes and a closing zero on the heap. */
  #allocateText(bytes: Uint8Array): number {
    const pointer = this.#allocate(bytes.length + 1);
    this.#view().set(bytes, pointer);
    this.#bytes[pointer + bytes.length] = 0;
    return pointer;
  }

  #allocate(bytes: number): number {
    const pointer = this.#quickJs.wasm_malloc(bytes);
    if (pointer === 0) throw new VmBroken('memory', 'out of memory');
    return pointer;
  }
}

/** The result that DESCRIBE made of an error. */
function exception(json: string): VmResult & { readonly ok: false } {
  const [name, message, stack] = JSON.parse(json) as [string, string, string];
  return { ok: false, kind: 'exception', name, message, stack };
}

/** An exception of the code, on its way to the result. */
class VmException extends Error {
  readonly result: VmResult;
  constructor(result: VmResult) {
    super('exception in the VM');
    this.result = result;
  }
}
