import { durationMs, timestamp, type Timestamp } from '../../../base/brand.ts';
import { parseDuration } from '../../../base/time.ts';
import type { Failure, Payload, PollActivityTaskQueueResponse, RecordActivityTaskHeartbeatResponse } from '../../../api/proto.ts';
import { RpcCode, type AgendaId, type RpcResult } from '../../../api/rpc.ts';
import type { WorkerEnv } from './env.ts';
import { answered, close, createHeartbeatState, heartbeat, throttleInterval, unthrottle, type HeartbeatState } from './heartbeats.ts';
import type { ActivityResult, CancellationDetails, CancelReason } from './messages.ts';
import { payloadsTooLarge, payloadViolations, type PayloadViolation } from './payload-limits.ts';
import type { CoreClient, Purpose } from './rpc.ts';
import type { Slots } from './slots.ts';

/** Core waits this long after an activity's timeout before it ends the attempt itself, not to race the Service. */
const LOCAL_TIMEOUT_BUFFER_MS = 5_000;

/** An activity attempt that was handed to the VM and has not ended. */
interface RunningActivity {
  readonly task: PollActivityTaskQueueResponse;
  readonly heartbeat: HeartbeatState;
  lastHeartbeatDetails: readonly Payload[] | null;
  issuedCancel: CancelReason | null;
  /** The Service does not know the attempt any more: nothing is reported. */
  knownNotFound: boolean;
  /** Local start-to-close and heartbeat timers. */
  startToCloseTimer: AgendaId | null;
  heartbeatTimer: AgendaId | null;
}

/** A report on its way. The slot is free when it has arrived (or is given up). */
type Reporting = Purpose & { readonly part: 'activity'; readonly type: 'report'; readonly token: string };

const cancelReasonOfHeartbeat = (response: RecordActivityTaskHeartbeatResponse): CancelReason | null =>
  response.cancelRequested ? 'CANCELLED' : response.activityReset ? 'RESET' : response.activityPaused ? 'PAUSED' : null;

/**
 * Activities of one worker that came from a task queue or eagerly: starts them in the VM, sends their heartbeats, delivers
 * cancellation, reports their results (sdk-core worker/activities.rs).
 */
export class Activities {
  readonly #env: WorkerEnv;
  readonly #client: CoreClient;
  readonly #slots: Slots;
  readonly #running: { [token: string]: RunningActivity } = {};
  /** Results that wait for a heartbeat to be flushed, by token. */
  readonly #flushing: { [token: string]: () => void } = {};
  #count = 0;
  #reports = 0;
  /** Shutdown's grace time is over: what starts now is cancelled at once. */
  #cancelAtOnce = false;

  constructor(env: WorkerEnv, client: CoreClient, slots: Slots) {
    this.#env = env;
    this.#client = client;
    this.#slots = slots;
  }

  /** Attempts that run or are being reported. */
  get pending(): number {
    return this.#count + this.#reports;
  }

