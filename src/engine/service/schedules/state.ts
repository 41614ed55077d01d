import type { RunId, Timestamp, WorkflowId } from '../../../base/brand.ts';
import type { AgendaId } from '../../../api/rpc.ts';
import type { Failure, Memo, Payloads, Schedule, ScheduleOverlapPolicy, SearchAttributes, WorkflowExecutionStatus } from '../../../api/proto.ts';

/** One schedule: what the server keeps in the state of its scheduler workflow. Plain data. */
export interface ScheduleState {
  key: string;
  namespace: string;
  scheduleId: string;
  requestId: string;
  /** Its spec in canonical form, its policies with their defaults. */
  schedule: Schedule;
  memo: Memo | null;
  searchAttributes: SearchAttributes | null;
  createdAt: Timestamp;
  updatedAt: number;
  conflictToken: number;
  /** Times up to here have been dealt with. */
  processedAt: number;
  actionCount: number;
  missedCatchupWindow: number;
  overlapSkipped: number;
  bufferDropped: number;
  /** Started by this schedule and, as far as it knows, open. Runs of ALLOW_ALL are not among them. */
  running: StartedWorkflow[];
  /** The last ten, oldest first. */
  recent: RecentAction[];
  buffer: BufferedStart[];
  backfills: Backfill[];
  /** Look at the running workflows before the buffer is dealt with. */
  needRefresh: boolean;
  lastCompletionResult: Payloads | null;
  continuedFailure: Failure | null;
  timer: AgendaId | null;
  timerAt: number;
  /** The workflow whose end it waits for; '' for none. */
  watching: WorkflowId;
  /** Deleted, or over and its retention passed. */
  closed: boolean;
  /** Of the changes that it got. */
  requestIds: { [requestId: string]: true };
}

export interface StartedWorkflow {
  workflowId: WorkflowId;
  /** First run of its chain. */
  runId: RunId;
}

export interface RecentAction extends StartedWorkflow {
  scheduledAt: number;
  actualAt: Timestamp;
  status: WorkflowExecutionStatus;
}

export interface BufferedStart {
  nominal: number;
  actual: number;
  overlapPolicy: ScheduleOverlapPolicy;
  /** Triggered or backfilled: catch-up window, pause and limit do not apply. */
  manual: boolean;
}

export interface Backfill {
  start: number;
  end: number;
  overlapPolicy: ScheduleOverlapPolicy;
}
