import { durationMs, timestamp, type DurationMs, type Timestamp } from '../../../base/brand.ts';
import { nextFloat } from '../../../base/random.ts';
import type { RpcName } from '../../../api/proto.ts';
import { RpcCode, type AgendaId, type CallId, type RpcResult, type RpcStatus } from '../../../api/rpc.ts';
import { exponentialBackoff } from './backoff.ts';
import type { WorkerEnv } from './env.ts';
import { payloadViolations, type PayloadLimits, type PayloadViolation } from './payload-limits.ts';

/**
 * How Core calls the Service, for itself and for clients on a worker's connection (sdk-core client/src/retry.rs):
 *
 * | call | first wait | factor | longest wait | gives up |
 * |---|---|---|---|---|
 * | ordinary | 100 ms | 1.7 | 5 s | after 10 s or 10 attempts |
 * | task poll | 200 ms | 2 | 10 s | never |
 *
 * ±20 % of chance each; RESOURCE_EXHAUSTED waits at least 1 s · 2^n. An ordinary call has a deadline of 30 s and is not asked again
 * when it passes; a poll that ran into its own is.
 */
const policies = {
  ordinary: { initial: 100, factor: 1.7, maximum: 5_000, elapsed: 10_000, attempts: 10, timeout: durationMs(30_000) },
  poll: { initial: 200, factor: 2, maximum: 10_000, elapsed: null, attempts: null, timeout: null },
} as const;
const throttle = { initial: 1_000, factor: 2, maximum: 10_000 };

const retryable: readonly number[] = [
  RpcCode.UNKNOWN, RpcCode.RESOURCE_EXHAUSTED, RpcCode.ABORTED, RpcCode.OUT_OF_RANGE, RpcCode.INTERNAL, RpcCode.UNAVAILABLE,
];

/** What to do with the answer: plain data, read by the part of the worker that asked. */
export interface Purpose {
  readonly part: 'poll' | 'workflow' | 'activity' | 'shutdown';
  readonly [field: string]: unknown;
}

/** A call that may be sent several times. */
export interface CoreCall {
  readonly policy: keyof typeof policies;
  /** From 1. */
  attempt: number;
  /** How often it was throttled. */
  throttled: number;
}

interface PendingCall extends CoreCall {
  readonly rpc: RpcName;
  readonly request: unknown;
  readonly purpose: Purpose;
  readonly firstSentAt: Timestamp;
}

/** How long Core waits before it sends a call again that failed `elapsed` ms after it was first sent; null: no more. `random` draws from [0, 1). */
export function retryAfter(
  call: CoreCall,
  status: { readonly code: number },
  elapsed: number,
  random: () => number,
): DurationMs | null {
  const policy = policies[call.policy];
  if (policy.attempts !== null && call.attempt >= policy.attempts) return null;
  const isPoll = call.policy === 'poll';
  if (
    !retryable.includes(status.code) &&
    !(isPoll && (status.code === RpcCode.CANCELLED || status.code === RpcCode.DEADLINE_EXCEEDED))
  )
    // Core lets "fatal" errors of a poll pass for a while too: proxies return them while they start.
    return isPoll ? durationMs(policy.maximum) : null;
  const jittered = (delay: number): number => Math.round(delay * (0.8 + 0.4 * random()));
  let wait = jittered(exponentialBackoff(policy.initial, policy.factor, policy.maximum, call.attempt));
  if (policy.elapsed !== null && elapsed + wait > policy.elapsed) return null;
  if (status.code === RpcCode.RESOURCE_EXHAUSTED) {
    call.throttled++;
    wait = Math.max(
      wait,
      jittered(exponentialBackoff(throttle.initial, throttle.factor, throttle.maximum, call.throttled)),
    );
  }
  return durationMs(wait);
}

export class CoreClient {
  readonly #env: WorkerEnv;
  readonly #answer: (purpose: Purpose, result: RpcResult) => void;
  /** Calls on their way, by call id. */
  readonly #open: { [callId: CallId]: PendingCall } = {};
  /** Calls that wait to be asked again. */
  readonly #waiting: { [id: number]: { readonly call: PendingCall; readonly agendaId: AgendaId } } = {};
  #nextWaiting = 1;
  /** Null until the namespace is known, or when the worker does not want to hold to them. */
  payloadLimits: PayloadLimits | null = null;

  /** `answer` gets each result that is final. */
  constructor(env: WorkerEnv, answer: (purpose: Purpose, result: RpcResult) => void) {
    this.#env = env;
    this.#answer = answer;
  }

  /** Sends a request. One whose payloads are too large is not sent, and what is wrong with it is returned. */
  call(rpc: RpcName, request: unknown, purpose: Purpose): PayloadViolation | null {
    const policy = purpose.part === 'poll' ? 'poll' : 'ordinary';
    const violations = policy === 'poll' ? [] : payloadViolations(rpc, request, this.payloadLimits);
    for (const { severity, message, size, limit } of violations) this.#env.log(severity === 'error' ? 'ERROR' : 'WARN', message, { size, limit });
    if (violations[0]?.severity === 'error') return violations[0];
    this.#send({ rpc, request, purpose, policy, firstSentAt: this.#env.now(), attempt: 1, throttled: 0 });
    return null;
  }

  /** True when the call was ours. */
  onReply(callId: CallId, result: RpcResult): boolean {
    const call = this.#open[callId];
    if (!call) return false;
    delete this.#open[callId];
    const wait = result.ok ? null : this.#retryAfter(call, result.status);
    if (wait === null) this.#answer(call.purpose, result);
    else {
      call.attempt++;
      const id = this.#nextWaiting++;
      this.#waiting[id] = { call, agendaId: this.#env.schedule(timestamp(this.#env.now() + wait), { type: 'workerRetry', rpc: call.rpc, id }) };
    }
    return true;
  }

  /** A wait is over. */
  retry(id: number): void {
    const waiting = this.#waiting[id];
    delete this.#waiting[id];
    if (waiting) this.#send(waiting.call);
  }

  /** Takes all open polls back; their purposes. */
  cancelPolls(): readonly Purpose[] {
    const purposes: Purpose[] = [];
    for (const [id, call] of Object.entries(this.#open))
      if (call.policy === 'poll') {
        this.#env.host.cancelCall(Number(id));
        delete this.#open[Number(id)];
        purposes.push(call.purpose);
      }
    for (const [id, { call, agendaId }] of Object.entries(this.#waiting))
      if (call.policy === 'poll') {
        this.#env.cancel(agendaId);
        delete this.#waiting[Number(id)];
        purposes.push(call.purpose);
      }
    return purposes;
  }

  #send(call: PendingCall): void {
    const callId = this.#env.host.call(this.#env.process, call.rpc, call.request, policies[call.policy].timeout);
    this.#open[callId] = call;
  }

  /** How long to wait before the next attempt; null: no more. */
  #retryAfter(call: PendingCall, status: RpcStatus): DurationMs | null {
    return retryAfter(call, status, this.#env.now() - call.firstSentAt, () => nextFloat(this.#env.host.stream(`worker/${this.#env.process}/retry`)));
  }
}
