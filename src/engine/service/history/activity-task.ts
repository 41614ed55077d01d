import { formatTimestamp } from '../../../base/time.ts';
import type { Timestamp } from '../../../base/brand.ts';
import type { PollActivityTaskQueueResponse } from '../../../api/proto.ts';
import type { ActivityInfo, Run } from '../state.ts';
import { retryPolicyOf, scheduledEvent } from './activity.ts';
import { makeToken } from './token.ts';

/** The task that a worker gets for a started activity. */
export function activityTask(run: Run, activity: ActivityInfo): PollActivityTaskQueueResponse {
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
    priority: activity.priority ?? run.priority ?? undefined,
  };
}
