import { resolve } from 'node:path';
import { must } from '../base/assert.ts';
import { timestamp, type DurationMs, type Timestamp } from '../base/brand.ts';
import { parseTimestamp } from '../base/time.ts';
import { compileProject } from '../compile/index.ts';
import { serviceNames } from '../compile/service-names.ts';
import { vmsOf } from '../engine/sandbox/index.ts';
import { planProcesses } from '../engine/simulation/plan.ts';
import { Simulation } from '../engine/simulation/simulation.ts';
import type { ProcessSpec } from '../engine/ports.ts';
import type { CompiledProject } from '../api/sandbox.ts';
import type { FaultRule, TraceEntry } from '../trace/entries.ts';
import { TraceHash } from '../trace/hash.ts';
import { nodeSandbox } from './engine.ts';
import { outcomeOf, time, type RunOutput, type WorkflowOutput } from './output.ts';
import { findEntry, locate, moduleReader, ProjectError, readProjectFiles } from './project-files.ts';

/** Arguments of `run` (`headless.md`); paths are absolute or relative to the folder of the process. */
export interface RunOptions {
  readonly dir: string;
  readonly workflows?: string | undefined;
  readonly workers?: readonly string[] | undefined;
  /** Empty: none runs. */
  readonly clients?: readonly string[] | undefined;
  readonly services?: string | undefined;
  readonly workersOfEach?: number | undefined;
  readonly clientArgs?: readonly string[] | undefined;
  /** Folder in which the user stands, for named files; default that of the process. */
  readonly base?: string | undefined;
  /** Environment variables of workers and clients. */
  readonly env?: { readonly [name: string]: string } | undefined;
  readonly seed?: number | undefined;
  readonly startTime?: string | undefined;
  /** From the start; absent: until idle. */
  readonly until?: DurationMs | undefined;
  readonly faults?: readonly FaultRule[] | undefined;
  /** Folder that `dir` of a `start` fault is relative to. */
  readonly faultsFolder?: string | undefined;
  readonly maxSteps?: number | undefined;
  /** Checks the engine thoroughly (tests and fuzz): compares states with histories. */
  readonly thoroughChecks?: boolean | undefined;
  /** Sees each step's entries (the bench and tests use it). */
  readonly onStep?: ((entries: readonly TraceEntry[]) => void) | undefined;
}

/** Runs a project and says what came of it. Throws a {@link ProjectError} when it does not load or an argument is wrong. */
export async function runProject(options: RunOptions): Promise<RunOutput> {
  const { project, processes } = loadRun(options);
  const projects: { [dir: string]: CompiledProject } = { '': project };
  const faults = options.faults ?? [];
  for (const { do: fault } of faults) if ('start' in fault && fault.dir !== undefined && !(fault.dir in projects)) projects[fault.dir] = loadVersion(options, fault.dir, processes);
  checkFaultTargets(faults, processes);

  const sandbox = await nodeSandbox();
  const startTime = parseStart(options.startTime);
  const simulation = new Simulation(
    { seed: options.seed ?? 1, startTime, processes, faults, projects, thoroughChecks: options.thoroughChecks === true },
    vmsOf(sandbox.pool),
  );
  const collected = new Collector();
  const hash = new TraceHash();
  const maxSteps = options.maxSteps ?? 1_000_000;
  let endedBy: RunOutput['endedBy'];
  try {
    for (;;) {
      const next = simulation.nextAt;
      if (next === null) endedBy = 'idle';
      else if (options.until !== undefined && next > startTime + options.until) endedBy = 'until';
      else if (simulation.stepNumber >= maxSteps) endedBy = 'max-steps';
      else {
        const entries = simulation.step();
        if (entries === null) continue;
        collected.add(entries);
        hash.add(entries);
        options.onStep?.(entries);
        continue;
      }
      break;
    }
    if (options.thoroughChecks) collected.add(simulation.finalViolations());
    const end = endedBy === 'until' ? timestamp(startTime + must(options.until, 'until')) : simulation.now;
    return {
      version: 1, seed: options.seed ?? 1, steps: simulation.stepNumber, virtualStart: time(startTime), virtualEnd: time(end), endedBy, traceHash: hash.digest,
      workflows: workflowsOf(simulation), processes: collected.processes(simulation), services: collected.services, violations: collected.violations,
    };
  } finally {
    simulation.dispose();
  }
}

