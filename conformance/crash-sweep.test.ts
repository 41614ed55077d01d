import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { must } from '../src/base/assert.ts';
import { checkHistory } from '../src/engine/checkers/history.ts';
import { projectRoot } from '../src/headless/engine.ts';
import { stableJson, type RunOutput } from '../src/headless/output.ts';
import { replayProject } from '../src/headless/replay.ts';
import { runProject, type RunOptions } from '../src/headless/run.ts';
import type { FaultRule, TraceEntry } from '../src/trace/entries.ts';
import { replayGenuine, replayGenuineAll, stopGenuine } from './genuine.ts';

/**
 * A worker of `crash-and-replay` is killed before every step of the run: whatever the instant, nothing is lost and what is done is not
 * done again.
 */
const dir = join(projectRoot(), 'src/scenarios/crash-and-replay/project');
const WORKFLOW = 'order-17';

interface Observed {
  readonly output: RunOutput;
  readonly steps: readonly Extract<TraceEntry, { type: 'step' }>[];
  /** Starts of each activity, and whether one began after its ActivityTaskCompleted was on disk. */
  readonly starts: { readonly [activityType: string]: number };
  readonly startedAfterCompletion: readonly string[];
}

async function observe(options: Omit<RunOptions, 'dir'>): Promise<Observed> {
  const steps: Extract<TraceEntry, { type: 'step' }>[] = [];
  const starts: { [activityType: string]: number } = {};
  const scheduled: { [eventId: string]: string } = {};
  const completed = new Set<string>();
  const startedAfterCompletion: string[] = [];
  const output = await runProject({
    ...options, dir,
    onStep(entries) {
      for (const entry of entries) {
        if (entry.type === 'step') steps.push(entry);
        if (entry.type === 'history') {
          const { event } = entry;
          if (event.activityTaskScheduledEventAttributes) scheduled[must(event.eventId, 'id')] = must(event.activityTaskScheduledEventAttributes.activityType?.name, 'type');
          if (event.activityTaskCompletedEventAttributes) completed.add(must(scheduled[must(event.activityTaskCompletedEventAttributes.scheduledEventId, 'id')], 'scheduled'));
        }
        if (entry.type === 'activityExecution' && entry.phase === 'started') {
          starts[entry.activityType] = (starts[entry.activityType] ?? 0) + 1;
          if (completed.has(entry.activityType)) startedAfterCompletion.push(entry.activityType);
        }
      }
    },
  });
  return { output, steps, starts, startedAfterCompletion };
}

const kindOf = ({ item }: Extract<TraceEntry, { type: 'step' }>): string =>
  item.kind === 'request' || item.kind === 'response' ? `${item.rpc} ${item.kind}` : item.kind === 'serviceTimer' || item.kind === 'processTimer' ? `${item.kind} ${item.name}` : item.kind;

const historyOf = (output: RunOutput) => must(output.workflows[WORKFLOW]?.runs[0], 'run').history;

describe('crash-and-replay, a worker killed before every step', async () => {
  const calm = await observe({ seed: 7 });
  const expected = calm.output.workflows[WORKFLOW]?.result;
  const start = must(calm.steps[0], 'step').at;
  const restarted = (step: number, at: number): FaultRule[] => [
    { when: { step }, do: { kill: 'worker-1' } },
    { when: { at: `${at - start + 1000}ms` }, do: { start: 'worker-1' } },
  ];
  const histories = new Map<string, { events: readonly unknown[] }>();
  const project = join(projectRoot(), 'build', 'crash-sweep');
  afterAll(stopGenuine);

  it('the calm run completes', () => {
    expect(calm.output.workflows[WORKFLOW]).toMatchObject({ status: 'COMPLETED', result: 'paid 49, parcel sent' });
    expect(calm.steps.length).toBeGreaterThanOrEqual(60);
    expect(calm.starts).toEqual({ reserveStock: 1, charge: 1, ship: 1 });
  });

  it.each([
    ['the same worker restarted 1 s later', 1, restarted],
    ['a second worker', 2, (step: number): FaultRule[] => [{ when: { step }, do: { kill: 'worker-1' } }]],
  ])('%s', async (_, workersOfEach, faultsAt) => {
    const reference = (await observe({ seed: 7, workersOfEach })).steps;
    const kinds: { [kind: string]: number } = {};
    for (const step of reference) {
      const kind = kindOf(step);
      const { output, starts, startedAfterCompletion } = await observe({ seed: 7, workersOfEach, faults: faultsAt(step.step, step.at) });
      const where = `killed before step ${step.step} (${kind})`;
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      expect(output.workflows[WORKFLOW]?.status, where).toBe('COMPLETED');
      expect(output.workflows[WORKFLOW]?.result, where).toBe(expected);
      expect(startedAfterCompletion, where).toEqual([]);
      for (const [activity, count] of Object.entries(starts)) expect(count, `${where}: ${activity}`).toBeLessThanOrEqual(2);
      expect(Object.values(starts).filter((n) => n > 1).length, where).toBeLessThanOrEqual(1);
      expect(output.violations, where).toEqual([]);
      expect(output.services['payments']?.ledger, where).toHaveLength(1);
      const history = historyOf(output);
      expect(checkHistory(history.events), where).toEqual([]);
      histories.set(stableJson(history), history);
    }
    console.log(`crash positions: ${reference.length}`, kinds);
    expect(Object.keys(kinds)).toEqual(expect.arrayContaining(['PollWorkflowTaskQueue', 'RespondWorkflowTaskCompleted', 'PollActivityTaskQueue', 'RespondActivityTaskCompleted', 'StartWorkflowExecution'].flatMap((rpc) => [`${rpc} request`, `${rpc} response`])));
  }, 300_000);

  it('the genuine worker replays every one of those histories', async () => {
    const all = [...histories.values()];
    const verdicts = await replayGenuineAll(join(dir, 'workflows.ts'), all.map((history) => ({ history, workflowId: WORKFLOW })));
    console.log(`genuine replays: ${verdicts.length}`);
    expect(verdicts.filter((v) => !v.ok)).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(0);
  }, 300_000);

  it('with two activities swapped in the code, both reject them with the same text', async () => {
    rmSync(project, { recursive: true, force: true });
    mkdirSync(project, { recursive: true });
    cpSync(dir, project, { recursive: true });
    const source = readFileSync(join(dir, 'workflows.ts'), 'utf8');
    const swapped = source.replace('await reserveStock(id)', 'await ship(id, id)');
    expect(swapped).not.toBe(source);
    writeFileSync(join(project, 'workflows.ts'), swapped);
    for (const history of [...histories.values()].slice(0, 20)) {
      const ours = await replayProject({ dir: project, history: JSON.stringify(history) });
      const genuine = await replayGenuine(join(project, 'workflows.ts'), history, WORKFLOW);
      expect(ours.ok).toBe(false);
      expect({ kind: ours.kind, message: ours.message }).toEqual({ kind: genuine.kind, message: genuine.message });
    }
  }, 300_000);
});
