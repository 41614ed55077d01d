import type { Failure, HistoryEvent, PollWorkflowTaskQueueResponse } from '../../api/proto.ts';
import type { WorkflowVm } from '../../api/sandbox.ts';
import type { ReplayVerdict } from '../../api/verdict.ts';
import { durationMs, timestamp } from '../../base/brand.ts';
import { parseTimestamp } from '../../base/time.ts';
import type { ActivationEntry } from '../../trace/entries.ts';
import type { CoreConfig, CoreOutcome } from '../ports.ts';
import { displayEvent, idOf } from './events.ts';
import { createRun, type EvictionReason } from './run.ts';

export interface ReplayOptions {
  /** Histories do not contain it; the genuine worker takes `fake`. */
  readonly workflowId?: string | undefined;
  /** Gets every activation, for those who want to see more than the verdict. */
  readonly onActivation?: ((entry: Omit<ActivationEntry, 'type' | 'process'>) => void) | undefined;
}

/**
 * Runs a recorded history through the workflow code, as `Worker.runReplayHistory` does. Any well-formed history will do, also one that
 * was cut; a malformed one gets a verdict that says what is wrong. Never throws.
 */
export function replayHistory(vm: WorkflowVm, history: readonly HistoryEvent[], options: ReplayOptions): ReplayVerdict {
  try {
    const task = taskOf(history, options.workflowId ?? 'fake');
    return typeof task === 'string' ? { ok: false, kind: 'failure', message: task } : replayTask(vm, history, task, options);
  } catch (error) {
    // Only data of the wrong shape gets here: a number where a list has to be, and the like.
    return { ok: false, kind: 'failure', message: `malformed history: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function replayTask(vm: WorkflowVm, history: readonly HistoryEvent[], task: PollWorkflowTaskQueueResponse, options: ReplayOptions): ReplayVerdict {
  // The genuine replayer gives the run up after every completion that is no replay any more; the last reason is the verdict.
  let reason: EvictionReason = 'LANG_REQUESTED';
  let failure: Failure = {};
  const run = createRun(vm, replayConfig(history), task, {
    lastRecordOnly: options.onActivation === undefined,
    afterCompletion: (replaying) => {
      if (!replaying) reason = 'LANG_REQUESTED';
    },
    failed: (why, what) => {
      reason = why;
      failure = what;
    },
  });
  const outcome = run.handleTask(task);
  vm.evict(run.runId);
  if (options.onActivation) for (const entry of outcome.activations) options.onActivation(entry);
  return verdict(reason, failure, outcome);
}

const NONDETERMINISM = '[TMPRL1100] Nondeterminism error: ';

function verdict(reason: EvictionReason, failure: Failure, outcome: CoreOutcome): ReplayVerdict {
  if (reason === 'LANG_REQUESTED') return { ok: true, kind: 'ok', message: '' };
  const entry = [...outcome.activations].reverse().find((activation) => activation.failure !== null);
  const text = failure.message ?? '';
  const mismatch = entry?.rows.find((row) => row.match === 'mismatch');
  const place = entry?.failure?.position;
  const nondeterminism = text.startsWith(NONDETERMINISM);
  return {
    ok: false,
    kind: nondeterminism ? 'nondeterminism' : 'failure',
    message: nondeterminism ? text.slice(NONDETERMINISM.length) : text,
    ...(mismatch?.event && { eventId: mismatch.event.eventId }),
    ...(place && { line: place.line, file: place.file }),
  };
}

function replayConfig(history: readonly HistoryEvent[]): CoreConfig {
  const start = parseTimestamp(history[0]?.eventTime ?? '') ?? timestamp(0);
  return {
    namespace: 'default', taskQueue: 'fake_replay_queue-1', identity: 'replay', stickyTaskQueue: null, stickyScheduleToStartTimeout: durationMs(0), deployment: null,
    activityTypes: [], eagerActivitySlots: () => 0, now: () => start,
  };
}

/** Events that may follow the start of a Workflow Task. */
const AFTER_STARTED: readonly (string | undefined)[] = [
  undefined, 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED', 'EVENT_TYPE_WORKFLOW_TASK_FAILED', 'EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT', 'EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED',
  'EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT',
];

/** The history as one task, as the genuine replayer makes it; a text says what is wrong with it. */
function taskOf(history: readonly HistoryEvent[], workflowId: string): PollWorkflowTaskQueueResponse | string {
  const [first] = history;
  if (first === undefined) return 'History is empty!';
  const started = first.workflowExecutionStartedEventAttributes;
  if (first.eventType !== 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED' || !started) return 'First event in history was not workflow execution started!';
  if (!started.workflowType) return 'No workflow type defined in execution started attributes';
  let previousStartedEventId = 0;
  let startedEventId = 0;
  for (let i = 0; i < history.length; i++) {
    const event = history[i] as HistoryEvent;
    if (event.eventType !== 'EVENT_TYPE_WORKFLOW_TASK_STARTED') continue;
    const next = history[i + 1];
    if (!AFTER_STARTED.includes(next?.eventType)) {
      return `Invalid history! Event ${displayEvent(next as HistoryEvent)} should be WFT completed, failed, or timed out - or WE terminated.`;
    }
    if (next === undefined || next.eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED') {
      previousStartedEventId = startedEventId;
      startedEventId = idOf(event);
      if (startedEventId === previousStartedEventId) return `Latest wf started id ${startedEventId} and previous one ${previousStartedEventId} are equal!`;
    }
  }
  const last = history[history.length - 1] as HistoryEvent;
  // Complete history, or cut somewhere else than in an open Workflow Task: all of it is a replay.
  if (last.eventType !== 'EVENT_TYPE_WORKFLOW_TASK_STARTED') previousStartedEventId = startedEventId;
  if (idOf(last) < startedEventId) return `History ends with event ${idOf(last)}, before its Workflow Task start ${startedEventId}`;
  return {
    taskToken: 'cmVwbGF5', attempt: 0, workflowExecution: { workflowId, runId: started.originalExecutionRunId ?? '' }, workflowType: started.workflowType,
    history: { events: [...history] }, previousStartedEventId: String(previousStartedEventId), startedEventId: String(startedEventId),
  };
}
