import { join } from 'node:path';
import { medianOf, type Measure } from './context.ts';
import { sequentialHistory } from './history.ts';
import { genuineReplay, ourReplay, type Replay } from './replays.ts';
import { compileBench, historyCollector, medianRun, simulate } from './simulation.ts';

/** 6 events an activity and 5 around them: 5,117 and 51,197 events. */
const SMALL = 852;
const LARGE = 8_532;

/** How cost grows with the history, for simulating and replaying; 1,000 child workflows in one run. The genuine worker replays the same histories. */
export const measure: Measure = async ({ root }) => {
  const sequential = compileBench(root, 'sequential');
  await simulate(sequential, 100);
  const small = await medianRun(5, () => simulate(sequential, SMALL));
  const large = await medianRun(3, () => simulate(sequential, LARGE));

  const texts = { small: JSON.stringify(sequentialHistory(SMALL)), large: JSON.stringify(sequentialHistory(LARGE)) };
  const growth = async (replay: Replay, runsOfSmall: number, runsOfLarge: number) => {
    await replay(texts.small);
    const smallMs = await medianOf(runsOfSmall, () => replay(texts.small));
    const largeMs = await medianOf(runsOfLarge, () => replay(texts.large));
    return { smallMs, largeMs, times: times(smallMs, largeMs) };
  };
  const ours = await growth(await ourReplay(sequential), 5, 3);
  const genuine = await growth(await genuineReplay(join(root, 'bench/projects/sequential')), 3, 1);

  const childProject = compileBench(root, 'children');
  await simulate(childProject, 10);
  const history = historyCollector('bench');
  const children = await simulate(childProject, 1_000, { onEntry: history.onEntry });
  const childText = JSON.stringify({ events: history.events });
  const childReplay = { oursMs: await medianOf(3, async () => (await ourReplay(childProject))(childText)), genuineMs: await medianOf(1, async () => (await genuineReplay(join(root, 'bench/projects/children')))(childText)) };
  return {
    simulate: { small: round(small), large: round(large), times: times(small.milliseconds, large.milliseconds) },
    replay: { ours, genuine },
    children: { count: 1_000, ...round(children), eventsOfParent: history.events.length, replay: childReplay },
  };
};

const times = (a: number, b: number): number => Math.round((b / a) * 10) / 10;
const round = ({ events, milliseconds }: { readonly events: number; readonly milliseconds: number }) => ({ events, milliseconds: Math.round(milliseconds) });
