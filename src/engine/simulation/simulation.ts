import { assert, AssertionError, must, unreachable } from '../../base/assert.ts';
import { durationMs, step as toStep, timestamp, type DurationMs, type ProcessId, type Timestamp } from '../../base/brand.ts';
import { parseMs } from '../../base/ms.ts';
import { createStream, nextInt, uuidV4, type RandomStream } from '../../base/random.ts';
import { eventName } from '../../api/event-names.ts';
import type { RpcName } from '../../api/proto.ts';
import { jsonPayload } from '../../api/json-payload.ts';
import { RpcCode, Unreachable, type AgendaId, type CallId, type RpcResult } from '../../api/rpc.ts';
import type { CompiledProject, VmPool } from '../../api/sandbox.ts';
import type { Fault, FaultRule, Input, StepItem, TraceEntry, ViolationEntry } from '../../trace/entries.ts';
import { checkAllRuns, checkStep, createWorldCheck, type WorldCheck } from '../checkers/world.ts';
import { createProcess } from '../process/index.ts';
import type { ExternalServicePort, FetchRequest, FetchResponse, ProcessHost, ProcessItem, ProcessPort, ProcessSpec, ServiceHost, ServiceItem, WorkerPort } from '../ports.ts';
import { createService, type SimulatedService } from '../service/index.ts';
import { cancel, createAgenda, nextAt, schedule, take, type Agenda } from './agenda.ts';
import { runOfMessage, summarizeRequest, summarizeResponse } from './delivery-summary.ts';
import { createFaultState, faultsAtEvent, faultsAtRpc, faultsAtStep, timedFaults, type FaultState } from './faults.ts';

/** What makes a run, besides the inputs that come later. */
export interface SimulationConfig {
  readonly seed: number;
  readonly startTime: Timestamp;
  readonly processes: readonly ProcessSpec[];
  readonly faults: readonly FaultRule[];
  /** Code by folder; '' is the project itself. */
  readonly projects: { readonly [dir: string]: CompiledProject };
  /** Also checks what costs as much as the histories are long (tests and fuzz). */
  readonly thoroughChecks?: boolean;
}

/** What the simulation needs from outside: VMs. */
export interface SimulationParts {
  readonly pool: VmPool;
  readonly createWorkflowVm: ProcessHost['createWorkflowVm'];
}

/** What is due. */
type AgendaItem =
  | { readonly type: 'request' | 'deadline' | 'limit'; readonly callId: CallId }
  | { readonly type: 'response'; readonly callId: CallId; readonly result: RpcResult }
  | { readonly type: 'service'; readonly item: ServiceItem }
  | { readonly type: 'process'; readonly process: ProcessId; readonly incarnation: number; readonly item: ProcessItem }
  | { readonly type: 'start'; readonly process: ProcessId; readonly dir: string }
  | { readonly type: 'fetchRequest'; readonly id: number }
  | { readonly type: 'fetchResponse'; readonly id: number; readonly response: FetchResponse }
  | { readonly type: 'fault'; readonly fault: Fault };

interface Call {
  readonly rpc: RpcName;
  readonly process: ProcessId;
  readonly incarnation: number;
  readonly timeout: DurationMs | null;
  request: unknown;
  readonly sentAt: Timestamp;
  /** The hop on its way, and when it left. */
  hop: AgendaId;
  hopAt: Timestamp;
  deadline: AgendaId | null;
  /** When the Service gives up on it. */
  limit: AgendaId | null;
  /** The Service has it and has not answered. */
  parked: boolean;
  delayed: boolean;
}

interface Fetch {
  readonly from: ProcessId;
  readonly incarnation: number;
  readonly request: FetchRequest;
  /** The external service works on it. */
  handling: boolean;
}

interface ProcessState {
  readonly spec: ProcessSpec;
  incarnation: number;
  alive: boolean;
  dir: string;
  polling: boolean;
  exitCode: number | null;
}

