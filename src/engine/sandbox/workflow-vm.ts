import type { ActivationResult, CodePosition, CompiledProject, Vm, VmPool, VmResult, WorkflowInstanceInit, WorkflowVm, WorkflowVmOptions } from '../../api/sandbox.ts';
import type { Payload, WorkflowActivation, WorkflowActivationCompletion, WorkflowActivationJob } from '../../api/proto.ts';
import { ENCODING_JSON } from '../../api/json-payload.ts';
import type { RunId } from '../../base/brand.ts';
import { parseTimestamp } from '../../base/time.ts';
import { bundledImports, defineModules, projectRoot, resolveModule } from './project.ts';
import type { ActivationMessage, AnswerMessage, JobText, PlaceText } from './wire.ts';

/** V8's words for it, which vm/v8-messages.ts gives. */
const STACK_IS_FULL = 'Maximum call stack size exceeded';

/**
 * The workflow VM of a worker. When its modules can't be loaded every activation fails with the reason, as the worker would not have started.
 * @param pool gives the VM and takes it back on `dispose`
 * @param entry workflows file, as the project names it or as `workflowsPath` gives it
 */
export function createWorkflowVm(pool: VmPool, project: CompiledProject, entry: string, options: WorkflowVmOptions): WorkflowVm {
  return new SharedWorkflowVm(pool, project, entry, options);
}

/** What a simulation needs to run code: VMs of processes and of workflows, from one pool. */
export const vmsOf = (pool: VmPool) => ({
  pool,
  createWorkflowVm: (project: CompiledProject, entry: string, options: WorkflowVmOptions): WorkflowVm => createWorkflowVm(pool, project, entry, options),
});

class SharedWorkflowVm implements WorkflowVm {
  readonly #pool: VmPool;
  readonly #project: CompiledProject;
  readonly #now: (() => number) | undefined;
  /** The text with which the genuine worker reports that workflow code did not yield. */
  readonly #deadlock: string;
  readonly #runs = new Set<string>();
  #vm: Vm | null;
  #broken: ActivationResult['broken'] = null;
  /** Why the workflow code does not load. */
  #loadError: { readonly name: string; readonly message: string; readonly stack: string } | null = null;

