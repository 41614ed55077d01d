import { assert, must } from '../base/assert.ts';
import { timestamp, type Timestamp } from '../base/brand.ts';
import { parseMs } from '../base/ms.ts';
import { parseTimestamp } from '../base/time.ts';
import { readHistory } from '../api/read-history.ts';
import type { CompiledProject, CompileError } from '../api/sandbox.ts';
import { replayHistory } from '../engine/core/index.ts';
import { createWorkflowVm, vmsOf, type Sandbox } from '../engine/sandbox/index.ts';
import { planProcesses } from '../engine/simulation/plan.ts';
import { Simulation, type SimulationConfig } from '../engine/simulation/simulation.ts';
import type { ProcessSpec } from '../engine/ports.ts';
import type { BenchRequest, BenchRun, BranchId, BranchInfo, Notice, Requests, RunRequest } from '../protocol/messages.ts';
import type { Input, RunSetup, TraceEntry } from '../trace/entries.ts';
import { TraceHash } from '../trace/hash.ts';
import { traceOfHistory } from '../trace/of-history.ts';

/** A scenario as it is shipped: sources and what they compile to. */
export interface ScenarioBundle {
  readonly files: { readonly [path: string]: string };
  readonly project: CompiledProject;
  /** Names of the services by the file that exports them; null when its default export is no object of services. */
  readonly serviceNames: { readonly [file: string]: readonly string[] | null };
}

/** What a session needs from its surroundings. */
export interface SessionParts {
  readonly sandbox: Sandbox;
  readonly loadScenario: (slug: string) => Promise<ScenarioBundle>;
  /** Compiles changed sources; loads the compiler on first use. */
  readonly compile: (files: { readonly [path: string]: string }) => Promise<ScenarioBundle>;
  readonly notify: (notice: Notice) => void;
  /** Lets other work run; resolves soon. */
  readonly pause: () => Promise<void>;
  /** Milliseconds of real time, only for giving way to others. */
  readonly clock: () => number;
}

/** A continuation. The log of inputs makes it; its simulation is kept while there is room, and made again when needed. */
interface Branch {
  readonly id: BranchId;
  readonly parent: BranchId | null;
  readonly forkStep: number;
  readonly label: string;
  readonly inputs: readonly { readonly step: number; readonly input: Input }[];
  simulation: Simulation | null;
  headStep: number;
  wantedStep: number;
  ended: BranchInfo['ended'];
  /** What broke it: our own bug. */
  broken: string | null;
}

interface Run {
  readonly number: number;
  readonly bundle: ScenarioBundle;
  readonly workflows: string;
  readonly until: Timestamp | null;
  readonly config: SimulationConfig;
  /** Code by folder; deployments add to it. */
  readonly projects: { [dir: string]: CompiledProject };
  readonly branches: Branch[];
}

/** How far the engine runs ahead of what was asked for, in steps. */
const LEAD = 600;
/** Simulations kept alive; each holds VMs. */
const LIVE = 3;
/** How long the engine works before it gives way, in ms. */
const SLICE_MS = 10;
/** Steps of the bench that are hashed at once, off the clock. */
const UNHASHED_STEPS = 500;
const START = timestamp(must(parseTimestamp('2026-01-01T00:00:00Z'), 'start'));

