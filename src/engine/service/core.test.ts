import { expect, test } from 'vitest';
import { activity, complete, continueAsNew, createDriver, QUEUE, STICKY } from './testing/driver.ts';

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
});

/** On a real machine the start comes some microseconds after the schedule: seen there with an activity that has only a schedule-to-close timeout. */
test('an activity that starts eagerly, in the instant in which it is scheduled, meets its schedule-to-close timeout first', () => {
  const d = createDriver();
  d.start('wf');
  const { activityTasks } = d.complete(d.pollTask(), [activity('1', { requestEagerExecution: true, startToCloseTimeout: undefined, scheduleToCloseTimeout: '2s', retryPolicy: { maximumAttempts: 1 } })]);
  expect(activityTasks).toHaveLength(1);
  d.advance(2000);
  expect(d.events('wf').find((e) => e.activityTaskTimedOutEventAttributes)?.activityTaskTimedOutEventAttributes).toMatchObject({
    failure: { timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_SCHEDULE_TO_CLOSE' } }, retryState: 'RETRY_STATE_TIMEOUT',
  });
});

test('no older run takes the place of the current one that is deleted', () => {
  const d = createDriver();
  const execution = { workflowId: 'wf' };
  const current = () => (d.call('DescribeWorkflowExecution', { namespace: 'default', execution }) as { workflowExecutionInfo: { execution: { runId: string } } }).workflowExecutionInfo.execution.runId;
  d.start('wf');
  const first = current();
  d.complete(d.pollTask(), [continueAsNew()]);
  const second = current();
  d.call('DeleteWorkflowExecution', { namespace: 'default', workflowExecution: execution });
  expect(d.refuses('DescribeWorkflowExecution', { namespace: 'default', execution }).message).toBe('workflow not found for ID: wf');
  expect(d.refuses('DescribeWorkflowExecution', { namespace: 'default', execution: { ...execution, runId: second } }).message).toMatch('workflow execution not found');
  expect(d.call('DescribeWorkflowExecution', { namespace: 'default', execution: { ...execution, runId: first } })).toMatchObject({ workflowExecutionInfo: { status: 'WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW' } });
  d.start('wf', { workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE' });
  d.call('DeleteWorkflowExecution', { namespace: 'default', workflowExecution: { ...execution, runId: first } });
  expect(d.sequence('wf')).toBe('S Ws');
});
