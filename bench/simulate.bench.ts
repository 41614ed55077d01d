import { join } from 'node:path';
import { runProject } from '../src/headless/run.ts';
import { medianOf, type Measure } from './context.ts';

const count = async (dir: string, activities: number): Promise<{ events: number; ms: number }> => {
  const started = performance.now();
  const output = await runProject({ dir, clientArgs: [String(activities)] });
  const ms = performance.now() - started;
  const events = Object.values(output.workflows).flatMap((w) => w.runs).reduce((sum, run) => sum + run.history.events.length, 0);
  return { events, ms };
};

/** Events simulated per second in Node, end to end; how cost grows with the history; 1,000 child workflows. */
export const measure: Measure = async ({ root }) => {
  const sequential = join(root, 'bench/projects/sequential');
  await count(sequential, 100);
  const small = await medianOf(5, async () => (await count(sequential, 852)).ms);
  const large = await count(sequential, 8530);
  const middle = await count(sequential, 2000);
  const middleMs = await medianOf(5, async () => (await count(sequential, 2000)).ms);
  const children = await count(join(root, 'bench/projects/children'), 1000);
  return {
    eventsPerSecond: Math.round((middle.events * 1000) / middleMs),
    eventsSmall: 852 * 6 + 5, msSmall: small, eventsLarge: large.events, msLarge: Math.round(large.ms), growth: Math.round((large.ms / small) * 10) / 10,
    childrenEvents: children.events, childrenMs: Math.round(children.ms),
  };
};
