import './globals.ts';
import * as common from '@temporalio/common';
import * as workflow from '@temporalio/workflow';
import { overrideGlobals } from '@temporalio/workflow/lib/global-overrides.js';
import { SdkFlags } from '@temporalio/workflow/lib/flags.js';
import * as api from '@temporalio/workflow/lib/worker-interface.js';
import ms from 'ms';
import * as nanoid from 'nanoid/non-secure';
import * as uuid from 'uuid';
import { toCloneJson } from './clone-json.ts';
import { takeUnhandledRejections, waitingPlaces, watchWaiting, withoutFrame } from './async.ts';
import type { ActivationMessage, PlaceText } from '../wire.ts';
import { completionText, jobFromText, quote } from './bridge.ts';
import { consoleLines, native, outside } from './globals.ts';
import { createIsolation } from './isolation.ts';
import { createLoader, modulePath, type Loader } from './modules.ts';
import { messageToJson } from './proto-json.ts';
import './quick-sdk.ts';

import { sdkPart } from './sdk-parts.ts';
import { workflowInfo } from './workflow-info.ts';
import { endTrace, lineAtEnd, positionAtEnd, positionNow, startTrace, takeTrace } from './trace.ts';

/**
 * What runs in a worker's workflow VM: the unmodified SDK and, around it, what @temporalio/worker does in lib/workflow/vm-shared.js and
 * lib/worker.js. One VM holds all cached runs; each has module records, globals and an activator of its own.
 */

overrideGlobals();

/** What the worker says once. */
interface Configuration {
  /** Module with the workflows. */
  readonly entry: string;
  readonly sandboxed: boolean;
  /** Chance of unsandboxed code. */
  readonly seed: number;
  readonly interceptorModules: readonly string[];
  readonly payloadConverterPath: string | null;
  readonly failureConverterPath: string | null;
  /** null: any name counts as registered. */
  readonly registeredActivities: readonly string[] | null;
  readonly loggerIsUsers: boolean;
  readonly failureErrorTypes: { readonly [workflowType: string]: readonly string[] };
}

interface Run {
  readonly init: { readonly runId: string; readonly info: any; readonly randomnessSeed: readonly number[]; readonly now: number };
  readonly loader: Loader;
  /** Undefined until the first activation has initialized the runtime. */
  activator: any;
  /** Its async functions that wait. */
  readonly waiting: Parameters<typeof watchWaiting>[0];
}

let configuration: Configuration;
const runs = new Map<string, Run>();
let current: Run | undefined;
let isolation: ReturnType<typeof createIsolation>;
/** What is left of the activation; each is followed by a drain of the jobs. The last one gives the completion. */
let phases: (() => string | void)[] = [];
/** The activation is one of queries. */
let querying = false;

const builtins: { readonly [name: string]: () => unknown } = {
  '@temporalio/workflow': () => workflow,
  '@temporalio/common': () => common,
  assert: () => (globalThis as any).assert,
  url: () => ({ URL, URLSearchParams }),
  util: () => ({ TextEncoder, TextDecoder }),
  ms: () => Object.assign((...args: [any, any?]) => (ms as any)(...args), { default: ms, ms }),
  nanoid: () => nanoid,
  uuid: () => uuid,
};

