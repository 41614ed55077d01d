import { describe, expect, it } from 'vitest';
import { base64ToText } from '../../base/base64.ts';
import { playScenario, type Act } from '../../testing/play.ts';
import { lastOf, toArray, type Frame } from '../../trace/frame.ts';
import { eventsOf, hasEvent, ledgerOf, runOf, runsOf, workersOf } from '../cues.ts';
import type { Cue } from '../types.ts';
import scenario, { eachEffectOnce, replayedRows } from './scenario.ts';

const beat = (id: string) => scenario.beats.find((b) => b.id === id) as { playTo?: Cue; until?: Cue };

/** The worker that holds the order in its cache. */
const holder = (frame: Frame): string => workersOf(frame).find((worker) => worker.cache.length > 0)?.id ?? 'worker-1';
const crash = (when: Cue): Act => ({ when, do: (frame) => ({ kill: holder(frame) }) });
const restart = (when: Cue): Act => ({ when, do: (frame) => ({ start: workersOf(frame).find((worker) => worker.state === 'killed')!.id }) });

const resultOf = (frame: Frame): unknown => {
  const run = runOf(frame);
  return JSON.parse(base64ToText((run && lastOf(run.history))?.entry.event.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0]?.data ?? 'null'));
};

/** Crashed during the minute, restarted when its task waits. */
const lesson: readonly Act[] = [crash(beat('reserved').playTo!), restart(beat('silence').playTo!)];

/** Bodies of activities that began, in order, each with the step. */
const starts = (model: Awaited<ReturnType<typeof playScenario>>['model']) =>
  [...model.entriesBetween(0, 0, model.head(0))].flatMap(({ step, entry }) => (entry.type === 'activityExecution' && entry.phase === 'started' ? [{ step, type: entry.activityType }] : []));

