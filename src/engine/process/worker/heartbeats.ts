import { durationMs, timestamp, type DurationMs, type Timestamp } from '../../../base/brand.ts';
import { parseDuration } from '../../../base/time.ts';
import type { Payload } from '../../../api/proto.ts';
import type { AgendaId } from '../../../api/rpc.ts';
import type { WorkerEnv } from './env.ts';

/**
 * Throttling of the heartbeats of one activity attempt (sdk-core activity_heartbeat_manager.rs):
 *
 * | state | heartbeat() | the Service answered | the throttle interval passed |
 * |---|---|---|---|
 * | idle | send → sending | | |
 * | sending | keep the latest | → throttled | |
 * | throttled | keep the latest | | send the kept one → sending; none kept → idle |
 */
export interface HeartbeatState {
  phase: 'idle' | 'sending' | 'throttled';
  /** The latest details given, not sent yet. */
  kept: readonly Payload[] | null;
  sentAt: Timestamp;
  interval: DurationMs;
  timer: AgendaId | null;
}

/** min(0.8 · heartbeat timeout, maximum); without a timeout the default (30 s). */
export function throttleInterval(heartbeatTimeout: string | undefined, limits: { readonly maxHeartbeatThrottleInterval: number; readonly defaultHeartbeatThrottleInterval: number }): DurationMs {
  const timeout = parseDuration(heartbeatTimeout);
  return durationMs(Math.min(timeout === 0 ? limits.defaultHeartbeatThrottleInterval : timeout * 0.8, limits.maxHeartbeatThrottleInterval));
}

export const createHeartbeatState = (interval: DurationMs): HeartbeatState => ({ phase: 'idle', kept: null, sentAt: timestamp(0), interval, timer: null });

/** The activity called `heartbeat()`. True: send these details now. */
export function heartbeat(state: HeartbeatState, details: readonly Payload[], now: Timestamp): boolean {
  if (state.phase !== 'idle') {
    state.kept = details;
    return false;
  }
  state.phase = 'sending';
  state.sentAt = now;
  return true;
}

/** The Service answered: wait for the rest of the interval. */
export function answered(state: HeartbeatState, token: string, env: WorkerEnv): void {
  state.phase = 'throttled';
  const at = timestamp(Math.max(env.now(), Math.ceil(state.sentAt + state.interval)));
  state.timer = env.schedule(at, { type: 'activityHeartbeatThrottle', token });
}

/** The interval passed. The details to send now, or null. */
export function unthrottle(state: HeartbeatState, now: Timestamp): readonly Payload[] | null {
  state.timer = null;
  const { kept } = state;
  state.kept = null;
  state.phase = kept ? 'sending' : 'idle';
  if (kept) state.sentAt = now;
  return kept;
}

/** The attempt is over. What was never sent is returned. */
export function close(state: HeartbeatState, env: WorkerEnv): readonly Payload[] | null {
  if (state.timer !== null) env.cancel(state.timer);
  state.timer = null;
  return state.kept;
}
