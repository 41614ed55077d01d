import { timestamp, type Timestamp } from '../../../base/brand.ts';
import type {
  Failure, GetWorkflowExecutionHistoryResponse, HistoryEvent, PollWorkflowTaskQueueResponse, RespondWorkflowTaskCompletedRequest, RespondWorkflowTaskCompletedResponse,
} from '../../../api/proto.ts';
import { RpcCode, type RpcResult } from '../../../api/rpc.ts';
import type { WorkflowVm } from '../../../api/sandbox.ts';
import type { CoreConfig, CoreEffect, CoreOutcome, CoreRun } from '../../ports.ts';
import type { WorkerEnv } from './env.ts';
import type { LocalActivities, LocalResolution } from './local-activities.ts';
import { payloadsTooLarge, type PayloadViolation } from './payload-limits.ts';
import type { CoreClient, Purpose } from './rpc.ts';
import { permitsAtOnce, reserve, use, type ResourceUsage, type Slots } from './slots.ts';
import { WorkflowCache, type CachedRun } from './workflow-cache.ts';
import type { WorkflowOutput } from './workflow-output.ts';

/** A Workflow Task that takes longer is worth a warning (sdk-core managed_run.rs). */
const LONG_TASK_MS = 5_000;

/** What the Workflow Tasks of one worker need from around them. */
export interface WorkflowTaskParts {
  readonly client: CoreClient;
  readonly slots: { readonly workflow: Slots; readonly activity: Slots };
  readonly localActivities: LocalActivities;
  readonly output: WorkflowOutput;
  readonly stickyTaskQueue: string | null;
  usage(): ResourceUsage;
  createVm(): WorkflowVm;
  createRun(vm: WorkflowVm, config: CoreConfig, task: PollWorkflowTaskQueueResponse): CoreRun;
  startActivity(task: NonNullable<RespondWorkflowTaskCompletedResponse['activityTasks']>[number]): void;
  /** Permits that the activity poller keeps for its next poll. */
  preparedActivityPermits(): number;
}

/**
 * The way of a Workflow Task through a worker (sdk-core worker/workflow):
 *
 *   poll ─► run busy? buffer ─► history complete? else fetch ─► payload codec ─► cache slot? else evict one ─► Core
 *     Core's effects ─► payload codec ─► respond ─► inline next task, eager activities, eviction, buffered tasks
 */
export class WorkflowTasks {
  readonly #env: WorkerEnv;
  readonly #parts: WorkflowTaskParts;
  readonly #cache: WorkflowCache;
  readonly #coreConfig: CoreConfig;
  #vm: WorkflowVm | null = null;
  /** Tasks whose history is being fetched or decoded, by task token. */
  readonly #preparing: { [taskToken: string]: { task: PollWorkflowTaskQueueResponse; events: HistoryEvent[]; coding: number | null } } = {};
  /** Completions whose payloads are being encoded. */
  readonly #encoding: { [id: number]: { readonly runId: string; readonly effect: Extract<CoreEffect, { request: unknown }> } } = {};
  /** Tasks that wait for a free place in the cache. */
  readonly #waitingForCache: PollWorkflowTaskQueueResponse[] = [];
  /** The VM hangs in an endless loop until then: what it would do next waits. */
  #hanging: { readonly until: Timestamp; readonly run: CachedRun; readonly effects: readonly CoreEffect[]; readonly tasks: PollWorkflowTaskQueueResponse[] } | null = null;
  /** Tasks that came while the process is busy. */
  #held: PollWorkflowTaskQueueResponse[] | null = null;
  #nextCoding = 1;
  /** Reports on their way. */
  #reports = 0;

