import { describe, expect, it } from 'vitest';
import { playScenario } from '../../testing/play.ts';
import { eventsOf, ledgerOf, runOf } from '../cues.ts';
import type { Scenario } from '../types.ts';
import scenario, { SEVENTEEN_EVENTS } from './scenario.ts';

const goals = scenario.goals.map((goal) => goal.id);

describe('data-processing', () => {
  it.each(['default', 'eager'])('writes the 17 events and the result (%s)', async (variant) => {
    const { frame, goals: reached } = await playScenario(scenario, { variant });
    expect(eventsOf(runOf(frame))).toEqual(SEVENTEEN_EVENTS);
    expect([...reached].sort()).toEqual([...goals].sort());
    expect(ledgerOf(frame, 'warehouse')).toEqual([{ stored: 'SAMPLE DATA' }]);
    expect(frame.violations.length).toBe(0);
  });

  it('takes the activities past the task queue only when eager', async () => {
    const polledActivities = async (variant: string): Promise<number> => {
      const { model } = await playScenario(scenario, { variant });
      let tasks = 0;
      for (const { entry } of model.entriesBetween(0, 0, model.head(0)))
        if (entry.type === 'delivery' && entry.rpc === 'PollActivityTaskQueue' && entry.edge === 'response' && entry.summary !== 'empty' && !entry.dropped && !entry.error) tasks += 1;
      return tasks;
    };
    expect(await polledActivities('default')).toBe(2);
    expect(await polledActivities('eager')).toBe(0);
  });

  it('reaches the moment of every beat in order', async () => {
    const { actedAt } = await playScenario(scenario, { acts: (scenario as Scenario).beats.flatMap((beat) => (beat.playTo ? [{ when: beat.playTo, do: null }] : [])) });
    expect(actedAt).toEqual([...actedAt].sort((a, b) => a - b));
    expect(new Set(actedAt).size, 'each beat shows a step of its own').toBe(actedAt.length);
  });
});