/** All of the simulation's own state: plain data. */
interface State {
  now: Timestamp;
  step: number;
  agenda: Agenda<AgendaItem>;
  streams: { [name: string]: RandomStream };
  calls: { [id: CallId]: Call };
  nextCall: CallId;
  fetches: { [id: number]: Fetch };
  nextFetch: number;
  processes: { [id: ProcessId]: ProcessState };
  outages: { [service: string]: Timestamp };
  faults: FaultState;
  injectedFailures: { activityType: string; left: number; message: string; type?: string | undefined; nonRetryable?: boolean | undefined }[];
  parkedPolls: number;
  check: WorldCheck;
}

/** A long poll is asked again after this time (Temporal: 60 s for tasks). */
const LONG_POLL_MS = 60_000;
/** When Core gives up on a poll for tasks. */
const POLL_DEADLINE_MS = durationMs(70_000);
/** When a client's connection that has gone silent is given up: it pings every 30 s and waits 15 s for the answer (client/lib/connection.js). */
const KEEPALIVE_MS = durationMs(45_000);
const isTaskPoll = (rpc: RpcName): boolean => rpc.startsWith('Poll') && rpc.endsWith('TaskQueue');
/** Calls that the Service itself ends after a time; the others park until there is an answer, or are asked again by their callers. */
const SERVICE_LIMIT_MS: { readonly [rpc: string]: number } = { QueryWorkflow: 30_000 };
const NOBODYS_PORT = /^(?:localhost|127\.0\.0\.1|\[::1\]):(?!7233$)/;
/** Name of the Service as the target of an outage. */
const TEMPORAL = 'temporal';

/**
 * The simulated world: virtual clock, agenda, network and faults, wired to the Service and the processes. Synchronous; `step()`
 * runs one agenda item to rest.
 */
export class Simulation {
  readonly service: SimulatedService;
  readonly #ports: { [id: ProcessId]: ProcessPort } = {};
  readonly #state: State;
  readonly #config: SimulationConfig;
  #entries: TraceEntry[] = [];
  /** Faults that events of this step called for. */
  #due: Fault[] = [];

  constructor(config: SimulationConfig, parts: SimulationParts) {
    this.#config = config;
    this.#state = {
      now: config.startTime, step: 0, agenda: createAgenda(), streams: {}, calls: {}, nextCall: 1, fetches: {}, nextFetch: 1, processes: {}, outages: {},
      faults: createFaultState(config.faults), injectedFailures: [], parkedPolls: 0, check: createWorldCheck(),
    };
    this.service = createService(this.#serviceHost());
    const host = this.#processHost(parts);
    for (const spec of config.processes) {
      this.#state.processes[spec.id] = { spec, incarnation: 0, alive: false, dir: '', polling: false, exitCode: null };
      this.#ports[spec.id] = createProcess(spec, host);
      if (spec.kind !== 'client') this.#schedule(0, { type: 'start', process: spec.id, dir: '' });
    }
    for (const { after, fault } of timedFaults(config.faults)) this.#schedule(after, { type: 'fault', fault });
    if (!config.processes.some((p) => p.kind === 'worker')) this.#startNextClient();
  }

  get now(): Timestamp {
    return this.#state.now;
  }
  get stepNumber(): number {
    return this.#state.step;
  }
  /** When the next item is due; null when the run is idle. */
  get nextAt(): Timestamp | null {
    return this.#state.agenda.work === 0 ? null : nextAt(this.#state.agenda);
  }
  /** Exit codes of the processes that ended. */
  exitCode(process: ProcessId): number | null {
    return this.#state.processes[process]?.exitCode ?? null;
  }