  /** A task; its slot is already in use. */
  start(task: PollActivityTaskQueueResponse): void {
    const token = task.taskToken as string;
    const { config } = this.#env;
    const activity: RunningActivity = {
      task, heartbeat: createHeartbeatState(throttleInterval(task.heartbeatTimeout, config)), lastHeartbeatDetails: null,
      issuedCancel: null, knownNotFound: false, startToCloseTimer: null, heartbeatTimer: null,
    };
    this.#running[token] = activity;
    this.#count++;
    const startToClose = parseDuration(task.startToCloseTimeout);
    if (startToClose > 0) activity.startToCloseTimer = this.#timeoutAt(token, startToClose);
    this.#restartHeartbeatTimer(token, activity);
    this.#trace(activity, 'started');
    const injectedFailure = this.#env.host.takeInjectedFailure(task.activityType?.name ?? '');
    this.#env.toVm({ type: 'activityStart', worker: this.#env.worker, token, task: { ...task, isLocal: false }, injectedFailure });
    if (this.#cancelAtOnce) this.#cancel(token, 'WORKER_SHUTDOWN', { isWorkerShutdown: true });
  }

  /** True when the attempt was one of ours. */
  onHeartbeat(token: string, details: readonly Payload[]): boolean {
    const activity = this.#running[token];
    if (!activity) return false;
    activity.lastHeartbeatDetails = details;
    this.#trace(activity, 'heartbeat');
    if (heartbeat(activity.heartbeat, details, this.#env.now())) this.#sendHeartbeat(activity.task, details);
    return true;
  }

  /** The throttle interval of an attempt passed. */
  onThrottleEnd(token: string): void {
    const activity = this.#running[token];
    if (!activity) return;
    const details = unthrottle(activity.heartbeat, this.#env.now());
    if (details) this.#sendHeartbeat(activity.task, details);
  }

  /** A local timeout passed: the Service has timed the attempt out long ago. */
  onLocalTimeout(token: string): void {
    this.#cancel(token, 'TIMED_OUT', { isNotFound: true, isTimedOut: true });
  }

  /** The VM is done with an attempt. True when it was one of ours. */
  onResult(token: string, result: ActivityResult): boolean {
    const activity = this.#running[token];
    if (!activity) return false;
    delete this.#running[token];
    this.#count--;
    for (const timer of [activity.startToCloseTimer, activity.heartbeatTimer]) if (timer !== null) this.#env.cancel(timer);
    const unsent = close(activity.heartbeat, this.#env);
    this.#traceResult(activity, result);
    if (activity.knownNotFound || result.willCompleteAsync) {
      this.#slots.used--;
      return true;
    }
    this.#reports++;
    const flush = result.cancelled !== undefined && activity.issuedCancel !== 'WORKER_SHUTDOWN' && unsent !== null;
    if (flush) {
      this.#flushing[token] = () => this.#report(activity, result);
      this.#sendHeartbeat(activity.task, unsent);
    } else this.#report(activity, result);
    return true;
  }

  /** An answer to a heartbeat or to a report. */
  onAnswer(purpose: Purpose, result: RpcResult): void {
    const token = purpose['token'] as string;
    if (purpose['type'] === 'report') return this.#onReported(purpose as Reporting, result);
    if (purpose['type'] === 'heartbeatFailure' || this.#heartbeatAnswered(token)) return;
    const activity = this.#running[token];
    if (!activity) return;
    this.#restartHeartbeatTimer(token, activity);
    if (result.ok) {
      const response = result.response as RecordActivityTaskHeartbeatResponse;
      const reason = cancelReasonOfHeartbeat(response);
      if (reason)
        this.#cancel(token, reason, {
          ...(response.cancelRequested ? { isCancelled: true } : {}), ...(response.activityPaused ? { isPaused: true } : {}), ...(response.activityReset ? { isReset: true } : {}),
        });
    } else if (result.status.code === RpcCode.NOT_FOUND) this.#cancel(token, 'NOT_FOUND', { isNotFound: true });
    else this.#env.log('WARN', 'Error when recording heartbeat', { error: result.status.message });
  }

  /** Shutdown's grace time is over. */
  cancelAll(): void {
    this.#cancelAtOnce = true;
    for (const token of Object.keys(this.#running)) this.#cancel(token, 'WORKER_SHUTDOWN', { isWorkerShutdown: true });
  }

  #cancel(token: string, reason: CancelReason, details: CancellationDetails): void {
    const activity = this.#running[token];
    if (!activity || activity.issuedCancel !== null) return;
    activity.issuedCancel = reason;
    if (details.isNotFound) activity.knownNotFound = true;
    this.#trace(activity, 'cancelRequested', reason);
    this.#env.toVm({ type: 'activityCancel', worker: this.#env.worker, token, reason, details });
  }

  #restartHeartbeatTimer(token: string, activity: RunningActivity): void {
    const timeout = parseDuration(activity.task.heartbeatTimeout);
    if (timeout === 0) return;
    if (activity.heartbeatTimer !== null) this.#env.cancel(activity.heartbeatTimer);
    activity.heartbeatTimer = this.#timeoutAt(token, timeout);
  }

  #timeoutAt(token: string, timeout: number): AgendaId {
    const at: Timestamp = timestamp(this.#env.now() + durationMs(timeout + LOCAL_TIMEOUT_BUFFER_MS));
    return this.#env.schedule(at, { type: 'activityLocalTimeout', token });
  }

  #sendHeartbeat(task: PollActivityTaskQueueResponse, details: readonly Payload[]): void {
    const { namespace, identity } = this.#env.config;
    const token = task.taskToken as string;
    const tooLarge = this.#client.call(
      'RecordActivityTaskHeartbeat',
      { taskToken: token, namespace, identity, ...(details.length > 0 ? { details: { payloads: [...details] } } : {}) },
      { part: 'activity', type: 'heartbeat', token },
    );
    if (!tooLarge) return;
    // Details that the Service would not take: the attempt fails, and learns of it as of a cancellation.
    this.#client.call('RespondActivityTaskFailed', { taskToken: token, namespace, identity, failure: payloadsTooLarge(tooLarge) }, { part: 'activity', type: 'heartbeatFailure', token });
    this.#cancel(token, 'CANCELLED', { isCancelled: true });
    this.#heartbeatAnswered(token);
  }

  /** The Service has answered a heartbeat, or never got it. True when a result waited for that. */
  #heartbeatAnswered(token: string): boolean {
    const flushed = this.#flushing[token];
    delete this.#flushing[token];
    flushed?.();
    const activity = this.#running[token];
    if (activity) answered(activity.heartbeat, token, this.#env);
    return flushed !== undefined;
  }

  #report(activity: RunningActivity, result: ActivityResult): void {
    const { namespace, identity, buildId } = this.#env.config;
    const token = activity.task.taskToken as string;
    const common = { taskToken: token, namespace, identity, workerVersion: { buildId } };
    const purpose: Reporting = { part: 'activity', type: 'report', token };
    const heartbeat = activity.lastHeartbeatDetails ? { payloads: [...activity.lastHeartbeatDetails] } : undefined;
    const fail = (failure: Failure | undefined): void => {
      // Only failures carry the last heartbeat; one that is too large is left out and is the failure.
      const tooLarge = heartbeat ? payloadViolations('RecordActivityTaskHeartbeat', { details: heartbeat }, this.#client.payloadLimits).find((v) => v.severity === 'error') : undefined;
      this.#client.call('RespondActivityTaskFailed', { ...common, failure: tooLarge ? payloadsTooLarge(tooLarge) : failure, ...(heartbeat && !tooLarge ? { lastHeartbeatDetails: heartbeat } : {}) }, purpose);
    };
    let tooLarge: PayloadViolation | null = null;
    if (result.completed) {
      const payload = result.completed.result;
      tooLarge = this.#client.call('RespondActivityTaskCompleted', { ...common, ...(payload ? { result: { payloads: [payload] } } : {}) }, purpose);
    } else if (result.failed) fail(result.failed.failure);
    // Reported as a failure, so that the Service retries it now and does not wait for the timeout.
    else if (activity.issuedCancel === 'WORKER_SHUTDOWN') fail(workerShutdownFailure);
    else {
      const details = result.cancelled?.failure?.canceledFailureInfo?.details;
      tooLarge = this.#client.call('RespondActivityTaskCanceled', { ...common, ...(details ? { details } : {}) }, purpose);
    }
    if (tooLarge) fail(payloadsTooLarge(tooLarge));
  }

  #onReported(purpose: Reporting, result: RpcResult): void {
    this.#reports--;
    this.#slots.used--;
    if (result.ok) return;
    if (result.status.code === RpcCode.NOT_FOUND)
      this.#env.log('WARN', 'Activity not found on completion. This may happen if the activity has already been cancelled but completed anyway.', { task_token: purpose.token, details: result.status.message });
    else this.#env.log('WARN', 'Network error while completing activity', { error: result.status.message });
  }

  #traceResult(activity: RunningActivity, result: ActivityResult): void {
    if (result.completed) this.#trace(activity, 'completed');
    else if (result.willCompleteAsync) this.#trace(activity, 'completed', 'asynchronously');
    else if (result.failed) this.#trace(activity, 'failed', result.failed.failure?.message);
    else this.#trace(activity, 'canceled');
  }

  #trace(activity: RunningActivity, phase: 'started' | 'heartbeat' | 'cancelRequested' | 'completed' | 'failed' | 'canceled', detail?: string): void {
    const { task } = activity;
    this.#env.emit({
      type: 'activityExecution', process: this.#env.process, workflowId: task.workflowExecution?.workflowId ?? '', runId: task.workflowExecution?.runId ?? '',
      activityId: task.activityId ?? '', activityType: task.activityType?.name ?? '', attempt: task.attempt ?? 1, local: false, phase, detail,
    });
  }
}

const workerShutdownFailure: Failure = {
  message: 'Worker is shutting down and this activity did not complete in time',
  applicationFailureInfo: { type: 'WorkerShutdown', nonRetryable: false },
};