/** When a run starts that says nothing else. */
export const DEFAULT_START = must(parseTimestamp('2026-01-01T00:00:00Z'), 'start');
const LATEST_START = parseTimestamp('9000-01-01T00:00:00Z') ?? 0;

function parseStart(text: string | undefined): Timestamp {
  if (text === undefined) return DEFAULT_START;
  const at = parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (at === null) throw new ProjectError(`--start-time: not an ISO time: ${text}`);
  // Ids of runs count from 1970; what comes after the year 9999 has no RFC 3339 form.
  if (at < 0 || at >= LATEST_START) throw new ProjectError(`--start-time: a time from 1970 to 8999, not ${text}`);
  return at;
}

const compiled = new Map<string, CompiledProject>();

/** Compiles what changed since this folder was compiled last: a test runs the same project many times. */
function compile(folder: string, files: { readonly [path: string]: string }): CompiledProject {
  const project = compileProject({ files, readModule: moduleReader(folder), previous: compiled.get(folder) });
  compiled.set(folder, project);
  return project;
}

/** Finds the entries, compiles, and refuses what the run would need but can't load. */
function loadRun(options: RunOptions): { project: CompiledProject; processes: ProcessSpec[] } {
  const dir = resolve(options.dir);
  const files = readProjectFiles(dir);
  const named = (flag: string, name: string): string => {
    const { path, more } = locate(flag, name, dir, files, options.base ?? process.cwd());
    Object.assign(files, more);
    return path;
  };
  const required = (flag: string, names: readonly string[]): string => {
    const found = findEntry(files, names);
    if (!found) throw new ProjectError(`${options.dir} has no ${names[0]}.ts (looked there and in src; say ${flag})`);
    return found;
  };
  const workers = options.workers ? options.workers.map((w) => named('--worker', w)) : [required('--worker', ['worker', 'worker/index'])];
  const clients = options.clients ? options.clients.map((c) => named('--client', c)) : [required('--client', ['client', 'client/index'])];
  const services = options.services === undefined ? findEntry(files, ['services']) : named('--services', options.services);
  const workflowsOverride = options.workflows === undefined ? undefined : named('--workflows', options.workflows);
  const workflows = workflowsOverride ?? findEntry(files, ['workflows', 'workflows/index']);

  const project = compile(dir, files);
  const entries = [...new Set([...workers, ...clients, ...(services ? [services] : []), ...(workflows ? [workflows] : [])])];
  requireLoadable(project, entries);

  const names = services === null ? [] : serviceNames(files[services] ?? '', services);
  if (names === null) throw new ProjectError(`${services}: the default export has to be an object of services`);
  const processes = planProcesses({
    workers, workersOfEach: options.workersOfEach ?? 1, clients, clientArgs: options.clientArgs ?? [], workflowsOverride, env: options.env ?? {},
    services: services === null ? null : { entry: services, names },
  });
  return { project, processes };
}

/** The code of a later deployment; files that it does not have come from the project. */
function loadVersion(options: RunOptions, dir: string, processes: readonly ProcessSpec[]): CompiledProject {
  const folder = resolve(options.faultsFolder ?? options.dir, dir);
  const own = readProjectFiles(folder);
  const complete = processes.every((p) => p.kind !== 'worker' || p.entry in own);
  const files = complete ? own : { ...readProjectFiles(resolve(options.dir)), ...own };
  const project = compile(folder, files);
  requireLoadable(project, processes.filter((p) => p.kind === 'worker').map((p) => p.entry));
  return project;
}