/** The engine's side of the protocol: one loaded run with its branches. */
export class Session {
  readonly #parts: SessionParts;
  #run: Run | null = null;
  #runs = 0;
  #pumping = false;
  /** Inputs that are being worked on. */
  #inputs = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Compiles and starts; the run before it stays if the code does not compile. */
  async load(request: RunRequest): Promise<Requests['load']['response']> {
    const bundle = await this.#parts.loadScenario(request.slug);
    const code = await this.#codeWith(bundle, request.files);
    const { project } = code;
    const processes = processesOf(code, request.setup ?? {});
    const errors = [...errorsReached(project, [...processes.map((p) => p.entry), request.setup?.workflows ?? WORKFLOWS]), ...serviceErrors(code)];
    if (errors.length > 0) return { ok: false, errors };
    this.#run?.branches.forEach((branch) => release(branch));
    const projects = { '': project };
    const until = request.setup?.until;
    this.#run = {
      number: ++this.#runs, bundle, projects,
      until: until === undefined || until === 'idle' ? null : timestamp(START + parseMs(until)),
      workflows: request.setup?.workflows ?? WORKFLOWS,
      config: { seed: request.seed, startTime: START, faults: request.setup?.faults ?? [], projects, processes },
      branches: [createBranch(0, null, 0, '', [])],
    };
    void this.#pump();
    return { ok: true };
  }

  /** An input at a step: continues the branch when it is its end, forks otherwise. */
  async input(request: Requests['input']['request']): Promise<Requests['input']['response']> {
    this.#inputs++;
    try {
      return await this.#input(request);
    } finally {
      this.#inputs--;
      void this.#pump();
    }
  }

  async #input({ branchId, step, input, files }: Requests['input']['request']): Promise<Requests['input']['response']> {
    const run = must(this.#run, 'nothing is loaded');
    const origin = must(run.branches[branchId], `no branch ${branchId}`);
    assert(step <= origin.headStep, `step ${step} of branch ${branchId} has not been computed`);
    let logged = input;
    if (input.type === 'deploy') {
      const { project } = await this.#codeWith(run.bundle, files ?? {});
      const spec = must(run.config.processes.find((p) => p.id === input.process), `no process ${input.process}`);
      const errors = errorsReached(project, spec.kind === 'worker' ? [spec.entry, run.workflows] : [spec.entry]);
      if (errors.length > 0) return { ok: false, errors };
      const dir = `version ${Object.keys(run.projects).length + 1}`;
      run.projects[dir] = project;
      logged = { ...input, dir };
    }
    const inputs = [...origin.inputs.filter((i) => i.step <= step), { step: step + 1, input: logged }];
    const label = logged.type === 'deploy' ? `deploy ${logged.process}` : Object.entries(logged.fault).map(([k, v]) => `${k} ${typeof v === 'string' ? v : ''}`.trim())[0] ?? '';
    const branch = createBranch(run.branches.length, branchId, step, label, inputs);
    run.branches.push(branch);
    branch.wantedStep = step + LEAD;
    await this.#revive(run, branch, step);
    this.#send(run, branch, step, must(branch.simulation, 'simulation').input(logged));
    return { ok: true, branchId: branch.id, step: step + 1, dir: logged.type === 'deploy' ? logged.dir : null };
  }

  /** Asks for more steps of a branch. */
  runTo({ branchId, step }: Requests['runTo']['request']): Requests['runTo']['response'] {
    const branch = must(this.#run?.branches[branchId], `no branch ${branchId}`);
    branch.wantedStep = Math.max(branch.wantedStep, step + LEAD);
    void this.#pump();
    return { headStep: branch.headStep };
  }

  /** Replays a history from elsewhere on the loaded code. */
  async importHistory({ text, workflowId }: Requests['importHistory']['request']): Promise<Requests['importHistory']['response']> {
    const run = must(this.#run, 'nothing is loaded');
    const history = readHistory(text);
    if (!history.ok) return history;
    const vm = createWorkflowVm(this.#parts.sandbox.pool, must(run.projects[''], 'project'), run.workflows, { sandboxed: true });
    try {
      const verdict = replayHistory(vm, history.events, { workflowId });
      return { ok: true, events: history.events.length, workflowType: history.events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '', verdict, history: traceOfHistory(history.events) };
    } finally {
      vm.dispose();
    }
  }

  /** Simulates a load with many seeds, as fast as it goes; gives way between runs. */
  async bench({ slug, setup, firstSeed, seeds }: BenchRequest): Promise<Requests['bench']['response']> {
    const bundle = await this.#parts.loadScenario(slug);
    const runs: BenchRun[] = [];
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
      const hash = new TraceHash();
      let events = 0;
      let milliseconds = 0;
      let started = this.#parts.clock();
      const simulation = this.#simulate({ seed, startTime: START, faults: setup?.faults ?? [], projects: { '': bundle.project }, processes: processesOf(bundle, setup ?? {}) });
      for (let ended = false; !ended; ) {
        const steps: (readonly TraceEntry[])[] = [];
        while (!ended && steps.length < UNHASHED_STEPS) {
          const entries = simulation.step();
          if (entries === null) ended = true;
          else steps.push(entries);
        }
        milliseconds += this.#parts.clock() - started;
        for (const entries of steps) {
          hash.add(entries);
          for (const entry of entries) if (entry.type === 'history') events++;
        }
        started = this.#parts.clock();
      }
      runs.push({ seed, steps: simulation.stepNumber, events, milliseconds, traceHash: hash.digest });
      simulation.dispose();
      await this.#parts.pause();
    }
    return { runs };
  }

  #simulate(config: SimulationConfig): Simulation {
    return new Simulation(config, vmsOf(this.#parts.sandbox.pool));
  }

  async #codeWith(bundle: ScenarioBundle, files: { readonly [path: string]: string }): Promise<ScenarioBundle> {
    const changed = Object.entries(files).some(([path, text]) => bundle.files[path] !== text);
    return changed ? this.#parts.compile({ ...bundle.files, ...files }) : bundle;
  }

  /** Brings a branch's simulation to `step` by running it from the start with its inputs. */
  async #revive(run: Run, branch: Branch, step: number): Promise<void> {
    for (const other of run.branches.filter((b) => b !== branch && b.simulation !== null).slice(0, -(LIVE - 1))) release(other);
    const simulation = this.#simulate(run.config);
    branch.simulation = simulation;
    let until = this.#parts.clock() + SLICE_MS;
    while (simulation.stepNumber < step) {
      const due = branch.inputs.find((i) => i.step === simulation.stepNumber + 1);
      const entries = due ? simulation.input(due.input) : simulation.step();
      assert(entries !== null, `branch ${branch.id} can't be run to step ${step} again`);
      if (this.#parts.clock() > until) {
        await this.#parts.pause();
        until = this.#parts.clock() + SLICE_MS;
      }
    }
  }

  /** Runs every branch to where it is wanted, the newest first, giving way between slices. */
  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (;;) {
        // Somebody waits for an input: no branch that loops may come between.
        if (this.#inputs > 0) return;
        const run = this.#run;
        const branch = run?.branches.findLast((b) => b.ended === null && b.broken === null && b.headStep < b.wantedStep);
        if (!run || !branch) return;
        await this.#slice(run, branch);
        await this.#parts.pause();
      }
    } finally {
      this.#pumping = false;
    }
  }

  async #slice(run: Run, branch: Branch): Promise<void> {
    if (branch.simulation === null) await this.#revive(run, branch, branch.headStep);
    if (this.#run !== run) return;
    const simulation = must(branch.simulation, 'simulation');
    const from = branch.headStep;
    const entries: TraceEntry[] = [];
    const until = this.#parts.clock() + SLICE_MS;
    try {
      do {
        if (run.until !== null && simulation.nextAt !== null && simulation.nextAt > run.until) {
          branch.ended = 'until';
          break;
        }
        const next = simulation.step();
        if (next === null) {
          branch.ended = 'idle';
          break;
        }
        for (const entry of next) entries.push(entry);
      } while (simulation.stepNumber < branch.wantedStep && this.#parts.clock() < until);
    } catch (error) {
      branch.broken = (error as Error).message;
      branch.ended = 'broken';
      entries.push({ type: 'violation', rule: 'engine', message: `${(error as Error).message}` });
    }
    this.#send(run, branch, from, entries);
  }

  #send(run: Run, branch: Branch, fromStep: number, entries: readonly TraceEntry[]): void {
    const simulation = must(branch.simulation, 'simulation');
    branch.headStep = branch.broken === null ? simulation.stepNumber : branch.headStep + entries.filter((e) => e.type === 'step').length;
    const branches = run.branches.map(({ id, parent, forkStep, label, headStep, ended }): BranchInfo => ({ id, parent, forkStep, label, headStep, ended }));
    this.#parts.notify({ run: run.number, branchId: branch.id, fromStep, entries, branches });
  }
}

