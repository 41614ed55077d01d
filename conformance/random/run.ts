import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventName } from '../../src/api/event-names.ts';
import type { HistoryEvent } from '../../src/api/proto.ts';
import { checkHistory } from '../../src/engine/checkers/history.ts';
import { projectRoot } from '../../src/headless/engine.ts';
import type { RunOutput } from '../../src/headless/output.ts';
import { runProject } from '../../src/headless/run.ts';
import type { ActivationEntry, TraceEntry } from '../../src/trace/entries.ts';
import { kindOfFault, makeTrouble, type Trouble } from './faults.ts';
import { makePlan, type Op, type Program } from './project/program.ts';

export const folder = join(projectRoot(), 'conformance/random');

/** One random program under one random script of faults, and what is wrong with what came of it. */
export interface RandomRun {
  readonly seed: number;
  readonly trouble: Trouble;
  readonly output: RunOutput;
  /** Empty unless we have a bug. The genuine worker and the second run are asked elsewhere. */
  readonly complaints: readonly string[];
  /** Features of programs and kinds of faults that occurred, by what is in history and trace. */
  readonly features: ReadonlySet<string>;
  readonly faults: ReadonlySet<string>;
  readonly evictedOrCrashed: boolean;
  /** Run ids whose history no replay repeats: see {@link Watcher.unrepeatable}. */
  readonly unrepeatable: ReadonlySet<string>;
}

/** Most runs have an eighth of that, the longest half; one that no replay repeats goes on without end. */
const MAX_STEPS = 4000;

/** Runs a seed once. */
export async function runSeed(seed: number): Promise<RandomRun> {
  const trouble = makeTrouble(seed);
  const watcher = new Watcher();
  const output = await runProject({
    dir: join(folder, 'project'), seed, clientArgs: [String(seed)], env: trouble.env, workersOfEach: trouble.workersOfEach, faults: trouble.faults, faultsFolder: folder,
    maxSteps: MAX_STEPS, thoroughChecks: true, onStep: (entries) => watcher.see(entries),
  });
  const complaints = [...complaintsAbout(output, watcher.unrepeatable), ...(watcher.faults.has('kill service') ? [] : doubleCharges(output))];
  const features = new Set([...watcher.features, ...featuresOfPlan(seed)]);
  return { seed, trouble, output, complaints, features, faults: watcher.faults, evictedOrCrashed: watcher.evictedOrCrashed, unrepeatable: watcher.unrepeatable };
}

let secondVersion: string | null = null;

/** The workflows that wrote the histories last: their second version, where it was deployed. */
export function workflowsOf({ faults }: RandomRun): string {
  if (!faults.has('deploy')) return join(folder, 'project/workflows.ts');
  if (secondVersion === null) {
    secondVersion = join(projectRoot(), 'build/random-v2');
    rmSync(secondVersion, { recursive: true, force: true });
    cpSync(join(folder, 'project'), secondVersion, { recursive: true });
    cpSync(join(folder, 'v2'), secondVersion, { recursive: true });
  }
  return join(secondVersion, 'workflows.ts');
}

/** Only the hash of a run, to compare with the first. */
export async function hashOfSeed(seed: number): Promise<string> {
  const trouble = makeTrouble(seed);
  const { traceHash } = await runProject({
    dir: join(folder, 'project'), seed, clientArgs: [String(seed)], env: trouble.env, workersOfEach: trouble.workersOfEach, faults: trouble.faults, faultsFolder: folder, maxSteps: MAX_STEPS,
  });
  return traceHash;
}

/** Everything that holds of each run, whatever the program and the faults. */
function complaintsAbout(output: RunOutput, unrepeatable: ReadonlySet<string>): string[] {
  const complaints = output.violations.map(({ rule, message }) => `violation ${rule}: ${message}`);
  if (output.endedBy !== 'idle' && unrepeatable.size === 0) complaints.push(`ended by ${output.endedBy}`);
  for (const [workflowId, workflow] of Object.entries(output.workflows)) {
    for (const { runId, status, history } of workflow.runs) {
      const where = `${workflowId}/${runId}`;
      // Nothing is left on the agenda: a run that is open will be for ever.
      if (status === 'RUNNING' && !unrepeatable.has(runId)) complaints.push(`${where} is stuck after ${history.events.length} events`);
      for (const violation of checkHistory(history.events)) complaints.push(`${where}: ${violation.rule} at ${violation.eventId}: ${violation.message}`);
      for (const event of history.events) complaints.push(...complaintsAboutEvent(event, unrepeatable.has(runId)).map((text) => `${where}: ${text}`));
    }
  }
  for (const [process, { log }] of Object.entries(output.processes))
    for (const { text } of log) if (!text.includes('TypeError: fetch failed') && /\b(?:TypeError|RangeError|ReferenceError|AssertionError|IllegalStateError)\b/.test(text)) complaints.push(`${process} logs: ${text.slice(0, 500)}`);
  return complaints;
}

/** The bank charges once per key, unless it was killed meanwhile and forgot its keys. */
function doubleCharges(output: RunOutput): string[] {
  const keys = (output.services['bank']?.ledger ?? []).map((entry) => String(entry['key']));
  return keys.filter((key, i) => keys.indexOf(key) < i).map((key) => `the bank charged twice for ${key}`);
}

