import { join } from 'node:path';
import { readHistory } from '../src/api/read-history.ts';
import { compileProject } from '../src/compile/index.ts';
import { replayHistory } from '../src/engine/core/index.ts';
import { createWorkflowVm } from '../src/engine/sandbox/index.ts';
import { nodeSandbox } from '../src/headless/engine.ts';
import { readProjectFiles } from '../src/headless/project-files.ts';
import { medianOf, type Measure } from './context.ts';
import { sequentialHistory } from './history.ts';

/** Replay of 12,005 events, ours and the genuine worker's: pre-bundled and warm, JSON parsing and VM creation included. */
export const measure: Measure = async ({ root }) => {
  const dir = join(root, 'bench/projects/sequential');
  const text = JSON.stringify(sequentialHistory(2000));
  const sandbox = await nodeSandbox();
  const project = compileProject({ files: readProjectFiles(dir) });
  const ours = async (): Promise<number> => {
    const started = performance.now();
    const history = readHistory(text);
    if (!history.ok) throw new Error(history.message);
    const vm = createWorkflowVm(sandbox.pool, project, 'workflows.ts', { sandboxed: true });
    const verdict = replayHistory(vm, history.events, {});
    vm.dispose();
    const took = performance.now() - started;
    if (!verdict.ok) throw new Error(verdict.message);
    return took;
  };
  const { Worker, bundleWorkflowCode, Runtime, DefaultLogger } = await import('@temporalio/worker');
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: join(dir, 'workflows.ts'), logger: new DefaultLogger('ERROR') });
  const genuine = async (): Promise<number> => {
    const started = performance.now();
    await Worker.runReplayHistory({ workflowBundle, replayName: 'bench' }, JSON.parse(text), 'bench');
    return performance.now() - started;
  };
  /** Processor time of all threads beside wall time: it says more on a busy machine. */
  const measured = async (run: () => Promise<number>): Promise<{ ms: number; cpuMs: number }> => {
    for (let i = 0; i < 8; i++) await run(); // warm: both have compiled what they run
    const before = process.cpuUsage();
    const ms = await medianOf(5, run);
    const { user, system } = process.cpuUsage(before);
    return { ms, cpuMs: Math.round((user + system) / 5_000) };
  };
  const our = await measured(ours);
  const theirs = await measured(genuine);
  return {
    events: 12_005, ours: our, genuine: theirs, timesFaster: Math.round((theirs.ms / our.ms) * 10) / 10, oursEventsPerSecond: Math.round(12_005_000 / our.ms),
  };
};