describe('crash-and-replay', () => {
  it('ends the same with and without the crash', async () => {
    const calm = await playScenario(scenario);
    const crashed = await playScenario(scenario, { acts: lesson });
    expect(resultOf(calm.frame)).toBe('paid 49, parcel sent');
    expect(resultOf(crashed.frame)).toBe('paid 49, parcel sent');
    expect(calm.frame.replays).toBe(0);
    expect(crashed.frame.replays).toBeGreaterThan(0);
    expect(eachEffectOnce(crashed.frame)).toBe(true);
    expect(crashed.frame.violations.length).toBe(0);
    // The Workflow Task was rerouted from the sticky queue of the dead worker, so not even the events differ.
    expect(eventsOf(runOf(crashed.frame))).toEqual(eventsOf(runOf(calm.frame)));
    expect(crashed.goals).toEqual(expect.arrayContaining(['survived', 'zipper', 'not-again', 'once-outside']));
  });

  it('shows the replay: from line 1, every row matched, no activity again', async () => {
    const { model } = await playScenario(scenario, { acts: lesson });
    const step = model.findStep(0, 0, (frame) => frame.replays > 0)!;
    const before = model.frameAt(0, step - 1);
    const after = model.frameAt(0, step);
    expect(after.activityCalls).toEqual(before.activityCalls);
    const rows = replayedRows(after);
    expect(rows.filter((row) => row.match === 'matched').map((row) => [row.commandType, row.event?.eventType.replace('EVENT_TYPE_', '').toLowerCase(), row.position?.line])).toMatchInlineSnapshot(`
      [
        [
          "COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK",
          "activitytaskscheduled",
          9,
        ],
        [
          "COMMAND_TYPE_START_TIMER",
          "timerstarted",
          11,
        ],
      ]
    `);
    const episode = workersOf(after).flatMap((worker) => Object.values(worker.episodes))[0]!;
    expect(toArray(episode.activations)[0]!.entry.lines[0]?.line).toBeLessThanOrEqual(9);
    const logged = (frame: Frame) => workersOf(frame).flatMap((worker) => toArray(worker.log)).filter(({ entry }) => entry.text.includes('second thoughts')).length;
    expect(logged(model.frameAt(0, model.head(0)))).toBe(1);
  });

  it('another worker takes over', async () => {
    const { frame, goals } = await playScenario(scenario, { variant: 'two-workers', acts: [crash(beat('reserved').playTo!)] });
    expect(resultOf(frame)).toBe('paid 49, parcel sent');
    expect(eachEffectOnce(frame)).toBe(true);
    expect(goals).toEqual(expect.arrayContaining(['survived', 'zipper', 'not-again', 'once-outside']));
  });

  it('a crash between the charge and its report calls `charge` twice; the key keeps it at one charge', async () => {
    const charged: Cue = ({ frame }) => ledgerOf(frame, 'payments').length === 1;
    const acts: Act[] = [crash(charged), restart(({ frame }) => workersOf(frame).some((worker) => worker.state === 'killed'))];
    const { frame, goals } = await playScenario(scenario, { acts, forked: true });
    expect(frame.activityCalls).toEqual({ reserveStock: 1, charge: 2, ship: 1 });
    expect(ledgerOf(frame, 'payments')).toHaveLength(1);
    expect(resultOf(frame)).toBe('paid 49, parcel sent');
    expect(goals).toEqual(expect.arrayContaining(['at-least-once', 'once-outside']));

    const edit = (files: { [path: string]: string }) => {
      const shipped = files['activities.ts']!;
      files['activities.ts'] = shipped.replace(/^ *headers: .*\n/m, ''); // as the lesson says
      expect(files['activities.ts']).not.toBe(shipped);
    };
    const keyless = await playScenario(scenario, { acts, edit, forked: true });
    expect(ledgerOf(keyless.frame, 'payments')).toHaveLength(2);
    expect(keyless.goals).not.toContain('once-outside');
  });

  it('a step after the charge the report is on its way: that crash is none of the kind that the lesson means', async () => {
    const answered: Cue = ({ frame }) => toArray(frame.services['payments']?.exchanges ?? { items: [], length: 0 }).some(({ entry }) => entry.phase === 'answered');
    let met = true;
    const look: Cue = (moment) => {
      met = beat('twice').until!(moment);
      return true;
    };
    const { frame } = await playScenario(scenario, { acts: [crash(answered), { when: look, do: null }, restart(() => true)], forked: true });
    expect(met).toBe(false);
    expect(frame.activityCalls['charge']).toBe(1);
  });

  it('reaches the moment of every beat in order, and every goal', async () => {
    const first = await playScenario(scenario, {
      acts: [
        { when: beat('reserved').playTo!, do: null },
        crash(() => true),
        { when: beat('crash').until!, do: null },
        { when: beat('silence').playTo!, do: null },
        restart(() => true),
        { when: beat('restart').until!, do: null },
        { when: beat('replay').playTo!, do: null },
        { when: beat('done').playTo!, do: null },
      ],
    });
    const charged: Cue = ({ frame }) => ledgerOf(frame, 'payments').length === 1;
    const second = await playScenario(scenario, { acts: [crash(charged), { when: beat('twice').until!, do: null }, restart(() => true)], forked: true });
    expect([...new Set([...first.goals, ...second.goals])].sort()).toEqual(scenario.goals.map((goal) => goal.id).sort());
  });

  it('survives a crash at any step: same result, nothing recorded is done again', async () => {
    const calm = await playScenario(scenario);
    const head = calm.model.head(0);
    const stride = Math.max(1, Math.floor(head / 12)); // conformance/crash-sweep.test.ts takes every step
    for (let at = 1; at < head; at += stride) {
      const acts: Act[] = [
        { when: ({ frame }) => frame.step >= at && workersOf(frame).length > 0, do: { kill: 'worker-1' } },
        { when: ({ frame }) => workersOf(frame)[0]?.state === 'killed', do: { start: 'worker-1' } },
      ];
      const { frame, model } = await playScenario(scenario, { acts });
      expect(runsOf(frame), `crash at ${at}`).toHaveLength(1);
      expect(resultOf(frame), `crash at ${at}`).toBe('paid 49, parcel sent');
      expect(eachEffectOnce(frame), `crash at ${at}`).toBe(true);
      const done: { [type: string]: number } = {};
      for (const { step, entry } of toArray(runOf(frame)!.history)) {
        const scheduled = entry.event.activityTaskCompletedEventAttributes?.scheduledEventId;
        const type = toArray(runOf(frame)!.history).find((e) => String(e.entry.event.eventId) === String(scheduled))?.entry.event.activityTaskScheduledEventAttributes?.activityType?.name;
        if (type) done[type] = step;
      }
      for (const start of starts(model)) expect(start.step, `${start.type} after its completion, crash at ${at}`).toBeLessThan(done[start.type]!);
    }
  });

  it('tells swapped code by its first row, and goes on with the right code', async () => {
    const versions = {
      swapped: (files: { [path: string]: string }) => {
        files['workflows.ts'] = files['workflows.ts']!.replace('await reserveStock(id)', "await charge(id, 'item')");
      },
    };
    const mismatch: Cue = ({ frame }) => runOf(frame)?.lastActivation?.entry.failure?.kind === 'nondeterminism';
    const acts: Act[] = [
      crash(beat('reserved').playTo!),
      { when: beat('silence').playTo!, do: { start: 'worker-1', dir: 'swapped' } },
      { when: mismatch, do: null },
      { when: hasEvent('WorkflowTaskFailed'), do: { kill: 'worker-1' } },
      { when: () => true, do: { start: 'worker-1', dir: '' } },
    ];
    const { frame, model, actedAt } = await playScenario(scenario, { acts, versions });
    const { failure, rows } = runOf(model.frameAt(0, actedAt[2]!))!.lastActivation!.entry;
    expect(failure?.message).toContain("Activity type of scheduled event 'reserveStock' does not match activity type of activity command 'charge'");
    expect(rows.at(-1)?.match).toBe('mismatch');
    expect(resultOf(frame)).toBe('paid 49, parcel sent');
    expect(eachEffectOnce(frame)).toBe(true);
  });
});
