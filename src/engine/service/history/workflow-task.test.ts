import { expect, test } from 'vitest';
import { parseDuration } from '../../../base/time.ts';
import type { PollWorkflowTaskQueueResponse } from '../../../api/proto.ts';
import { createDriver, marker, QUEUE, STICKY } from '../testing/driver.ts';

test('from the fourth attempt on a Workflow Task gets more time: 5 s and twice as much each time, up to 10 min, less a fifth at most', () => {
  const d = createDriver();
  d.start('wf');
  for (let attempt = 1; attempt <= 14; attempt++) {
    const task = d.pollTask();
    expect(task.attempt).toBe(attempt);
    const scheduled = task.history?.events?.findLast((e) => e.workflowTaskScheduledEventAttributes)?.workflowTaskScheduledEventAttributes;
    const extra = parseDuration(scheduled?.startToCloseTimeout) - 10_000;
    const most = attempt <= 3 ? 0 : Math.min(5_000 * 2 ** (attempt - 4), 600_000);
    expect(extra).toBeLessThanOrEqual(most);
    expect(extra).toBeGreaterThanOrEqual(most * 0.8);
    d.failTask(task);
  }
});

test('a workflow may send nothing but heartbeats for 30 minutes: then its task times out and loses its stickiness', () => {
  const d = createDriver();
  d.start('wf');
  const sticky = { stickyAttributes: { workerTaskQueue: { name: STICKY, kind: 'TASK_QUEUE_KIND_STICKY' as const, normalName: QUEUE }, scheduleToStartTimeout: '10s' } };
  const beat = { ...sticky, forceCreateNewWorkflowTask: true };
  let task: PollWorkflowTaskQueueResponse = d.complete(d.pollTask(), [marker()], beat).workflowTask ?? {};
  let beats = 0;
  for (; beats < 1000; beats++) {
    d.advance(8_000);
    const call = d.begin('RespondWorkflowTaskCompleted', { taskToken: task.taskToken, returnNewWorkflowTask: true, ...beat });
    const answer = d.answer(call);
    if (!answer?.ok) {
      expect(answer).toMatchObject({ status: { code: 5, message: 'workflow task heartbeat timeout' } });
      break;
    }
    task = (answer.response as { workflowTask: PollWorkflowTaskQueueResponse }).workflowTask;
  }
  // The time counts from when the first task of the row was scheduled: with the marker.
  expect(beats).toBe(Math.floor((30 * 60_000) / 8_000));
  expect(d.sequence('wf').endsWith('Ws Wt Wo Ws')).toBe(true);
  expect(d.events('wf').at(-2)?.workflowTaskTimedOutEventAttributes).toMatchObject({ timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' });
  expect(d.events('wf').at(-1)?.workflowTaskScheduledEventAttributes).toMatchObject({ taskQueue: { name: QUEUE, kind: 'TASK_QUEUE_KIND_NORMAL' }, attempt: 1 });
});
