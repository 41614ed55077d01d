import { timestamp, type Timestamp } from '../base/brand.ts';
import { assert } from '../base/assert.ts';
import { emptyFrame, reduceEntry, type Frame } from './frame.ts';
import type { StepItem, TraceEntry } from './entries.ts';

/**
 * What the viewer knows of a simulation: the entries of every branch, and the state after any step of any branch.
 *
 * A branch keeps only its own steps; up to its fork it reads its parent's. States ("frames") are made from the nearest kept one:
 * every 64th is kept for good, and the last few hundred that were asked for, so that stepping back costs as little as forward.
 */
export class TraceModel {
  readonly #branches = new Map<number, BranchLog>();
  readonly #recent = new Map<string, Frame>();
  readonly #start: Timestamp;
  #version = 0;

  /** `start`: the virtual time at step 0. */
  constructor(start: Timestamp = DEFAULT_START) {
    this.#start = start;
  }

  /** Grows with every append, so that a view can tell whether anything is new. */
  get version(): number {
    return this.#version;
  }

  /** Makes a branch known (again, when its label or end changed). The first branch has no parent and forks at 0. */
  setBranch(info: BranchOutline): void {
    const known = this.#branches.get(info.id);
    if (known) {
      assert(known.outline.forkStep === info.forkStep && known.outline.parent === info.parent, `branch ${info.id} moved`);
      known.outline = info;
      return;
    }
    if (info.parent !== null) {
      const parent = this.#branches.get(info.parent);
      assert(parent, `branch ${info.id} has an unknown parent ${info.parent}`);
      assert(info.forkStep <= this.head(info.parent), `branch ${info.id} forks after its parent's head`);
    }
    this.#branches.set(info.id, { outline: info, entries: [], starts: [], steps: [], keyframes: new Map(), headStep: info.forkStep, headFrame: undefined });
  }

  /** Adds the steps after `fromStep`, which has to be where the branch stands. */
  append(branchId: number, fromStep: number, entries: readonly TraceEntry[]): void {
    const log = this.#log(branchId);
    assert(fromStep === log.headStep, `branch ${branchId} stands at ${log.headStep}, not at ${fromStep}`);
    let frame = log.headFrame ?? this.frameAt(branchId, log.headStep);
    for (const entry of entries) {
      if (entry.type === 'step') {
        assert(entry.step === log.headStep + 1, `step ${entry.step} follows ${log.headStep}`);
        if (log.headStep % KEYFRAME_EVERY === 0) log.keyframes.set(log.headStep, frame);
        log.headStep = entry.step;
        log.starts.push(log.entries.length);
        log.steps.push({ step: entry.step, at: entry.at, item: entry.item });
      }
      const stamped: Stamped<TraceEntry> = { step: log.headStep, at: entry.type === 'step' ? entry.at : frame.at, entry };
      log.entries.push(stamped);
      frame = reduceEntry(frame, stamped);
    }
    log.headFrame = frame;
    this.#version += 1;
  }