  constructor(env: WorkerEnv, parts: WorkflowTaskParts) {
    this.#env = env;
    this.#parts = parts;
    this.#cache = new WorkflowCache(env);
    const { config } = env;
    this.#coreConfig = {
      namespace: config.namespace,
      taskQueue: config.taskQueue,
      identity: config.identity,
      stickyTaskQueue: parts.stickyTaskQueue,
      stickyScheduleToStartTimeout: config.stickyQueueScheduleToStartTimeout as CoreConfig['stickyScheduleToStartTimeout'],
      deployment: config.deployment?.useWorkerVersioning ? { deploymentName: config.deployment.deploymentName, buildId: config.deployment.buildId } : null,
      buildId: config.buildId,
      defaultVersioningBehavior:
        config.deployment?.defaultVersioningBehavior === 'PINNED' ? 'VERSIONING_BEHAVIOR_PINNED' : config.deployment?.defaultVersioningBehavior === 'AUTO_UPGRADE' ? 'VERSIONING_BEHAVIOR_AUTO_UPGRADE' : undefined,
      activityTypes: config.activityTypes,
      eagerActivitySlots: (taskQueue) => this.#eagerActivitySlots(taskQueue),
      now: () => env.now(),
    };
  }

  get cached(): number {
    return this.#cache.size;
  }

  /** Workflow Tasks in hand or being reported. */
  get pending(): number {
    return Object.keys(this.#preparing).length + this.#waitingForCache.length + this.#reports + Object.keys(this.#encoding).length
      + (this.#hanging ? 1 : 0) + this.#cache.values().filter((run) => run.taskToken !== null).length;
  }

  /** A task; its slot is already in use. */
  onTask(task: PollWorkflowTaskQueueResponse): void {
    if (this.#held) return void this.#held.push(task);
    if (this.#hanging) return void this.#hanging.tasks.push(task);
    const run = this.#cache.get(runIdOf(task));
    if (run && run.taskToken !== null) return this.#buffer(run, task);
    this.#prepare(task);
  }

  onAnswer(purpose: Purpose, result: RpcResult): void {
    switch (purpose['type']) {
      case 'history':
        return this.#onHistory(purpose['taskToken'] as string, result);
      case 'query':
        this.#reports--;
        this.#parts.slots.workflow.used--;
        if (!result.ok) this.#env.log('WARN', 'Error when responding to query', { error: result.status.message });
        return;
      default:
        return this.#onReported(purpose, result);
    }
  }

  /** Local activities ended. */
  onLocalResolutions(resolutions: readonly LocalResolution[]): void {
    for (const { runId, seq, resolution, attempt, runtime } of resolutions) {
      const run = this.#cache.get(runId);
      if (run) this.#apply(run, run.core.resolveLocalActivity(seq, resolution, attempt, runtime));
    }
  }

  /** 80 % of a Workflow Task's timeout passed. */
  onHeartbeat(runId: string, taskToken: string): void {
    const run = this.#cache.get(runId);
    if (!run || run.taskToken !== taskToken) return;
    run.heartbeatTimer = null;
    this.#apply(run, run.core.heartbeatDue());
  }

  /** The 5 s of an endless loop are over. */
  onScriptTimeout(): void {
    const hanging = this.#hanging;
    if (!hanging) return;
    this.#hanging = null;
    for (const effect of hanging.effects) this.#effect(hanging.run, effect, []);
    for (const task of hanging.tasks) this.onTask(task);
  }

  /** The VM has encoded or decoded payloads. */
  onCoded(id: number, value: unknown, failure: Failure | undefined): void {
    const encoding = this.#encoding[id];
    if (encoding) {
      delete this.#encoding[id];
      const { runId, effect } = encoding;
      const run = this.#cache.get(runId);
      if (!failure) return this.#respond(run, effect, value);
      return this.#codingFailed(effect.request.taskToken as string, effect.type === 'respondQuery', run?.task?.attempt ?? 1, runId, failure);
    }
    for (const [token, preparing] of Object.entries(this.#preparing))
      if (preparing.coding === id) {
        delete this.#preparing[token];
        const { task } = preparing;
        if (failure) this.#codingFailed(token, Boolean(task.query), task.attempt ?? 1, runIdOf(task), failure);
        else this.#run(value as PollWorkflowTaskQueueResponse);
      }
  }

  /** To Core a codec that fails is an activation that fails: it evicts the run, answers a query with the failure, and reports only the first attempt. */
  #codingFailed(taskToken: string, query: boolean, attempt: number, runId: string, failure: Failure): void {
    const { namespace } = this.#env.config;
    const cause = 'WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE';
    const run = this.#cache.get(runId);
    const atWork = run !== undefined && run.taskToken === taskToken;
    if (run) run.evictReason = 'LangFail';
    if (query) {
      this.#reports++;
      this.#parts.client.call('RespondQueryTaskCompleted', { taskToken, completedType: 'QUERY_RESULT_TYPE_FAILED', namespace, errorMessage: failure.message ?? '', failure, cause }, { part: 'workflow', type: 'query' });
    } else if (attempt <= 1) {
      this.#env.log('WARN', 'Failing workflow task', { run_id: runId, failure: failure.message, stack_trace: failure.stackTrace });
      this.#failTask(taskToken, runId, failure);
    } else if (atWork) return this.#taskEnded(run, null);
    else this.#parts.slots.workflow.used--;
    if (run && run.taskToken === null) this.#evict(run, 'LangFail');
  }

  /** Empties the cache; a run at work leaves when its Workflow Task is reported. */
  evictAll(reason: string): void {
    for (const run of this.#cache.values()) {
      if (run.taskToken === null) this.#evict(run, reason);
      else run.evictReason = reason;
    }
  }

  /** While the process is busy nobody works off what comes. */
  hold(busy: boolean): void {
    const held = this.#held ?? [];
    this.#held = busy ? held : null;
    if (!busy) for (const task of held) this.onTask(task);
  }

  /** The worker stops for good. */
  dispose(): void {
    this.#vm?.dispose();
    this.#vm = null;
  }

  /** Makes the VM, so that what is wrong with the code shows when the worker is created. */
  load(): void {
    this.#vm ??= this.#parts.createVm();
  }

  // ------------------------------------------------------------ before Core

  #buffer(run: CachedRun, task: PollWorkflowTaskQueueResponse): void {
    if (!task.query) {
      const older = run.buffered.findIndex((t) => !t.query);
      if (older >= 0) {
        run.buffered.splice(older, 1);
        this.#parts.slots.workflow.used--;
      }
    }
    run.buffered.push(task);
  }

  #prepare(task: PollWorkflowTaskQueueResponse): void {
    const events = task.history?.events ?? [];
    const firstEventId = Number(events[0]?.eventId ?? 0);
    const cached = this.#cache.get(runIdOf(task));
    const gap = cached !== undefined && firstEventId > cached.lastEventId + 1;
    if (cached && gap) this.#evict(cached, 'PaginationOrHistoryFetch');
    if ((!cached || gap) && firstEventId !== 1) this.#fetch(task, [], undefined);
    else if (task.nextPageToken) this.#fetch(task, [...events], task.nextPageToken);
    else this.#decode(task);
  }

  #fetch(task: PollWorkflowTaskQueueResponse, events: HistoryEvent[], nextPageToken: string | undefined): void {
    const taskToken = task.taskToken as string;
    this.#preparing[taskToken] = { task, events, coding: null };
    this.#parts.client.call(
      'GetWorkflowExecutionHistory',
      { namespace: this.#env.config.namespace, execution: task.workflowExecution, ...(nextPageToken ? { nextPageToken } : {}) },
      { part: 'workflow', type: 'history', taskToken },
    );
  }

  #onHistory(taskToken: string, result: RpcResult): void {
    const preparing = this.#preparing[taskToken];
    if (!preparing) return;
    const { task, events } = preparing;
    if (!result.ok) {
      delete this.#preparing[taskToken];
      return this.#failTask(taskToken, runIdOf(task), { message: `Fetching history failed: ${result.status.message}`, applicationFailureInfo: { nonRetryable: true } });
    }
    const response = result.response as GetWorkflowExecutionHistoryResponse;
    events.push(...(response.history?.events ?? []));
    if (response.nextPageToken) return this.#fetch(task, events, response.nextPageToken);
    delete this.#preparing[taskToken];
    // Events that exist only in the task: a transient or speculative Workflow Task.
    const last = Number(events[events.length - 1]?.eventId ?? 0);
    for (const event of task.history?.events ?? []) if (Number(event.eventId) > last) events.push(event);
    this.#decode({ ...task, history: { events }, nextPageToken: undefined });
  }

  /** A task fails before Core has seen it, or after. */
  #failTask(taskToken: string, runId: string, failure: Failure): void {
    const { namespace, identity } = this.#env.config;
    this.#reports++;
    this.#parts.client.call(
      'RespondWorkflowTaskFailed',
      { taskToken, namespace, identity, cause: 'WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE', failure },
      { part: 'workflow', type: 'fail', runId, taskToken, eager: 0, sentAt: this.#env.now() },
    );
  }

  #decode(task: PollWorkflowTaskQueueResponse): void {
    if (!this.#env.config.hasCodec) return this.#run(task);
    const id = this.#nextCoding++;
    this.#preparing[task.taskToken as string] = { task, events: [], coding: id };
    const runId = runIdOf(task);
    this.#env.toVm({ type: 'code', worker: this.#env.worker, id, direction: 'decode', value: task, workflowId: task.workflowExecution?.workflowId ?? '', runId, run: this.#attributesOf(runId) });
  }

  #attributesOf(runId: string): object | null {
    const { namespace, taskQueue } = this.#env.config;
    const run = this.#cache.get(runId);
    return run ? { runId, namespace, taskQueue, workflowId: run.workflowId, workflowType: run.workflowType } : null;
  }

  // ------------------------------------------------------------ Core

  #run(task: PollWorkflowTaskQueueResponse): void {
    if (this.#hanging) return void this.#hanging.tasks.push(task);
    const runId = runIdOf(task);
    let run = this.#cache.get(runId);
    if (run && run.taskToken !== null) return this.#buffer(run, task);
    if (!run) {
      const { maxCachedWorkflows } = this.#env.config;
      if (maxCachedWorkflows > 0 && this.#cache.size >= maxCachedWorkflows) {
        this.#waitForCache(task);
        const victim = this.#cache.leastRecentlyUsedIdle();
        if (victim) this.#evict(victim, 'CacheFull');
        else this.#cache.makeLeave('CacheFull');
        return;
      }
      this.load();
      const core = this.#parts.createRun(this.#vm as WorkflowVm, this.#coreConfig, task);
      run = {
        core, workflowId: task.workflowExecution?.workflowId ?? '', runId, workflowType: task.workflowType?.name ?? '', taskToken: null, task: null, lastEventId: 0, buffered: [],
        evictReason: null, heartbeatTimer: null,
      };
      this.#cache.add(run);
    } else this.#cache.touch(run);
    const events = task.history?.events;
    const last = events?.[events.length - 1];
    if (!task.query) {
      run.taskToken = task.taskToken as string;
      run.task = { since: this.#env.now(), attempt: task.attempt ?? 1, historySize: Number(last?.workflowTaskStartedEventAttributes?.historySizeBytes ?? 0) };
    }
    if (last) run.lastEventId = Number(last.eventId);
    this.#apply(run, run.core.handleTask(task));
    if (task.query && this.#env.config.maxCachedWorkflows === 0) this.#evict(run, 'CacheFull');
  }

  /** Whoever waits longest gets the next free place. A newer task of the same run replaces the one that waits: that has timed out. */
  #waitForCache(task: PollWorkflowTaskQueueResponse): void {
    const older = this.#waitingForCache.findIndex((waiting) => runIdOf(waiting) === runIdOf(task) && !waiting.query && !task.query);
    if (older === -1) return void this.#waitingForCache.push(task);
    this.#waitingForCache[older] = task;
    this.#parts.slots.workflow.used--;
  }

  /** Carries out what Core wants. */
  #apply(run: CachedRun, outcome: CoreOutcome): void {
    for (const activation of outcome.activations) this.#env.emit({ type: 'activation', process: this.#env.process, ...activation });
    this.#parts.output.write(outcome);
    const { evict } = outcome;
    if (evict?.vmBroken) return this.#onVmBroken(run, outcome.effects, evict.reason);
    const immediate: LocalResolution[] = [];
    for (const effect of outcome.effects) this.#effect(run, effect, immediate);
    if (evict) {
      if (run.taskToken === null) this.#evict(run, evict.reason);
      else run.evictReason = evict.reason;
    }
    immediate.push(...this.#parts.localActivities.dispatch());
    this.onLocalResolutions(immediate);
  }

  /** Every run of the VM is lost. An endless loop holds the VM for as long as the SDK lets it run; then the Workflow Task fails. */
  #onVmBroken(run: CachedRun, effects: readonly CoreEffect[], reason: string): void {
    this.#vm?.dispose();
    this.#vm = null;
    for (const other of this.#cache.values()) {
      if (other !== run && other.taskToken !== null) this.#parts.slots.workflow.used--;
      this.#parts.slots.workflow.used -= other.buffered.length;
      other.buffered = [];
      this.#parts.localActivities.forgetRun(other.runId);
      this.#cache.remove(other, reason);
    }
    // A spent budget in workflow code counts as the SDK's limit for one activation.
    const until = timestamp(this.#env.now() + this.#env.config.isolateExecutionTimeout);
    this.#hanging = { until, run, effects, tasks: [] };
    this.#env.schedule(until, { type: 'workflowScriptTimeout' });
  }

  #effect(run: CachedRun, effect: CoreEffect, immediate: LocalResolution[]): void {
    switch (effect.type) {
      case 'startLocalActivity': {
        const resolution = this.#parts.localActivities.start(run, effect.command, effect.scheduledAt);
        if (resolution) immediate.push(resolution);
        return;
      }
      case 'cancelLocalActivity': {
        const resolution = this.#parts.localActivities.cancel(run.runId, effect.seq);
        if (resolution) immediate.push(resolution);
        return;
      }
      case 'setHeartbeat':
        if (run.heartbeatTimer !== null) this.#env.cancel(run.heartbeatTimer);
        run.heartbeatTimer = this.#env.schedule(effect.at, { type: 'workflowTaskHeartbeat', runId: run.runId, taskToken: run.taskToken });
        return;
      case 'refuseCompletion':
        this.#env.toVm({ type: 'completionRefused', worker: this.#env.worker, message: effect.reason });
        return;
      case 'failTask':
        if (!effect.report) return this.#taskEnded(run, null);
        break;
      case 'completeTask':
      case 'respondQuery':
        break;
    }
    if (this.#env.config.hasCodec) {
      const id = this.#nextCoding++;
      this.#encoding[id] = { runId: run.runId, effect };
      this.#env.toVm({ type: 'code', worker: this.#env.worker, id, direction: 'encode', value: effect.request, workflowId: run.workflowId, runId: run.runId, run: this.#attributesOf(run.runId) });
    } else this.#respond(run, effect, effect.request);
  }

  #respond(run: CachedRun | undefined, effect: CoreEffect, request: unknown): void {
    if (run && run.heartbeatTimer !== null && effect.type !== 'respondQuery') {
      this.#env.cancel(run.heartbeatTimer);
      run.heartbeatTimer = null;
    }
    this.#reports++;
    const runId = run?.runId ?? '';
    if (effect.type === 'respondQuery') this.#parts.client.call('RespondQueryTaskCompleted', request, { part: 'workflow', type: 'query' });
    else if (effect.type === 'failTask') {
      this.#env.log('WARN', 'Failing workflow task', { run_id: runId, failure: effect.request.failure?.message, stack_trace: effect.request.failure?.stackTrace });
      this.#parts.client.call('RespondWorkflowTaskFailed', request, { part: 'workflow', type: 'fail', runId, taskToken: effect.request.taskToken, eager: 0, sentAt: this.#env.now() });
    } else {
      const completion = this.#withMetering(request as RespondWorkflowTaskCompletedRequest, runId);
      const eager = (completion.commands ?? []).filter((c) => c.scheduleActivityTaskCommandAttributes?.requestEagerExecution).length;
      for (let i = 0; i < eager; i++) reserve(this.#parts.slots.activity, this.#env.now());
      const tooLarge = this.#parts.client.call('RespondWorkflowTaskCompleted', completion, { part: 'workflow', type: 'complete', runId, taskToken: completion.taskToken, eager, sentAt: this.#env.now() });
      if (tooLarge) this.#failTooLarge(run, completion, eager, tooLarge);
    }
  }

  /** A completion that Core does not send because of its payloads: the Workflow Task fails instead, whatever its attempt. */
  #failTooLarge(run: CachedRun | undefined, { taskToken, namespace, identity }: RespondWorkflowTaskCompletedRequest, eager: number, violation: PayloadViolation): void {
    this.#parts.client.call(
      'RespondWorkflowTaskFailed',
      { taskToken, namespace, identity, cause: 'WORKFLOW_TASK_FAILED_CAUSE_PAYLOADS_TOO_LARGE', failure: payloadsTooLarge(violation) },
      { part: 'workflow', type: 'fail', runId: run?.runId ?? '', taskToken, eager, sentAt: this.#env.now() },
    );
    if (run) run.evictReason = 'Fatal';
  }

  #withMetering(request: RespondWorkflowTaskCompletedRequest, runId: string): RespondWorkflowTaskCompletedRequest {
    const attempts = this.#parts.localActivities.nonFirstAttempts(runId);
    return attempts === 0 ? request : { ...request, meteringMetadata: { ...request.meteringMetadata, nonfirstLocalActivityExecutionAttempts: attempts } };
  }

  #eagerActivitySlots(taskQueue: string): number {
    const { config } = this.#env;
    if (taskQueue !== config.taskQueue || !config.enableNonLocalActivities || config.activityTypes.length === 0) return 0;
    const { activity } = this.#parts.slots;
    const limit = config.maxEagerActivityReservationsPerWorkflowTask;
    if (activity.supplier.type === 'fixed-size')
      return Math.max(0, Math.min(limit, activity.supplier.numSlots - activity.used - activity.reserved - this.#parts.preparedActivityPermits()));
    return permitsAtOnce(activity, limit, this.#env.now(), this.#parts.usage());
  }

  // ------------------------------------------------------------ after the report

  #onReported(purpose: Purpose, result: RpcResult): void {
    this.#reports--;
    const runId = purpose['runId'] as string;
    const run = this.#cache.get(runId);
    const ours = run !== undefined && run.taskToken === purpose['taskToken'];
    if (ours) this.#warnOfLongTask(run, purpose['sentAt'] as Timestamp);
    const response = result.ok && purpose['type'] === 'complete' ? (result.response as RespondWorkflowTaskCompletedResponse) : null;
    this.#startEager(response?.activityTasks ?? [], purpose['eager'] as number);
    if (!result.ok && ours) run.evictReason = this.#reportError(runId, result.status.code, result.status.message);
    const resetTo = Number(response?.resetHistoryEventId ?? 0);
    if (ours && resetTo > 0) {
      run.lastEventId = resetTo;
      run.core.resetLastStarted(resetTo);
    }
    const next = response?.workflowTask?.taskToken ? response.workflowTask : null;
    if (ours) this.#taskEnded(run, next);
    else if (next) this.onTask(next);
    else this.#parts.slots.workflow.used--;
  }

  /** Why the run has to leave the cache. */
  #reportError(runId: string, code: RpcCode, message: string): string {
    if (code === RpcCode.INVALID_ARGUMENT && message === 'UnhandledCommand') return 'UnhandledCommand';
    if (code === RpcCode.NOT_FOUND) {
      this.#env.log('WARN', 'Task not found when completing', { error: message, run_id: runId });
      return 'TaskNotFound';
    }
    this.#env.log('WARN', 'Error while completing workflow activation', { error: message });
    return 'Fatal';
  }

  /** What Core says of a Workflow Task that took more than 5 s: most often one that waited for a local activity. */
  #warnOfLongTask({ runId, workflowType, lastEventId, task }: CachedRun, sentAt: Timestamp): void {
    const duration = task === null ? 0 : sentAt - task.since;
    // A machine would take some time besides.
    if (task === null || duration < LONG_TASK_MS) return;
    this.#env.log('WARN', `[TMPRL1104] ${runId}:${lastEventId + 1}:${task.attempt} Workflow task duration exceeded ${LONG_TASK_MS / 1000} seconds.`, {
      workflow_type: workflowType, event_id: lastEventId + 1, attempt: task.attempt, workflow_task_duration: duration, workflow_history_size: task.historySize,
      payload_download_count: 0, payload_download_size: 0, payload_download_duration: 0, payload_download_drivers: [],
      payload_upload_count: 0, payload_upload_size: 0, payload_upload_duration: 0, payload_upload_drivers: [],
    });
  }

  #startEager(tasks: NonNullable<RespondWorkflowTaskCompletedResponse['activityTasks']>, reserved: number): void {
    const { activity } = this.#parts.slots;
    if (tasks.length > reserved)
      this.#env.log('ERROR', 'Server sent more activities for eager execution than we requested! They will be dropped and eventually time out. Please report this, as it is a server bug.');
    for (const task of tasks.slice(0, reserved)) {
      use(activity);
      this.#parts.startActivity(task);
    }
    activity.reserved -= Math.max(0, reserved - tasks.length);
  }

  /** The run is idle again. `next`: a task that came with the answer and takes over the slot. */
  #taskEnded(run: CachedRun, next: PollWorkflowTaskQueueResponse | null): void {
    run.taskToken = null;
    this.#parts.localActivities.workflowTaskEnded(run.runId);
    if (!next) this.#parts.slots.workflow.used--;
    const { buffered } = run;
    run.buffered = [];
    if (run.evictReason !== null) this.#evict(run, run.evictReason);
    else if (this.#env.config.maxCachedWorkflows === 0 && !next && buffered.length === 0) this.#evict(run, 'CacheFull');
    if (next) this.onTask(next);
    for (const task of buffered) this.onTask(task);
  }

  #evict(run: CachedRun, reason: string): void {
    this.#parts.localActivities.forgetRun(run.runId);
    this.#cache.remove(run, reason);
    this.#vm?.evict(run.runId);
    const waiting = this.#waitingForCache.shift();
    if (waiting) this.#run(waiting);
  }
}

const runIdOf = (task: PollWorkflowTaskQueueResponse): string => task.workflowExecution?.runId ?? '';
