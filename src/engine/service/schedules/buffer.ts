import type { ScheduleOverlapPolicy } from '../../../api/proto.ts';
import type { BufferedStart } from './state.ts';

/** What to do with the starts that wait. */
export interface BufferPlan {
  /** To be started at once, whatever runs (ALLOW_ALL). */
  readonly overlapping: readonly BufferedStart[];
  /** The one to be started now, as nothing runs. */
  readonly single: BufferedStart | null;
  /** What goes on waiting. */
  readonly buffer: BufferedStart[];
  readonly cancelRunning: boolean;
  readonly terminateRunning: boolean;
  readonly skipped: number;
}

/** Applies the overlap policies (the server's `ProcessBuffer`). `resolve` turns UNSPECIFIED into the schedule's own policy. */
export function planBuffer(waiting: readonly BufferedStart[], isRunning: boolean, resolve: (policy: ScheduleOverlapPolicy) => ScheduleOverlapPolicy): BufferPlan {
  const overlapping: BufferedStart[] = [];
  const buffer: BufferedStart[] = [];
  let single: BufferedStart | null = null;
  let skipped = 0;
  let cancelRunning = false;
  let terminateRunning = false;
  for (const start of waiting) {
    const policy = resolve(start.overlapPolicy);
    if (policy === 'SCHEDULE_OVERLAP_POLICY_ALLOW_ALL') overlapping.push(start);
    else if (!isRunning && single === null) single = start;
    else if (policy === 'SCHEDULE_OVERLAP_POLICY_BUFFER_ALL' || (policy === 'SCHEDULE_OVERLAP_POLICY_BUFFER_ONE' && buffer.length === 0)) buffer.push(start);
    else if (policy === 'SCHEDULE_OVERLAP_POLICY_CANCEL_OTHER' || policy === 'SCHEDULE_OVERLAP_POLICY_TERMINATE_OTHER') {
      // Not started yet: replaced. Running: it has to end first.
      if (!isRunning) single = start;
      else {
        buffer.push(start);
        if (policy === 'SCHEDULE_OVERLAP_POLICY_CANCEL_OTHER') cancelRunning = true;
        else terminateRunning = true;
      }
    } else skipped++;
  }
  // Overlapping ones would be cancelled at once, too.
  return { overlapping: cancelRunning || terminateRunning ? [] : overlapping, single, buffer, cancelRunning, terminateRunning, skipped };
}