function builtin(name: string, importer: string): unknown {
  // A file inside a package of the SDK; what it exports, the package exports too.
  const make = builtins[name.replace(/^node:/, '')] ?? sdkPart(name) ?? builtins[/^(@temporalio\/\w+)\/lib\//.exec(name)?.[1] ?? ''];
  if (make) return make();
  throw new Error(
    `Your Workflow code (or a library used by your Workflow code) is importing the following disallowed modules:\n  - '${name}' (from ${importer})\n` +
      "These modules can't be used in workflow context as they might break determinism.",
  );
}

(globalThis as any).__TEMPORAL__ = {
  api,
  importWorkflows: () => current!.loader.require(configuration.entry),
  importInterceptors: () => configuration.interceptorModules.map((path) => current!.loader.require(path)),
  payloadConverter: () => configuration.payloadConverterPath === null ? undefined : current!.loader.require(configuration.payloadConverterPath).payloadConverter,
  failureConverter: () => configuration.failureConverterPath === null ? undefined : current!.loader.require(configuration.failureConverterPath).failureConverter,
};

/** Makes a run's globals, activator and trace the present ones. */
function enter(run: Run): void {
  if (current === run) return;
  isolation.switchTo(run);
  current = run;
  watchWaiting(run.waiting);
  (globalThis as any).__TEMPORAL_ACTIVATOR__ = run.activator;
}

function initializeRuntime(run: Run, activation: any, job: any): void {
  const { init } = run;
  const names = configuration.registeredActivities;
  const info = workflowInfo(init.info, activation, job);
  api.initRuntime({
    info,
    randomnessSeed: init.randomnessSeed as number[],
    now: activation.now,
    showStackTraceSources: false,
    sourceMap: undefined as any,
    getTimeOfDay: () => BigInt(Math.floor(outside.now)) * 1_000_000n,
    registeredActivityNames: names === null ? ({ has: () => true } as any) : new Set(names),
    stackTracesEnabled: true,
    failureExceptionTypeNames: [...(configuration.failureErrorTypes['*'] ?? []), ...(configuration.failureErrorTypes[info.workflowType] ?? [])],
  } as any);
  endTrace(); // loading the modules is no part of the workflow's run
  run.activator = (globalThis as any).__TEMPORAL_ACTIVATOR__;
  run.activator.getStackTraces = stackTraces;
  const push = run.activator.pushCommand;
  run.activator.pushCommand = function (this: any, command: any, complete?: boolean) {
    positions.set(command, complete ? positionAtEnd() : positionNow());
    return push.call(this, command, complete);
  };
}

/** What the SDK knows from V8's promise hooks: where the project's code waits. Frames of the SDK between are not shown. */
function stackTraces(): { readonly formatted: string; readonly structured: readonly object[] }[] {
  const traces = new Map<string, readonly object[]>();
  for (const places of waitingPlaces()) {
    const frames = places.map(([site, file_path]) => {
      const [line, column, function_name] = site.split(':') as [string, string, string];
      return { file_path, function_name: function_name || undefined, line: Number(line), column: Number(column), internal_code: false };
    });
    const formatted = frames.map(({ function_name, file_path, line, column }) => {
      const place = `${file_path}:${line}:${column}`;
      return `    at ${function_name ? `${function_name} (${place})` : place}`;
    });
    traces.set(formatted.join('\n'), frames);
  }
  return [...traces].map(([formatted, structured]) => ({ formatted, structured }));
}

/** Where each command of this activation was made. */
const positions = new Map<object, PlaceText>();

/** As BaseVMWorkflow.activate: jobs in the genuine order, with the microtasks run after every phase. Runs the first phase and plans the others. */
function begin(run: Run, activation: Activation): void {
  const { jobs, queries, initialize } = activation;
  phases = [conclude];
  querying = queries > 0;
  if (queries > 0) {
    if (queries < jobs.length) throw new TypeError('Got both queries and other jobs in a single activation');
    run.activator.mutateWorkflowInfo((info: any) => ({ ...info, unsafe: { ...info.unsafe, isReplaying: true, isReplayingHistoryEvents: false } }));
    api.activate({ jobs } as any);
  } else if (initialize) {
    phases.unshift(() => runJobs(run, activation));
    const inform = (): void => {
      tellOf(run, activation);
      api.initialize(initialize);
    };
    if (run.activator) inform();
    else {
      phases.unshift(inform);
      initializeRuntime(run, activation, initialize);
    }
  } else {
    tellOf(run, activation);
    runJobs(run, activation);
  }
}

/** Brings what the workflow is told of its run up to date. */
function tellOf({ activator }: Run, activation: Activation): void {
  if (!activator) throw new common.IllegalStateError('Received workflow activation for an untracked workflow with no init workflow job');
  activator.now = activation.now;
  activator.mutateWorkflowInfo((info: any) => ({
    ...info,
    ...activation.facts,
    unsafe: { ...info.unsafe, isReplaying: activation.isReplaying, isReplayingHistoryEvents: activation.isReplaying },
  }));
  activator.addKnownFlags(activation.flags);
  if (activation.lastSdkVersion) activator.sdkVersion = activation.lastSdkVersion;
}

/** Sends the jobs in one or two batches; further phases go before what is planned. */
function runJobs(run: Run, { jobs, signals, special }: Activation): void {
  const { activator } = run;
  const single = signals === 0 || activator.hasFlag(SdkFlags.ProcessWorkflowActivationJobsAsSingleBatch);
  let rest = jobs;
  if (special > 0) {
    for (const job of jobs) if (job.variant === 'notifyHasPatch') activator.notifyHasPatch(job.notifyHasPatch);
    rest = jobs.filter((job) => job.variant !== 'notifyHasPatch');
  }
  if (single) {
    const seeds = special > 0 ? rest.filter((job) => job.variant === 'updateRandomSeed') : [];
    if (seeds.length > 0) {
      activator.updateRandomSeed(seeds.at(-1).updateRandomSeed);
      rest = rest.filter((job) => job.variant !== 'updateRandomSeed');
    }
    api.activate({ jobs: rest } as any);
    phases.unshift(unblock);
    return;
  }
  const batches = [rest.filter((job) => job.variant === 'signalWorkflow'), rest.filter((job) => job.variant !== 'signalWorkflow')].filter((batch) => batch.length > 0);
  const [first, second] = batches;
  if (first) {
    api.activate({ jobs: first } as any, 0);
    phases.unshift(unblock, ...(second ? [() => api.activate({ jobs: second } as any, 1), unblock] : []));
  }
}

/** Tries the blocked conditions until none opens; the jobs are run in between. Without any there is nothing to run before the end. */
function unblock(): string | void {
  const nothingWaits = current!.activator.blockedConditions.size === 0;
  if (api.tryUnblockConditions() > 0) phases.unshift(unblock);
  else if (nothingWaits && phases[0] === conclude) return phases.shift()!();
}

function conclude(): string {
  const [rejection] = takeUnhandledRejections();
  // In queries nobody looks (`activateQueries`): one whose answer can't be converted stays without.
  if (rejection && !querying) {
    const [, reason] = rejection;
    const error = new Error(`Unhandled Promise rejection: ${reason}`, { cause: reason });
    error.name = 'UnhandledRejectionError';
    throw error;
  }
  // The activator keeps its own list, which concludeActivation empties.
  const completion = api.concludeActivation() as any;
  return finish(completionText(completion), completion.successful.commands);
}

/** The answer of an activation: an AnswerMessage (../wire.ts). */
function finish(completion: string, commands: readonly object[], log = ''): string {
  let places = '';
  for (const command of commands) places += `${places === '' ? '' : ','}${placeText(positions.get(command) ?? null)}`;
  positions.clear();
  const { lines, omitted } = takeTrace();
  let sinks = log;
  for (const call of current!.activator?.getAndResetSinkCalls() ?? []) {
    // Its former name.
    const ifaceName = call.ifaceName === 'defaultWorkerLogger' ? '__temporal_logger' : String(call.ifaceName);
    const { isReplaying, isReplayingHistoryEvents } = call.workflowInfo.unsafe;
    // The SDK's own sinks say enough by themselves; those of the user get all of WorkflowInfo.
    const info = ifaceName.startsWith('__temporal_') && !(configuration.loggerIsUsers && ifaceName === '__temporal_logger') ? undefined : toCloneJson({ ...call.workflowInfo, unsafe: { isReplaying, isReplayingHistoryEvents } });
    sinks += `${sinks === '' ? '' : ','}${JSON.stringify({ ifaceName, fnName: String(call.fnName), args: toCloneJson(call.args), replaying: isReplayingHistoryEvents, info })}`;
  }
  const text = `[${completion},[${places}],[${lines.join(',')}]`;
  if (omitted === 0 && sinks === '' && consoleLines.length === 0) return `${text}]`;
  return `${text},${omitted},[${sinks}],${JSON.stringify(consoleLines.splice(0))}]`;
}

const placeText = (place: PlaceText): string => (typeof place === 'object' && place !== null ? `[${quote(place[0])},${place[1]}]` : String(place));

/** An error that ended the activation, as the genuine worker reports it. */
function failed(run: Run, error: unknown): string {
  phases = [];
  takeUnhandledRejections();
  let failure: unknown;
  try {
    failure = run.activator ? run.activator.errorToFailure(error) : common.defaultFailureConverter.errorToFailure(error, common.defaultPayloadConverter);
  } catch {
    failure = { message: String(error) };
  }
  // The genuine worker's main thread logs what its other thread threw: when a workflow could not be made, in queries, and when a sink call could not be cloned.
  const { activator } = run;
  const logged = !activator || querying || (error as Error | null)?.name === 'DataCloneError';
  const { namespace, workflowId, runId, workflowType } = activator?.info ?? {};
  const attributes = { runId: run.init.runId, ...(activator && { namespace, workflowId, runId, workflowType }), error, workflowExists: activator !== undefined };
  const log = logged && { ifaceName: '__temporal_logger', fnName: 'error', args: toCloneJson(['Failed to process Workflow Activation', attributes]), replaying: false };
  return finish(JSON.stringify({ failed: { failure: messageToJson('Failure', failure) } }), [], log ? JSON.stringify(log) : '');
}

/** Runs a phase outside of every async context; text is the completion, without one jobs have to run before the next. */
function perform(phase: () => string | void): string | undefined {
  startTrace();
  try {
    return withoutFrame(phase) ?? undefined;
  } catch (error) {
    return failed(current!, error);
  }
}

(globalThis as any).__kernel = {
  /** Once, before any run. */
  configure(text: string): void {
    configuration = JSON.parse(text);
    outside.seed = configuration.seed >>> 0;
    if (!configuration.sandboxed) {
      Object.defineProperty(globalThis, 'Date', { value: native.Date, writable: true, enumerable: false, configurable: true });
      Math.random = native.random;
    }
    isolation = createIsolation();
    if (modulePath(configuration.entry) === null) throw new Error(`Workflow module not found: ${configuration.entry}`);
  },
  create(text: string): void {
    const init = JSON.parse(text);
    const run: Run = { init, loader: createLoader(builtin), activator: undefined, waiting: new Set() };
    runs.set(init.runId, run);
  },
  /** Starts an activation. Text is the result; undefined means that `proceed` has to be called, after the jobs have run. */
  activate(text: string): string | undefined {
    const message = JSON.parse(text) as ActivationMessage;
    const run = runs.get(message[0]);
    if (!run) throw new common.IllegalStateError(`No workflow with run id ${message[0]} in this VM`);
    outside.now = message[1];
    enter(run);
    endTrace();
    positions.clear();
    return perform(() => begin(run, readActivation(message)));
  },
  proceed(): string | undefined {
    return perform(phases.shift()!);
  },
  evict(runId: string): void {
    const run = runs.get(runId);
    if (!run) return;
    enter(run);
    try {
      if (run.activator) api.dispose();
    } catch {
      // The run goes whatever its interceptors say.
    }
    takeUnhandledRejections();
    isolation.forget(run);
    runs.delete(runId);
    current = undefined;
    (globalThis as any).__TEMPORAL_ACTIVATOR__ = undefined;
  },
  get lastLine(): number {
    return lineAtEnd();
  },
  /** How many runs there are. */
  count: (): string => String(runs.size),
};

/** The parts of an activation in the form in which the SDK wants them, and what kinds of jobs there are: each look costs an interpreter. */
interface Activation {
  readonly [part: string]: any;
  /** What `workflowInfo()` is told of the run anew each time, under its names and in their order. */
  readonly facts: { readonly [name: string]: unknown };
  readonly jobs: readonly any[];
  /** The job that makes the workflow. */
  readonly initialize: any;
  readonly queries: number;
  readonly signals: number;
  /** Jobs that go before the others. */
  readonly special: number;
}

function readActivation(message: ActivationMessage): Activation {
  const jobs: any[] = [];
  let initialize: any;
  let queries = 0;
  let signals = 0;
  let special = 0;
  for (const one of message[6]) {
    const job = jobFromText(one);
    jobs.push(job);
    const { variant } = job;
    if (variant === 'initializeWorkflow') initialize ??= job.initializeWorkflow;
    else if (variant === 'queryWorkflow') queries++;
    else if (variant === 'signalWorkflow') signals++;
    else if (variant === 'notifyHasPatch' || variant === 'updateRandomSeed') special++;
  }
  const rest = message[9];
  const version = rest?.deploymentVersionForCurrentTask;
  const reasons = rest?.suggestContinueAsNewReasons ?? [];
  const facts = {
    historyLength: message[4], historySize: message[5],
    continueAsNewSuggested: rest?.continueAsNewSuggested ?? false,
    targetWorkerDeploymentVersionChanged: rest?.targetWorkerDeploymentVersionChanged ?? false,
    suggestedContinueAsNewReasons: reasons.length > 0 ? reasons.map((reason) => reason.replace('SUGGEST_CONTINUE_AS_NEW_REASON_', '')) : undefined,
    currentBuildId: version?.buildId ?? '',
    currentDeploymentVersion: version?.buildId ? { buildId: version.buildId, deploymentName: version.deploymentName ?? '' } : undefined,
  };
  return { now: message[2], isReplaying: message[3], facts, flags: message[7], lastSdkVersion: message[8], jobs, initialize, queries, signals, special };
}
