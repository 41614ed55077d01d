import { timestamp } from '../../../../base/brand.ts';
import { createStream } from '../../../../base/random.ts';
import type { PollWorkflowTaskQueueResponse, RpcName } from '../../../../api/proto.ts';
import type { RpcResult } from '../../../../api/rpc.ts';
import type { WorkflowVm } from '../../../../api/sandbox.ts';
import type { TraceEntry } from '../../../../trace/entries.ts';
import type { CoreConfig, CoreOutcome, CoreRun, ProcessHost, ProcessItem } from '../../../ports.ts';
import type { WorkerConfig, WorkerMessage } from '../messages.ts';
import { modelResourceUsage } from '../slots.ts';
import { WorkerHost } from '../worker-host.ts';

/** A worker with everything around it faked: the test is Service, Core and VM. */
export interface FakeWorld {
  readonly worker: WorkerHost;
  /** Calls that have not been answered, oldest first. */
  readonly calls: { readonly id: number; readonly rpc: RpcName; readonly request: any }[];
  readonly messages: WorkerMessage[];
  readonly entries: TraceEntry[];
  readonly evicted: string[];
  /** What Core says to the next task (or other entrance) of a run. */
  core(task: PollWorkflowTaskQueueResponse, config: CoreConfig): CoreOutcome;
  onLocalActivity: (seq: number, resolution: any, attempt: number) => CoreOutcome;
  onHeartbeat: () => CoreOutcome;
  now(): number;
  /** Calls of an RPC that are open. */
  open(rpc: string): { readonly id: number; readonly request: any }[];
  /** Answers the oldest call of an RPC. */
  reply(rpc: string, response: unknown, which?: (request: any) => boolean): void;
  fail(rpc: string, code: number, message?: string): void;
  /** Runs what is due in the next `ms`. */
  advance(ms: number): void;
  /** The last message of a type. */
  last<T extends WorkerMessage['type']>(type: T): Extract<WorkerMessage, { type: T }>;
  lastEntry(type: string): any;
}

export const testConfig: WorkerConfig = {
  namespace: 'default', taskQueue: 'q', identity: '1@worker-1', buildId: 'b', deployment: null,
  workflows: { path: 'src/workflows.ts', interceptorModules: [], payloadConverterPath: null, failureConverterPath: null, ignoredModules: [], failureErrorTypes: {} },
  activityTypes: ['greet'], enableNonLocalActivities: true,
  slots: { workflow: { type: 'fixed-size', numSlots: 40 }, activity: { type: 'fixed-size', numSlots: 100 }, localActivity: { type: 'fixed-size', numSlots: 100 } },
  pollers: { workflow: { type: 'simple-maximum', maximum: 10 }, activity: { type: 'simple-maximum', maximum: 10 } },
  nonStickyToStickyPollRatio: 0.2, maxCachedWorkflows: 600, stickyQueueScheduleToStartTimeout: 10_000, maxHeartbeatThrottleInterval: 60_000,
  defaultHeartbeatThrottleInterval: 30_000, maxActivitiesPerSecond: null, maxTaskQueueActivitiesPerSecond: null, maxEagerActivityReservationsPerWorkflowTask: 3,
  isolateExecutionTimeout: 5_000, shutdownGraceTime: 0, sinks: {}, logLevel: 'INFO', customLogger: false, hasCodec: false,
};

export const outcome = (effects: CoreOutcome['effects'], evict: CoreOutcome['evict'] = null): CoreOutcome => ({ activations: [], effects, consoleLines: [], sinkCalls: [], evict });
export const complete = (task: PollWorkflowTaskQueueResponse, commands: any[] = []): CoreOutcome =>
  outcome([{ type: 'completeTask', request: { taskToken: task.taskToken as string, commands } }]);

/** A Workflow Task as a poll brings it. */
export const workflowTask = (n: number, runId = 'run-1', firstEventId = 1): PollWorkflowTaskQueueResponse => ({
  taskToken: `${runId}/${n}`, workflowExecution: { workflowId: 'w', runId }, workflowType: { name: 'flow' }, attempt: 1,
  history: { events: [{ eventId: String(firstEventId) }, { eventId: String(firstEventId + 2) }] },
});

