import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventName } from '../../src/api/event-names.ts';
import { projectRoot } from '../../src/headless/engine.ts';
import { replayGenuineAll, sent } from '../genuine.ts';
import { historiesOf, judgeHistories, type Judged } from '../judge.ts';
import { replayOurs } from '../ours.ts';
import { commandFor, hashOfSeed, runSeed, workflowsOf, type RandomRun } from './run.ts';

/** What many random runs had in them, and what is wrong. */
export interface Sweep {
  readonly runs: number;
  readonly histories: number;
  readonly meanEvents: number;
  /** Runs in which a worker lost what it had in memory. */
  readonly evictedOrCrashed: number;
  /** Histories that the genuine worker need not repeat and does not, and ours neither, in the same words. */
  readonly refused: number;
  /** Runs by feature, and by kind of fault. */
  readonly features: { readonly [feature: string]: number };
  readonly faults: { readonly [fault: string]: number };
  /** Events by type. */
  readonly events: { readonly [type: string]: number };
  /** One text for each seed that failed: what is wrong, and the command that runs it again. */
  readonly failures: readonly string[];
}

/** Runs that are judged together: few enough to hold, many enough that the genuine worker is never idle. */
const BATCH = 10;

/**
 * Runs the seeds, each twice, and has every history judged by the structural checker and the genuine worker.
 * @param progress called after each batch with the runs that are judged and the seeds that failed until then
 */
export async function sweep(seeds: readonly number[], progress: (runs: number, failed: readonly number[]) => void = () => {}): Promise<Sweep> {
  const features: Record<string, number> = {};
  const faults: Record<string, number> = {};
  const events: Record<string, number> = {};
  const complaints = new Map<number, string[]>();
  const complain = (seed: number, texts: readonly string[]) => texts.length > 0 && complaints.set(seed, [...(complaints.get(seed) ?? []), ...texts]);
  let histories = 0;
  let evictedOrCrashed = 0;
  let refused = 0;
  let batch: RandomRun[] = [];
  let judged: Promise<unknown> = Promise.resolve();

  for (const [i, seed] of seeds.entries()) {
    await sent();
    try {
      const run = await runSeed(seed);
      complain(seed, run.complaints);
      if ((await hashOfSeed(seed)) !== run.output.traceHash) complain(seed, ['the second run has another trace hash']);
      for (const feature of run.features) features[feature] = (features[feature] ?? 0) + 1;
      for (const fault of run.faults) faults[fault] = (faults[fault] ?? 0) + 1;
      if (run.evictedOrCrashed) evictedOrCrashed++;
      for (const { events: list } of historiesOf(run.output)) {
        histories++;
        for (const { eventType } of list) {
          const type = eventName(String(eventType));
          events[type] = (events[type] ?? 0) + 1;
        }
      }
      batch.push(run);
    } catch (error) {
      complain(seed, [error instanceof Error ? (error.stack ?? error.message) : String(error)]);
    }
    if (batch.length === BATCH || i === seeds.length - 1) {
      // The genuine worker replays one batch while the next is simulated.
      await judged;
      progress(i + 1 - batch.length, [...complaints.keys()]);
      judged = judgeBatch(batch, complain).then((n) => (refused += n));
      batch = [];
    }
  }
  await judged;
  const total = Object.values(events).reduce((a, b) => a + b, 0);
  const failures = [...complaints].sort(([a], [b]) => a - b).map(([seed, texts]) => `seed ${seed}: ${commandFor(seed)}\n${texts.map((text) => `  ${text}`).join('\n')}`);
  return { runs: seeds.length, histories, meanEvents: total / Math.max(1, histories), evictedOrCrashed, refused, features: sorted(features), faults: sorted(faults), events: sorted(events), failures };
}

/** Returns how many histories were refused by both, where that may be. */
async function judgeBatch(batch: readonly RandomRun[], complain: (seed: number, texts: readonly string[]) => void): Promise<number> {
  let refused = 0;
  const paths = [...new Set(batch.map(workflowsOf))];
  for (const path of paths) {
    const runs = batch.filter((run) => workflowsOf(run) === path);
    const named = runs.flatMap((run) => historiesOf(run.output).map((history) => ({ ...history, name: `${run.seed}: ${history.name}` })));
    const repeats = ({ name }: Judged) => !runs.some(({ unrepeatable }) => unrepeatable.has(name.slice(name.lastIndexOf('/') + 1)));
    const both = await judgedByBoth(named.filter((history) => !repeats(history)), path);
    refused += both.refused;
    for (const text of [...(await judgeHistories(named.filter(repeats), path)), ...both.complaints]) complain(Number.parseInt(text, 10), [text.replace(/^\d+: /, '')]);
  }
  return refused;
}

