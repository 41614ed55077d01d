import type { TraceEntry } from '../../trace/entries.ts';
import type { Stamped, TraceModel } from '../../trace/model.ts';
import { categoryColor, categoryOf, isWorkflowTask, type Category } from './events.ts';

/** What kind of moment a step is: the colour and the length of its tick. */
export type StepKind = Category | 'workflow-task' | 'replay' | 'mismatch' | 'fault' | 'effect' | 'process' | 'delivery' | 'poll';

export const stepColor: Readonly<Record<StepKind, string>> = {
  ...categoryColor,
  other: 'var(--task)',
  'workflow-task': 'var(--task)',
  replay: 'var(--done)',
  mismatch: 'var(--fail)',
  fault: 'var(--fail)',
  effect: 'var(--child)',
  process: 'var(--run)',
  delivery: 'var(--faint)',
  poll: 'var(--faint)',
};

/** How much a moment matters: ticks are longer and playing lingers. 0 to 3. */
export const stepWeight: Readonly<Record<StepKind, number>> = {
  fault: 3,
  mismatch: 3,
  replay: 3,
  workflow: 2,
  activity: 2,
  'local-activity': 2,
  timer: 2,
  signal: 2,
  'child-workflow': 2,
  update: 2,
  nexus: 2,
  effect: 2,
  process: 2,
  'workflow-task': 1,
  other: 1,
  delivery: 0,
  poll: 0,
};

/** The kind of a step, from what it wrote; the weightiest wins, the first of equals. */
export function stepKind(entries: readonly Stamped<TraceEntry>[]): StepKind {
  let kind: StepKind = 'delivery';
  for (const { entry } of entries) {
    const candidate = entryKind(entry);
    if (candidate !== undefined && stepWeight[candidate] > stepWeight[kind]) kind = candidate;
  }
  if (kind === 'delivery' && entries.some(({ entry }) => entry.type === 'delivery' && entry.rpc.startsWith('Poll'))) return 'poll';
  return kind;
}

function entryKind(entry: TraceEntry): StepKind | undefined {
  switch (entry.type) {
    case 'fault':
    case 'violation':
      return 'fault';
    case 'activation':
      if (entry.failure?.kind === 'nondeterminism' || entry.rows.some((row) => row.match === 'mismatch')) return 'mismatch';
      return entry.replaying ? 'replay' : 'workflow-task';
    case 'history':
      return isWorkflowTask(entry.event) ? 'workflow-task' : categoryOf(entry.event);
    case 'activityExecution':
      return entry.local ? 'local-activity' : 'activity';
    case 'ledger':
      return 'effect';
    case 'process':
      return entry.state === 'killed' || entry.state === 'hung' ? 'fault' : 'process';
    default:
      return undefined;
  }
}

/** Steps of a branch that begin a Workflow Task (a worker gets it), for "next Workflow Task". */
export function startsWorkflowTask(entries: readonly Stamped<TraceEntry>[]): boolean {
  return entries.some(({ entry }) => entry.type === 'activation' || (entry.type === 'workflowTask' && entry.state?.phase === 'started'));
}

/** The next step after `from` that is wanted, on what is known; undefined when there is none. */
export function nextStep(model: TraceModel, branch: number, from: number, wanted: (entries: readonly Stamped<TraceEntry>[]) => boolean): number | undefined {
  for (let step = from + 1; step <= model.head(branch); step += 1) if (wanted(model.entriesAt(branch, step))) return step;
  return undefined;
}

/** A timer fires or a timeout strikes in this step. */
export const isTimerStep = (entries: readonly Stamped<TraceEntry>[]): boolean =>
  entries.some(({ entry }) => entry.type === 'step' && (entry.item.kind === 'serviceTimer' || entry.item.kind === 'processTimer'));

/** Kinds of all steps of a branch, kept as the branch grows. */
export class StepKinds {
  readonly #kinds = new Map<number, StepKind[]>();

  /** Kinds of the steps 0 to the head; index is the step. */
  of(model: TraceModel, branch: number): readonly StepKind[] {
    let kinds = this.#kinds.get(branch);
    if (!kinds) this.#kinds.set(branch, (kinds = []));
    for (let step = kinds.length; step <= model.head(branch); step += 1) kinds.push(stepKind(model.entriesAt(branch, step)));
    return kinds;
  }
}