const WORKFLOWS = 'workflows.ts';

/** Processes of a scenario; its project has `worker.ts`, `client.ts` and perhaps `services.ts` unless the variant says otherwise. */
function processesOf(bundle: ScenarioBundle, setup: RunSetup): ProcessSpec[] {
  const services = setup.services ?? 'services.ts';
  const names = bundle.serviceNames[services];
  return planProcesses({
    workers: setup.workers ?? ['worker.ts'], workersOfEach: setup.workerCount ?? 1, clients: setup.clients ?? ['client.ts'], clientArgs: setup.clientArgs ?? [], env: setup.env ?? {},
    services: names ? { entry: services, names } : null, workflowsOverride: setup.workflows,
  });
}

const createBranch = (id: BranchId, parent: BranchId | null, forkStep: number, label: string, inputs: Branch['inputs']): Branch => ({
  id, parent, forkStep, label, inputs, simulation: null, headStep: forkStep, wantedStep: LEAD, ended: null, broken: null,
});

/** A `services.ts` that runs and yet says of no service what it does. */
const serviceErrors = (code: ScenarioBundle): CompileError[] =>
  Object.entries(code.serviceNames).flatMap(([file, names]) => (names === null && code.project.modules[file]?.errors.length === 0 ? [{ file, line: 1, column: 1, message: 'the default export has to be an object of services' }] : []));

function release(branch: Branch): void {
  branch.simulation?.dispose();
  branch.simulation = null;
}

/** Errors of all modules that the entries reach. */
export function errorsReached(project: CompiledProject, entries: readonly string[]): CompileError[] {
  const seen = new Set<string>();
  const errors: CompileError[] = [];
  const visit = (path: string): void => {
    const module = project.modules[path];
    if (seen.has(path) || !module) return;
    seen.add(path);
    errors.push(...module.errors);
    for (const target of Object.values(module.imports)) if (target.kind === 'module') visit(target.path);
  };
  for (const entry of entries) visit(entry);
  return errors;
}
