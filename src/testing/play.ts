import { join } from 'node:path';
import type { CompiledProject } from '../api/sandbox.ts';
import { assert, must } from '../base/assert.ts';
import { timestamp } from '../base/brand.ts';
import { readMs } from '../base/ms.ts';
import { compileProject } from '../compile/index.ts';
import { serviceNames } from '../compile/service-names.ts';
import { vmsOf } from '../engine/sandbox/index.ts';
import { planProcesses } from '../engine/simulation/plan.ts';
import { Simulation } from '../engine/simulation/simulation.ts';
import { nodeSandbox, projectRoot } from '../headless/engine.ts';
import { findEntry, readProjectFiles } from '../headless/project-files.ts';
import type { Cue, Moment, Scenario } from '../scenarios/types.ts';
import type { Fault } from '../trace/entries.ts';
import type { Frame } from '../trace/frame.ts';
import { TraceModel } from '../trace/model.ts';

/** What a learner does: waits for a moment, then acts. */
export interface Act {
  readonly when: Cue;
  /** Null: the learner only looks. */
  readonly do: Fault | ((frame: Frame) => Fault) | null;
}

export interface PlayOptions {
  readonly variant?: string;
  readonly seed?: number;
  /** In this order; each waits for its cue after the one before it was done. */
  readonly acts?: readonly Act[];
  /** Changes the project's sources, as a learner would in the editor. */
  readonly edit?: (files: { [path: string]: string }) => void;
  /** Later versions of the code, by the name that a `start` fault gives as `dir`. */
  readonly versions?: { readonly [dir: string]: (files: { [path: string]: string }) => void };
  /** The learner forked or stepped back to get here. */
  readonly forked?: boolean;
}

export interface Played {
  /** Branch 0 has everything. */
  readonly model: TraceModel;
  readonly frame: Frame;
  /** Goals that held at any step. */
  readonly goals: readonly string[];
  /** Steps at which the acts were done. */
  readonly actedAt: readonly number[];
}

const START = timestamp(1_767_225_600_000);
/** No scenario has this many: a run that does not end. */
const MAX_STEPS = 100_000;

/** Plays a scenario on the engine like a learner in front of the screen, to its end. Throws when an act's moment never comes. */
export async function playScenario(scenario: Scenario, options: PlayOptions = {}): Promise<Played> {
  const variant = must(scenario.variants.find((v) => v.id === (options.variant ?? scenario.variants[0]?.id)), `variant ${options.variant}`);
  const files = readProjectFiles(join(projectRoot(), 'src', 'scenarios', scenario.slug, 'project'));
  options.edit?.(files);
  const services = variant.services ?? findEntry(files, ['services']);
  const processes = planProcesses({
    workers: variant.workers ?? ['worker.ts'], workersOfEach: variant.workerCount ?? 1, clients: variant.clients ?? ['client.ts'], clientArgs: variant.clientArgs ?? [], env: variant.env ?? {},
    services: services === null ? null : { entry: services, names: serviceNames(files[services] ?? '', services) ?? [] },
  });
  const projects: { [dir: string]: CompiledProject } = { '': compileProject({ files }) };
  for (const [dir, change] of Object.entries(options.versions ?? {})) {
    const changed = { ...files };
    change(changed);
    projects[dir] = compileProject({ files: changed });
  }
  const sandbox = await nodeSandbox();
  const simulation = new Simulation(
    { seed: options.seed ?? scenario.seed, startTime: START, processes, faults: variant.faults ?? [], projects },
    vmsOf(sandbox.pool),
  );
  const until = variant.until === undefined || variant.until === 'idle' ? null : START + must(readMs(variant.until), 'until');
  const model = new TraceModel(START);
  model.setBranch({ id: 0, parent: null, forkStep: 0, label: '', ended: null });
  const goals = new Set<string>();
  const actedAt: number[] = [];
  const acts = [...(options.acts ?? [])];
  const now = (): Moment => ({ frame: model.frameAt(0, model.head(0)), forked: options.forked ?? false, steppedBack: options.forked ?? false });
  try {
    for (;;) {
      const moment = now();
      for (const goal of scenario.goals) if (goal.reached(moment)) goals.add(goal.id);
      const act = acts[0];
      if (act?.when(moment)) {
        acts.shift();
        actedAt.push(moment.frame.step);
        if (act.do === null) continue;
        const fault = typeof act.do === 'function' ? act.do(moment.frame) : act.do;
        model.append(0, simulation.stepNumber, simulation.input({ type: 'injectFault', fault }));
        continue;
      }
      if (until !== null && simulation.nextAt !== null && simulation.nextAt > until) break;
      const from = simulation.stepNumber;
      const entries = simulation.step();
      if (entries === null) break;
      assert(from < MAX_STEPS, `${scenario.slug} does not end`);
      model.append(0, from, entries);
    }
    assert(acts.length === 0, `the moment of act ${actedAt.length + 1} of ${scenario.slug} never comes`);
    return { model, frame: now().frame, goals: [...goals], actedAt };
  } finally {
    simulation.dispose();
  }
}
