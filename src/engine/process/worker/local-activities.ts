import { durationMs, timestamp, type DurationMs, type Timestamp } from '../../../base/brand.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from '../../../base/time.ts';
import type { ActivityResolution, Failure, Payload, RetryPolicy, ScheduleLocalActivity, TimeoutType } from '../../../api/proto.ts';
import type { AgendaId } from '../../../api/rpc.ts';
import { exponentialBackoff } from './backoff.ts';
import type { WorkerEnv } from './env.ts';
import type { ActivityResult } from './messages.ts';
import { permitAt, type ResourceUsage, type Slots } from './slots.ts';

/**
 * Local activities of one worker (sdk-core worker/activities/local_activities.rs). They never leave the worker, so nothing of them
 * survives it.
 *
 * | phase | a slot is free | the attempt ended | start-to-close | the back-off passed | cancel | schedule-to-close |
 * |---|---|---|---|---|---|---|
 * | queued | → running | | | | | |
 * | running | | resolve, or retry: back-off ≤ threshold → backoff, else resolve with `backoff` | as a failed attempt | | ask the VM | resolve |
 * | backoff | | | | → queued | resolve as canceled | |
 *
 * A schedule-to-close that passes while nothing runs is lost, and the retries go on: Core looks for the attempt that it would end and finds
 * none (seen with the genuine worker).
 */
interface LocalActivity {
  readonly run: LocalActivityRun;
  readonly command: ScheduleLocalActivity;
  readonly scheduledAt: Timestamp;
  /** Names the attempt in the VM; a new one each attempt. */
  token: string;
  phase: 'queued' | 'running' | 'backoff';
  /** When the present attempt was handed to the VM. */
  startedAt: Timestamp;
  attempt: number;
  firstWorkflowTaskEnded: boolean;
  attemptsInWorkflowTask: number;
  scheduleToCloseTimer: AgendaId | null;
  startToCloseTimer: AgendaId | null;
  backoffTimer: AgendaId | null;
}

/** The run that scheduled it. */
export interface LocalActivityRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
}

/** What came of a local activity. `attempt` is the last one's number. */
export interface LocalResolution {
  readonly runId: string;
  readonly seq: number;
  readonly resolution: ActivityResolution;
  readonly attempt: number;
  /** How long that attempt ran. */
  readonly runtime: DurationMs;
}

const DEFAULT_LOCAL_RETRY_THRESHOLD_MS = 60_000;

export class LocalActivities {
  readonly #env: WorkerEnv;
  readonly #slots: Slots;
  readonly #usage: () => ResourceUsage;
  readonly #all: { [key: string]: LocalActivity } = {};
  /** Keys by token, for what the VM says. */
  readonly #keys: { [token: string]: string } = {};
  /** Keys of those that wait for a slot, in order. */
  readonly #queue: string[] = [];
  #nextToken = 1;
  /** Attempts in the VM whose result nobody waits for any more: they hold their slot until they end. */
  readonly #orphans: { [token: string]: true } = {};

  constructor(env: WorkerEnv, slots: Slots, usage: () => ResourceUsage) {
    this.#env = env;
    this.#slots = slots;
    this.#usage = usage;
  }

