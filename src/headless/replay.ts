import { resolve } from 'node:path';
import { compileProject } from '../compile/index.ts';
import type { ReplayVerdict } from '../api/verdict.ts';
import { readHistory } from '../api/read-history.ts';
import { replayHistory } from '../engine/core/index.ts';
import { createWorkflowVm } from '../engine/sandbox/index.ts';
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
  const project = compileProject({ files: { ...files, ...located.more }, readModule: moduleReader(dir) });
  requireLoadable(project, [entry]);
  const history = readHistory(options.history);
  if (!history.ok) return { ok: false, kind: 'failure', message: history.message };
  const sandbox = await nodeSandbox();
  const vm = createWorkflowVm(sandbox.pool, project, entry, { sandboxed: true });
  try {
    return replayHistory(vm, history.events, { workflowId: options.workflowId });
  } finally {
    vm.dispose();
  }
}