  /** All branches, oldest first. */
  branches(): readonly BranchOutline[] {
    return [...this.#branches.values()].map((log) => log.outline);
  }

  has(branchId: number): boolean {
    return this.#branches.has(branchId);
  }

  /** The last step of a branch that is known here. */
  head(branchId: number): number {
    return this.#log(branchId).headStep;
  }

  /** The state after a step (0: before the first). */
  frameAt(branchId: number, step: number): Frame {
    const owner = this.#owner(branchId, step);
    const log = this.#log(owner);
    assert(step >= 0 && step <= log.headStep, `step ${step} of branch ${owner} is not known`);
    if (step === log.headStep && log.headFrame) return log.headFrame;
    const fork = log.outline.forkStep;
    let missing = 0;
    let frame: Frame | undefined;
    for (let at = step; frame === undefined; at -= 1) {
      frame = this.#recent.get(`${owner}:${at}`) ?? log.keyframes.get(at);
      if (frame === undefined && at === fork) frame = this.#base(log);
      if (frame === undefined) missing += 1;
    }
    for (let at = step - missing + 1; at <= step; at += 1) {
      for (const stamped of this.#ownEntries(log, at)) frame = reduceEntry(frame, stamped);
      this.#remember(`${owner}:${at}`, frame);
    }
    return frame;
  }

  /** The frame that a branch starts from; entries before the first step belong to step 0. */
  #base(log: BranchLog): Frame {
    if (log.outline.parent !== null) return this.frameAt(log.outline.parent, log.outline.forkStep);
    return log.entries.slice(0, log.starts[0] ?? log.entries.length).reduce(reduceEntry, emptyFrame(this.#start));
  }

  /** What happened in one step. */
  entriesAt(branchId: number, step: number): readonly Stamped<TraceEntry>[] {
    const log = this.#log(this.#owner(branchId, step));
    return step === 0 ? log.entries.slice(0, log.starts[0] ?? log.entries.length) : this.#ownEntries(log, step);
  }

  /** Everything of a branch from one step to another, both included, in order. */
  *entriesBetween(branchId: number, from: number, to: number): Generator<Stamped<TraceEntry>> {
    for (let step = from; step <= to; step += 1) yield* this.entriesAt(branchId, step);
  }

  /** Number, time and kind of a step; undefined for step 0. */
  stepInfo(branchId: number, step: number): StepInfo | undefined {
    const log = this.#log(this.#owner(branchId, step));
    return log.steps[step - log.outline.forkStep - 1];
  }

  /** The first step after `after`, up to the head, whose frame satisfies the condition; undefined when there is none yet. */
  findStep(branchId: number, after: number, condition: (frame: Frame) => boolean): number | undefined {
    const head = this.head(branchId);
    for (let step = after + 1; step <= head; step += 1) if (condition(this.frameAt(branchId, step))) return step;
    return undefined;
  }

  /** Which branch's own log holds a step of this branch. */
  #owner(branchId: number, step: number): number {
    let log = this.#log(branchId);
    while (step <= log.outline.forkStep && log.outline.parent !== null) log = this.#log(log.outline.parent);
    return log.outline.id;
  }

  #ownEntries(log: BranchLog, step: number): readonly Stamped<TraceEntry>[] {
    const index = step - log.outline.forkStep - 1;
    return log.entries.slice(log.starts[index] ?? log.entries.length, log.starts[index + 1] ?? log.entries.length);
  }

  #remember(key: string, frame: Frame): void {
    this.#recent.delete(key);
    this.#recent.set(key, frame);
    if (this.#recent.size > RECENT_FRAMES) this.#recent.delete(this.#recent.keys().next().value!);
  }

  #log(branchId: number): BranchLog {
    const log = this.#branches.get(branchId);
    assert(log, `unknown branch ${branchId}`);
    return log;
  }
}

const KEYFRAME_EVERY = 64;
const RECENT_FRAMES = 256;
/** 2026-01-01T00:00:00Z, where runs start unless told otherwise. */
const DEFAULT_START = timestamp(1_767_225_600_000);

/** What the model needs to know of a branch; more may come with it. */
export interface BranchOutline {
  readonly id: number;
  readonly parent: number | null;
  /** The last step shared with the parent. */
  readonly forkStep: number;
  readonly label: string;
  /** Why nothing comes after the head; null while it can go on. */
  readonly ended: null | string;
}

export interface StepInfo {
  readonly step: number;
  readonly at: Timestamp;
  readonly item: StepItem;
}

/** An entry with the step and the virtual time at which it was made. */
export interface Stamped<E> {
  readonly step: number;
  readonly at: Timestamp;
  readonly entry: E;
}

interface BranchLog {
  outline: BranchOutline;
  readonly entries: Stamped<TraceEntry>[];
  /** Index in `entries` of the first entry of each own step. */
  readonly starts: number[];
  readonly steps: StepInfo[];
  readonly keyframes: Map<number, Frame>;
  headStep: number;
  headFrame: Frame | undefined;
}