  get pending(): number {
    return Object.keys(this.#all).length + Object.keys(this.#orphans).length;
  }

  /** Core asks for one. A resolution when it is too late already. */
  start(run: LocalActivityRun, command: ScheduleLocalActivity, scheduledAt: Timestamp): LocalResolution | null {
    const key = keyOf(run.runId, command.seq ?? 0);
    const activity: LocalActivity = {
      run, command, scheduledAt, token: this.#newToken(key), phase: 'queued', startedAt: scheduledAt, attempt: Math.max(1, command.attempt ?? 1), firstWorkflowTaskEnded: false,
      attemptsInWorkflowTask: 0, scheduleToCloseTimer: null, startToCloseTimer: null, backoffTimer: null,
    };
    this.#all[key] = activity;
    const scheduleToClose = parseDuration(command.scheduleToCloseTimeout);
    if (scheduleToClose > 0) {
      const from = (command.originalScheduleTime ? parseTimestamp(command.originalScheduleTime) : null) ?? scheduledAt;
      const at = timestamp(from + scheduleToClose);
      if (at <= this.#env.now()) return this.#resolve(key, activity, timedOut('TIMEOUT_TYPE_SCHEDULE_TO_CLOSE'), durationMs(0));
      activity.scheduleToCloseTimer = this.#env.schedule(at, { type: 'localActivityTimeout', key, timeoutType: 'TIMEOUT_TYPE_SCHEDULE_TO_CLOSE' });
    }
    this.#queue.push(key);
    return null;
  }

  /** Hands queued ones to the VM while slots are free; resolutions of those that sat in the queue for too long. */
  dispatch(): readonly LocalResolution[] {
    const resolutions: LocalResolution[] = [];
    while (this.#queue.length > 0) {
      const now = this.#env.now();
      const at = permitAt(this.#slots, now, this.#usage());
      if (at === 'wait') break;
      const key = this.#queue.shift() as string;
      const activity = this.#all[key];
      if (!activity || activity.phase !== 'queued') continue;
      const scheduleToStart = parseDuration(activity.command.scheduleToStartTimeout);
      if (scheduleToStart > 0 && now - activity.scheduledAt > scheduleToStart) resolutions.push(this.#resolve(key, activity, timedOut('TIMEOUT_TYPE_SCHEDULE_TO_START'), durationMs(now - activity.scheduledAt)));
      else this.#run(key, activity);
    }
    return resolutions;
  }

  /** The VM is done with an attempt; `ours` false when it was not a local one. */
  onResult(token: string, result: ActivityResult): { readonly ours: boolean; readonly resolution: LocalResolution | null } {
    if (this.#orphans[token]) {
      delete this.#orphans[token];
      this.#slots.used--;
      return { ours: true, resolution: null };
    }
    const key = this.#keys[token];
    const activity = key === undefined ? undefined : this.#all[key];
    if (key === undefined || !activity) return { ours: false, resolution: null };
    this.#slots.used--;
    this.#traceResult(activity, result);
    if (result.failed) return { ours: true, resolution: this.#failed(key, activity, result.failed.failure ?? {}) };
    return { ours: true, resolution: this.#resolve(key, activity, result.completed ? { completed: result.completed } : { cancelled: result.cancelled ?? emptyCancellation }) };
  }

  isLocal(token: string): boolean {
    return this.#keys[token] !== undefined || this.#orphans[token] === true;
  }

  /** A timer of one is due. */
  onTimeout(key: string, timeoutType: TimeoutType): LocalResolution | null {
    const activity = this.#all[key];
    if (!activity || activity.phase !== 'running') return null;
    // The VM may answer at once; by then the attempt is nobody's any more.
    this.#orphans[activity.token] = true;
    this.#env.toVm({ type: 'activityCancel', worker: this.#env.worker, token: activity.token, reason: 'TIMED_OUT', details: { isTimedOut: true } });
    if (timeoutType !== 'TIMEOUT_TYPE_START_TO_CLOSE') return this.#resolve(key, activity, timedOut(timeoutType));
    return this.#failed(key, activity, timeoutFailure(timeoutType));
  }

  onBackoffEnd(key: string): void {
    const activity = this.#all[key];
    if (!activity) return;
    activity.backoffTimer = null;
    activity.phase = 'queued';
    this.#queue.push(key);
  }

  /** The workflow asks for cancellation. */
  cancel(runId: string, seq: number): LocalResolution | null {
    const key = keyOf(runId, seq);
    const activity = this.#all[key];
    if (!activity) return null;
    if (activity.phase === 'backoff') return { ...this.#resolve(key, activity, { cancelled: emptyCancellation }, durationMs(0)), attempt: 0 };
    if (activity.phase === 'running') this.#cancelInVm(activity);
    return null;
  }

  /** A Workflow Task of the run was completed or failed. */
  workflowTaskEnded(runId: string): void {
    for (const activity of Object.values(this.#all))
      if (activity.run.runId === runId) {
        activity.firstWorkflowTaskEnded = true;
        activity.attemptsInWorkflowTask = 0;
      }
  }

  /** For `meteringMetadata.nonfirstLocalActivityExecutionAttempts`. */
  nonFirstAttempts(runId: string): number {
    let sum = 0;
    for (const activity of Object.values(this.#all)) if (activity.run.runId === runId && activity.firstWorkflowTaskEnded) sum += activity.attemptsInWorkflowTask;
    return sum;
  }

  /** The run left the cache: its local activities are of no use any more. What runs in the VM is cancelled, and nobody hears what comes of it. */
  forgetRun(runId: string): void {
    for (const [key, activity] of Object.entries(this.#all))
      if (activity.run.runId === runId) {
        this.#remove(key, activity);
        if (activity.phase !== 'running') continue;
        this.#orphans[activity.token] = true;
        this.#cancelInVm(activity);
      }
  }

  #cancelInVm(activity: LocalActivity): void {
    this.#trace(activity, 'cancelRequested');
    this.#env.toVm({ type: 'activityCancel', worker: this.#env.worker, token: activity.token, reason: 'CANCELLED', details: { isCancelled: true } });
  }

  #run(key: string, activity: LocalActivity): void {
    const { command, run } = activity;
    activity.phase = 'running';
    activity.startedAt = this.#env.now();
    this.#slots.used++;
    this.#slots.lastIssuedAt = this.#env.now();
    const startToClose = parseDuration(command.startToCloseTimeout);
    const whole = parseDuration(command.scheduleToCloseTimeout);
    if (startToClose > 0)
      activity.startToCloseTimer = this.#env.schedule(timestamp(this.#env.now() + startToClose), { type: 'localActivityTimeout', key, timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' });
    const scheduledTime = formatTimestamp(activity.scheduledAt);
    this.#trace(activity, 'started');
    this.#env.toVm({
      type: 'activityStart',
      worker: this.#env.worker,
      token: activity.token,
      injectedFailure: this.#env.host.takeInjectedFailure(command.activityType ?? ''),
      task: {
        isLocal: true,
        workflowNamespace: this.#env.config.namespace,
        workflowType: { name: run.workflowType },
        workflowExecution: { workflowId: run.workflowId, runId: run.runId },
        activityId: command.activityId,
        activityType: { name: command.activityType ?? '' },
        header: { fields: (command.headers ?? {}) as { [key: string]: Payload } },
        input: { payloads: command.arguments ?? [] },
        scheduledTime,
        currentAttemptScheduledTime: scheduledTime,
        startedTime: formatTimestamp(this.#env.now()),
        attempt: activity.attempt,
        scheduleToCloseTimeout: command.scheduleToCloseTimeout ?? '0s',
        // Core cuts it to the whole (`ValidScheduleLA`).
        startToCloseTimeout: whole > 0 && !(parseDuration(command.startToCloseTimeout ?? command.scheduleToCloseTimeout) < whole) ? (command.scheduleToCloseTimeout as string) : (command.startToCloseTimeout ?? '0s'),
        priority: {},
        retryPolicy: defaultedPolicy(command.retryPolicy),
      },
    });
  }

  /** An attempt failed or timed out: again, later, or resolved. */
  #failed(key: string, activity: LocalActivity, failure: Failure): LocalResolution | null {
    const delay = retryDelay(activity, failure);
    if (delay === null) return this.#resolve(key, activity, { failed: { failure } });
    const { command } = activity;
    const threshold = command.localRetryThreshold === undefined ? DEFAULT_LOCAL_RETRY_THRESHOLD_MS : parseDuration(command.localRetryThreshold);
    if (delay > threshold)
      return this.#resolve(key, activity, {
        failed: { failure },
        backoff: { attempt: activity.attempt + 1, backoffDuration: formatDuration(delay), originalScheduleTime: command.originalScheduleTime ?? formatTimestamp(activity.scheduledAt) },
      });
    if (activity.startToCloseTimer !== null) this.#env.cancel(activity.startToCloseTimer);
    activity.startToCloseTimer = null;
    delete this.#keys[activity.token];
    activity.token = this.#newToken(key);
    activity.phase = 'backoff';
    activity.attempt++;
    activity.attemptsInWorkflowTask++;
    activity.backoffTimer = this.#env.schedule(timestamp(this.#env.now() + delay), { type: 'localActivityBackoff', key });
    return null;
  }

  #resolve(key: string, activity: LocalActivity, resolution: ActivityResolution, runtime = durationMs(this.#env.now() - activity.startedAt)): LocalResolution {
    this.#remove(key, activity);
    return { runId: activity.run.runId, seq: activity.command.seq ?? 0, resolution, attempt: activity.attempt, runtime };
  }

  #remove(key: string, activity: LocalActivity): void {
    for (const timer of [activity.scheduleToCloseTimer, activity.startToCloseTimer, activity.backoffTimer]) if (timer !== null) this.#env.cancel(timer);
    delete this.#keys[activity.token];
    delete this.#all[key];
  }

  #newToken(key: string): string {
    const token = `local-${this.#env.worker}-${this.#nextToken++}`;
    this.#keys[token] = key;
    return token;
  }

  #traceResult(activity: LocalActivity, result: ActivityResult): void {
    if (result.completed) this.#trace(activity, 'completed');
    else if (result.failed) this.#trace(activity, 'failed', result.failed.failure?.message);
    else this.#trace(activity, 'canceled');
  }

  #trace(activity: LocalActivity, phase: 'started' | 'cancelRequested' | 'completed' | 'failed' | 'canceled', detail?: string): void {
    const { run, command } = activity;
    this.#env.emit({
      type: 'activityExecution', process: this.#env.process, workflowId: run.workflowId, runId: run.runId, activityId: command.activityId ?? '',
      activityType: command.activityType ?? '', attempt: activity.attempt, local: true, phase, detail,
    });
  }
}

