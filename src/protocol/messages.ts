import type { CompileError } from '../api/sandbox.ts';
import type { Timestamp } from '../base/brand.ts';
import type { ReplayVerdict } from '../api/verdict.ts';
import type { Input, RunSetup, TraceEntry } from '../trace/entries.ts';

/**
 * What UI and Web Worker say to each other: requests that get one response each, and notices that the worker pushes.
 */

/** A continuation forked at a step; 0 is the first. */
export type BranchId = number;

export interface BranchInfo {
  readonly id: BranchId;
  readonly parent: BranchId | null;
  /** The last step that it shares with its parent; 0 for the first branch. */
  readonly forkStep: number;
  /** What made it, in a few words: `kill worker-1`. Empty for the first. */
  readonly label: string;
  /** The last step computed. */
  readonly headStep: number;
  /** Why nothing comes after `headStep`; null while it can go on. */
  readonly ended: null | 'idle' | 'until' | 'broken';
}

/** What to run: a scenario as shipped or with the learner's changes. */
export interface RunRequest {
  readonly slug: string;
  readonly seed: number;
  /** What a variant of the scenario sets. */
  readonly setup?: RunSetup | undefined;
  /** Sources that differ from the shipped ones, by path. */
  readonly files: { readonly [path: string]: string };
}

export interface InputRequest {
  readonly branchId: BranchId;
  readonly step: number;
  /** The host names the `dir` of a deploy. */
  readonly input: Input;
  /** Sources of a deploy that differ from the shipped ones, by path. */
  readonly files?: { readonly [path: string]: string } | undefined;
}

export interface BenchRequest {
  /** A scenario, or a load that only the bench page has: `bench-sequential`, `bench-children`. */
  readonly slug: string;
  readonly setup?: RunSetup | undefined;
  readonly firstSeed: number;
  /** How many runs. */
  readonly seeds: number;
}

/** One run of the bench, from making its VMs to its end. */
export interface BenchRun {
  readonly seed: number;
  readonly steps: number;
  /** Events that were written to histories. */
  readonly events: number;
  /** Spent simulating; hashing the trace is not in it. */
  readonly milliseconds: number;
  readonly traceHash: string;
}

/** A history from elsewhere as a trace of one branch. */
export interface ImportedTrace {
  readonly start: Timestamp;
  readonly entries: readonly TraceEntry[];
}

/** A request and its response, by name. */
export interface Requests {
  load: { request: RunRequest; response: { readonly ok: true } | { readonly ok: false; readonly errors: readonly CompileError[] } };
  /** An input at a step of a branch; forks when that step is not the head. */
  input: { request: InputRequest; response: { readonly ok: true; readonly branchId: BranchId; readonly step: number; /** Where a deployed version lies: `dir` of the processes that run it. */ readonly dir: string | null } | { readonly ok: false; readonly errors: readonly CompileError[] } };
  /** Asks that the branch be computed at least to this step; the engine otherwise runs ahead a fixed lead. */
  runTo: { request: { branchId: BranchId; step: number }; response: { readonly headStep: number } };
  /** A history file of a real cluster (or of ours), replayed on the loaded code. */
  importHistory: { request: { text: string; workflowId?: string | undefined }; response: { readonly ok: true; readonly events: number; readonly workflowType: string; readonly verdict: ReplayVerdict; /** The history itself, to be looked at. */ readonly history: ImportedTrace } | { readonly ok: false; readonly message: string } };
  /** Simulates one run after the other as fast as it can, for the bench page and for comparing engines: seeds `firstSeed`, `firstSeed` + 1, … */
  bench: { request: BenchRequest; response: { readonly runs: readonly BenchRun[] } };
}
export type RequestName = keyof Requests;

/** UI to worker. */
export type ToHost = { readonly id: number; readonly name: RequestName; readonly request: unknown };
/** Worker to UI. */
export type FromHost =
  | { readonly type: 'response'; readonly id: number; readonly ok: true; readonly response: unknown }
  | { readonly type: 'response'; readonly id: number; readonly ok: false; readonly message: string }
  | { readonly type: 'notice'; readonly notice: Notice };

/** New steps of a branch. `fromStep` is where the branch stood before: a receiver that stands elsewhere has a bug. */
export interface Notice {
  readonly branchId: BranchId;
  readonly fromStep: number;
  readonly entries: readonly TraceEntry[];
  readonly branches: readonly BranchInfo[];
  /** Raised by `load`: notices of an older run are to be ignored. */
  readonly run: number;
}