/** Histories that need not replay: the genuine worker and ours have to agree on each. */
async function judgedByBoth(histories: readonly Judged[], path: string): Promise<{ complaints: string[]; refused: number }> {
  const genuine = await replayGenuineAll(path, histories.map(({ workflowId, events }) => ({ history: { events }, workflowId })));
  const complaints: string[] = [];
  for (const [i, { name, workflowId, events }] of histories.entries()) {
    const { ok, kind, message } = genuine[i]!;
    const ours = await replayOurs(path, JSON.stringify({ events }), workflowId);
    if (ours.ok !== ok || (!ok && (ours.kind !== kind || ours.message !== message))) complaints.push(`${name}: the genuine worker says ${kind}: ${message}, ours ${ours.kind}: ${ours.message}`);
  }
  return { complaints, refused: genuine.filter(({ ok }) => !ok).length };
}

const sorted = (counts: Record<string, number>) => Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a));

/** Prints the counts. */
export function print(result: Sweep): void {
  const { runs, histories, meanEvents, evictedOrCrashed, refused, features, faults, events, failures } = result;
  const lines = [
    `${runs} random runs, twice each: ${histories} histories of ${meanEvents.toFixed(1)} events on average, ${evictedOrCrashed} runs with an eviction or a crash, ${refused} histories that no replay repeats, ${failures.length} failed`,
    `runs by feature: ${JSON.stringify(features)}`, `runs by fault: ${JSON.stringify(faults)}`, `events: ${JSON.stringify(events)}`,
  ];
  console.log(lines.join('\n'));
}

/** Everything that a sweep has to contain to prove anything: `features` and `faults` are the complete lists. */
export const requiredFeatures = [
  'activity', 'timer', 'child', 'signal', 'update', 'query', 'patch', 'local activity', 'cancellation scope', 'continue-as-new', 'external signal', 'external cancel', 'search attributes',
  'memo', 'uuid and chance', 'concurrency', 'cancellation', 'activity cancellation', 'timer cancellation',
] as const;
export const requiredFaults = [
  'kill worker', 'kill client', 'kill service', 'start worker', 'start service', 'deploy', 'shutdown', 'evict', 'drop request', 'drop response', 'delay request', 'delay response', 'fail',
  'outage of bank', 'outage of temporal', 'signal', 'cancel', 'terminate',
] as const;
export const commandEvents = [
  'ActivityTaskScheduled', 'ActivityTaskCancelRequested', 'TimerStarted', 'TimerCanceled', 'MarkerRecorded', 'StartChildWorkflowExecutionInitiated', 'SignalExternalWorkflowExecutionInitiated',
  'RequestCancelExternalWorkflowExecutionInitiated', 'UpsertWorkflowSearchAttributes', 'WorkflowPropertiesModified', 'WorkflowExecutionUpdateAccepted', 'WorkflowExecutionUpdateCompleted',
  'WorkflowExecutionCompleted', 'WorkflowExecutionFailed', 'WorkflowExecutionCanceled', 'WorkflowExecutionContinuedAsNew',
] as const;

/** Which counts are too small for the sweep to prove anything, and which are too large. */
export function tooFew(result: Sweep): string[] {
  const { runs } = result;
  const rare = (counts: { readonly [name: string]: number }, names: readonly string[], least: number) => names.filter((name) => (counts[name] ?? 0) < least).map((name) => `${name}: ${counts[name] ?? 0} of at least ${least}`);
  return [
    ...(result.meanEvents < 40 ? [`events in a history: ${result.meanEvents}`] : []), ...rare(result.features, requiredFeatures, runs * 0.05), ...rare(result.faults, requiredFaults, runs * 0.05),
    ...rare(result.events, commandEvents, 50), ...(result.refused > result.histories * 0.01 ? [`histories that no replay repeats: ${result.refused}`] : []), ...(result.evictedOrCrashed < runs * 0.3 ? [`evicted or crashed: ${result.evictedOrCrashed}`] : []),
  ];
}

/** One seed alone, for `npm run fuzz -- --seed`: says what it did, and leaves its output and its faults as files. */
export async function explain(seed: number): Promise<readonly string[]> {
  const run = await runSeed(seed);
  const into = join(projectRoot(), 'build/random');
  mkdirSync(into, { recursive: true });
  writeFileSync(join(into, `${seed}.json`), JSON.stringify(run.output, null, 1));
  writeFileSync(join(into, `${seed}.faults.json`), JSON.stringify(run.trouble.faults, null, 1));
  const { workersOfEach, env } = run.trouble;
  console.log(`seed ${seed}: ${run.output.steps} steps, faults that struck: ${[...run.faults].join(', ') || 'none'}; workers: ${workersOfEach}; environment: ${JSON.stringify(env)}`);
  for (const [workflowId, { runs }] of Object.entries(run.output.workflows)) console.log(`  ${workflowId}: ${runs.map(({ status, history }) => `${status}, ${history.events.length} events`).join('; ')}`);
  console.log(`  the whole output is build/random/${seed}.json, the faults are ${seed}.faults.json beside it`);
  const { failures } = await sweep([seed]);
  return failures;
}