const keyOf = (runId: string, seq: number): string => `${runId}/${seq}`;
const emptyCancellation = { failure: { message: 'Activity cancelled', canceledFailureInfo: {} } };
const timeoutFailure = (timeoutType: TimeoutType): Failure => ({ message: 'Activity timed out', timeoutFailureInfo: { timeoutType } });
const timedOut = (timeoutType: TimeoutType): ActivityResolution => ({ failed: { failure: timeoutFailure(timeoutType) } });

/** Milliseconds before the next attempt; null: none (sdk-core retry_logic.rs). */
function retryDelay({ command, attempt }: LocalActivity, failure: Failure): number | null {
  const policy = defaultedPolicy(command.retryPolicy);
  if ((policy.maximumAttempts ?? 0) > 0 && attempt >= (policy.maximumAttempts ?? 0)) return null;
  const info = failure.applicationFailureInfo;
  if (info?.nonRetryable) return null;
  const type = (info?.type ?? '').toLowerCase();
  if ((policy.nonRetryableErrorTypes ?? []).some((t) => t.toLowerCase() === type)) return null;
  if (info?.nextRetryDelay) return parseDuration(info.nextRetryDelay);
  return exponentialBackoff(parseDuration(policy.initialInterval), policy.backoffCoefficient, parseDuration(policy.maximumInterval), attempt);
}

/** A retry policy as Core fills it in; the activity sees it so. */
function defaultedPolicy(policy: RetryPolicy = {}) {
  const initial = policy.initialInterval === undefined ? 1_000 : parseDuration(policy.initialInterval);
  const backoffCoefficient = policy.backoffCoefficient ?? 0;
  return {
    ...policy,
    initialInterval: formatDuration(initial),
    backoffCoefficient: backoffCoefficient >= 1 ? backoffCoefficient : 2,
    maximumInterval: formatDuration(policy.maximumInterval === undefined ? initial * 100 : Math.max(initial, parseDuration(policy.maximumInterval))),
  };
}
