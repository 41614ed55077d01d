import type { RunId } from '../base/brand.ts';
import type { WorkflowActivation, WorkflowActivationCompletion } from './proto.ts';

/** The border to the sandbox: user code runs in QuickJS VMs only; everything crosses as text. */

/** What a VM starts with: `workflow` has the workflow SDK loaded, `process` the kernel with client, activity and worker modules. */
export type TemplateName = 'workflow' | 'process';

/** How a call into a VM ended. After any kind but `exception` the VM is unusable and has to be released. */
export type VmResult =
  | { readonly ok: true; readonly value: string | undefined }
  | { readonly ok: false; readonly kind: 'exception' | 'budget' | 'memory' | 'stack'; readonly name: string; readonly message: string; readonly stack: string };

/** One QuickJS VM. Synchronous. */
export interface Vm {
  /** Runs a script. */
  eval(code: string, fileName: string): VmResult;
  /** Calls `globalThis.__kernel[method](argument)`, then runs the pending jobs within the budget. The value is that of the method if text. */
  call(method: string, argument?: string): VmResult;
  /** Bytes of heap in use. */
  heapBytes(): number;
  /** The line of project code that ran last, as `__t` gets it (see compile/tracing.ts); 0: none. It may be asked after a spent budget. */
  lastLine(): number;
}

/** Where VMs come from. */
export interface VmPool {
  /** A fresh VM restored from a template. */
  acquire(template: TemplateName): Vm;
  /** Gives a VM back; its memory is wiped. */
  release(vm: Vm): void;
}

/** A place in the project's source. `line` from 1. */
export interface CodePosition {
  readonly file: string;
  readonly line: number;
}

/** A module compiled for the VM. `code` is the body of `function (exports, require, module, __filename, __dirname)`. */
export interface CompiledModule {
  /** Path inside the project with `/`, such as `src/workflows.ts` or `node_modules/ms/index.js`. */
  readonly path: string;
  readonly code: string;
  /** What each import specifier means: another module's path, or a built-in's name (`ofPackage`: one that only a package may ask for, and go without). */
  readonly imports: { readonly [specifier: string]: { readonly kind: 'module'; readonly path: string } | { readonly kind: 'builtin'; readonly name: string; readonly ofPackage?: true } };
  /** What specifiers mean in a bundle of workflows, where that is another thing: the genuine bundler builds for browsers. `empty`: an object without properties. */
  readonly bundled?: { readonly [specifier: string]: CompiledModule['imports'][string] | { readonly kind: 'empty' } };
  readonly source: string;
  /** `mappings` of the source map from `code` to `source`; absent when lines are the same. */
  readonly mappings?: string;
  /** It goes on after a top-level await, its own or one of a module that it imports. */
  readonly awaits?: true;
  /** It makes up what it requires when it runs: any file of the project. */
  readonly computed?: true;
  /** Present when the module can't be used; loading it fails with this text. */
  readonly errors: readonly CompileError[];
}

/** What is wrong, and where. */
export interface CompileError extends CodePosition {
  readonly column: number;
  readonly message: string;
}

/** Everything the VM may load of one project folder. */
export interface CompiledProject {
  readonly modules: { readonly [path: string]: CompiledModule };
  /** `__t(index * 100000 + line)` in the code names `files[index]` (a second argument is for the workflow VM only). */
  readonly files: readonly string[];
}

/** How the workflow VM of a worker is set up; paths as the project names them. */
export interface WorkflowVmOptions {
  /** false: `Math.random` and `Date` are those outside the sandbox. */
  readonly sandboxed: boolean;
  /** What `Math.random` outside the sandbox starts from: another number for each incarnation of a worker. */
  readonly outsideSeed?: number;
  /** The present virtual time, for `workflowInfo().unsafe.now()` and unsandboxed code; without it the time of the activation. */
  readonly now?: () => number;
  /** How long one activation may take, in the words of an error; 5 s. */
  readonly executionTimeoutMs?: number;
  /** Names of the worker's activities, for local activities; without it every name is known. */
  readonly registeredActivities?: readonly string[];
  /** The user has a sink in place of the SDK's logger, which gets WorkflowInfo, too. */
  readonly loggerIsUsers?: boolean;
  /** Modules that export `interceptors`, as `WorkerOptions.interceptors.workflowModules`. */
  readonly workflowInterceptorModules?: readonly string[];
  /** Modules that are empty in workflow code, as `bundlerOptions.ignoreModules`. */
  readonly ignoredModules?: readonly string[];
  readonly payloadConverterPath?: string;
  readonly failureConverterPath?: string;
  /** Error types that fail the workflow instead of the task, by workflow type; `*` for all. */
  readonly workflowFailureErrorTypes?: { readonly [workflowType: string]: readonly string[] };
}

/** The workflow VM of one worker incarnation: holds all its cached runs. */
export interface WorkflowVm {
  /** Makes an instance for a run; it does nothing until its first activation. `registeredActivities` as given to the worker. */
  create(init: WorkflowInstanceInit): void;
  /** One activation, run to rest. */
  activate(runId: RunId, activation: WorkflowActivation): ActivationResult;
  /** Forgets a run. */
  evict(runId: RunId): void;
  has(runId: RunId): boolean;
  heapBytes(): number;
  dispose(): void;
}

/** What the SDK wants to know before the first activation; the rest of `workflowInfo()` comes with initializeWorkflow. */
export interface WorkflowInstanceInit {
  readonly runId: RunId;
  /** `WorkflowInfo` of the SDK in JSON; dates as milliseconds since the epoch. */
  readonly info: { readonly [field: string]: unknown };
  /** Eight bytes (0–255) that seed Math.random and uuid4. */
  readonly randomnessSeed: readonly number[];
  /** Virtual milliseconds of the first Workflow Task. */
  readonly now: number;
}

/** What an activation did. */
export interface ActivationResult {
  /** proto3 JSON; `failed` when the Workflow Task has to fail. */
  readonly completion: WorkflowActivationCompletion;
  /** Where in the user's code each command of `completion.successful.commands` was made; null when not in user code. */
  readonly commandPositions: readonly (CodePosition | null)[];
  /** Lines executed, in order; cut after 2,000, `linesOmitted` counts the rest. */
  readonly lines: readonly CodePosition[];
  readonly linesOmitted: number;
  /**
   * Calls to sinks, the SDK's logger (`__temporal_logger`) among them; arguments and `info` are as `toCloneJson` writes them. `replaying` is false in queries and
   * validators, which are live even in a replay. `info` is WorkflowInfo, for sinks of the user's.
   */
  readonly sinkCalls: readonly { readonly ifaceName: string; readonly fnName: string; readonly args: readonly unknown[]; readonly replaying: boolean; readonly info?: unknown }[];
  /** Lines written with console.* while no history is replayed. */
  readonly consoleLines: readonly { readonly level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'; readonly text: string }[];
  /** Set when the VM broke (budget, memory, stack): every run in it is lost. */
  readonly broken: null | { readonly kind: 'budget' | 'memory' | 'stack'; readonly message: string };
}
