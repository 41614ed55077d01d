import { must } from '../../base/assert.ts';
import { durationMs, timestamp, type ProcessId } from '../../base/brand.ts';
import { nextInt, nextU32 } from '../../base/random.ts';
import type { RpcName } from '../../api/proto.ts';
import type { AgendaId, CallId, RpcResult } from '../../api/rpc.ts';
import type { CompiledProject, Vm, VmResult } from '../../api/sandbox.ts';
import type { LogEntry, ProcessEntry } from '../../trace/entries.ts';
import type { FetchRequest, FetchResponse, ProcessHost, ProcessItem, ProcessPort, ProcessSpec } from '../ports.ts';
import { defineModules } from '../sandbox/index.ts';
import type { BootInfo, KernelOp, Message, Op, Outbox } from './runtime/kernel.ts';

/** What a VM wants done; null when it is none: code that changes built-in objects changes the kernel's too. */
function readOutbox(text: string | undefined): Outbox | null {
  try {
    const outbox = JSON.parse(text ?? '') as Partial<Outbox>;
    return Array.isArray(outbox.ops) ? (outbox as Outbox) : null;
  } catch {
    return null;
  }
}

/** A message without its time. */
export type Outgoing = { readonly type: string; readonly [field: string]: unknown };

/**
 * A process with a VM of its own in which the project's code runs. Messages go in one at a time, their jobs run to rest, and the ops
 * that came of it are carried out; an op may cause the next message, which waits its turn.
 *
 * | state | start | an error nobody caught, exit | kill | budget spent |
 * |---|---|---|---|---|
 * | (none), exited, killed | → running | | | |
 * | running | | → exited | → killed | → hung: lives on and never answers, as Node would |
 * | hung | | | → killed | |
 *
 * Code that waits for the clock in a loop keeps the process busy for that time: what it did before goes out at once, what it did
 * after, and whatever comes, has to wait.
 */
export class Process implements ProcessPort {
  readonly id: ProcessId;
  protected readonly host: ProcessHost;
  protected readonly spec: ProcessSpec;
  #vm: Vm | null = null;
  #state: ProcessEntry['state'] = 'exited';
  #incarnation = 0;
  #dir = '';
  #inbox: Outgoing[] = [];
  #busy = false;
  /** What is carried out when the code has waited long enough. */
  #blocked: Pick<Outbox, 'ops' | 'again'> | null = null;
  #timers: { [id: number]: AgendaId } = {};
  /** The VM's number of each open call, and back. */
  #calls: { [callId: CallId]: number } = {};
  #callIds: { [id: number]: CallId } = {};
  #fetches: { [fetchId: number]: number } = {};

  constructor(spec: ProcessSpec, host: ProcessHost) {
    this.id = spec.id;
    this.spec = spec;
    this.host = host;
  }

