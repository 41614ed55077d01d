import { cancelTimer, child, complete, continueAsNew, fail, marker, timer } from '../../src/engine/service/testing/driver.ts';
import type { Command, PollWorkflowTaskQueueResponse, RespondWorkflowTaskCompletedResponse } from '../../src/api/proto.ts';
import { acceptance, inOrder, rejection, response, type Script } from './world.ts';

/**
 * The sequences of events that the functional tests of Temporal's server 1.32.0 (`tests/*_test.go`) pin. Each script does what the test
 * named beside it does, and holds for a real server (when it is recorded) and for ours.
 */

const next = (answer: RespondWorkflowTaskCompletedResponse): PollWorkflowTaskQueueResponse => {
  if (!answer.workflowTask) throw new Error('the answer brings no Workflow Task');
  return answer.workflowTask;
};

const cancelChild = (workflowId: string): Command => ({
  commandType: 'COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION', requestCancelExternalWorkflowExecutionCommandAttributes: { workflowId, childWorkflowOnly: true },
});

export const sequences: { readonly [name: string]: Script } = {
  /** gethistory_test.go 177 */
  'gethistory-177-one-activity': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1')]);
    await w.completeActivity(await w.pollActivity());
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws Wt Wc As At Ac Ws Wt Wc DONE');
  },

  /** workflow_failures_test.go 82 */
  'workflow-failures-82-run-timeout': async (w) => {
    await w.start({ workflowRunTimeout: '1s' });
    await w.wait(2500);
    await w.shows('S Ws TO');
  },

  /** cancel_workflow_test.go 630 */
  'cancel-630-child-started-and-cancelled-in-one-task': async (w) => {
    await w.start();
    await w.cancel();
    const commands = [child(`${w.wf}-child`), cancelChild(`${w.wf}-child`)];
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(await w.poll(), commands, { returnNewWorkflowTask: false }));
    await w.shows('S Ws CR Wt Wf (Ws)');
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws CR Wt Wf Ws Wt Wc DONE');
    await w.refuse('DescribeWorkflowExecution', { execution: { workflowId: `${w.wf}-child` } });
  },

  /** workflow_task_test.go 484 */
  'workflow-task-484-signal-while-started-terminate': async (w) => {
    await w.start();
    await w.poll();
    await w.signal();
    await w.shows('S Ws Wt');
    await w.terminate();
    await w.shows('S Ws Wt Wf Sig TERM');
  },

  /** workflow_task_test.go 653, 704 */
  'workflow-task-653-failures-signal-while-transient': async (w) => {
    await w.start();
    for (let attempt = 1; attempt <= 4; attempt++) await w.failTask(await w.poll());
    await w.shows('S Ws Wt Wf (Ws)');
    await w.signal();
    await w.shows('S Ws Wt Wf Sig');
    const task = await w.poll();
    await w.shows('S Ws Wt Wf Sig Ws Wt');
    await w.terminate();
    await w.shows('S Ws Wt Wf Sig Ws Wt Wf TERM');
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(task));
  },

  /** workflow_task_test.go 945 */
  'workflow-task-945-signal-while-transient-started-fails': async (w) => {
    await w.start();
    await w.failTask(await w.poll());
    const task = await w.poll();
    await w.shows('S Ws Wt Wf (Ws Wt)');
    await w.signal();
    await w.shows('S Ws Wt Wf (Ws Wt)');
    await w.failTask(task);
    await w.shows('S Ws Wt Wf Sig Ws');
  },

  /** workflow_task_test.go 312 */
  'workflow-task-312-local-activities-heartbeat': async (w) => {
    await w.start({ workflowTaskTimeout: '5s' });
    const more = {
      forceCreateNewWorkflowTask: true,
      stickyAttributes: { workerTaskQueue: { name: `sticky-${w.queue}`, kind: 'TASK_QUEUE_KIND_STICKY' as const, normalName: w.queue }, scheduleToStartTimeout: '5s' },
    };
    const first = await w.poll();
    const second = next(await w.complete(first, [], more));
    const third = next(await w.complete(second, [marker()], more));
    const fourth = next(await w.complete(third, [marker()], more));
    await w.complete(fourth, [complete()], { ...more, forceCreateNewWorkflowTask: false });
    await w.shows('S Ws Wt Wc Ws Wt Wc M Ws Wt Wc M Ws Wt Wc DONE');
  },

  /** client_misc_test.go 568 */
  'client-misc-568-admitted-update-does-not-block-completion': async (w) => {
    await w.start();
    const task = await w.poll();
    const update = await w.update();
    await w.ok('PollWorkflowExecutionUpdate', {
      updateRef: { workflowExecution: w.execution(), updateId: 'u1' }, identity: 'client', waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED' },
    });
    await w.complete(task, [marker(), complete()]);
    await update();
    await w.shows('S Ws Wt Wc M DONE');
  },

  /** workflow_failures_test.go 379 */
  'workflow-failures-379-invalid-command': async (w) => {
    await w.start();
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(await w.poll(), [marker('')]));
    await w.shows('S Ws Wt Wf (Ws)');
  },

  /** relay_task_test.go 101 */
  'relay-task-101-workflow-task-times-out': async (w) => {
    await w.start({ workflowTaskTimeout: '1s' });
    next(await w.complete(await w.poll(), [marker()], { forceCreateNewWorkflowTask: true }));
    await w.wait(2200);
    await w.shows('S Ws Wt Wc M Ws Wt Wo (Ws)');
    await w.terminate();
  },

  /** workflow_buffered_events_test.go 300, 325 */
  'buffered-events-325-signal-time-out-options': async (w) => {
    await w.start({ workflowTaskTimeout: '1s' });
    const first = await w.poll();
    await w.signal();
    const relayed = next(await w.complete(first, [w.activity('1', { taskQueue: { name: 'nobody' } })]));
    await w.shows('S Ws Wt Wc As Sig Ws Wt');
    await w.wait(2200);
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(relayed));
    const task = await w.poll();
    await w.ok('StartWorkflowExecution', w.startRequest({ requestId: 'another', workflowIdConflictPolicy: 'WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING', onConflictOptions: { attachRequestId: true } }));
    next(await w.complete(task, [w.activity('2', { taskQueue: { name: 'nobody' } })]));
    await w.shows('S Ws Wt Wc As Sig Ws Wt Wo Ws Wt Wc As Opt Ws Wt');
  },

  /** workflow_timer_test.go 153 (cancelled before it fires), 258 (fires while the task runs that cancels it) */
  'timer-258-fires-while-the-task-runs-that-cancels-it': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [timer('1', '1s')]);
    await w.signal();
    const task = await w.poll();
    await w.wait(2200);
    await w.complete(task, [cancelTimer('1')]);
    await w.signal();
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws Wt Wc Ts Sig Ws Wt Wc Tx Sig Ws Wt Wc DONE');
  },

  /** activity_test.go 56: the second failure leaves no time for a third attempt */
  'activity-56-schedule-to-close-in-back-off': async (w) => {
    await w.start();
    const retryPolicy = { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '10s' };
    await w.complete(await w.poll(), [w.activity('1', { startToCloseTimeout: '1s', scheduleToCloseTimeout: '1.800s', retryPolicy })]);
    await w.failActivity(await w.pollActivity());
    await w.failActivity(await w.pollActivity());
    await w.shows('S Ws Wt Wc As At Af Ws');
    await w.terminate();
  },

  /** activity_test.go 115: the third attempt runs when schedule-to-close is over */
  'activity-115-schedule-to-close-while-it-runs': async (w) => {
    await w.start();
    const retryPolicy = { initialInterval: '0.5s', backoffCoefficient: 1 };
    await w.complete(await w.poll(), [w.activity('1', { startToCloseTimeout: '3s', scheduleToCloseTimeout: '2s', retryPolicy })]);
    await w.failActivity(await w.pollActivity());
    await w.failActivity(await w.pollActivity());
    const third = await w.pollActivity();
    await w.wait(2500);
    await w.shows('S Ws Wt Wc As At Ao Ws');
    await w.refuse('RespondActivityTaskFailed', { taskToken: third.taskToken, failure: { message: 'late', applicationFailureInfo: {} } });
    await w.terminate();
  },

  /** activity_test.go 187: all kinds of timeouts */
  'activity-187-timeouts': async (w) => {
    await w.start();
    const once = { retryPolicy: { maximumAttempts: 1 } };
    await w.complete(await w.poll(), [
      w.activity('ScheduleToStart', { scheduleToStartTimeout: '2s', startToCloseTimeout: '2s', taskQueue: { name: 'nobody' }, ...once }),
      w.activity('StartToClose', { scheduleToStartTimeout: '2s', startToCloseTimeout: '2s', ...once }),
      w.activity('ScheduleToClose', { scheduleToCloseTimeout: '2s', startToCloseTimeout: '3s', ...once }),
      w.activity('ScheduleToCloseNotSet', { startToCloseTimeout: '2s', ...once }),
      { commandType: 'COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK', scheduleActivityTaskCommandAttributes: { activityId: 'StartToCloseNotSet', activityType: { name: 'act' }, taskQueue: { name: w.queue }, scheduleToCloseTimeout: '2s', ...once } },
      w.activity('Heartbeat', { startToCloseTimeout: '10s', heartbeatTimeout: '1s', ...once }),
      { commandType: 'COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK', scheduleActivityTaskCommandAttributes: { activityId: 'HeartbeatWithScheduleToClose', activityType: { name: 'act' }, taskQueue: { name: w.queue }, scheduleToCloseTimeout: '2s', heartbeatTimeout: '1s' } },
      w.activity('StartToCloseWithScheduleToClose', { scheduleToCloseTimeout: '3s', startToCloseTimeout: '2s', retryPolicy: { initialInterval: '2s' } }),
    ]);
    await w.wait(50);
    for (let i = 0; i < 7; i++) {
      const task = await w.pollActivity();
      if (task.activityId?.startsWith('Heartbeat')) await w.heartbeat(task);
    }
    await w.wait(4000);
    // Which of them time out together, and in which order, is chance on a real machine: only what each one says is compared.
    const events = await w.history();
    const scheduled = Object.fromEntries(events.flatMap((e) => (e.activityTaskScheduledEventAttributes ? [[e.eventId, e.activityTaskScheduledEventAttributes.activityId]] : [])));
    const timeouts = events.flatMap((e) => (e.activityTaskTimedOutEventAttributes ? [e.activityTaskTimedOutEventAttributes] : []));
    const said = Object.fromEntries(timeouts.map((a) => [scheduled[a.scheduledEventId ?? ''], { failure: a.failure, retryState: a.retryState }] as const));
    w.entries.splice(0, w.entries.length, { call: 'timeouts', answer: JSON.parse(JSON.stringify(said)) });
  },

  /** continue_as_new_test.go 577 */
  'continue-as-new-577-delayed': async (w) => {
    const runId = await w.start();
    const command = continueAsNew();
    Object.assign(command.continueAsNewWorkflowExecutionCommandAttributes ?? {}, { backoffStartInterval: '2s', taskQueue: { name: w.queue } });
    await w.complete(await w.poll(), [command]);
    await w.shows('S Ws Wt Wc CAN', w.execution(runId));
    await w.shows('S');
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws Wt Wc DONE');
  },

  /** continue_as_new_test.go 966, 981 */
  'continue-as-new-1118-parent-terminated': async (w) => {
    await w.start();
    const kid = `${w.wf}-child`;
    await w.complete(await w.poll(), [child(kid, { taskQueue: { name: w.queue } })]);
    const [one, two] = [await w.poll(), await w.poll()];
    const [parentTask, childTask] = one.workflowExecution?.workflowId === w.wf ? [one, two] : [two, one];
    await w.complete(parentTask);
    const command = continueAsNew();
    Object.assign(command.continueAsNewWorkflowExecutionCommandAttributes ?? {}, { backoffStartInterval: '20s', taskQueue: { name: w.queue } });
    await w.complete(childTask, [command]);
    await w.terminate();
    await w.wait(500);
    // The parent hears of the child before or after the child's task is taken: the order of the calls above is chance.
    w.entries.length = 0;
    await w.shows('S Ws Wt Wc Ci Cs Ws Wt Wc TERM');
    await w.shows('S TERM', { workflowId: kid });
  },

  /** cron_test.go 531 to 572 */
  'cron-531-fails-times-out-completes-terminated': async (w) => {
    const failed = await w.start({ cronSchedule: '@every 2s', workflowRunTimeout: '1s' });
    await w.complete(await w.poll(), [fail()]);
    const second = await w.poll();
    await w.complete(second, [timer('1', '10s')]);
    const third = await w.poll();
    await w.complete(third, [complete()]);
    await w.shows('S Ws Wt Wc FAIL', w.execution(failed));
    await w.shows('S Ws Wt Wc Ts TO', w.execution(second.workflowExecution?.runId));
    await w.shows('S Ws Wt Wc DONE', w.execution(third.workflowExecution?.runId));
    await w.terminate();
    await w.shows('S TERM');
  },

  /** reset_workflow_test.go 330 */
  'reset-330-of-a-completed-run': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [complete()]);
    await w.ok('ResetWorkflowExecution', { workflowExecution: w.execution(), reason: 'again', requestId: 'r', workflowTaskFinishEventId: '3' });
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws Wt Wf Ws Wt Wc DONE');
  },

  /** reset_workflow_test.go 593 to 700: options, signals and updates are applied again */
  'reset-593-signals-updates-options': async (w) => {
    const runId = await w.start();
    await w.complete(await w.poll());
    await w.ok('StartWorkflowExecution', w.startRequest({ requestId: 'another', workflowIdConflictPolicy: 'WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING', onConflictOptions: { attachRequestId: true } }));
    for (const name of ['one', 'two']) {
      await w.signal(name);
      await w.complete(await w.poll());
    }
    for (const [updateId, closing] of [['u1', []], ['u2', [complete()]]] as const) {
      const update = await w.update(updateId, { waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED' } });
      const task = await w.poll();
      const { messages, commands } = inOrder(acceptance(task));
      await w.complete(task, [...commands, ...closing], { messages });
      await update();
    }
    await w.shows('S Ws Wt Wc Opt Sig Ws Wt Wc Sig Ws Wt Wc Ws Wt Wc Ua Ws Wt Wc Ua DONE', w.execution(runId));
    await w.ok('ResetWorkflowExecution', { workflowExecution: w.execution(runId), reason: 'again', requestId: 'r1', workflowTaskFinishEventId: '4' });
    await w.wait(300);
    await w.shows('S Ws Wt Wf Opt Sig Sig WORKFLOW_EXECUTION_UPDATE_ADMITTED WORKFLOW_EXECUTION_UPDATE_ADMITTED Ws');
    await w.ok('ResetWorkflowExecution', {
      workflowExecution: w.execution(runId), reason: 'without', requestId: 'r2', workflowTaskFinishEventId: '4', resetReapplyExcludeTypes: ['RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL', 'RESET_REAPPLY_EXCLUDE_TYPE_UPDATE'],
    });
    await w.wait(300);
    await w.shows('S Ws Wt Wf Opt Ws');
    await w.terminate();
  },

  /** sizelimit_test.go 314 */
  'sizelimit-314-payload-too-large-in-a-command': async (w) => {
    await w.start();
    const task = await w.poll();
    await w.signal();
    const command: Command = { commandType: 'COMMAND_TYPE_RECORD_MARKER', recordMarkerCommandAttributes: { markerName: 'large', details: { test: { payloads: [{ data: 'A'.repeat(3 * 1024 * 1024) }] } } } };
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(task, [command]));
    await w.shows('S Ws Wt Wf Sig TERM');
  },

  /** update_workflow_test.go 399 */
  'update-399-on-the-first-task': async (w) => {
    await w.start();
    const update = await w.update();
    const task = await w.poll();
    const { messages, commands } = inOrder(acceptance(task), response(task));
    await w.complete(task, commands, { messages });
    await update();
    await w.shows('S Ws Wt Wc Ua Uc');
    await w.terminate();
  },

  /** update_workflow_test.go 1547 */
  'update-1547-rejected-on-the-first-task': async (w) => {
    await w.start();
    const update = await w.update();
    const task = await w.poll();
    await w.complete(task, [], { messages: [rejection(task)] });
    await update();
    await w.shows('S Ws Wt Wc');
    await w.terminate();
  },

  /** update_workflow_test.go 1599, 1623 */
  'update-1623-speculative-rejected': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    const update = await w.update();
    await w.shows('S Ws Wt Wc (Ws)');
    const task = await w.poll();
    await w.shows('S Ws Wt Wc (Ws Wt)');
    await w.complete(task, [], { messages: [rejection(task)] });
    await update();
    await w.shows('S Ws Wt Wc');
    await w.signal();
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws Wt Wc Sig Ws Wt Wc DONE');
  },

  /** update_workflow_test.go 2510 */
  'update-2510-signal-while-speculative-is-scheduled': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    const update = await w.update();
    await w.signal();
    const task = await w.poll();
    await w.complete(task, [], { messages: [rejection(task)] });
    await update();
    await w.shows('S Ws Wt Wc Ws Sig Wt Wc');
    await w.terminate();
  },

  /** update_workflow_test.go 2660 */
  'update-2660-speculative-times-out': async (w) => {
    await w.start({ workflowTaskTimeout: '1s' });
    await w.complete(await w.poll());
    const update = await w.update();
    const late = await w.poll();
    await w.wait(2200);
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(late));
    const task = await w.poll();
    const { messages, commands } = inOrder(acceptance(task), response(task));
    await w.complete(task, [...commands, complete()], { messages });
    await update();
    await w.shows('S Ws Wt Wc Ws Wt Wo Ws Wt Wc Ua Uc DONE');
  },

  /** update_workflow_test.go 2921 */
  'update-2921-terminate-while-speculative-is-started': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    const update = await w.update();
    const task = await w.poll();
    await w.terminate();
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(task));
    await update();
    await w.shows('S Ws Wt Wc Ws Wt Wf TERM');
  },

  /** update_workflow_test.go 3009 */
  'update-3009-terminate-while-speculative-is-scheduled': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    const update = await w.update();
    await w.terminate();
    await update();
    await w.shows('S Ws Wt Wc TERM');
  },

  /** update_workflow_test.go 4912 */
  'update-4912-continue-as-new': async (w) => {
    const runId = await w.start();
    const first = await w.update('u1');
    const task = await w.poll();
    const second = await w.update('u2');
    const { messages, commands } = inOrder(acceptance(task));
    const command = continueAsNew();
    Object.assign(command.continueAsNewWorkflowExecutionCommandAttributes ?? {}, { taskQueue: { name: `${w.queue}-2` } });
    await w.complete(task, [...commands, command], { messages });
    await first();
    await w.complete(await w.poll({ name: `${w.queue}-2` }));
    await w.shows('S Ws Wt Wc Ua CAN', w.execution(runId));
    await second();
    await w.terminate();
  },

  /** pause_workflow_execution_test.go 346 */
  'pause-346-before-the-first-task': async (w) => {
    await w.start();
    await w.ok('PauseWorkflowExecution', { workflowId: w.wf, identity: 'me', reason: 'why', requestId: 'p' });
    await w.ok('DescribeWorkflowExecution', { execution: w.execution() });
    await w.ok('UnpauseWorkflowExecution', { workflowId: w.wf, identity: 'me', reason: 'why', requestId: 'u' });
    await w.wait(200);
    await w.shows('S Ws Wf Paused Unpaused Ws');
    await w.complete(await w.poll(), [complete()]);
  },
};
