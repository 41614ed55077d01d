import { createWorkflowVm } from '../src/engine/sandbox/index.ts';
import { readHistory } from '../src/api/read-history.ts';
import { replayHistory } from '../src/engine/core/index.ts';
import { nodeSandbox } from '../src/headless/engine.ts';
import { medianOf, type Measure } from './context.ts';
import { sequentialHistory } from './history.ts';
import { compileBench, medianRun, simulate } from './simulation.ts';

/** 6 events an activity and 5 around them: 5,117 and 51,197 events. */
const SMALL = 852;
const LARGE = 8_532;

/** How cost grows with the history, for simulating and replaying; 1,000 child workflows in one run. */
export const measure: Measure = async ({ root }) => {
  const sequential = compileBench(root, 'sequential');
  await simulate(sequential, 100);
  const small = await medianRun(5, () => simulate(sequential, SMALL));
  const large = await medianRun(3, () => simulate(sequential, LARGE));

  const { pool } = await nodeSandbox();
  const replay = (text: string) => async (): Promise<number> => {
    const started = performance.now();
    const history = readHistory(text);
    if (!history.ok) throw new Error(history.message);
    const vm = createWorkflowVm(pool, sequential, 'workflows.ts', { sandboxed: true });
    const verdict = replayHistory(vm, history.events, {});
    vm.dispose();
    if (!verdict.ok) throw new Error(verdict.message);
    return performance.now() - started;
  };
  const replaySmall = await medianOf(5, replay(JSON.stringify(sequentialHistory(SMALL))));
  const replayLarge = await medianOf(3, replay(JSON.stringify(sequentialHistory(LARGE))));

  const childProject = compileBench(root, 'children');
  await simulate(childProject, 10);
  const children = await simulate(childProject, 1_000);
  const times = (a: number, b: number): number => Math.round((b / a) * 10) / 10;
  return {
    simulate: { small: round(small), large: round(large), times: times(small.milliseconds, large.milliseconds) },
    replay: { smallMs: replaySmall, largeMs: replayLarge, times: times(replaySmall, replayLarge) },
    children: { count: 1_000, ...round(children) },
  };
};

const round = ({ events, milliseconds }: { readonly events: number; readonly milliseconds: number }) => ({ events, milliseconds: Math.round(milliseconds) });