/** The programs are deterministic and catch what their operations throw: the Service finds no fault with a Workflow Task. */
function complaintsAboutEvent(event: HistoryEvent, unrepeatable: boolean): string[] {
  const failed = event.workflowTaskFailedEventAttributes;
  if (!failed) return [];
  const cause = String(failed.cause).replace('WORKFLOW_TASK_FAILED_CAUSE_', '');
  return harmless.has(cause) || (unrepeatable && cause === 'NON_DETERMINISTIC_ERROR') ? [] : [`Workflow Task failed at ${event.eventId}: ${cause}: ${failed.failure?.message}`];
}
const harmless: ReadonlySet<string> = new Set(['UNHANDLED_COMMAND', 'FORCE_CLOSE_COMMAND']);

const featureByEvent: { readonly [type: string]: string } = {
  ActivityTaskScheduled: 'activity', TimerStarted: 'timer', StartChildWorkflowExecutionInitiated: 'child', WorkflowExecutionSignaled: 'signal', WorkflowExecutionUpdateAccepted: 'update',
  WorkflowExecutionContinuedAsNew: 'continue-as-new', SignalExternalWorkflowExecutionInitiated: 'external signal', RequestCancelExternalWorkflowExecutionInitiated: 'external cancel',
  UpsertWorkflowSearchAttributes: 'search attributes', WorkflowPropertiesModified: 'memo', WorkflowExecutionCancelRequested: 'cancellation', ActivityTaskCancelRequested: 'activity cancellation',
  TimerCanceled: 'timer cancellation',
};

/** Watches a run from its trace. */
class Watcher {
  readonly features = new Set<string>();
  readonly faults = new Set<string>();
  evictedOrCrashed = false;
  /**
   * Runs in which a command was cancelled (TRY_CANCEL) in the Workflow Task of a local activity. As it happens, the cancelled branch goes on
   * first, since the local activity takes a while; in a replay both are answered at once, and the other branch may be first. The genuine
   * Core does not write down when within a task a local activity ended, so it finds its own history nondeterministic; ours must say the same.
   */
  readonly unrepeatable = new Set<string>();
  /** The Workflow Task of each run that is worked on, by its last event. */
  readonly #tasks = new Map<string, { readonly to: number; local: boolean; canceled: boolean }>();
  readonly #locals = new Set<string>();

  see(entries: readonly TraceEntry[]): void {
    for (const entry of entries) {
      if (entry.type === 'history') this.#seeEvent(entry.event);
      else if (entry.type === 'query' && entry.state === 'answered') this.features.add('query');
      else if (entry.type === 'fault') this.faults.add(kindOfFault(entry.fault, entry.detail));
      else if (entry.type === 'activation') this.#seeActivation(entry);
      else if (entry.type === 'activityExecution' && entry.local) {
        this.#locals.add(`${entry.runId}/${entry.activityId}`);
        this.#seeInTask(entry.runId, 'local');
      } else if ((entry.type === 'process' && entry.kind === 'worker' && entry.state === 'killed') || (entry.type === 'cache' && entry.op === 'evict')) this.evictedOrCrashed = true;
    }
  }

  #seeActivation({ runId, events, jobs }: ActivationEntry): void {
    if (this.#tasks.get(runId)?.to !== events.to) return void this.#tasks.set(runId, { to: events.to, local: false, canceled: false });
    // No new events: something was answered at once, by a local activity or by a cancellation.
    for (const job of jobs) {
      const seq = /^resolve\w+ (\d+)$/.exec(job)?.[1];
      if (seq !== undefined) this.#seeInTask(runId, this.#locals.has(`${runId}/${seq}`) ? 'local' : 'canceled');
    }
  }

  #seeInTask(runId: string, what: 'local' | 'canceled'): void {
    const task = this.#tasks.get(runId);
    if (!task) return;
    task[what] = true;
    if (task.local && task.canceled) this.unrepeatable.add(runId);
  }

  #seeEvent(event: HistoryEvent): void {
    const type = eventName(event.eventType as string);
    const feature = featureByEvent[type];
    if (feature) this.features.add(feature);
    const marker = event.markerRecordedEventAttributes?.markerName;
    if (marker) this.features.add(marker === 'core_patch' ? 'patch' : 'local activity');
  }
}

/** What leaves no events of its own. */
function featuresOfPlan(seed: number): Set<string> {
  const found = new Set<string>();
  const plan = makePlan(seed);
  const look = (ops: readonly Op[]) => {
    for (const op of ops) {
      if (op.op === 'scope') found.add('cancellation scope');
      if (op.op === 'chance') found.add('uuid and chance');
      if (op.op === 'all' || op.op === 'race') found.add('concurrency');
      if (op.op === 'scope') look(op.body);
    }
  };
  const lookAt = (program: Program) => look(program.ops);
  lookAt(plan.program);
  lookAt(plan.target);
  return found;
}

/** The command that runs a seed alone and says what is wrong with it. */
export const commandFor = (seed: number): string => `npm run fuzz -- --seed ${seed}`;
