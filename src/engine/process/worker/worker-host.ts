import { timestamp, type ProcessId, type Timestamp } from '../../../base/brand.ts';
import { uuidV4 } from '../../../base/random.ts';
import type { Failure, Payload, PollActivityTaskQueueResponse, PollWorkflowTaskQueueResponse, TimeoutType } from '../../../api/proto.ts';
import type { AgendaId, CallId, RpcResult } from '../../../api/rpc.ts';
import type { WorkflowVm } from '../../../api/sandbox.ts';
import type { TraceEntry } from '../../../trace/entries.ts';
import type { CoreConfig, CoreRun, ProcessHost, ProcessItem } from '../../ports.ts';
import { Activities } from './activities.ts';
import type { WorkerEnv } from './env.ts';
import { LocalActivities } from './local-activities.ts';
import { logLevels, logText } from './log-text.ts';
import type { ActivityResult, LogLevel, WorkerConfig, WorkerMessage } from './messages.ts';
import type { PayloadLimits } from './payload-limits.ts';
import { Pollers, type PollerKind } from './pollers.ts';
import { CoreClient, type Purpose } from './rpc.ts';
import { createSlots, permitAt, reserve, totalSlots, use, type ResourceUsage, type Slots, type WorkInHand } from './slots.ts';
import { WorkflowOutput } from './workflow-output.ts';
import { WorkflowTasks } from './workflow-tasks.ts';

/**
 * The life of one worker. `STOPPED` is told to the VM, which then resolves `run()`.
 *
 * | state | run() | shutdown() | the grace time passed | nothing is left to do |
 * |---|---|---|---|---|
 * | INITIALIZED | → RUNNING, pollers start | | | |
 * | RUNNING | | → DRAINING, open polls are taken back, ShutdownWorker | | |
 * | DRAINING | | | running activities are cancelled | → STOPPED |
 */
type WorkerState = 'INITIALIZED' | 'RUNNING' | 'DRAINING' | 'STOPPED';

/** What a worker needs from its process. */
export interface WorkerHostParts {
  readonly host: ProcessHost;
  readonly process: ProcessId;
  /** Number of the worker in its process, from 1. */
  readonly worker: number;
  readonly config: WorkerConfig;
  toVm(message: WorkerMessage, cachedWorkflows: number): void;
  /** The load of the process, all its workers together. */
  usage(): ResourceUsage;
  createVm(config: WorkerConfig): WorkflowVm;
  createRun(vm: WorkflowVm, config: CoreConfig, task: PollWorkflowTaskQueueResponse): CoreRun;
}

/** One `Worker` of a process: what Core (Rust) does in the real SDK. */
export class WorkerHost {
  readonly #env: WorkerEnv;
  readonly #client: CoreClient;
  readonly #slots: { readonly workflow: Slots; readonly activity: Slots; readonly localActivity: Slots };
  readonly #pollers: Pollers;
  readonly #activities: Activities;
  readonly #localActivities: LocalActivities;
  readonly #workflowTasks: WorkflowTasks;
  readonly #stickyTaskQueue: string | null;
  readonly #usage: () => ResourceUsage;
  readonly #shown: { [kind: string]: number } = {};
  #state: WorkerState = 'INITIALIZED';
  #graceTimer: AgendaId | null = null;
  #shutdownAnswered = false;

