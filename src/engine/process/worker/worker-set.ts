import type { ProcessId } from '../../../base/brand.ts';
import { nextU32 } from '../../../base/random.ts';
import type { Failure, HistoryEvent, PollWorkflowTaskQueueResponse, StartWorkflowExecutionRequest } from '../../../api/proto.ts';
import type { CallId, RpcResult } from '../../../api/rpc.ts';
import type { CompiledProject, WorkflowVm } from '../../../api/sandbox.ts';
import { bundledImports, projectRoot } from '../../sandbox/project.ts';
import type { CoreConfig, CoreRun, ProcessHost, ProcessItem, ReplayVerdict } from '../../ports.ts';
import type { WorkerConfig, WorkerMessage, WorkerOp, WorkflowsConfig } from './messages.ts';
import { modelResourceUsage } from './slots.ts';
import { WorkerHost } from './worker-host.ts';
import { LOGGER_SINK } from './workflow-output.ts';

/** What the workers of a process need from it. */
export interface WorkerSetParts {
  readonly host: ProcessHost;
  readonly process: ProcessId;
  readonly project: CompiledProject;
  /** False: raw mode, chance and clock of workflow code are the process's own. */
  readonly sandboxed: boolean;
  /** The path of a module as user code names it, made the project's; null when there is none. */
  resolve(reference: string): string | null;
  deliver(message: (WorkerMessage & { readonly cachedWorkflows: number }) | { readonly type: 'workerCreated'; readonly worker: number; readonly error: string | null } | ReplayedMessage): void;
  createRun(vm: WorkflowVm, config: CoreConfig, task: PollWorkflowTaskQueueResponse): CoreRun;
  replay(vm: WorkflowVm, history: readonly HistoryEvent[], workflowId: string): ReplayVerdict;
}

type ReplayedMessage = { readonly type: 'replayed'; readonly id: number; readonly verdict: ReplayVerdict; readonly runId: string };

/** `Worker.runReplayHistory`. */
interface ReplayOp {
  readonly op: 'replay';
  readonly id: number;
  readonly workflows: WorkflowsConfig;
  readonly history: { readonly events?: readonly HistoryEvent[] };
  readonly workflowId: string;
}

/** Text of the genuine bundler; `%` stands for the list. */
const DISALLOWED =
  'Your Workflow code (or a library used by your Workflow code) is importing the following disallowed modules:\n%' +
  "These modules can't be used in workflow context as they might break determinism." +
  'HINT: Consider the following options:\n' +
  ' • Make sure that activity code is not imported from workflow code. Use `import type` to import activity function signatures.\n' +
  ' • Move code that has non-deterministic behaviour to activities.\n' +
  " • If you know for sure that a disallowed module will not be used at runtime, add its name to 'WorkerOptions.bundlerOptions.ignoreModules' in order to dismiss this warning.\n" +
  'See also: https://typescript.temporal.io/api/namespaces/worker#workflowbundleoption and https://docs.temporal.io/typescript/determinism.';

const matches = (name: string, modules: readonly string[]): boolean => modules.some((module) => name === module || name.startsWith(`${module}/`));
/** Built-ins that workflow code may import: what vm/workflow-entry.ts brings along. */
const mayBeUsed = (name: string): boolean =>
  ['assert', 'url', 'util'].includes(name) || (matches(name, ['@temporalio/workflow', '@temporalio/common', 'ms', 'nanoid', 'uuid']) && name !== '@temporalio/common/lib/internal-non-workflow');
/** Its words for a module that is written with the scheme of Node's own, whichever it is: webpack builds for browsers. */
const UNHANDLED_SCHEME =
  "Webpack finished with errors, if you're unsure what went wrong, visit our troubleshooting page at https://docs.temporal.io/develop/typescript/debugging#webpack-errors\n" +
  'ERROR in node:% ($)\nModule build failed: UnhandledSchemeError: Reading from "node:%" is not handled by plugins (Unhandled scheme).';
const lineOf = (source: string, specifier: string): number => source.slice(0, Math.max(0, source.indexOf(specifier))).split('\n').length;

/** What the VM calls the decoding of a history: Workflow Tasks are numbered from 1. */
const REPLAY_CODING = 0;