  /** Runs the next agenda item; null when there is none. The array belongs to the caller. */
  step(): readonly TraceEntry[] | null {
    this.#postponeDuringOutage();
    if (this.nextAt === null) return null;
    return this.#run(() => {
      const { at, item } = take(this.#state.agenda);
      assert(at >= this.#state.now, 'time runs forward');
      const gap = at - this.#state.now;
      this.#state.now = at;
      const { step } = this.#state;
      this.#emit({ type: 'step', step: toStep(step), at, item: this.#describe(item) });
      if (gap >= LONG_POLL_MS && this.#state.parkedPolls > 0)
        this.#emit({ type: 'pollsRenewed', count: this.#state.parkedPolls * Math.floor(gap / LONG_POLL_MS) });
      for (const fault of faultsAtStep(this.#state.faults, step)) this.#applyFault(fault);
      this.#runItem(item);
    });
  }

  /** Lets something in from outside, now: a step of its own. */
  input(input: Input): readonly TraceEntry[] {
    return this.#run(() => {
      const name = input.type === 'deploy' ? `deploy ${input.process}` : Object.keys(input.fault)[0] ?? '';
      this.#emit({ type: 'step', step: toStep(this.#state.step), at: this.#state.now, item: { kind: 'input', name } });
      this.#emit({ type: 'input', input });
      if (input.type === 'injectFault') this.#applyFault(input.fault);
      else this.#start(input.process, input.dir);
    });
  }

  /** Whether a process has polled for tasks. */
  isPolling(process: ProcessId): boolean {
    return this.#state.processes[process]?.polling === true;
  }

  /** Replays a history with the workers that a process has made; see {@link WorkerPort.replay}. */
  replay(process: ProcessId, ...replay: Parameters<WorkerPort['replay']>): boolean {
    return (this.#port(process) as WorkerPort).replay(...replay);
  }

  /** What is wrong with the runs that are open now, checked thoroughly: for the end of a run. */
  finalViolations(): readonly ViolationEntry[] {
    return checkAllRuns(this.service.state);
  }

  /** Names of the processes that a fault may name. */
  get processIds(): readonly ProcessId[] {
    return Object.keys(this.#state.processes);
  }

  /** Releases every VM. */
  dispose(): void {
    for (const id of this.processIds) if (this.#state.processes[id]?.alive) this.#port(id).kill();
  }

  #run(body: () => void): readonly TraceEntry[] {
    this.#state.step++;
    this.#entries = [];
    try {
      body();
      while (this.#due.length > 0) this.#applyFault(this.#due.shift() as Fault);
    } catch (error) {
      if (error instanceof AssertionError) error.message += ` (seed ${this.#config.seed}, step ${this.#state.step})`;
      throw error;
    }
    this.#entries.push(...checkStep(this.#state.check, this.#entries, this.service.state, this.#config.thoroughChecks === true));
    return this.#entries;
  }

  #emit(entry: TraceEntry): void {
    this.#entries.push(entry);
    if (entry.type === 'history' && this.#state.faults.events.length > 0)
      this.#due.push(...faultsAtEvent(this.#state.faults, eventName(entry.event.eventType as string), entry.workflowId));
  }

  #schedule(after: number, item: AgendaItem): AgendaId {
    return schedule(this.#state.agenda, timestamp(this.#state.now + after), item);
  }

  #stream(name: string): RandomStream {
    return (this.#state.streams[name] ??= createStream(this.#config.seed, name));
  }

  /** One hop on the link of a process. */
  #hop(process: ProcessId): number {
    return nextInt(this.#stream(`network/${process}`), 1, 5);
  }

  #describe(item: AgendaItem): StepItem {
    switch (item.type) {
      case 'request':
      case 'response':
      case 'deadline':
      case 'limit': {
        const call = must(this.#state.calls[item.callId], `call ${item.callId}`);
        return { kind: item.type === 'request' ? 'request' : 'response', callId: item.callId, rpc: call.rpc, process: call.process };
      }
      case 'service':
        return { kind: 'serviceTimer', name: item.item.type, workflowId: item.item['workflowId'] as string | undefined, runId: item.item['runId'] as string | undefined };
      case 'process':
        return { kind: 'processTimer', process: item.process, name: item.item.type };
      case 'start':
        return { kind: 'processStart', process: item.process, name: item.dir };
      case 'fetchRequest':
      case 'fetchResponse': {
        const fetch = must(this.#state.fetches[item.id], `fetch ${item.id}`);
        return { kind: item.type, process: fetch.from, service: fetch.request.service, path: fetch.request.path };
      }
      case 'fault':
        return { kind: 'fault', name: Object.keys(item.fault)[0] ?? '' };
      default:
        return unreachable(item);
    }
  }

  #runItem(item: AgendaItem): void {
    switch (item.type) {
      case 'request':
        return this.#deliverRequest(item.callId);
      case 'response':
        return this.#deliverResponse(item.callId, item.result);
      case 'deadline':
        return this.#deadline(item.callId);
      case 'limit':
        return this.#limit(item.callId);
      case 'service':
        return this.service.fire(item.item);
      case 'process':
        if (this.#isAlive(item.process, item.incarnation)) this.#port(item.process).fire(item.item);
        return;
      case 'start':
        return this.#start(item.process, item.dir);
      case 'fetchRequest':
        return this.#deliverFetch(item.id);
      case 'fetchResponse': {
        const fetch = must(this.#state.fetches[item.id], `fetch ${item.id}`);
        delete this.#state.fetches[item.id];
        this.#emit({ type: 'serviceRequest', service: fetch.request.service, from: fetch.from, id: item.id, phase: item.response.error ? (item.response.error === 'ECONNREFUSED' ? 'refused' : 'lost') : 'answered', method: fetch.request.method, path: fetch.request.path, status: item.response.error ? undefined : item.response.status });
        if (this.#isAlive(fetch.from, fetch.incarnation)) this.#port(fetch.from).onFetchResult(item.id, item.response);
        return;
      }
      case 'fault':
        return this.#applyFault(item.fault);
      default:
        return unreachable(item);
    }
  }

  // ------------------------------------------------------------ RPC

  #call(process: ProcessId, rpc: RpcName, request: unknown, timeout: DurationMs | null): CallId {
    const callId = this.#state.nextCall++;
    const { incarnation } = must(this.#state.processes[process], `process ${process}`);
    const call: Call = { rpc, process, incarnation, timeout, request, sentAt: this.#state.now, hop: 0, hopAt: this.#state.now, deadline: null, limit: null, parked: false, delayed: false };
    this.#state.calls[callId] = call;
    call.hop = this.#schedule(this.#hop(process), { type: 'request', callId });
    return callId;
  }

  /** On this machine only its own port is the Service's; every other host is taken for its, but those of RFC 2606 that are nobody's. */
  #connect(address: string): 'ECONNREFUSED' | 'ENOTFOUND' | null {
    if (/\.invalid(:\d+)?$/.test(address)) return 'ENOTFOUND';
    return NOBODYS_PORT.test(address) || TEMPORAL in this.#state.outages ? 'ECONNREFUSED' : null;
  }

  /** When the caller gives up. A lost message ends a call that has no deadline, too: its connection turns out to be dead. */
  #ensureDeadline(callId: CallId, call: Call, lost: boolean): void {
    if (call.deadline !== null || (call.timeout === null && !lost)) return;
    const after =
      call.sentAt + (call.timeout ?? (isTaskPoll(call.rpc) ? POLL_DEADLINE_MS : KEEPALIVE_MS)) - this.#state.now;
    call.deadline = this.#schedule(Math.max(0, after), { type: 'deadline', callId });
  }

  #deliverRequest(callId: CallId): void {
    const call = must(this.#state.calls[callId], `call ${callId}`);
    const before = call.delayed ? { dropped: false, delay: 0 } : this.#rpcFaults(call, 'request');
    if (before.delay > 0) {
      call.delayed = true;
      call.hop = this.#schedule(before.delay, { type: 'request', callId });
      return this.#ensureDeadline(callId, call, isTaskPoll(call.rpc));
    }
    call.delayed = false;
    this.#emit({ type: 'delivery', callId, rpc: call.rpc, edge: 'request', process: call.process, sentAt: call.hopAt, dropped: before.dropped, ...runOfMessage(call.request), summary: summarizeRequest(call.rpc, call.request) });
    if (before.dropped) return this.#ensureDeadline(callId, call, true);
    if (TEMPORAL in this.#state.outages) return this.#reply(callId, { ok: false, status: { code: RpcCode.UNAVAILABLE, message: Unreachable.refused } });
    // A dead caller's connection is closed: what it had sent still counts, but it can't be handed a task.
    const alive = this.#isAlive(call.process, call.incarnation);
    if (!alive && call.rpc.startsWith('Poll')) return this.#forget(callId, call);
    call.parked = true;
    if (call.timeout === null) this.#state.parkedPolls++;
    const { request } = call;
    call.request = undefined;
    this.service.handle({ callId, rpc: call.rpc, request, caller: call.process, timeout: call.timeout });
    if (!call.parked) return;
    if (!alive) return this.#dropCall(callId, call);
    this.#ensureDeadline(callId, call, false);
    const limit = SERVICE_LIMIT_MS[call.rpc];
    if (limit !== undefined) call.limit = this.#schedule(limit, { type: 'limit', callId });
  }

  /** The Service has had the call for too long. */
  #limit(callId: CallId): void {
    this.service.dropCall(callId);
    this.#reply(callId, { ok: false, status: { code: RpcCode.DEADLINE_EXCEEDED, message: 'query timed out before a worker could process it' } });
  }

  #reply(callId: CallId, result: RpcResult): void {
    const call = this.#state.calls[callId];
    if (!call) return;
    this.#unpark(call);
    call.hopAt = this.#state.now;
    call.hop = this.#schedule(this.#hop(call.process), { type: 'response', callId, result });
  }

  #unpark(call: Call): void {
    if (call.parked && call.timeout === null) this.#state.parkedPolls--;
    if (call.limit !== null) cancel(this.#state.agenda, call.limit);
    call.limit = null;
    call.parked = false;
  }

  #deliverResponse(callId: CallId, result: RpcResult): void {
    const call = must(this.#state.calls[callId], `call ${callId}`);
    const before = call.delayed ? { dropped: false, delay: 0 } : this.#rpcFaults(call, 'response');
    if (before.delay > 0) {
      call.delayed = true;
      call.hop = this.#schedule(before.delay, { type: 'response', callId, result });
      return this.#ensureDeadline(callId, call, isTaskPoll(call.rpc));
    }
    const alive = this.#isAlive(call.process, call.incarnation);
    const dropped = before.dropped || !alive;
    const run = result.ok ? runOfMessage(result.response) : {};
    this.#emit({ type: 'delivery', callId, rpc: call.rpc, edge: 'response', process: call.process, sentAt: call.hopAt, dropped, error: result.ok ? undefined : { code: result.status.code, message: result.status.message }, ...run, summary: result.ok ? summarizeResponse(call.rpc, result.response) : '' });
    if (before.dropped && alive) return this.#ensureDeadline(callId, call, true);
    this.#forget(callId, call);
    if (alive) this.#port(call.process).onReply(callId, result);
  }

  /** The caller waited long enough. */
  #deadline(callId: CallId): void {
    const call = must(this.#state.calls[callId], `call ${callId}`);
    call.deadline = null;
    const silent = call.timeout === null && !isTaskPoll(call.rpc);
    if (call.parked) this.#dropCall(callId, call);
    this.#forget(callId, call);
    const status = silent ? { code: RpcCode.UNAVAILABLE, message: Unreachable.dropped } : { code: RpcCode.DEADLINE_EXCEEDED, message: 'Deadline exceeded' };
    if (this.#isAlive(call.process, call.incarnation)) this.#port(call.process).onReply(callId, { ok: false, status });
  }

  #dropCall(callId: CallId, call: Call): void {
    this.service.dropCall(callId);
    this.#unpark(call);
    this.#forget(callId, call);
  }

  #forget(callId: CallId, call: Call): void {
    if (call.deadline !== null) cancel(this.#state.agenda, call.deadline);
    cancel(this.#state.agenda, call.hop);
    delete this.#state.calls[callId];
  }

  #rpcFaults(call: Call, edge: 'request' | 'response'): { dropped: boolean; delay: number } {
    const out = { dropped: false, delay: 0 };
    if (this.#state.faults.rpcs.length === 0) return out;
    for (const fault of faultsAtRpc(this.#state.faults, call.rpc, edge, call.process)) {
      if ('drop' in fault) out.dropped = true;
      else if ('delay' in fault) out.delay = parseMs(fault.delay);
      if ('drop' in fault || 'delay' in fault) this.#emit({ type: 'fault', fault, detail: `${call.rpc} ${edge}` });
      else this.#applyFault(fault);
    }
    return out;
  }

  // ------------------------------------------------------------ HTTP to external services

  #fetch(from: ProcessId, request: FetchRequest): number {
    const id = this.#state.nextFetch++;
    this.#state.fetches[id] = { from, incarnation: must(this.#state.processes[from], from).incarnation, request, handling: false };
    this.#schedule(this.#latency(request.service), { type: 'fetchRequest', id });
    return id;
  }

  #latency(service: string): DurationMs {
    const port = this.#ports[`service-${service}`] as ExternalServicePort | undefined;
    return port?.latency ?? durationMs(5);
  }

  #deliverFetch(id: number): void {
    const fetch = must(this.#state.fetches[id], `fetch ${id}`);
    const process = `service-${fetch.request.service}`;
    const target = this.#state.processes[process];
    const refuse = (error: string) => this.#schedule(this.#latency(fetch.request.service), { type: 'fetchResponse', id, response: { status: 0, headers: {}, body: '', error } });
    if (!target) return void refuse('ENOTFOUND');
    if (!target.alive || Object.hasOwn(this.#state.outages, fetch.request.service)) return void refuse('ECONNREFUSED');
    fetch.handling = true;
    this.#emit({ type: 'serviceRequest', service: fetch.request.service, from: fetch.from, id, phase: 'received', method: fetch.request.method, path: fetch.request.path });
    (this.#port(process) as ExternalServicePort).onRequest(id, fetch.from, fetch.request);
  }

  #respond(requestId: number, response: FetchResponse): void {
    const fetch = this.#state.fetches[requestId];
    if (!fetch?.handling) return;
    fetch.handling = false;
    this.#schedule(this.#latency(fetch.request.service), { type: 'fetchResponse', id: requestId, response });
  }

  // ------------------------------------------------------------ processes

  #port(process: ProcessId): ProcessPort {
    return must(this.#ports[process], `process ${process}`);
  }

  #isAlive(process: ProcessId, incarnation: number): boolean {
    const state = this.#state.processes[process];
    return state !== undefined && state.alive && state.incarnation === incarnation;
  }

  #start(id: ProcessId, dir: string): void {
    const process = must(this.#state.processes[id], `process ${id}`);
    if (process.alive) this.#end(id, process);
    process.alive = true;
    process.incarnation++;
    process.exitCode = null;
    process.dir = dir;
    this.#port(id).start(dir);
  }

  #kill(id: ProcessId): void {
    const process = must(this.#state.processes[id], `process ${id}`);
    if (!process.alive) return;
    this.#end(id, process);
    if (process.spec.kind === 'worker') this.#startFirstClient();
    if (process.spec.kind === 'client') this.#startNextClient();
  }

  #end(id: ProcessId, process: ProcessState): void {
    this.#gone(id, process);
    this.#port(id).kill();
  }

  /** The kernel closes the connections of a process that ended. */
  #gone(id: ProcessId, process: ProcessState): void {
    process.alive = false;
    const { items } = this.#state.agenda;
    for (const [agendaId, item] of Object.entries(items)) if (item.type === 'process' && item.process === id) cancel(this.#state.agenda, Number(agendaId));
    for (const [callId, call] of Object.entries(this.#state.calls))
      if (call.process === id && call.incarnation === process.incarnation && call.parked) this.#dropCall(Number(callId), call);
    for (const [fetchId, fetch] of Object.entries(this.#state.fetches))
      if (fetch.handling && `service-${fetch.request.service}` === id) {
        fetch.handling = false;
        this.#schedule(this.#latency(fetch.request.service), { type: 'fetchResponse', id: Number(fetchId), response: { status: 0, headers: {}, body: '', error: 'ECONNRESET' } });
      }
  }

  #exited(id: ProcessId, exitCode: number): void {
    const process = must(this.#state.processes[id], `process ${id}`);
    if (process.alive) this.#gone(id, process);
    process.exitCode = exitCode;
    if (process.spec.kind === 'worker') this.#startFirstClient();
    if (process.spec.kind === 'client') this.#startNextClient();
  }

  /** The first client starts once every worker polls (or has ended). */
  #startFirstClient(): void {
    const all = Object.values(this.#state.processes);
    if (all.some((p) => p.spec.kind === 'client' && p.incarnation > 0)) return;
    if (all.every((p) => p.spec.kind !== 'worker' || p.polling || (p.incarnation > 0 && !p.alive))) this.#startNextClient();
  }

  #startNextClient(): void {
    const clients = Object.values(this.#state.processes).filter((p) => p.spec.kind === 'client');
    const at = clients.findIndex((p) => p.incarnation === 0);
    const next = clients[at];
    // The one before it may have been started once more by a fault.
    if (next && clients[at - 1]?.alive !== true) this.#schedule(0, { type: 'start', process: next.spec.id, dir: next.dir });
  }

  // ------------------------------------------------------------ faults

  #applyFault(fault: Fault): void {
    this.#emit({ type: 'fault', fault });
    if ('kill' in fault) return this.#kill(fault.kill);
    if ('start' in fault) return this.#start(fault.start, fault.dir ?? must(this.#state.processes[fault.start], fault.start).dir);
    if ('shutdown' in fault) {
      if (this.#state.processes[fault.shutdown]?.alive) this.#port(fault.shutdown).shutdown();
      return;
    }
    if ('evict' in fault) {
      if (this.#state.processes[fault.evict]?.alive) (this.#port(fault.evict) as WorkerPort).evictAll();
      return;
    }
    if ('fail' in fault) return void this.#state.injectedFailures.push({ ...fault.fail, left: fault.fail.attempts });
    if ('outage' in fault) return this.#outage(fault.outage.service, parseMs(fault.outage.for));
    if ('signal' in fault) {
      const input = (fault.signal.args ?? []).map((arg) => jsonPayload(arg));
      return this.#operator('SignalWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId: fault.signal.workflowId }, signalName: fault.signal.name, input: { payloads: input }, identity: OPERATOR, requestId: this.#requestId() });
    }
    if ('cancel' in fault) return this.#operator('RequestCancelWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId: fault.cancel.workflowId }, identity: OPERATOR, requestId: this.#requestId() });
    if ('terminate' in fault) return this.#operator('TerminateWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId: fault.terminate.workflowId }, identity: OPERATOR, reason: 'terminated by a fault' });
    assert(false, `a fault that only goes with an RPC: ${JSON.stringify(fault)}`);
  }

  #requestId(): string {
    return uuidV4(this.#stream('operator'));
  }

  /** An RPC of an operator, carried out at once. Its answer is of no interest, an error is shown. */
  #operator(rpc: RpcName, request: unknown): void {
    const callId = this.#state.nextCall++;
    this.#operatorCall = callId;
    this.service.handle({ callId, rpc, request, caller: OPERATOR });
    this.#operatorCall = null;
  }
  #operatorCall: CallId | null = null;

  #outage(service: string, length: DurationMs): void {
    // An outage that is under way is not shortened by another one.
    const until = timestamp(Math.max(this.#state.now + length, Object.hasOwn(this.#state.outages, service) ? (this.#state.outages[service] as number) : 0));
    this.#state.outages[service] = until;
    if (service !== TEMPORAL) return;
    for (const [id, call] of Object.entries(this.#state.calls))
      if (call.parked) {
        this.service.dropCall(Number(id));
        this.#reply(Number(id), { ok: false, status: { code: RpcCode.UNAVAILABLE, message: Unreachable.dropped } });
      }
  }

  /** A stopped Service runs none of its timers: they wait until it is back, in their order. Ended outages are forgotten. */
  #postponeDuringOutage(): void {
    for (;;) {
      const at = this.nextAt;
      if (at === null) return;
      for (const [service, until] of Object.entries(this.#state.outages)) if (until <= at) delete this.#state.outages[service];
      const until = this.#state.outages[TEMPORAL];
      if (until === undefined) return;
      const { heap, items } = this.#state.agenda;
      const top = items[must(heap[0], 'top').id];
      if (top?.type !== 'service') return;
      take(this.#state.agenda);
      schedule(this.#state.agenda, until, top);
    }
  }

  // ------------------------------------------------------------ hosts

  #serviceHost(): ServiceHost {
    return {
      now: () => this.#state.now,
      schedule: (at, item) => schedule(this.#state.agenda, timestamp(Math.max(at, this.#state.now)), { type: 'service', item }),
      cancel: (id) => cancel(this.#state.agenda, id),
      stream: (name) => this.#stream(`service/${name}`),
      reply: (callId, result) => {
        if (callId === this.#operatorCall) {
          if (!result.ok) this.#emit({ type: 'log', process: TEMPORAL, level: 'WARN', text: result.status.message });
          return;
        }
        this.#reply(callId, result);
      },
      emit: (entry) => this.#emit(entry),
    };
  }

  #processHost(parts: SimulationParts): ProcessHost {
    return {
      now: () => this.#state.now,
      schedule: (process, at, item, work) => schedule(this.#state.agenda, timestamp(Math.max(at, this.#state.now)), { type: 'process', process, incarnation: must(this.#state.processes[process], process).incarnation, item }, work),
      cancel: (id) => cancel(this.#state.agenda, id),
      stream: (name) => this.#stream(name),
      call: (process, rpc, request, timeout) => this.#call(process, rpc, request, timeout),
      connect: (address) => this.#connect(address),
      cancelCall: (callId) => {
        const call = this.#state.calls[callId];
        if (call?.parked) this.#dropCall(callId, call);
        else if (call) this.#cancelInFlight(callId, call);
      },
      fetch: (process, request) => this.#fetch(process, request),
      cancelFetch: (id) => {
        const fetch = this.#state.fetches[id];
        if (fetch) this.#state.fetches[id] = { ...fetch, incarnation: -1 };
      },
      respond: (_process, requestId, response) => this.#respond(requestId, response),
      emit: (entry) => this.#emit(entry),
      acquireVm: (template) => parts.pool.acquire(template),
      releaseVm: (vm) => parts.pool.release(vm),
      createWorkflowVm: parts.createWorkflowVm,
      project: (dir) => must(this.#config.projects[dir], `no project folder ${dir}`),
      exited: (process, exitCode) => this.#exited(process, exitCode),
      polling: (process) => {
        must(this.#state.processes[process], process).polling = true;
        this.#startFirstClient();
      },
      takeInjectedFailure: (activityType) => {
        const failure = this.#state.injectedFailures.find((f) => f.activityType === activityType && f.left > 0);
        if (!failure) return null;
        failure.left--;
        return { message: failure.message, type: failure.type, nonRetryable: failure.nonRetryable };
      },
    };
  }

  /** A call that is on the wire when its caller takes it back: whatever comes of it is not for the caller any more. */
  #cancelInFlight(callId: CallId, call: Call): void {
    this.#state.calls[callId] = { ...call, incarnation: -1 };
  }
}

/** Who carries out the faults that are really an operator's commands. */
const OPERATOR = 'temporal-cli';