  start(dir: string): void {
    this.#dir = dir;
    this.#incarnation++;
    this.#inbox = [];
    this.#blocked = null;
    this.#timers = {};
    this.#calls = {};
    this.#callIds = {};
    this.#fetches = {};
    this.#enter('running');
    const project = this.project;
    const vm = this.host.acquireVm('process');
    this.#vm = vm;
    const defined = defineModules(vm, project, [this.spec.entry]);
    if (!defined.ok) return this.#broke(defined);
    const stream = this.host.stream(`process/${this.id}`);
    const boot: BootInfo = {
      now: this.host.now(), seed: [nextU32(stream), nextU32(stream), nextU32(stream), nextU32(stream)], processId: this.id, kind: this.spec.kind, incarnation: this.#incarnation,
      pid: nextInt(stream, 1000, 32_767), entry: this.spec.entry, argv: this.spec.argv, env: this.spec.env, serviceName: this.spec.serviceName,
      workflowsOverride: this.spec.workflowsOverride, ...this.bootExtras(),
    };
    this.#busy = true;
    if (this.#call('boot', JSON.stringify(boot)) && this.#carryOut()) this.#pump();
    else this.#busy = this.#blocked !== null;
  }

  kill(): void {
    this.#end('killed', undefined);
  }

  shutdown(): void {
    this.deliver({ type: 'signal', name: 'SIGTERM' });
  }

  fire(item: ProcessItem): void {
    if (item.type === 'unblock') return this.#unblock();
    if (item.type !== 'timer') return this.fireOther(item);
    const id = item['id'] as number;
    delete this.#timers[id];
    this.deliver({ type: 'timer', id });
  }

  onReply(callId: CallId, result: RpcResult): void {
    const id = this.#calls[callId];
    if (id === undefined) return this.replyToOther(callId, result);
    delete this.#calls[callId];
    delete this.#callIds[id];
    this.answered(id, result);
    this.deliver({ type: 'reply', id, result });
  }

  onFetchResult(fetchId: number, response: FetchResponse): void {
    const id = this.#fetches[fetchId];
    if (id === undefined) return;
    delete this.#fetches[fetchId];
    this.deliver({ type: 'fetchResult', id, response });
  }

  /** The code that this incarnation runs. */
  protected get project(): CompiledProject {
    return this.host.project(this.#dir);
  }

  /** More for `boot`. */
  protected bootExtras(): Partial<BootInfo> {
    return {};
  }
  /** An op that the base class does not know. */
  protected handleOp(op: Op): void {
    must(null, `unknown op ${op.op}`);
  }
  /** A call of the VM before it leaves; what is returned is sent. */
  protected outgoing(_id: number, _rpc: RpcName, request: unknown): unknown {
    return request;
  }
  /** The answer to a call of the VM, before the VM gets it. */
  protected answered(_id: number, _result: RpcResult): void {}
  /** An agenda item of a subclass. */
  protected fireOther(item: ProcessItem): void {
    must(null, `unknown item ${item.type}`);
  }
  /** The answer to a call that the VM did not make. */
  protected replyToOther(_callId: CallId, _result: RpcResult): void {}
  /** The incarnation is over; the VM is gone. */
  protected ended(): void {}
  /** The process lives on and answers nothing, for a while or for good (its code waits for the clock, or hangs); or it goes on. */
  protected blocked(_now: boolean): void {}

  /** Gives the VM a message, now or after those that wait. */
  protected deliver(message: Outgoing): void {
    if (this.#vm === null || this.#state === 'hung') return;
    this.#inbox.push(message);
    if (!this.#busy) this.#pump();
  }

  protected log(level: LogEntry['level'], text: string): void {
    this.host.emit({ type: 'log', process: this.id, level, text });
  }

  #pump(): void {
    this.#busy = true;
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      const message: Message = { ...next, now: this.host.now() };
      if (!this.#call('deliver', JSON.stringify(message)) || !this.#carryOut()) break;
    }
    this.#busy = this.#blocked !== null;
  }

  #unblock(): void {
    const { ops, again } = must(this.#blocked, 'a blocked process');
    this.#blocked = null;
    this.blocked(false);
    const vm = this.#vm;
    if (this.#handleAll(ops) && (!again || (this.#call('drain') && this.#carryOut()))) this.#pump();
    else if (this.#vm === vm) this.#busy = this.#blocked !== null;
  }

  /** False when the process did not survive it. */
  #call(method: 'boot' | 'deliver' | 'drain', argument?: string): boolean {
    const result = must(this.#vm, 'vm').call(method, argument);
    if (!result.ok) this.#broke(result);
    return result.ok;
  }

  /** Carries out what the VM asks for; false when the process ended, or is busy and goes on later. */
  #carryOut(): boolean {
    for (;;) {
      const vm = this.#vm;
      if (vm === null) return false;
      const taken = vm.call('take');
      if (!taken.ok) {
        this.#broke(taken);
        return false;
      }
      const outbox = readOutbox(taken.value);
      if (outbox === null) {
        this.#broke({ ok: false, kind: 'exception', name: 'Error', message: 'what the process has to say can not be read: its code has changed built-in objects', stack: '' });
        return false;
      }
      const { ops, again, busy } = outbox;
      if (busy) {
        if (!this.#handleAll(ops.slice(0, busy.after))) return false;
        this.#blocked = { ops: ops.slice(busy.after), again };
        this.host.schedule(this.id, timestamp(this.host.now() + busy.ms), { type: 'unblock' });
        this.blocked(true);
        return false;
      }
      if (!this.#handleAll(ops)) return false;
      if (!again) return true;
      if (!this.#call('drain')) return false;
    }
  }

  /** False when the process ended. */
  #handleAll(ops: readonly Op[]): boolean {
    const vm = this.#vm;
    for (const op of ops) {
      this.#handle(op as KernelOp);
      if (this.#vm !== vm) return false;
    }
    return true;
  }

  #handle(op: KernelOp): void {
    switch (op.op) {
      case 'log':
        return this.log(op.level, op.text);
      case 'timer':
        this.#timers[op.id] = this.host.schedule(this.id, timestamp(this.host.now() + op.delay), { type: 'timer', id: op.id }, op.ref);
        return;
      case 'clearTimer': {
        const agendaId = this.#timers[op.id];
        if (agendaId !== undefined) this.host.cancel(agendaId);
        delete this.#timers[op.id];
        return;
      }
      case 'rpc': {
        const request = this.outgoing(op.id, op.rpc as RpcName, op.request);
        const callId = this.host.call(this.id, op.rpc as RpcName, request, op.timeout === null ? null : durationMs(op.timeout));
        this.#calls[callId] = op.id;
        this.#callIds[op.id] = callId;
        return;
      }
      case 'connect':
        return this.deliver({ type: 'connected', id: op.id, error: this.host.connect(op.address) });
      case 'cancelRpc': {
        const callId = this.#callIds[op.id];
        if (callId === undefined) return;
        this.host.cancelCall(callId);
        delete this.#calls[callId];
        delete this.#callIds[op.id];
        return;
      }
      case 'fetch':
        this.#fetches[this.host.fetch(this.id, op.request as FetchRequest)] = op.id;
        return;
      case 'cancelFetch':
        for (const [fetchId, id] of Object.entries(this.#fetches))
          if (id === op.id) {
            this.host.cancelFetch(Number(fetchId));
            delete this.#fetches[Number(fetchId)];
          }
        return;
      case 'uncaught': {
        // An overflow leaves no stack to tell of.
        const place = op.text.includes('\n') ? '' : op.position ? ` at ${op.position.file}:${op.position.line}` : this.#lastPlace();
        this.log('ERROR', `${op.text}${place}`);
        this.#error = { message: `${op.message}${place}`, position: op.position ?? undefined };
        return;
      }
      case 'exit':
        return this.#end('exited', op.code);
      default:
        return this.handleOp(op);
    }
  }
  #error: ProcessEntry['error'];

  /** The VM did not come to rest. */
  #broke(result: VmResult & { ok: false }): void {
    if (result.kind === 'budget') {
      const message = `the process hangs${this.#lastPlace()}: its code does not yield`;
      this.log('ERROR', message);
      this.#error = { message };
      this.#releaseVm();
      this.#enter('hung');
      this.blocked(true);
      return;
    }
    const text = result.kind === 'memory' ? `FATAL ERROR: JavaScript heap out of memory${this.#lastPlace()}` : result.kind === 'stack' ? `RangeError: Maximum call stack size exceeded${this.#lastPlace()}` : `${result.name}: ${result.message}\n${result.stack}`;
    this.log('ERROR', text);
    const first = text.split('\n')[0] ?? text;
    this.#error = { message: result.kind === 'exception' && result.stack === '' ? `${first}${this.#lastPlace()}` : first };
    this.#end('exited', result.kind === 'memory' ? 134 : 1);
  }

  /** ` at src/activities.ts:3`; nothing when no line of the project ran. */
  #lastPlace(): string {
    const at = this.#vm?.lastLine() ?? 0;
    const file = this.project.files[Math.floor(at / 100_000)];
    return at === 0 || file === undefined ? '' : ` at ${file}:${at % 100_000}`;
  }

  #end(state: 'exited' | 'killed', exitCode: number | undefined): void {
    if (this.#state !== 'running' && this.#state !== 'hung') return;
    this.#releaseVm();
    this.#inbox = [];
    this.#enter(state, exitCode);
    this.ended();
    if (state === 'exited') this.host.exited(this.id, exitCode ?? 0);
  }

  #releaseVm(): void {
    if (this.#vm !== null) this.host.releaseVm(this.#vm);
    this.#vm = null;
  }

  #enter(state: ProcessEntry['state'], exitCode?: number): void {
    this.#state = state;
    this.host.emit({ type: 'process', process: this.id, kind: this.spec.kind, state, incarnation: this.#incarnation, exitCode, dir: this.#dir, entry: this.spec.entry, error: this.#error });
    this.#error = undefined;
  }
}
