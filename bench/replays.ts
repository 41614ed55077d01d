import { join } from 'node:path';
import { readHistory } from '../src/api/read-history.ts';
import type { CompiledProject } from '../src/api/sandbox.ts';
import { replayHistory } from '../src/engine/core/index.ts';
import { createWorkflowVm } from '../src/engine/sandbox/index.ts';
import { nodeSandbox } from '../src/headless/engine.ts';

/** Replays a history, JSON text, and says how many milliseconds it took. Throws when the verdict is not that it fits. */
export type Replay = (text: string) => Promise<number>;

/** Ours, with reading the text and making the VM. */
export async function ourReplay(project: CompiledProject): Promise<Replay> {
  const { pool } = await nodeSandbox();
  return async (text) => {
    const started = performance.now();
    const history = readHistory(text);
    if (!history.ok) throw new Error(history.message);
    const vm = createWorkflowVm(pool, project, 'workflows.ts', { sandboxed: true });
    const verdict = replayHistory(vm, history.events, {});
    vm.dispose();
    const took = performance.now() - started;
    if (!verdict.ok) throw new Error(verdict.message);
    return took;
  };
}

/** The genuine worker's, its bundle made before, with reading the text. */
export async function genuineReplay(dir: string): Promise<Replay> {
  const { Worker, bundleWorkflowCode, Runtime, DefaultLogger } = await import('@temporalio/worker');
  const logger = new DefaultLogger('ERROR');
  runtime ??= Runtime.install({ logger });
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: join(dir, 'workflows.ts'), logger });
  return async (text) => {
    const started = performance.now();
    await Worker.runReplayHistory({ workflowBundle, replayName: 'bench' }, JSON.parse(text), 'bench');
    return performance.now() - started;
  };
}

/** A process has one. */
let runtime: unknown;
