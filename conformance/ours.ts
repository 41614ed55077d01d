import { basename, dirname } from 'node:path';
import { readHistory } from '../src/api/read-history.ts';
import type { CompiledProject } from '../src/api/sandbox.ts';
import type { ReplayVerdict } from '../src/api/verdict.ts';
import { compileProject } from '../src/compile/index.ts';
import { replayHistory } from '../src/engine/core/index.ts';
import { createWorkflowVm } from '../src/engine/sandbox/index.ts';
import { nodeSandbox } from '../src/headless/engine.ts';
import { moduleReader, readProjectFiles } from '../src/headless/project-files.ts';

const projects = new Map<string, CompiledProject>();

/** Replays a history with our Core; as `replayProject` of the headless runner, but the project is compiled once for many histories. */
export async function replayOurs(workflowsPath: string, history: string, workflowId?: string): Promise<ReplayVerdict> {
  const dir = dirname(workflowsPath);
  let project = projects.get(dir);
  if (!project) projects.set(dir, (project = compileProject({ files: readProjectFiles(dir), readModule: moduleReader(dir) })));
  const read = readHistory(history);
  if (!read.ok) return { ok: false, kind: 'failure', message: read.message };
  const sandbox = await nodeSandbox();
  const vm = createWorkflowVm(sandbox.pool, project, basename(workflowsPath), { sandboxed: true });
  try {
    return replayHistory(vm, read.events, { workflowId });
  } finally {
    vm.dispose();
  }
}
