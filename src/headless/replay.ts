import { dirname, join, resolve } from 'node:path';
import { must } from '../base/assert.ts';
import { compileProject } from '../compile/index.ts';
import type { HistoryEvent } from '../api/proto.ts';
import type { CompiledProject, VmPool } from '../api/sandbox.ts';
import type { ReplayVerdict } from '../api/verdict.ts';
import { readHistory } from '../api/read-history.ts';
import { replayHistory } from '../engine/core/index.ts';
import { createWorkflowVm, vmsOf } from '../engine/sandbox/index.ts';
import { planProcesses } from '../engine/simulation/plan.ts';
import { Simulation } from '../engine/simulation/simulation.ts';
import { nodeSandbox } from './engine.ts';
import { findEntry, locate, moduleReader, ProjectError, readProjectFiles } from './project-files.ts';
import { DEFAULT_START, requireLoadable } from './run.ts';

/** Arguments of `replay` (`headless.md`). */
export interface ReplayOptions {
  readonly dir: string;
  /** The text of the history file. */
  readonly history: string;
  readonly workflows?: string | undefined;
  readonly workflowId?: string | undefined;
  /** Folder in which the user stands; default that of the process. */
  readonly base?: string | undefined;
}

/** Replays a recorded history on the project's workflow code. Throws a {@link ProjectError} when the code or the file can't be used. */
export async function replayProject(options: ReplayOptions): Promise<ReplayVerdict> {
  const dir = resolve(options.dir);
  const files = readProjectFiles(dir);
  const found = findEntry(files, ['workflows', 'workflows/index']);
  const located = options.workflows !== undefined ? locate('--workflows', options.workflows, dir, files, options.base ?? process.cwd()) : found === null ? null : { path: found, more: {} };
  if (!located) throw new ProjectError(`${options.dir} has no workflows.ts (looked there and in src; say --workflows)`);
  const entry = located.path;
  const project = compileProject({ files: { ...files, ...located.more }, readModule: moduleReader(dir) });
  requireLoadable(project, [entry]);
  const history = readHistory(options.history);
  if (!history.ok) return { ok: false, kind: 'failure', message: history.message };
  const { pool } = await nodeSandbox();
  const worker = findEntry(files, [join(dirname(entry), 'worker'), 'worker', 'worker/index']);
  const verdict = worker === null || !isLoadable(project, worker) ? null : replayAsWorker(pool, project, worker, entry, history.events, options.workflowId ?? 'fake');
  if (verdict !== null) return verdict;
  const vm = createWorkflowVm(pool, project, entry, { sandboxed: true });
  try {
    return replayHistory(vm, history.events, { workflowId: options.workflowId });
  } finally {
    vm.dispose();
  }
}

function isLoadable(project: CompiledProject, entry: string): boolean {
  try {
    requireLoadable(project, [entry]);
    return true;
  } catch (error) {
    if (error instanceof ProjectError) return false;
    throw error;
  }
}

/** Steps in which a worker has to be made: a program that goes on and on does not keep the replay waiting. */
const STEPS = 2_000;

/**
 * Whoever replays a history gives the replay worker the interceptors, converters and codecs of the worker that wrote it: without them it
 * would not understand its payloads. So the project's worker is started, and the worker that it makes does the replay. Null when it makes none.
 */
function replayAsWorker(pool: VmPool, project: CompiledProject, worker: string, entry: string, events: readonly HistoryEvent[], workflowId: string): ReplayVerdict | null {
  const processes = planProcesses({ workers: [worker], workersOfEach: 1, clients: [], clientArgs: [], services: null, env: {} });
  const simulation = new Simulation(
    { seed: 1, startTime: DEFAULT_START, processes, faults: [], projects: { '': project } },
    vmsOf(pool),
  );
  let verdict: ReplayVerdict | null = null;
  try {
    const { id } = must(processes[0], 'the worker');
    while (!simulation.isPolling(id) && simulation.nextAt !== null && simulation.stepNumber < STEPS) simulation.step();
    const asked = simulation.replay(id, entry, events, workflowId, (told) => (verdict = told));
    if (asked) while (verdict === null && simulation.nextAt !== null && simulation.stepNumber < 2 * STEPS) simulation.step();
    return verdict;
  } finally {
    simulation.dispose();
  }
}