/** Throws when a module that the entries reach has errors: file, line and reason of each. */
export function requireLoadable(project: CompiledProject, entries: readonly string[]): void {
  const seen = new Set<string>();
  const problems: string[] = [];
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const module = must(project.modules[path], `compiled ${path}`);
    for (const e of module.errors) problems.push(`${e.file}:${e.line}:${e.column}: ${e.message}`);
    for (const target of Object.values(module.imports)) if (target.kind === 'module') visit(target.path);
  };
  for (const entry of entries) visit(entry);
  if (problems.length > 0) throw new ProjectError(problems.join('\n'));
}

function checkFaultTargets(faults: readonly FaultRule[], processes: readonly ProcessSpec[]): void {
  const ids = new Set(processes.map((p) => p.id));
  faults.forEach(({ when, do: fault }, i) => {
    const named = 'kill' in fault ? fault.kill : 'start' in fault ? fault.start : 'shutdown' in fault ? fault.shutdown : 'evict' in fault ? fault.evict : undefined;
    const by = 'rpc' in when ? when.process : undefined;
    for (const id of [named, by]) if (id !== undefined && !ids.has(id)) throw new ProjectError(`faults[${i}] names an unknown process ${id}; there are ${[...ids].join(', ')}`);
    const evicted = 'evict' in fault ? processes.find((p) => p.id === fault.evict) : undefined;
    if (evicted?.kind === 'service') throw new ProjectError(`faults[${i}]: ${evicted.id} is no worker and has no workflow cache`);
    if ('outage' in fault && fault.outage.service !== 'temporal' && !ids.has(`service-${fault.outage.service}`)) throw new ProjectError(`faults[${i}] names an unknown service ${fault.outage.service}`);
    if (('drop' in fault || 'delay' in fault) && !('rpc' in when)) throw new ProjectError(`faults[${i}]: drop and delay need "rpc" in "when"`);
  });
}

function workflowsOf(simulation: Simulation): { [workflowId: string]: WorkflowOutput } {
  return Object.fromEntries(
    Object.entries(simulation.service.workflows()).map(([workflowId, views]): [string, WorkflowOutput] => {
      const runs = views.map(({ runId, workflowType, status, events }) => ({ runId, workflowType, status, history: { events } }));
      const last = must(runs.at(-1), 'a workflow has a run');
      return [workflowId, { status: last.status, ...outcomeOf(last.history.events), runs }];
    }),
  );
}

/** Gathers from the trace what the output shows beside histories. */
class Collector {
  readonly violations: { rule: string; message: string }[] = [];
  readonly services = Object.create(null) as { [name: string]: { requests: number; ledger: { [key: string]: unknown }[] } };
  readonly #logs: { [process: string]: { at: string; level: string; text: string }[] } = {};
  #now = '';

  add(entries: readonly TraceEntry[]): void {
    for (const entry of entries)
      switch (entry.type) {
        case 'step':
          this.#now = time(entry.at);
          break;
        case 'process':
          if (entry.kind === 'service') this.#service(entry.process.replace(/^service-/, ''));
          break;
        case 'log':
          (this.#logs[entry.process] ??= []).push({ at: this.#now, level: entry.level, text: entry.text });
          break;
        case 'serviceRequest':
          if (entry.phase === 'received') this.#service(entry.service).requests++;
          break;
        case 'ledger':
          this.#service(entry.service).ledger.push({ at: time(entry.at), ...entry.entry });
          break;
        case 'violation':
          this.violations.push({ rule: entry.rule, message: entry.message });
          break;
        default:
      }
  }

  processes(simulation: Simulation): RunOutput['processes'] {
    return Object.fromEntries(simulation.processIds.map((id) => [id, { exitCode: simulation.exitCode(id), log: this.#logs[id] ?? [] }]));
  }

  #service(name: string): { requests: number; ledger: { [key: string]: unknown }[] } {
    return (this.services[name] ??= { requests: 0, ledger: [] });
  }
}
