import { join } from 'node:path';
import { must } from '../src/base/assert.ts';
import { timestamp } from '../src/base/brand.ts';
import { parseTimestamp } from '../src/base/time.ts';
import type { HistoryEvent } from '../src/api/proto.ts';
import type { CompiledProject, WorkflowVm } from '../src/api/sandbox.ts';
import { compileProject } from '../src/compile/index.ts';
import { createWorkflowVm } from '../src/engine/sandbox/index.ts';
import { planProcesses } from '../src/engine/simulation/plan.ts';
import { Simulation } from '../src/engine/simulation/simulation.ts';
import { nodeSandbox } from '../src/headless/engine.ts';
import { readProjectFiles } from '../src/headless/project-files.ts';
import type { TraceEntry } from '../src/trace/entries.ts';

/** A project of bench/projects, compiled. */
export const compileBench = (root: string, name: string): CompiledProject => compileProject({ files: readProjectFiles(join(root, 'bench/projects', name)) });

/** What a run did. */
export interface Simulated {
  /** History events written, of all workflows. */
  readonly events: number;
  readonly steps: number;
  /** Wall time from making the processes' VMs to idle: Service, Core, workers, client, trace, checkers. */
  readonly milliseconds: number;
}

/**
 * Runs a compiled project with one worker and one client to its end.
 * @param size argument of the client: how much work it asks for
 * @param watch `onEntry` sees the trace, `atEnd` the workflow VMs before they are disposed of
 */
export async function simulate(
  project: CompiledProject, size: number, watch: { readonly onEntry?: (entry: TraceEntry) => void; readonly atEnd?: (vms: readonly WorkflowVm[]) => void } = {},
): Promise<Simulated> {
  const { pool } = await nodeSandbox();
  const vms: WorkflowVm[] = [];
  const started = performance.now();
  const simulation = new Simulation(
    {
      seed: 1, startTime: timestamp(must(parseTimestamp('2026-01-01T00:00:00Z'), 'start')), faults: [], projects: { '': project },
      processes: planProcesses({ workers: ['worker.ts'], workersOfEach: 1, clients: ['client.ts'], clientArgs: [String(size)], services: null, env: {} }),
    },
    {
      pool,
      createWorkflowVm: (...args) => {
        const vm = createWorkflowVm(pool, ...args);
        vms.push(vm);
        return vm;
      },
    },
  );
  let events = 0;
  for (let entries = simulation.step(); entries !== null; entries = simulation.step()) {
    for (const entry of entries) {
      if (entry.type === 'history') events++;
      watch.onEntry?.(entry);
    }
  }
  const milliseconds = performance.now() - started;
  watch.atEnd?.(vms);
  simulation.dispose();
  return { events, steps: simulation.stepNumber, milliseconds };
}

/** Keeps the history of one workflow. */
export function historyCollector(workflowId: string): { readonly events: HistoryEvent[]; readonly onEntry: (entry: TraceEntry) => void } {
  const events: HistoryEvent[] = [];
  return { events, onEntry: (entry) => void (entry.type === 'history' && entry.workflowId === workflowId && events.push(entry.event)) };
}

/** The run of median speed out of `runs`. */
export async function medianRun(runs: number, run: () => Promise<Simulated>): Promise<Simulated> {
  const all: Simulated[] = [];
  for (let i = 0; i < runs; i++) all.push(await run());
  all.sort((a, b) => a.milliseconds - b.milliseconds);
  return must(all[runs >> 1], 'a run');
}

/** Events per second of wall time. */
export const rate = ({ events, milliseconds }: Pick<Simulated, 'events' | 'milliseconds'>): number => Math.round((events * 1000) / milliseconds);