/** The workers of one process, by number. */
export class WorkerSet {
  readonly #parts: WorkerSetParts;
  readonly #workers: { [number: number]: WorkerHost } = {};
  readonly #configs: { [number: number]: WorkerConfig } = {};
  #decoded: (value: unknown, failure: Failure | undefined) => void = () => {};
  /** Which worker keeps a slot for the Workflow Task that the answer to a call of the VM may bring. */
  readonly #eagerStarts: { [callOfVm: number]: number } = {};

  constructor(parts: WorkerSetParts) {
    this.#parts = parts;
  }

  /** An op of the VM; false when it is none of ours. */
  onOp(op: { readonly op: string }): boolean {
    const known = op as WorkerOp | ReplayOp;
    switch (known.op) {
      case 'workerCreate':
        this.#create(known.worker, known.config);
        return true;
      case 'workerRun':
        this.#workers[known.worker]?.run(known.limits);
        return true;
      case 'workerShutdown':
        this.#workers[known.worker]?.shutdown();
        return true;
      case 'workerAbandon':
        this.#workers[known.worker]?.abandon();
        return true;
      case 'activityResult':
        this.#workers[known.worker]?.onActivityResult(known.token, known.result);
        return true;
      case 'activityHeartbeat':
        this.#workers[known.worker]?.onHeartbeat(known.token, known.details);
        return true;
      case 'coded':
        if (known.id === REPLAY_CODING) this.#decoded(known.value, known.failure);
        else this.#workers[known.worker]?.onCoded(known.id, known.value, known.failure);
        return true;
      case 'replay':
        this.#replay(known);
        return true;
      default:
        return false;
    }
  }

