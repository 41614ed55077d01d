import type { Measure } from './context.ts';
import { compileBench, medianRun, rate, simulate } from './simulation.ts';

/** The loads, and how large each is. */
const loads = {
  /** One workflow, one activity after the other: six events each. */
  sequential: 2_000,
  /** 200 workflows of ten activities each. */
  concurrent: 200,
  /** One workflow, one timer after the other: five events each. */
  timers: 2_000,
  /** One workflow, rounds of 100 activities and 100 timers at once. */
  'fan-out': 20,
} as const;

/** Events simulated per second in Node: history events written per second of wall time, over the whole engine, VMs included. */
export const measure: Measure = async ({ root }) => {
  const results: { [load: string]: unknown } = {};
  for (const [load, size] of Object.entries(loads)) {
    const project = compileBench(root, load);
    await simulate(project, Math.ceil(size / 10));
    const run = await medianRun(5, () => simulate(project, size));
    results[load] = { events: run.events, milliseconds: Math.round(run.milliseconds), eventsPerSecond: rate(run) };
  }
  return results;
};