  constructor(parts: WorkerHostParts) {
    const { host, process, worker, config } = parts;
    this.#env = {
      host, process, worker, config,
      now: () => host.now(),
      schedule: (at: Timestamp, item: ProcessItem) => host.schedule(process, at, { ...item, worker }),
      cancel: (id) => host.cancel(id),
      toVm: (message) => parts.toVm(message, this.#workflowTasks.cached),
      emit: (entry: TraceEntry) => host.emit(entry),
      log: (level: LogLevel, message: string, meta?: { readonly [key: string]: unknown }) => {
        if (logLevels.indexOf(level) >= logLevels.indexOf(config.logLevel)) host.emit({ type: 'log', process, level, text: logText(message, meta) });
      },
    };
    this.#slots = { workflow: createSlots(config.slots.workflow), activity: createSlots(config.slots.activity), localActivity: createSlots(config.slots.localActivity) };
    this.#stickyTaskQueue = config.workflows && config.maxCachedWorkflows > 0 ? `${config.identity}-${uuidV4(host.stream(`worker/${process}/stickyTaskQueue`)).replaceAll('-', '')}` : null;
    const { usage } = parts;
    this.#usage = usage;
    this.#client = new CoreClient(this.#env, (purpose, result) => this.#onAnswer(purpose, result));
    this.#pollers = new Pollers(this.#env, this.#client, this.#slots, this.#stickyTaskQueue, usage);
    this.#activities = new Activities(this.#env, this.#client, this.#slots.activity);
    this.#localActivities = new LocalActivities(this.#env, this.#slots.localActivity, usage);
    this.#workflowTasks = new WorkflowTasks(this.#env, {
      client: this.#client,
      slots: this.#slots,
      localActivities: this.#localActivities,
      output: new WorkflowOutput(this.#env),
      stickyTaskQueue: this.#stickyTaskQueue,
      usage,
      createVm: () => parts.createVm(config),
      createRun: parts.createRun,
      startActivity: (task) => this.#activities.start(task),
      preparedActivityPermits: () => this.#pollers.preparedActivityPermits(),
    });
  }

  /** Loads the workflow code; throws what is wrong with it. */
  load(): void {
    if (this.#env.config.workflows) this.#workflowTasks.load();
  }

  get running(): boolean {
    return this.#state === 'RUNNING' || this.#state === 'DRAINING';
  }

  get workInHand(): WorkInHand {
    const { activity, localActivity, workflow } = this.#slots;
    return { activities: activity.used + localActivity.used, workflowTasks: workflow.used, cachedWorkflows: this.#workflowTasks.cached };
  }

  /** `worker.run()`, with the namespace's limits for payloads. */
  run(limits: PayloadLimits | null = null): void {
    this.#state = 'RUNNING';
    this.#client.payloadLimits = limits;
    if (this.#pollers.any) this.#env.host.polling(this.#env.process);
    this.#rest();
  }

  /** `worker.shutdown()`: no new tasks; what runs is waited for. */
  shutdown(): void {
    if (this.#state !== 'RUNNING') return;
    this.#state = 'DRAINING';
    const { config, process, now, host } = this.#env;
    // A server that would end the polls itself (`workerPollCompleteOnShutdown`) is none that there is.
    this.#pollers.stop();
    this.#client.call(
      'ShutdownWorker',
      {
        namespace: config.namespace, identity: config.identity, stickyTaskQueue: this.#stickyTaskQueue ?? '', taskQueue: config.taskQueue, reason: 'graceful shutdown',
        taskQueueTypes: [...(config.workflows ? ['TASK_QUEUE_TYPE_WORKFLOW'] : []), ...(config.enableNonLocalActivities && config.activityTypes.length > 0 ? ['TASK_QUEUE_TYPE_ACTIVITY'] : [])],
      },
      { part: 'shutdown' },
    );
    this.#graceTimer = host.schedule(process, timestamp(now() + config.shutdownGraceTime), { type: 'workerGraceTime', worker: this.#env.worker });
    this.#rest();
  }

  /** The VM side does not wait any longer. */
  abandon(): void {
    this.#stop();
  }

  evictAll(): void {
    this.#workflowTasks.evictAll('LangRequested');
    this.#rest();
  }

  /** True when the call was ours. */
  onReply(callId: CallId, result: RpcResult): boolean {
    if (!this.#client.onReply(callId, result)) return false;
    this.#rest();
    return true;
  }

  /** Reserves a slot for a workflow that is started on this task queue; false when there is none. */
  reserveEagerStart(namespace: string, taskQueue: string): boolean {
    const { config, now } = this.#env;
    if (this.#state !== 'RUNNING' || !config.workflows || config.namespace !== namespace || config.taskQueue !== taskQueue) return false;
    if (permitAt(this.#slots.workflow, now(), this.#usage()) !== now()) return false;
    reserve(this.#slots.workflow, now());
    return true;
  }

  /** The start was answered; without a task the slot is free again. */
  onEagerStart(task: PollWorkflowTaskQueueResponse | undefined): void {
    if (task) {
      use(this.#slots.workflow);
      this.#workflowTasks.onTask(task);
    } else this.#slots.workflow.reserved--;
    this.#rest();
  }

  onActivityResult(token: string, result: ActivityResult): void {
    if (!this.#activities.onResult(token, result)) {
      const { ours, resolution } = this.#localActivities.onResult(token, result);
      if (ours && resolution) this.#workflowTasks.onLocalResolutions([resolution]);
    }
    this.#rest();
  }

  onHeartbeat(token: string, details: readonly Payload[]): void {
    this.#activities.onHeartbeat(token, details);
    this.#rest();
  }

  onCoded(id: number, value: unknown, failure: Failure | undefined): void {
    this.#workflowTasks.onCoded(id, value, failure);
    this.#rest();
  }

  /** An item of this worker is due. */
  fire(item: ProcessItem): void {
    switch (item.type) {
      case 'workerRetry':
        this.#client.retry(item['id'] as number);
        break;
      case 'workerPump':
        this.#pollers.wake();
        break;
      case 'workerGraceTime':
        this.#graceTimer = null;
        this.#activities.cancelAll();
        break;
      case 'activityHeartbeatThrottle':
        this.#activities.onThrottleEnd(item['token'] as string);
        break;
      case 'activityLocalTimeout':
        this.#activities.onLocalTimeout(item['token'] as string);
        break;
      case 'localActivityBackoff':
        this.#localActivities.onBackoffEnd(item['key'] as string);
        break;
      case 'localActivityTimeout': {
        const resolution = this.#localActivities.onTimeout(item['key'] as string, item['timeoutType'] as TimeoutType);
        if (resolution) this.#workflowTasks.onLocalResolutions([resolution]);
        break;
      }
      case 'workflowTaskHeartbeat':
        this.#workflowTasks.onHeartbeat(item['runId'] as string, item['taskToken'] as string);
        break;
      case 'workflowScriptTimeout':
        this.#workflowTasks.onScriptTimeout();
        break;
    }
    this.#rest();
  }

  /** The process is busy: tasks are still polled for until no slot is free. */
  hold(busy: boolean): void {
    this.#workflowTasks.hold(busy);
    if (!busy) this.#rest();
  }

  /** The process is gone. */
  dispose(): void {
    this.#state = 'STOPPED';
    this.#workflowTasks.dispose();
  }

  #onAnswer(purpose: Purpose, result: RpcResult): void {
    switch (purpose.part) {
      case 'poll':
        return this.#onPoll(purpose, result);
      case 'workflow':
        return this.#workflowTasks.onAnswer(purpose, result);
      case 'activity':
        return this.#activities.onAnswer(purpose, result);
      case 'shutdown':
        this.#shutdownAnswered = true;
        return;
    }
  }

  #onPoll(purpose: Purpose, result: RpcResult): void {
    const response = result.ok ? (result.response as PollWorkflowTaskQueueResponse | PollActivityTaskQueueResponse) : null;
    if (!this.#pollers.answered(purpose, response)) return;
    if ((purpose['kind'] as PollerKind) === 'activity') this.#activities.start(response as PollActivityTaskQueueResponse);
    else this.#workflowTasks.onTask(response as PollWorkflowTaskQueueResponse);
  }

  /** After whatever happened: hand out work, poll again, end when drained, show what changed. */
  #rest(): void {
    if (this.#state === 'STOPPED' || this.#state === 'INITIALIZED') return;
    this.#workflowTasks.onLocalResolutions(this.#localActivities.dispatch());
    if (this.#state === 'RUNNING') this.#pollers.pump();
    this.#show();
    if (this.#state === 'DRAINING' && this.#drained()) this.#stop();
  }

  #drained(): boolean {
    return this.#shutdownAnswered && this.#pollers.active === 0 && this.#activities.pending === 0 && this.#workflowTasks.pending === 0 && this.#localActivities.pending === 0;
  }

  #stop(): void {
    if (this.#state === 'STOPPED') return;
    this.#pollers.stop();
    if (this.#graceTimer !== null) this.#env.cancel(this.#graceTimer);
    this.#workflowTasks.evictAll('Shutting down');
    this.#show();
    this.dispose();
    this.#env.toVm({ type: 'workerDrained', worker: this.#env.worker });
  }

  #show(): void {
    this.#pollers.show();
    const { config, process } = this.#env;
    for (const kind of ['workflow', 'activity', 'localActivity'] as const) {
      const slots = this.#slots[kind];
      if (this.#shown[kind] === slots.used || (this.#shown[kind] === undefined && !this.#has(kind))) continue;
      this.#shown[kind] = slots.used;
      this.#env.emit({ type: 'slots', process, kind, taskQueue: config.taskQueue, used: slots.used, total: totalSlots(slots), load: this.#usage() });
    }
  }

  #has(kind: 'workflow' | 'activity' | 'localActivity'): boolean {
    const { config } = this.#env;
    if (kind === 'workflow') return config.workflows !== null;
    return config.activityTypes.length > 0 && (kind === 'activity' ? config.enableNonLocalActivities : config.workflows !== null);
  }
}
