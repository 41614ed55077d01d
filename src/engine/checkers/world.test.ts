import { describe, expect, it } from 'vitest';
import type { ActivityExecutionEntry, TraceEntry } from '../../trace/entries.ts';
import type { Run } from '../service/state.ts';
import { activity, child, complete, createDriver, timer, type Driver } from '../service/testing/driver.ts';
import { checkAllRuns, checkStep, createWorldCheck, worldRules, type WorldRule } from './world.ts';

const executed = (run: Run, activityId: string, attempt = 1): ActivityExecutionEntry => ({
  type: 'activityExecution', process: 'worker-1', workflowId: run.workflowId, runId: run.runId, activityId, activityType: 'greet', attempt, local: false, phase: 'started',
});

const runOf = (d: Driver): Run => Object.values(d.service.state.runs).find((run) => run.workflowId === 'w')!;

/** A run with one activity done and one open, and a timer; what a worker executed is added as workers say it. */
function world(): { d: Driver; run: Run; entries: TraceEntry[] } {
  const d = createDriver();
  d.start('w');
  d.complete(d.pollTask(), [activity('1')]);
  const task = d.pollActivity();
  const run = runOf(d);
  d.entries.push(executed(run, '1'));
  d.call('RespondActivityTaskCompleted', { taskToken: task.taskToken ?? '' });
  d.complete(d.pollTask(), [activity('2'), timer('1', '60s'), child('c')]);
  d.rest();
  return { d, run, entries: d.entries };
}

const rulesOf = (entries: readonly TraceEntry[], d: Driver): string[] => [
  ...new Set([...checkStep(createWorldCheck(), entries, d.service.state, true), ...checkAllRuns(d.service.state)].map(({ rule }) => rule)),
];

const breaks: { readonly [rule in WorldRule]: (w: ReturnType<typeof world>) => void } = {
  'activity-at-least-once': ({ entries }) => void entries.splice(entries.findIndex(({ type }) => type === 'activityExecution'), 1),
  'activity-not-again': ({ entries, run }) => void entries.push(executed(run, '1', 2)),
  'progress-exactly-once': ({ entries }) => {
    const completed = entries.find((entry) => entry.type === 'history' && entry.event.workflowTaskCompletedEventAttributes);
    if (completed) entries.push(completed);
  },
  'state-is-history': ({ run }) => void (run.signalCount = 7),
  'parent-close-policy': ({ d }) => {
    d.call('TerminateWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId: 'w' } });
    d.rest();
    const kept = Object.values(d.service.state.runs).find(({ workflowId }) => workflowId === 'c')!;
    kept.closedAt = null;
  },
  'no-task-lost': ({ d }) => {
    for (const queue of Object.values(d.service.state.queues)) for (const partition of queue.partitions) partition.backlog.splice(partition.head);
  },
};

describe('the world', () => {
  it('looks for the children of a closed run among the runs of their ids, not among all', () => {
    const { d, entries } = world();
    d.call('TerminateWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId: 'w' } });
    d.advance(1000);
    d.start('next');
    const ownKeys = () => {
      throw new Error('all runs are looked at');
    };
    const state = { ...d.service.state, runs: new Proxy(d.service.state.runs, { ownKeys }) };
    expect(checkStep(createWorldCheck(), entries, state, true)).toEqual([]);
  });

  it('keeps all rules when all is well', () => {
    const { d, entries } = world();
    expect(rulesOf(entries, d)).toEqual([]);
    d.advance(60_000);
    d.complete(d.pollTask(), [complete()]);
    d.rest();
    expect(runOf(d).status).toBe('COMPLETED');
    expect(rulesOf(entries, d)).toEqual([]);
  });

  it.each(Object.keys(worldRules) as WorldRule[])('breaks %s', (rule) => {
    const w = world();
    breaks[rule](w);
    expect(rulesOf(w.entries, w.d)).toContain(rule);
  });

  it.each<readonly [WorldRule, string, (run: Run, entries: TraceEntry[]) => void]>([
    ['state-is-history', 'a count that is not the number of what it counts', (run) => void run.counts.activities++],
    ['no-task-lost', 'a timer that is not on the agenda', (run) => void (run.timers['1']!.timer = null)],
    ['activity-at-least-once', 'another attempt than the one that ran', (_run, entries) => {
      for (const entry of entries) if (entry.type === 'history' && entry.event.activityTaskStartedEventAttributes) entry.event.activityTaskStartedEventAttributes.attempt = 2;
    }],
  ])('breaks %s: %s', (rule, _what, change) => {
    const { d, run, entries } = world();
    change(run, entries);
    expect(rulesOf(entries, d)).toContain(rule);
  });

  it('lets an attempt start late that timed out on its way, not one that comes after the completion', () => {
    const { d, run, entries } = world();
    const check = createWorldCheck();
    checkStep(check, entries, d.service.state, false);
    const [runCheck] = Object.values(check.runs);
    runCheck!.activities['1']!.completedAttempt = 2;
    expect(checkStep(check, [executed(run, '1', 1)], d.service.state, false)).toEqual([]);
    expect(checkStep(check, [executed(run, '1', 2)], d.service.state, false).map(({ rule }) => rule)).toEqual(['activity-not-again']);
  });
});