  constructor(pool: VmPool, project: CompiledProject, entry: string, options: WorkflowVmOptions) {
    this.#pool = pool;
    this.#project = project;
    this.#now = options.now;
    this.#deadlock = `Script execution timed out after ${options.executionTimeoutMs ?? 5_000}ms`;
    this.#vm = pool.acquire('workflow');
    const modulePath = (reference: string): string => resolveModule(project, reference) ?? reference;
    const interceptorModules = (options.workflowInterceptorModules ?? []).map(modulePath);
    const converters = [options.payloadConverterPath, options.failureConverterPath].map((path) => (path === undefined ? null : modulePath(path)));
    const main = modulePath(entry);
    const entries = [main, ...interceptorModules, ...converters.filter((path) => path !== null)];
    let result: VmResult = defineModules(this.#vm, project, entries, (module) => bundledImports(module, options.ignoredModules ?? []));
    if (result.ok) {
      const configuration = {
        entry: main,
        sandboxed: options.sandboxed,
        seed: options.outsideSeed ?? 1,
        interceptorModules,
        payloadConverterPath: converters[0] ?? null,
        failureConverterPath: converters[1] ?? null,
        registeredActivities: options.registeredActivities ?? null,
        loggerIsUsers: options.loggerIsUsers ?? false,
        failureErrorTypes: options.workflowFailureErrorTypes ?? {},
      };
      result = this.#vm.call('configure', JSON.stringify(configuration));
    }
    if (!result.ok) this.#loadError = result;
  }

  create(init: WorkflowInstanceInit): void {
    this.#runs.add(init.runId);
    this.#vm?.call('create', JSON.stringify(init));
  }

  activate(runId: RunId, activation: WorkflowActivation): ActivationResult {
    if (!this.#vm || this.#broken) return this.#failure(runId, this.#broken?.message ?? 'the workflow VM has been disposed of');
    if (this.#loadError) return this.#failure(runId, this.#loadError.message, this.#loadError.stack);
    const time = activation.timestamp === undefined ? null : parseTimestamp(activation.timestamp);
    const now = this.#now?.() ?? time ?? 0;
    let result = this.#vm.call('activate', activationText(runId, now, time ?? now, activation));
    while (result.ok && result.value === undefined) result = this.#vm.call('proceed');
    if (!result.ok) {
      if (result.kind === 'exception') return this.#failure(runId, result.message, result.stack);
      this.#broken = { kind: result.kind, message: result.kind === 'budget' ? this.#deadlock : result.message };
      const last = this.#positionAt(this.#vm.lastLine());
      const failure = this.#failure(runId, this.#broken.message, `Error: ${this.#broken.message}${last.line > 0 ? `\n    at ${projectRoot}${last.file}:${last.line}` : ''}`);
      return last.line > 0 ? { ...failure, lines: [last] } : failure;
    }
    const [completion, places, lines, linesOmitted = 0, sinkCalls = [], consoleLines = []] = JSON.parse(result.value as string) as AnswerMessage;
    return {
      completion: this.#withStack(completion, lines),
      commandPositions: places.map((place) => this.#position(place)),
      lines: lines.map((at) => this.#positionAt(at)),
      linesOmitted, sinkCalls, consoleLines,
      broken: null,
    };
  }

  evict(runId: RunId): void {
    if (this.#runs.delete(runId)) this.#vm?.call('evict', runId);
  }

  has(runId: RunId): boolean {
    return this.#runs.has(runId);
  }

  heapBytes(): number {
    return this.#vm && !this.#broken ? this.#vm.heapBytes() : 0;
  }

  dispose(): void {
    if (this.#vm) this.#pool.release(this.#vm);
    this.#vm = null;
    this.#runs.clear();
  }

  /** When the stack is full, nothing is left of it to make a trace of: the failure names the last line instead. */
  #withStack(completion: WorkflowActivationCompletion, lines: readonly number[]): WorkflowActivationCompletion {
    const failure = completion.failed?.failure;
    const last = lines.at(-1);
    if (!failure || failure.stackTrace || last === undefined || failure.message !== STACK_IS_FULL) return completion;
    const { file, line } = this.#positionAt(last);
    return { ...completion, failed: { ...completion.failed, failure: { ...failure, stackTrace: `RangeError: ${failure.message ?? ''}\n    at ${projectRoot}${file}:${line}` } } };
  }

  #position(place: PlaceText): CodePosition | null {
    if (place === null) return null;
    return typeof place === 'number' ? this.#positionAt(place) : { file: place[0], line: place[1] };
  }

  #positionAt(at: number): CodePosition {
    const index = Math.floor(at / 100_000);
    return { file: this.#project.files[index] ?? '', line: at - index * 100_000 };
  }

  /** As the genuine worker's main thread reports an error that is none of the SDK's own. */
  #failure(runId: RunId, message: string, stackTrace = `Error: ${message}`): ActivationResult {
    return {
      completion: { runId, failed: { failure: { message, source: 'TypeScriptSDK', stackTrace } } },
      commandPositions: [],
      lines: [],
      linesOmitted: 0,
      sinkCalls: [],
      consoleLines: [],
      broken: this.#broken,
    };
  }
}

function activationText(runId: RunId, now: number, time: number, activation: WorkflowActivation): string {
  const { isReplaying = false, historyLength = 0, historySizeBytes = '0', jobs = [], availableInternalFlags = [], lastSdkVersion = '' } = activation;
  const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged, suggestContinueAsNewReasons = [], deploymentVersionForCurrentTask } = activation;
  const isUsual = !continueAsNewSuggested && !targetWorkerDeploymentVersionChanged && suggestContinueAsNewReasons.length === 0 && !deploymentVersionForCurrentTask;
  const rest = isUsual ? null : { continueAsNewSuggested, targetWorkerDeploymentVersionChanged, suggestContinueAsNewReasons, deploymentVersionForCurrentTask };
  const message: ActivationMessage = [
    runId, now, time, isReplaying, historyLength, Number(historySizeBytes), jobs.map(jobText), availableInternalFlags, lastSdkVersion, rest,
  ];
  return JSON.stringify(message);
}

function jobText(job: WorkflowActivationJob): JobText {
  if (job.fireTimer?.seq !== undefined) return job.fireTimer.seq;
  const { seq, isLocal, result } = job.resolveActivity ?? {};
  const payload = result?.completed?.result;
  return seq !== undefined && isLocal !== true && payload?.data !== undefined && isJson(payload) ? [seq, payload.data] : job;
}

/** Whether the payload is JSON and says nothing else. */
function isJson({ metadata, externalPayloads }: Payload): boolean {
  for (const key in metadata) if (key !== 'encoding') return false;
  return metadata?.['encoding'] === ENCODING_JSON && externalPayloads === undefined;
}
