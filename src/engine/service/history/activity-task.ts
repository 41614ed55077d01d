import { formatTimestamp } from '../../../base/time.ts';
import type { Timestamp } from '../../../base/brand.ts';
import type { PollActivityTaskQueueResponse, Priority } from '../../../api/proto.ts';
import type { ActivityInfo, Run } from '../state.ts';
import { retryPolicyOf, scheduledEvent } from './activity.ts';
import { makeToken } from './token.ts';

/** Field by field, what the activity or child says comes before what its workflow has (`priorities.Merge`). */
export function mergePriority(base: Priority | null | undefined, own: Priority | null | undefined): Priority | undefined {
  if (!base || !own) return own ?? base ?? undefined;
  return { priorityKey: own.priorityKey || base.priorityKey, fairnessKey: own.fairnessKey || base.fairnessKey, fairnessWeight: own.fairnessWeight || base.fairnessWeight };
}

/** The task that a worker gets for a started activity. One that comes with the answer to a Workflow Task (eager) has the activity's own priority alone. */
export function activityTask(run: Run, activity: ActivityInfo, eager = false): PollActivityTaskQueueResponse {
  const a = scheduledEvent(run, activity).activityTaskScheduledEventAttributes ?? {};
  return {
    taskToken: makeToken('actk', run.runId, activity.scheduledEventId, activity.attempt, activity.stamp),
    workflowNamespace: run.namespace,
    workflowType: { name: run.workflowType },
    workflowExecution: { workflowId: run.workflowId, runId: run.runId },
    activityType: a.activityType,
    activityId: activity.activityId,
    header: a.header,
    input: a.input,
    heartbeatDetails: activity.heartbeatDetails ?? undefined,
    scheduledTime: formatTimestamp(activity.firstScheduledAt),
    currentAttemptScheduledTime: formatTimestamp(activity.scheduledAt),
    startedTime: formatTimestamp(activity.startedAt as Timestamp),
    attempt: activity.attempt,
    // As they were scheduled, whatever UpdateActivityOptions has made of them; the retry policy as it is now (`matching_engine.go`, createPollActivityTaskQueueResponse).
    scheduleToCloseTimeout: a.scheduleToCloseTimeout,
    startToCloseTimeout: a.startToCloseTimeout,
    heartbeatTimeout: a.heartbeatTimeout,
    retryPolicy: retryPolicyOf(activity),
    priority: eager ? (activity.priority ?? undefined) : mergePriority(run.priority, activity.priority),
  };
}