  /** An answer; false when no worker asked. */
  onReply(callId: CallId, result: RpcResult): boolean {
    return Object.values(this.#workers).some((worker) => worker.onReply(callId, result));
  }

  /** Reserves a slot for the first Workflow Task of a workflow that is about to be started; false when no worker has one. */
  reserveEagerStart(callOfVm: number, { namespace, taskQueue }: StartWorkflowExecutionRequest): boolean {
    const found = Object.entries(this.#workers).find(([, worker]) => worker.reserveEagerStart(namespace ?? '', taskQueue?.name ?? ''));
    if (found) this.#eagerStarts[callOfVm] = Number(found[0]);
    return found !== undefined;
  }

  /** A call of the VM was answered, perhaps with a Workflow Task. */
  onEagerStart(callOfVm: number, task: PollWorkflowTaskQueueResponse | undefined): void {
    const worker = this.#eagerStarts[callOfVm];
    if (worker === undefined) return;
    delete this.#eagerStarts[callOfVm];
    this.#workers[worker]?.onEagerStart(task);
  }

  /** An agenda item; false when it is of no worker. */
  fire(item: ProcessItem): boolean {
    if (typeof item['worker'] !== 'number') return false;
    this.#workers[item['worker']]?.fire(item);
    return true;
  }

  evictAll(): void {
    for (const worker of Object.values(this.#workers)) worker.evictAll();
  }

  /** The process is gone. */
  dispose(): void {
    for (const worker of Object.values(this.#workers)) worker.dispose();
  }

  /** The process is busy, for a while or for good: Core's threads go on polling, what they get is not worked off. */
  hold(busy: boolean): void {
    for (const worker of Object.values(this.#workers)) worker.hold(busy);
  }

  #create(worker: number, config: WorkerConfig): void {
    const { host, process } = this.#parts;
    this.#configs[worker] = config;
    this.#workers[worker] = new WorkerHost({
      host, process, worker, config,
      toVm: (message, cachedWorkflows) => this.#parts.deliver({ ...message, cachedWorkflows }),
      createVm: ({ workflows, activityTypes, isolateExecutionTimeout, sinks }) => this.#createVm(workflows as WorkflowsConfig, activityTypes, isolateExecutionTimeout, LOGGER_SINK in sinks),
      usage: () => modelResourceUsage(Object.values(this.#workers).map((other) => other.workInHand)),
      createRun: (vm, coreConfig, task) => this.#parts.createRun(vm, coreConfig, task),
    });
    if (!config.workflows) return;
    const error = this.#codeError(config.workflows);
    if (error === null) this.#workers[worker].load();
    this.#parts.deliver({ type: 'workerCreated', worker, error });
  }

  #createVm(workflows: WorkflowsConfig, registeredActivities: readonly string[], executionTimeoutMs?: number, loggerIsUsers = false): WorkflowVm {
    const { host, process, project, sandboxed } = this.#parts;
    return host.createWorkflowVm(project, workflows.path, {
      sandboxed,
      outsideSeed: sandboxed ? 0 : nextU32(host.stream(`process/${process}/outside`)),
      now: () => host.now(),
      registeredActivities,
      loggerIsUsers,
      ...(executionTimeoutMs === undefined ? {} : { executionTimeoutMs }),
      workflowInterceptorModules: workflows.interceptorModules,
      ignoredModules: workflows.ignoredModules,
      ...(workflows.payloadConverterPath === null ? {} : { payloadConverterPath: workflows.payloadConverterPath }),
      ...(workflows.failureConverterPath === null ? {} : { failureConverterPath: workflows.failureConverterPath }),
      workflowFailureErrorTypes: workflows.failureErrorTypes,
    });
  }

  /** What the bundler would say: a missing file, the first error of a module that is imported, or modules that workflows may not use. */
  #codeError({ path, interceptorModules, payloadConverterPath, failureConverterPath, ignoredModules }: WorkflowsConfig): string | null {
    const { project, resolve } = this.#parts;
    const open: string[] = [];
    for (const reference of [path, ...interceptorModules, payloadConverterPath, failureConverterPath]) {
      if (reference === null) continue;
      const found = resolve(reference);
      if (found === null) return reference === path ? `ENOENT: no such file or directory, stat '${reference.startsWith('/') ? '' : projectRoot}${reference}'` : `Module not found: Error: Can't resolve '${reference}'`;
      open.push(found);
    }
    const seen = new Set<string>();
    const disallowed: string[] = [];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const module = project.modules[next];
      if (!module || seen.has(next)) continue;
      seen.add(next);
      const [error] = module.errors;
      if (error) return `${error.file}:${error.line}:${error.column} - ${error.message}`;
      for (const [specifier, target] of Object.entries(bundledImports(module, ignoredModules))) {
        const place = `${next}:${lineOf(module.source, specifier)}`;
        if (target.kind === 'module') open.push(target.path);
        else if (target.kind === 'builtin' && target.ofPackage !== true) {
          if (specifier.startsWith('node:')) return UNHANDLED_SCHEME.replaceAll('%', specifier.slice(5)).replace('$', place);
          if (!mayBeUsed(target.name)) disallowed.push(`  - '${target.name}' (${place})\n`);
        }
      }
    }
    return disallowed.length === 0 ? null : DISALLOWED.replace('%', disallowed.join(''));
  }

  /** See `WorkerPort.replay`. */
  replayAsWorker(entry: string, history: readonly HistoryEvent[], workflowId: string, done: (verdict: ReplayVerdict) => void): boolean {
    const candidates = Object.entries(this.#configs).flatMap(([worker, { workflows, hasCodec }]) => (workflows ? [{ worker: Number(worker), workflows, hasCodec }] : []));
    const found = candidates.find(({ workflows }) => this.#parts.resolve(workflows.path) === entry) ?? candidates[0];
    if (!found) return false;
    const { worker, hasCodec } = found;
    const workflows = { ...found.workflows, path: entry };
    if (!hasCodec) {
      done(this.#verdict(workflows, history, workflowId));
      return true;
    }
    this.#decoded = (value, failure) =>
      done(failure ? { ok: false, kind: 'failure', message: failure.message ?? '' } : this.#verdict(workflows, (value as { events: readonly HistoryEvent[] }).events, workflowId));
    this.#parts.deliver({ type: 'code', worker, id: REPLAY_CODING, direction: 'decode', value: { events: history }, workflowId, runId: '', run: null, cachedWorkflows: 0 });
    return true;
  }

  #replay({ id, workflows, history, workflowId }: ReplayOp): void {
    const events = history.events ?? [];
    const runId = events[0]?.workflowExecutionStartedEventAttributes?.originalExecutionRunId ?? '';
    this.#parts.deliver({ type: 'replayed', id, verdict: this.#verdict(workflows, events, workflowId), runId });
  }

  #verdict(workflows: WorkflowsConfig, events: readonly HistoryEvent[], workflowId: string): ReplayVerdict {
    const error = this.#codeError(workflows);
    if (error !== null) return { ok: false, kind: 'failure', message: error };
    const vm = this.#createVm(workflows, []);
    try {
      return this.#parts.replay(vm, events, workflowId);
    } finally {
      vm.dispose();
    }
  }
}
