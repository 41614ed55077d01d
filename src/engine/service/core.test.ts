import { expect, test } from 'vitest';
import { activity, complete, createDriver, QUEUE, STICKY } from './testing/driver.ts';

test('data-processing: 17 events, two activities one after the other', () => {
  const d = createDriver();
  d.start('wf', { input: { payloads: [{ data: 'IkEi' }] } });
  const sticky = { stickyAttributes: { workerTaskQueue: { name: STICKY, kind: 'TASK_QUEUE_KIND_STICKY' as const, normalName: QUEUE }, scheduleToStartTimeout: '10s' } };
  const task = d.pollTask();
  const poll = d.begin('PollWorkflowTaskQueue', { namespace: 'default', taskQueue: { name: STICKY, kind: 'TASK_QUEUE_KIND_STICKY', normalName: QUEUE }, identity: 'worker' });
  d.advance(5);
  d.complete(task, [activity('1')], sticky);
  const first = d.pollActivity();
  d.advance(5);
  d.call('RespondActivityTaskCompleted', { taskToken: first.taskToken, identity: 'worker', result: {} });
  const second = d.answer(poll);
  expect(second?.ok && second.response).toMatchObject({ previousStartedEventId: '3', startedEventId: '9', history: { events: [{ eventId: '4' }, { eventId: '5' }, { eventId: '6' }, { eventId: '7' }, { eventId: '8' }, { eventId: '9' }] } });
  const poll2 = d.begin('PollWorkflowTaskQueue', { namespace: 'default', taskQueue: { name: STICKY, kind: 'TASK_QUEUE_KIND_STICKY', normalName: QUEUE }, identity: 'worker' });
  const answer = d.complete((second as { response: object }).response, [activity('2', { requestEagerExecution: true })], sticky);
  const eager = answer.activityTasks?.[0];
  d.call('RespondActivityTaskCompleted', { taskToken: eager?.taskToken, identity: 'worker', result: {} });
  const third = d.answer(poll2) as unknown as { response: object };
  d.complete(third.response, [complete()], sticky);
  expect(d.sequence('wf')).toBe('S Ws Wt Wc As At Ac Ws Wt Wc As At Ac Ws Wt Wc DONE');
  expect(d.service.run(d.events('wf')[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId ?? '')?.status).toBe('COMPLETED');
  d.runOut();
  expect(JSON.parse(JSON.stringify(d.events('wf')))).toMatchInlineSnapshot(`
    [
      {
        "eventId": "1",
        "eventTime": "2026-01-01T00:00:00Z",
        "eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
        "taskId": "1048577",
        "workflowExecutionStartedEventAttributes": {
          "attempt": 1,
          "firstExecutionRunId": "019b76da-a800-7e0c-aa55-4d9bd7ca900e",
          "firstWorkflowTaskBackoff": "0s",
          "identity": "client",
          "input": {
            "payloads": [
              {
                "data": "IkEi",
              },
            ],
          },
          "originalExecutionRunId": "019b76da-a800-7e0c-aa55-4d9bd7ca900e",
          "taskQueue": {
            "kind": "TASK_QUEUE_KIND_NORMAL",
            "name": "queue",
          },
          "workflowId": "wf",
          "workflowTaskTimeout": "10s",
          "workflowType": {
            "name": "flow",
          },
        },
      },
      {
        "eventId": "2",
        "eventTime": "2026-01-01T00:00:00Z",
        "eventType": "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED",
        "taskId": "1048578",
        "workflowTaskScheduledEventAttributes": {
          "attempt": 1,
          "startToCloseTimeout": "10s",
          "taskQueue": {
            "kind": "TASK_QUEUE_KIND_NORMAL",
            "name": "queue",
          },
        },
      },
      {
        "eventId": "3",
        "eventTime": "2026-01-01T00:00:00Z",
        "eventType": "EVENT_TYPE_WORKFLOW_TASK_STARTED",
        "taskId": "1048579",
        "workflowTaskStartedEventAttributes": {
          "historySizeBytes": "191",
          "identity": "worker",
          "requestId": "69e488a2-0939-4c05-9af5-12cf2e2548d4",
          "scheduledEventId": "2",
        },
      },
      {
        "eventId": "4",
        "eventTime": "2026-01-01T00:00:00.005Z",
        "eventType": "EVENT_TYPE_WORKFLOW_TASK_COMPLETED",
        "taskId": "1048580",
        "workflowTaskCompletedEventAttributes": {
          "identity": "worker",
          "scheduledEventId": "2",
          "startedEventId": "3",
        },
      },
      {
        "activityTaskScheduledEventAttributes": {
          "activityId": "1",
          "activityType": {
            "name": "act",
          },
          "heartbeatTimeout": "0s",
          "retryPolicy": {
            "backoffCoefficient": 2,
            "initialInterval": "1s",
            "maximumInterval": "100s",
          },
          "scheduleToCloseTimeout": "0s",
          "scheduleToStartTimeout": "0s",
          "startToCloseTimeout": "60s",
          "taskQueue": {
            "kind": "TASK_QUEUE_KIND_NORMAL",
            "name": "queue",
          },
          "workflowTaskCompletedEventId": "4",
        },
        "eventId": "5",
        "eventTime": "2026-01-01T00:00:00.005Z",
        "eventType": "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED",
        "taskId": "1048581",
      },
      {
        "activityTaskStartedEventAttributes": {
          "attempt": 1,
          "identity": "worker",
          "requestId": "09f28b0f-7b6c-4409-a87b-d973c9af1e75",
          "scheduledEventId": "5",
        },
        "eventId": "6",
        "eventTime": "2026-01-01T00:00:00.005Z",
        "eventType": "EVENT_TYPE_ACTIVITY_TASK_STARTED",
        "taskId": "1048582",
      },
      {
        "activityTaskCompletedEventAttributes": {
          "identity": "worker",
          "result": {},
          "scheduledEventId": "5",
          "startedEventId": "6",
        },
        "eventId": "7",
        "eventTime": "2026-01-01T00:00:00.010Z",
        "eventType": "EVENT_TYPE_ACTIVITY_TASK_COMPLETED",
        "taskId": "1048583",
      },
      {
        "eventId": "8",
        "eventTime": "2026-01-01T00:00:00.010Z",
        "eventType": "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED",
        "taskId": "1048584",
        "workflowTaskScheduledEventAttributes": {
          "attempt": 1,
          "startToCloseTimeout": "10s",
          "taskQueue": {
            "kind": "TASK_QUEUE_KIND_STICKY",
            "name": "sticky-queue",
            "normalName": "queue",
          },
        },
      },
      {
        "eventId": "9",
        "eventTime": "2026-01-01T00:00:00.010Z",
        "eventType": "EVENT_TYPE_WORKFLOW_TASK_STARTED",
        "taskId": "1048585",
        "workflowTaskStartedEventAttributes": {
          "historySizeBytes": "544",
          "identity": "worker",
          "requestId": "563e7678-94a9-4d43-88d0-85a102909c68",
          "scheduledEventId": "8",
        },
      },
      {
        "eventId": "10",
        "eventTime": "2026-01-01T00:00:00.010Z",
        "eventType": "EVENT_TYPE_WORKFLOW_TASK_COMPLETED",
        "taskId": "1048586",
        "workflowTaskCompletedEventAttributes": {
          "identity": "worker",
          "scheduledEventId": "8",
          "startedEventId": "9",
        },
      },
      {
        "activityTaskScheduledEventAttributes": {
          "activityId": "2",
          "activityType": {
            "name": "act",
          },
          "heartbeatTimeout": "0s",
          "retryPolicy": {
            "backoffCoefficient": 2,
            "initialInterval": "1s",
            "maximumInterval": "100s",
          },
          "scheduleToCloseTimeout": "0s",
          "scheduleToStartTimeout": "0s",
          "startToCloseTimeout": "60s",
          "taskQueue": {
            "kind": "TASK_QUEUE_KIND_NORMAL",
            "name": "queue",
          },
          "workflowTaskCompletedEventId": "10",
        },
        "eventId": "11",
        "eventTime": "2026-01-01T00:00:00.010Z",
        "eventType": "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED",
        "taskId": "1048587",
      },
      {
        "activityTaskStartedEventAttributes": {
          "attempt": 1,
          "identity": "worker",
          "requestId": "6ea5a3bf-4023-4cbd-a5e6-e33e309d3d4c",
          "scheduledEventId": "11",
          "workerVersion": {},
        },
        "eventId": "12",
        "eventTime": "2026-01-01T00:00:00.010Z",
        "eventType": "EVENT_TYPE_ACTIVITY_TASK_STARTED",
        "taskId": "1048588",
      },
      {
        "activityTaskCompletedEventAttributes": {
          "identity": "worker",
          "result": {},
          "scheduledEventId": "11",
          "startedEventId": "12",
        },
        "eventId": "13",
        "eventTime": "2026-01-01T00:00:00.010Z",
        "eventType": "EVENT_TYPE_ACTIVITY_TASK_COMPLETED",
        "taskId": "1048589",
      },
      {
        "eventId": "14",
        "eventTime": "2026-01-01T00:00:00.010Z",
        "eventType": "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED",
        "taskId": "1048590",
        "workflowTaskScheduledEventAttributes": {
          "attempt": 1,
          "startToCloseTimeout": "10s",
          "taskQueue": {
            "kind": "TASK_QUEUE_KIND_STICKY",
            "name": "sticky-queue",
            "normalName": "queue",
          },
        },
      },
      {
        "eventId": "15",
        "eventTime": "2026-01-01T00:00:00.010Z",
        "eventType": "EVENT_TYPE_WORKFLOW_TASK_STARTED",
        "taskId": "1048591",
        "workflowTaskStartedEventAttributes": {
          "historySizeBytes": "899",
          "identity": "worker",
          "requestId": "2254db04-4489-467f-978a-fa929cef4d37",
          "scheduledEventId": "14",
        },
      },
      {
        "eventId": "16",
        "eventTime": "2026-01-01T00:00:00.010Z",
        "eventType": "EVENT_TYPE_WORKFLOW_TASK_COMPLETED",
        "taskId": "1048592",
        "workflowTaskCompletedEventAttributes": {
          "identity": "worker",
          "scheduledEventId": "14",
          "startedEventId": "15",
        },
      },
      {
        "eventId": "17",
        "eventTime": "2026-01-01T00:00:00.010Z",
        "eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED",
        "taskId": "1048593",
        "workflowExecutionCompletedEventAttributes": {
          "workflowTaskCompletedEventId": "16",
        },
      },
    ]
  `);
});
