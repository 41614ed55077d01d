import { cancelTimer, complete, continueAsNew, marker, timer } from '../../src/engine/service/testing/driver.ts';
import type { Command, PollWorkflowTaskQueueResponse } from '../../src/api/proto.ts';
import type { Script, World } from './world.ts';

/** Facts on Workflow Tasks, buffering and activities that no functional test of Temporal pins by a sequence. */

const stickyQueue = (w: World): { name: string; kind: 'TASK_QUEUE_KIND_STICKY'; normalName: string } => ({ name: `sticky-${w.queue}`, kind: 'TASK_QUEUE_KIND_STICKY', normalName: w.queue });
const sticky = (w: World, scheduleToStartTimeout = '10s'): object => ({ stickyAttributes: { workerTaskQueue: stickyQueue(w), scheduleToStartTimeout } });

const cancelActivity = (scheduledEventId: string): Command => ({ commandType: 'COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK', requestCancelActivityTaskCommandAttributes: { scheduledEventId } });

/** Takes the next task from the sticky queue; `cause` is what brings it. */
async function pollSticky(w: World, cause: () => Promise<void>): Promise<PollWorkflowTaskQueueResponse> {
  const pending = w.begin('PollWorkflowTaskQueue', { taskQueue: stickyQueue(w), identity: 'worker' });
  await w.wait(100);
  await cause();
  const outcome = await pending();
  if (!outcome.ok) throw new Error('no sticky task');
  return outcome.response;
}

const payloadOf = (bytes: number) => ({ payloads: [{ data: 'eHh4'.repeat(bytes / 3) }] });

/** A history's short form, without the whole of it in the record. */
async function sequenceAlone(w: World): Promise<string> {
  const sequence = await w.sequence();
  w.entries.pop();
  return sequence;
}

