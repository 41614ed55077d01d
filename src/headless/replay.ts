import { basename, dirname, resolve } from 'node:path';
import { compileProject } from '../compile/index.ts';
import type { HistoryEvent } from '../api/proto.ts';
import type { CompiledProject } from '../api/sandbox.ts';
import type { ReplayVerdict } from '../api/verdict.ts';
import { readHistory } from '../api/read-history.ts';
import { timestamp } from '../base/brand.ts';
import { replayHistory } from '../engine/core/index.ts';
import { createWorkflowVm } from '../engine/sandbox/index.ts';
import { planProcesses } from '../engine/simulation/plan.ts';
import { Simulation } from '../engine/simulation/simulation.ts';
import { nodeSandbox } from './engine.ts';
import { findEntry, locate, moduleReader, ProjectError, readProjectFiles } from './project-files.ts';
import { requireLoadable } from './run.ts';

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
  Object.assign(files, located.more);
  const project = compileProject({ files, readModule: moduleReader(dir) });
  requireLoadable(project, [entry]);
  const history = readHistory(options.history);
  if (!history.ok) return { ok: false, kind: 'failure', message: history.message };
  const byWorker = await replayAsWorker({ dir, files, project, entry, events: history.events, workflowId: options.workflowId });
  if (byWorker) return byWorker;
  const sandbox = await nodeSandbox();
  const vm = createWorkflowVm(sandbox.pool, project, entry, { sandboxed: true });
  try {
    return replayHistory(vm, history.events, { workflowId: options.workflowId });
  } finally {
    vm.dispose();
  }
}

/** Options of a worker without which its histories may not replay: converters, codecs, interceptors, errors that fail a workflow, and plugins, which may bring any of them. */
const MATTERS = /dataConverter|workflowModules|workflowInterceptorModules|workflowFailureErrorTypes|ignoreModules|plugins/;

/** Loaded before the project's worker: replays the history with the options of each worker that it creates. */
const DRIVER = `import { Worker } from '@temporalio/worker';
const create = Worker.create;
Worker.create = async function (options) {
  if (options.workflowsPath || options.workflowBundle) {
    const history = JSON.parse(process.env.REPLAYED_HISTORY);
    for await (const _ of Worker.runReplayHistories(options, [{ workflowId: process.env.REPLAYED_WORKFLOW, history }]));
  }
  return create.call(this, options);
};`;

/** More than any worker needs until it is created. */
const STEPS = 1000;

interface Replayed {
  readonly dir: string;
  readonly files: { readonly [path: string]: string };
  readonly project: CompiledProject;
  /** The workflows file. */
  readonly entry: string;
  readonly events: readonly HistoryEvent[];
  readonly workflowId: string | undefined;
}

/** Replays as the project's worker would, where its options matter; null when there is no such worker, or it does not come so far. */
async function replayAsWorker({ dir, files, project, entry, events, workflowId }: Replayed): Promise<ReplayVerdict | null> {
  const beside = dirname(entry) === '.' ? '' : `${dirname(entry)}/`;
  const worker = findEntry(files, [`${beside}worker`, 'worker', 'worker/index']);
  if (worker === null || !Object.entries(files).some(([path, text]) => !/\.(?:json|toml)$/.test(path) && MATTERS.test(text))) return null;
  const [driver, main] = ['.mts', '-main.mts'].map((ending) => `${worker}.replay${ending}`) as [string, string];
  const text = [driver, worker].map((path) => `import ${JSON.stringify(`./${basename(path)}`)};`).join('\n');
  const driven = compileProject({ files: { ...files, [driver]: DRIVER, [main]: text }, readModule: moduleReader(dir), previous: project });
  const env = { REPLAYED_HISTORY: JSON.stringify({ events }), REPLAYED_WORKFLOW: workflowId ?? 'fake' };
  const processes = planProcesses({ workers: [main], workersOfEach: 1, clients: [], clientArgs: [], services: null, env });
  const sandbox = await nodeSandbox();
  let verdict: ReplayVerdict | null = null;
  const simulation = new Simulation(
    { seed: 1, startTime: timestamp(0), processes, faults: [], projects: { '': driven } },
    {
      pool: sandbox.pool,
      createWorkflowVm: (p, e, o) => createWorkflowVm(sandbox.pool, p, e, o),
      replayed: (code, said) => {
        if (code === entry) verdict ??= said;
      },
    },
  );
  try {
    while (verdict === null && simulation.nextAt !== null && simulation.stepNumber < STEPS) simulation.step();
    return verdict;
  } finally {
    simulation.dispose();
  }
}