export function createFakeWorld(overrides: Partial<WorkerConfig> = {}): FakeWorld {
  const config = { ...testConfig, ...overrides };
  let now = 1_000_000;
  let nextId = 1;
  let agenda: { id: number; at: number; item: ProcessItem }[] = [];
  const streams: { [name: string]: ReturnType<typeof createStream> } = {};
  const unused = (): never => {
    throw new Error('not in this test');
  };
  const world: FakeWorld = {
    calls: [], messages: [], entries: [], evicted: [],
    core: (task) => complete(task),
    onLocalActivity: unused,
    onHeartbeat: unused,
    now: () => now,
    open: (rpc) => world.calls.filter((c) => c.rpc === rpc),
    reply: (rpc, response, which = () => true) => answer(rpc, { ok: true, response }, which),
    fail: (rpc, code, message = 'no') => answer(rpc, { ok: false, status: { code: code as never, message } }, () => true),
    advance: (ms) => {
      const until = now + ms;
      for (;;) {
        const due = agenda.filter((i) => i.at <= until).sort((a, b) => a.at - b.at || a.id - b.id)[0];
        if (!due) break;
        agenda = agenda.filter((i) => i !== due);
        now = Math.max(now, due.at);
        world.worker.fire(due.item);
      }
      now = until;
    },
    last: (type) => world.messages.filter((m) => m.type === type).at(-1) as never,
    lastEntry: (type) => world.entries.filter((e) => e.type === type).at(-1),
    worker: undefined as never,
  };
  function answer(rpc: string, result: RpcResult, which: (request: any) => boolean): void {
    const index = world.calls.findIndex((c) => c.rpc === rpc && which(c.request));
    if (index < 0) throw new Error(`no open ${rpc}`);
    const [call] = world.calls.splice(index, 1);
    world.worker.onReply(call!.id, result);
  }
  const host: ProcessHost = {
    now: () => timestamp(now),
    schedule: (_process, at, item) => {
      agenda.push({ id: nextId, at, item });
      return nextId++;
    },
    cancel: (id) => {
      agenda = agenda.filter((i) => i.id !== id);
    },
    stream: (name) => (streams[name] ??= createStream(1, name)),
    call: (_process, rpc, request) => {
      world.calls.push({ id: nextId, rpc, request });
      return nextId++;
    },
    connect: unused,
    cancelCall: (id) => {
      const index = world.calls.findIndex((c) => c.id === id);
      if (index >= 0) world.calls.splice(index, 1);
    },
    fetch: unused, cancelFetch: unused, respond: unused, acquireVm: unused, releaseVm: unused, createWorkflowVm: unused, project: unused, exited: unused,
    emit: (entry) => world.entries.push(entry),
    polling: () => {},
    takeInjectedFailure: () => null,
  };
  const vm: WorkflowVm = { create: unused, activate: unused, evict: (runId) => world.evicted.push(runId), has: unused, heapBytes: () => 0, dispose: () => {} };
  const createRun = (_vm: WorkflowVm, coreConfig: CoreConfig, task: PollWorkflowTaskQueueResponse): CoreRun => ({
    workflowId: task.workflowExecution?.workflowId ?? '', runId: task.workflowExecution?.runId ?? '',
    handleTask: (t) => world.core(t, coreConfig),
    resolveLocalActivity: (seq, resolution, attempt) => world.onLocalActivity(seq, resolution, attempt),
    heartbeatDue: () => world.onHeartbeat(),
    resetLastStarted: () => {},
  });
  const worker = new WorkerHost({ host, process: 'worker-1', worker: 1, config, toVm: (message) => world.messages.push(message), usage: () => modelResourceUsage([world.worker.workInHand]), createVm: () => vm, createRun });
  Object.assign(world, { worker });
  return world;
}