export const facts: { readonly [name: string]: Script } = {
  'transient-task-times-out': async (w) => {
    await w.start({ workflowTaskTimeout: '1s' });
    await w.failTask(await w.poll());
    const second = await w.poll();
    await w.wait(2200);
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(second));
    await w.shows('S Ws Wt Wf (Ws)');
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws Wt Wf Ws Wt Wc DONE');
  },

  'workflow-tasks-time-out': async (w) => {
    await w.start({ workflowTaskTimeout: '1s' });
    await w.poll();
    await w.wait(2200);
    await w.shows('S Ws Wt Wo (Ws)');
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws Wt Wo Ws Wt Wc DONE');
  },

  /** A cached workflow that begins to fail writes its failure twice: the first one only takes the stickiness. */
  'sticky-task-fails': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [], sticky(w));
    await w.failTask(await pollSticky(w, () => w.signal()));
    await w.shows('S Ws Wt Wc Sig Ws Wt Wf Ws');
    await w.failTask(await w.poll());
    await w.shows('S Ws Wt Wc Sig Ws Wt Wf Ws Wt Wf (Ws)');
    await w.failTask(await w.poll());
    await w.shows('S Ws Wt Wc Sig Ws Wt Wf Ws Wt Wf (Ws)');
    await w.terminate();
  },

  'sticky-task-times-out': async (w) => {
    await w.start({ workflowTaskTimeout: '1s' });
    await w.complete(await w.poll(), [], sticky(w));
    await pollSticky(w, () => w.signal());
    await w.wait(2200);
    await w.shows('S Ws Wt Wc Sig Ws Wt Wo Ws');
    await w.terminate();
  },

  /** No sticky poll for more than 10 s: the task goes to the normal queue at once, history says sticky. */
  'sticky-worker-long-gone': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [], sticky(w));
    const first = await pollSticky(w, () => w.signal());
    await w.complete(first, [], sticky(w));
    await w.wait(11_000);
    await w.signal();
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws Wt Wc Sig Ws Wt Wc Sig Ws Wt Wc DONE');
  },

  'unhandled-command-on-the-second-attempt': async (w) => {
    await w.start();
    await w.failTask(await w.poll());
    const task = await w.poll();
    await w.signal();
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(task, [complete()]));
    await w.shows('S Ws Wt Wf Sig Ws');
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws Wt Wf Sig Ws Wt Wc DONE');
  },

  'unhandled-cancel-and-continue-as-new': async (w) => {
    await w.start();
    const first = await w.poll();
    await w.signal();
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(first, [{ commandType: 'COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION', cancelWorkflowExecutionCommandAttributes: {} }]));
    await w.complete(await w.poll());
    await w.signal();
    const second = await w.poll();
    await w.signal();
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(second, [continueAsNew()]));
    await w.shows('S Ws Wt Wf Sig Ws Wt Wc Sig Ws Wt Wf Sig Ws');
    await w.terminate();
  },

  'next-task-through-matching': async (w) => {
    await w.start();
    const task = await w.poll();
    await w.signal();
    await w.complete(task, [], { returnNewWorkflowTask: false });
    await w.shows('S Ws Wt Wc Sig Ws');
    const next = await w.poll();
    await w.complete(next, [marker()], { returnNewWorkflowTask: false, forceCreateNewWorkflowTask: true });
    await w.shows('S Ws Wt Wc Sig Ws Wt Wc M Ws');
    await w.complete(await w.poll(), [complete()]);
  },

  'run-times-out-while-a-task-runs': async (w) => {
    await w.start({ workflowRunTimeout: '1s' });
    await w.poll();
    await w.signal();
    await w.wait(2500);
    await w.shows('S Ws Wt Wf Sig TO');
  },

  /** What happens while a task runs comes after it; what closes activities behind the rest. */
  'buffered-events-in-order': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1'), w.activity('2'), timer('1', '1s')]);
    const [one, two] = [await w.pollActivity(), await w.pollActivity()];
    await w.signal('before');
    const task = await w.poll();
    await w.completeActivity(one);
    await w.signal('during');
    await w.failActivity(two, { nonRetryable: true });
    await w.wait(2000);
    await w.cancel();
    await w.shows('S Ws Wt Wc As As Ts Sig Ws Wt');
    const next = await w.complete(task, [marker()]);
    await w.shows('S Ws Wt Wc As As Ts Sig Ws Wt Wc M At Sig At Tf CR Ac Af Ws Wt');
    await w.complete(next.workflowTask ?? {}, [complete()]);
    // Which activity got which number is chance.
    w.entries.length = 0;
  },

  'timer-fires-and-is-cancelled-with-completion': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [timer('1', '1s')]);
    await w.signal();
    const task = await w.poll();
    await w.wait(2200);
    await w.complete(task, [cancelTimer('1'), complete()]);
    await w.shows('S Ws Wt Wc Ts Sig Ws Wt Wc Tx DONE');
  },

  /** max_buffered_event_test.go: 100 wait, one more ends the task. */
  'too-many-buffered-events': async (w) => {
    await w.start();
    const task = await w.poll();
    for (let i = 1; i <= 101; i++) await w.signal();
    await w.wait(300);
    const events = await w.history();
    w.entries.splice(2, 101);
    const failed = events.find((e) => e.workflowTaskFailedEventAttributes);
    w.entries.push({ call: 'task failed', answer: JSON.parse(JSON.stringify(failed?.workflowTaskFailedEventAttributes ?? null)) });
    await w.call('RespondWorkflowTaskCompleted', w.completion(task));
    await w.terminate();
  },

  'too-large-buffer': async (w) => {
    await w.start();
    const task = await w.poll();
    for (let i = 1; i <= 5; i++) {
      await w.call('SignalWorkflowExecution', { workflowExecution: w.execution(), signalName: 'go', identity: 'client', input: payloadOf(600 * 1024) });
      await w.wait(200);
      w.entries.push({ call: 'sequence', answer: await sequenceAlone(w) });
    }
    await w.call('RespondWorkflowTaskCompleted', w.completion(task));
    await w.terminate();
  },

  // Fact 9: when a Workflow Task suggests to continue as new, by events and by bytes; where a history ends.
  'history-grows-by-events': async (w) => {
    await w.start();
    const told = async (): Promise<void> => {
      const task = await w.poll();
      const { history } = await w.ok('GetWorkflowExecutionHistoryReverse', { execution: w.execution(), maximumPageSize: 1 });
      const started = history?.events?.[0]?.workflowTaskStartedEventAttributes;
      await w.complete(task);
      w.entries.length = 0;
      suggestions.push([task.startedEventId ?? '', started?.suggestContinueAsNew === true, ...(started?.suggestContinueAsNewReasons ?? [])]);
    };
    const suggestions: unknown[] = [];
    await told();
    for (let i = 4; i < 4090; i++) await w.signal();
    await told();
    await w.signal();
    await told();
    await w.signal();
    await told();
    await w.terminate();
    w.entries.push({ call: 'told', answer: suggestions });
  },
  'history-grows-by-bytes': async (w) => {
    await w.start();
    const sizes: unknown[] = [];
    const send = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) await w.ok('SignalWorkflowExecution', { workflowExecution: w.execution(), signalName: 'go', identity: 'client', input: payloadOf(1024 * 1024 - 400) });
    };
    for (let round = 0; round < 3; round++) {
      await send(round === 0 ? 3 : 1);
      const task = await w.poll();
      await w.complete(task);
      const started = task.history?.events?.at(-1)?.workflowTaskStartedEventAttributes;
      sizes.push([started?.suggestContinueAsNew === true, ...(started?.suggestContinueAsNewReasons ?? [])]);
    }
    let sent = 5;
    for (let ok = true; ok && sent < 60; sent++) ok = (await w.call('SignalWorkflowExecution', { workflowExecution: w.execution(), signalName: 'go', identity: 'client', input: payloadOf(1024 * 1024 - 400) })).ok;
    // The server notices with the signal after the one that went over, and says so to its sender.
    const { history } = await w.ok('GetWorkflowExecutionHistoryReverse', { execution: w.execution(), maximumPageSize: 1 });
    w.entries.length = 0;
    w.entries.push({ call: 'told', answer: sizes }, { call: 'refused', answer: { sent } }, { call: 'the end', answer: history?.events?.map((e) => [e.eventType, e.workflowExecutionTerminatedEventAttributes]) });
  },
  'caps': async (w) => {
    await w.start({ workflowTaskTimeout: '300s', workflowStartDelay: '12s' });
    await w.history();
    await w.terminate();
    const scheduleId = `schedule-${w.wf}`;
    for (const catchupWindow of ['1s', '15s']) {
      await w.ok('CreateSchedule', {
        scheduleId, requestId: catchupWindow, identity: 'me',
        schedule: { spec: { interval: [{ interval: '86400s' }] }, action: { startWorkflow: { workflowId: w.wf, workflowType: { name: 'flow' }, taskQueue: { name: w.queue } } }, policies: { catchupWindow } },
      });
      const { schedule } = await w.ok('DescribeSchedule', { scheduleId });
      w.entries.splice(-2);
      w.entries.push({ call: 'DescribeSchedule', answer: schedule?.policies });
      await w.ok('DeleteSchedule', { scheduleId, identity: 'me' });
      await w.wait(500);
    }
  },
  'too-many-pending': async (w) => {
    const execution = { workflowId: 'somebody' };
    const many = (command: (i: number) => Command): Command[] => Array.from({ length: 2001 }, (_, i) => command(i));
    for (const [kind, commands] of Object.entries({
      signals: many(() => ({ commandType: 'COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION', signalExternalWorkflowExecutionCommandAttributes: { execution, signalName: 'go' } })),
      cancels: many((i) => ({ commandType: 'COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION', requestCancelExternalWorkflowExecutionCommandAttributes: { workflowId: `somebody-${i}` } })),
    })) {
      const workflowId = `${w.wf}-${kind}`;
      await w.start({ workflowId, requestId: workflowId });
      const task = await w.poll();
      await w.call('RespondWorkflowTaskCompleted', w.completion(task, commands));
      const events = await w.history({ workflowId });
      w.entries.pop();
      w.entries.push({ call: 'task failed', answer: JSON.parse(JSON.stringify(events.find((e) => e.workflowTaskFailedEventAttributes)?.workflowTaskFailedEventAttributes ?? null)) });
      await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId } });
    }
  },
  'too-many-signals': async (w) => {
    await w.start();
    for (let i = 0; i < 10_000; i++) {
      await w.signal();
      w.entries.length = 0;
    }
    await w.call('SignalWorkflowExecution', { workflowExecution: w.execution(), signalName: 'go', identity: 'client' });
    await w.terminate();
  },

  'activity-not-started-in-time': async (w) => {
    await w.start();
    const taskQueue = { name: 'nobody' };
    await w.complete(await w.poll(), [
      // Schedule-to-close fills in schedule-to-start: both are due at once, and schedule-to-start comes first.
      { commandType: 'COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK', scheduleActivityTaskCommandAttributes: { activityId: '1', activityType: { name: 'act' }, taskQueue, scheduleToCloseTimeout: '1s' } },
    ]);
    await w.wait(2200);
    await w.shows('S Ws Wt Wc As Ao Ws');
    await w.terminate();
  },

  'activity-timeouts-under-a-run-timeout': async (w) => {
    await w.start({ workflowRunTimeout: '20s' });
    const taskQueue = { name: 'nobody' };
    await w.complete(await w.poll(), [
      w.activity('1', { taskQueue }),
      w.activity('2', { taskQueue, scheduleToCloseTimeout: '30s', heartbeatTimeout: '90s' }),
      w.activity('3', { taskQueue, startToCloseTimeout: '5s', scheduleToStartTimeout: '10s', heartbeatTimeout: '8s' }),
      w.activity('4', { taskQueue, startToCloseTimeout: '5s', scheduleToCloseTimeout: '3s', scheduleToStartTimeout: '4s' }),
    ]);
    await w.history();
    await w.terminate();
  },

  'activity-fails-when-cancellation-is-requested': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1')]);
    const task = await w.pollActivity();
    await w.signal();
    await w.complete(await w.poll(), [cancelActivity('5')]);
    await w.failActivity(task);
    await w.shows('S Ws Wt Wc As Sig Ws Wt Wc Ar At Af Ws');
    await w.terminate();
  },

  /** A Signal-With-Start does not wait for the delay of a start; the next run waits no longer for it. */
  'delay-cut-short': async (w) => {
    await w.start({ workflowStartDelay: '60s' });
    await w.wait(100);
    await w.call('SignalWithStartWorkflowExecution', { ...w.startRequest({ requestId: 'other' }), signalName: 'now' });
    await w.complete(await w.poll(), [{ commandType: 'COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION', continueAsNewWorkflowExecutionCommandAttributes: { workflowType: { name: 'flow' }, taskQueue: { name: w.queue } } }]);
    await w.shows('S');
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws Wt Wc DONE');
  },

  'reported-problems': async (w) => {
    await w.start();
    for (let i = 0; i < 5; i++) await w.failTask(await w.poll());
    await w.call('DescribeWorkflowExecution', { execution: w.execution() });
    await w.complete(await w.poll(), [complete()]);
    await w.call('DescribeWorkflowExecution', { execution: w.execution() });
  },

  /** Nothing lasts longer than a hundred years of 365 days. */
  'longest-durations': async (w) => {
    const LONG = '315576000000s';
    const retryPolicy = { initialInterval: LONG, maximumInterval: LONG };
    const timeouts = { workflowExecutionTimeout: LONG, workflowRunTimeout: LONG, workflowTaskTimeout: LONG };
    await w.start({ ...timeouts, retryPolicy });
    await w.complete(await w.poll(), [
      { commandType: 'COMMAND_TYPE_START_TIMER', startTimerCommandAttributes: { timerId: '1', startToFireTimeout: LONG } },
      w.activity('1', { scheduleToCloseTimeout: LONG, startToCloseTimeout: LONG, heartbeatTimeout: LONG, retryPolicy }),
      w.activity('2', { startToCloseTimeout: LONG, scheduleToStartTimeout: LONG, retryPolicy: { ...retryPolicy, maximumAttempts: 1 } }),
      { commandType: 'COMMAND_TYPE_START_CHILD_WORKFLOW_EXECUTION', startChildWorkflowExecutionCommandAttributes: { workflowId: `${w.wf}-child`, workflowType: { name: 'flow' }, taskQueue: { name: `${w.queue}-child` }, ...timeouts, retryPolicy } },
    ]);
    await w.wait(300);
    const task = await w.poll();
    await w.history({ workflowId: `${w.wf}-child` });
    await w.complete(task, [{ commandType: 'COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION', continueAsNewWorkflowExecutionCommandAttributes: { workflowRunTimeout: LONG, workflowTaskTimeout: LONG, backoffStartInterval: LONG, retryPolicy } }]);
    await w.history();
    await w.ok('TerminateWorkflowExecution', { workflowExecution: w.execution() });
    await w.start({ workflowId: `${w.wf}-late`, requestId: 'late', workflowStartDelay: LONG });
    await w.history({ workflowId: `${w.wf}-late` });
    await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId: `${w.wf}-late` } });
  },
  'activity-non-retryable-types': async (w) => {
    await w.start();
    const retryPolicy = { nonRetryableErrorTypes: ['Bad', 'TemporalTimeout:StartToClose'] };
    await w.complete(await w.poll(), [w.activity('1', { retryPolicy })]);
    await w.failActivity(await w.pollActivity(), { type: 'Bad' });
    await w.complete(await w.poll(), [w.activity('2', { retryPolicy, startToCloseTimeout: '1s' })]);
    await w.pollActivity();
    await w.wait(2200);
    await w.complete(await w.poll(), [w.activity('3', { retryPolicy: { maximumAttempts: 2, initialInterval: '0.2s' } })]);
    await w.failActivity(await w.pollActivity(), { type: 'Badly' });
    await w.failActivity(await w.pollActivity(), { type: 'Bad' });
    await w.history();
    await w.terminate();
  },

  /** A heartbeat that does not come: the next attempt knows what the last one said. */
  'activity-heartbeat-times-out': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { heartbeatTimeout: '1s', retryPolicy: { initialInterval: '0.2s', maximumAttempts: 2 } })]);
    const first = await w.pollActivity();
    await w.heartbeat(first);
    const second = await w.pollActivity();
    await w.refuse('RecordActivityTaskHeartbeat', { taskToken: first.taskToken });
    await w.refuse('RespondActivityTaskCompleted', { taskToken: first.taskToken });
    await w.wait(2200);
    await w.refuse('RecordActivityTaskHeartbeat', { taskToken: second.taskToken });
    await w.history();
    await w.terminate();
  },

  'cancelled-in-the-task-that-schedules': async (w) => {
    await w.start();
    const answer = await w.complete(await w.poll(), [w.activity('1'), timer('1', '9s'), cancelActivity('5'), cancelTimer('1')]);
    await w.complete(answer.workflowTask ?? {}, [complete()]);
    await w.shows('S Ws Wt Wc As Ts Ar Tx Ax Ws Wt Wc DONE');
  },

  /** Tasks that wait behind the one that is given, as workers want to know of their sticky queue. */
  'sticky-backlog': async (w) => {
    const ids = ['a', 'b', 'c'].map((id) => `${w.wf}-${id}`);
    for (const workflowId of ids) {
      await w.ok('StartWorkflowExecution', w.startRequest({ workflowId, requestId: workflowId }));
      await w.complete(await w.poll(), [], sticky(w));
    }
    // A poll, without which nobody would count as being there.
    await w.complete(await pollSticky(w, () => w.signal('go', { workflowId: ids[0] as string })), [], sticky(w));
    for (const workflowId of ids) await w.signal('go', { workflowId });
    await w.wait(500);
    w.entries.length = 0;
    const hints: string[] = [];
    for (let i = 0; i < 3; i++) hints.push((await w.poll(stickyQueue(w))).backlogCountHint ?? '0');
    w.entries.push({ call: 'hints', answer: hints });
    for (const workflowId of ids) await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId } });
  },
};
