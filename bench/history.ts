import { textToBase64 } from '../src/base/base64.ts';
import { timestamp } from '../src/base/brand.ts';
import { formatTimestamp } from '../src/base/time.ts';
import type { HistoryEvent } from '../src/api/proto.ts';

/** A history of `count` activities one after the other (6 events each, 5 around them): 2,000 give 12,005. */
export function sequentialHistory(count: number): { events: HistoryEvent[] } {
  const events: HistoryEvent[] = [];
  let now = 1_767_225_600_000;
  const payloads = (value: unknown) => ({ payloads: [{ metadata: { encoding: textToBase64('json/plain') }, data: textToBase64(JSON.stringify(value)) }] });
  const add = (event: Omit<HistoryEvent, 'eventId' | 'eventTime' | 'taskId'>): string => {
    now += 5;
    const eventId = String(events.length + 1);
    events.push({ eventId, eventTime: formatTimestamp(timestamp(now)), taskId: String(1_000_000 + events.length), ...event });
    return eventId;
  };
  add({
    eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
    workflowExecutionStartedEventAttributes: {
      workflowType: { name: 'sequential' }, taskQueue: { name: 'bench', kind: 'TASK_QUEUE_KIND_NORMAL' }, input: payloads(count), workflowExecutionTimeout: '0s', workflowRunTimeout: '0s', workflowTaskTimeout: '10s',
      originalExecutionRunId: '01900000-0000-7000-8000-000000000001', firstExecutionRunId: '01900000-0000-7000-8000-000000000001', attempt: 1, firstWorkflowTaskBackoff: '0s', workflowId: 'bench',
    },
  });
  const workflowTask = (first: boolean): string => {
    const scheduledEventId = add({ eventType: 'EVENT_TYPE_WORKFLOW_TASK_SCHEDULED', workflowTaskScheduledEventAttributes: { taskQueue: { name: 'bench', kind: 'TASK_QUEUE_KIND_NORMAL' }, startToCloseTimeout: '10s', attempt: 1 } });
    const startedEventId = add({ eventType: 'EVENT_TYPE_WORKFLOW_TASK_STARTED', workflowTaskStartedEventAttributes: { scheduledEventId, identity: 'bench', requestId: `request-${scheduledEventId}`, historySizeBytes: '1000' } });
    return add({
      eventType: 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED',
      workflowTaskCompletedEventAttributes: { scheduledEventId, startedEventId, identity: 'bench', sdkMetadata: first ? { langUsedFlags: [1, 2], coreUsedFlags: [1, 2, 3], sdkName: 'temporal-typescript', sdkVersion: '1.24.0' } : {}, meteringMetadata: {} },
    });
  };
  let workflowTaskCompletedEventId = workflowTask(true);
  for (let i = 0; i < count; i++) {
    const scheduledEventId = add({
      eventType: 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED',
      activityTaskScheduledEventAttributes: {
        activityId: String(i + 1), activityType: { name: 'step' }, taskQueue: { name: 'bench', kind: 'TASK_QUEUE_KIND_NORMAL' }, header: {}, input: payloads(i), scheduleToCloseTimeout: '0s', scheduleToStartTimeout: '0s', startToCloseTimeout: '60s', heartbeatTimeout: '0s',
        workflowTaskCompletedEventId, retryPolicy: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '100s' },
      },
    });
    const startedEventId = add({ eventType: 'EVENT_TYPE_ACTIVITY_TASK_STARTED', activityTaskStartedEventAttributes: { scheduledEventId, identity: 'bench', requestId: `request-${scheduledEventId}`, attempt: 1 } });
    add({ eventType: 'EVENT_TYPE_ACTIVITY_TASK_COMPLETED', activityTaskCompletedEventAttributes: { result: payloads(i), scheduledEventId, startedEventId, identity: 'bench' } });
    workflowTaskCompletedEventId = workflowTask(false);
  }
  add({ eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED', workflowExecutionCompletedEventAttributes: { result: payloads((count * (count - 1)) / 2), workflowTaskCompletedEventId } });
  return { events };
}
