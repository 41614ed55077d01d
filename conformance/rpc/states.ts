import { child, complete, continueAsNew, fail } from '../../src/engine/service/testing/driver.ts';
import type { Command, PollWorkflowTaskQueueResponse } from '../../src/api/proto.ts';
import { acceptance, inOrder, rejection, response, type Script, type World } from './world.ts';

/** What it takes, with the other scripts, to go once through every row of the Service's state tables. */

const cancelActivity = (scheduledEventId: string): Command => ({ commandType: 'COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK', requestCancelActivityTaskCommandAttributes: { scheduledEventId } });
const cancelRun: Command = { commandType: 'COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION', cancelWorkflowExecutionCommandAttributes: {} };

const pause = async (w: World): Promise<void> => {
  await w.ok('PauseWorkflowExecution', { workflowId: w.wf, identity: 'me', reason: 'why', requestId: 'p' });
};
const unpause = async (w: World): Promise<void> => {
  await w.ok('UnpauseWorkflowExecution', { workflowId: w.wf, identity: 'me', requestId: 'u' });
};

/** Closes a paused run by a command of the task that was running when it was paused. */
const closesPaused = (command: Command): Script => async (w) => {
  const runId = await w.start();
  const task = await w.poll();
  await pause(w);
  await w.call('RespondWorkflowTaskCompleted', w.completion(task, [command]));
  await w.wait(200);
  await w.history(w.execution(runId));
  await w.call('TerminateWorkflowExecution', { workflowExecution: w.execution() });
};

/** A parent, and a child that ends in some way. */
const childEnds = (end: (w: World, task: PollWorkflowTaskQueueResponse) => Promise<void>, more: NonNullable<Command['startChildWorkflowExecutionCommandAttributes']> = {}): Script => async (w) => {
  await w.start();
  const workflowId = `${w.wf}-child`;
  await w.complete(await w.poll(), [child(workflowId, { taskQueue: { name: `${w.queue}-child` }, ...more })]);
  await w.complete(await w.poll());
  const task = await w.poll({ name: `${w.queue}-child` });
  await end(w, task);
  await w.complete(await w.poll(), [complete()]);
  await w.history();
  await w.history({ workflowId });
};

export const states: { readonly [name: string]: Script } = {
  'child-completes': childEnds(async (w, task) => {
    await w.complete(task, [complete()]);
  }),
  'child-fails': childEnds(async (w, task) => {
    await w.complete(task, [fail()]);
  }),
  'child-is-cancelled': childEnds(async (w, task) => {
    await w.ok('RequestCancelWorkflowExecution', { workflowExecution: { workflowId: `${w.wf}-child` }, identity: 'client' });
    await w.call('RespondWorkflowTaskCompleted', w.completion(task, [cancelRun]));
    await w.complete(await w.poll({ name: `${w.queue}-child` }), [cancelRun]);
  }),
  'child-times-out': childEnds(async (w) => {
    await w.wait(1500);
  }, { workflowRunTimeout: '2s' }),
  'child-is-terminated': childEnds(async (w) => {
    await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId: `${w.wf}-child` }, reason: 'enough', identity: 'client' });
  }),
  'child-id-taken': async (w) => {
    await w.ok('StartWorkflowExecution', w.startRequest({ workflowId: `${w.wf}-child`, requestId: 'other', taskQueue: { name: 'nobody' } }));
    await w.start();
    await w.complete(await w.poll(), [child(`${w.wf}-child`, { taskQueue: { name: 'nobody' } })]);
    await w.complete(await w.poll(), [complete()]);
    await w.history();
    await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId: `${w.wf}-child` } });
  },

  'signals-and-cancels-to-others': async (w) => {
    const other = `${w.wf}-other`;
    await w.ok('StartWorkflowExecution', w.startRequest({ workflowId: other, requestId: 'other', taskQueue: { name: 'nobody' } }));
    await w.start();
    const signal = (workflowId: string): Command => ({ commandType: 'COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION', signalExternalWorkflowExecutionCommandAttributes: { namespace: 'default', execution: { workflowId }, signalName: 'go', input: { payloads: [{ data: 'MQ==' }] } } });
    const cancel = (workflowId: string): Command => ({ commandType: 'COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION', requestCancelExternalWorkflowExecutionCommandAttributes: { namespace: 'default', workflowId, reason: 'stop' } });
    for (const command of [signal(other), signal('nobody'), cancel(other), cancel('nobody')]) await w.complete(await w.poll(), [command]);
    await w.complete(await w.poll(), [complete()]);
    await w.history();
    await w.history({ workflowId: other });
    await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId: other } });
  },

  /** A closed workflow takes no signal; asking it to cancel is no mistake. */
  'signals-and-cancels-to-closed': async (w) => {
    const closed = { workflowId: `${w.wf}-closed` };
    await w.ok('StartWorkflowExecution', w.startRequest({ ...closed, requestId: 'closed', taskQueue: { name: 'nobody' } }));
    await w.ok('TerminateWorkflowExecution', { workflowExecution: closed });
    await w.start();
    const signal: Command = { commandType: 'COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION', signalExternalWorkflowExecutionCommandAttributes: { namespace: 'default', execution: closed, signalName: 'go' } };
    const cancel = (more: object = {}): Command => ({ commandType: 'COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION', requestCancelExternalWorkflowExecutionCommandAttributes: { namespace: 'default', ...closed, ...more } });
    for (const command of [signal, cancel(), cancel({ childWorkflowOnly: true }), cancel({ runId: '0f4b2c3e-1d1b-4c8e-9d2a-1f1e1d1c1b1a' })]) await w.complete(await w.poll(), [command]);
    await w.complete(await w.poll(), [complete()]);
    await w.history();
    await w.history(closed);
  },

  'paused-run-times-out': async (w) => {
    await w.start({ workflowRunTimeout: '1s' });
    await pause(w);
    await w.wait(2500);
    await w.history();
  },
  'paused-run-is-terminated': async (w) => {
    await w.start();
    await pause(w);
    await w.terminate();
    await w.history();
  },
  'paused-run-completes': closesPaused(complete()),
  'paused-run-fails': closesPaused(fail()),
  'paused-run-is-cancelled': closesPaused(cancelRun),
  'paused-run-continues-as-new': closesPaused(continueAsNew()),
  'paused-while-transient': async (w) => {
    await w.start();
    await w.failTask(await w.poll());
    await pause(w);
    await w.history();
    await unpause(w);
    await w.wait(200);
    await w.history();
    await w.complete(await w.poll(), [complete()]);
    await w.history();
  },
  'paused-while-speculative': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    const update = await w.update();
    await pause(w);
    await w.history();
    await unpause(w);
    await w.wait(200);
    await w.history();
    // A real Service forgets the update here until its client asks again; ours sends it with the next task.
    await w.terminate();
    void update;
  },

  'signal-while-speculative-is-started': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    const update = await w.update();
    const task = await w.poll();
    await w.signal();
    await w.history();
    await w.complete(task, [], { messages: [rejection(task)] });
    await update();
    await w.history();
    await w.terminate();
  },
  /** A worker that is not through with an update (local activities) asks for another task: it comes with the update again. */
  'update-in-a-heartbeat-to-another-worker': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    const updated = await w.update();
    const task = await w.poll();
    // Nobody knows who comes next: the request is sent again.
    await w.complete(task, [], { forceCreateNewWorkflowTask: true, returnNewWorkflowTask: false });
    const again = await w.poll();
    const { messages, commands } = inOrder(acceptance(again), response(again));
    await w.complete(again, commands, { messages });
    await updated();
    await w.history();
    await w.terminate();
  },
  'update-in-a-heartbeat': async (w) => {
    await w.start();
    const update = await w.update();
    const first = await w.poll();
    const { workflowTask } = await w.complete(first, [], { forceCreateNewWorkflowTask: true });
    const task = workflowTask ?? {};
    const again = task.messages?.length ? task : { ...task, messages: first.messages };
    const protocol = inOrder(acceptance(again), response(again));
    await w.complete(task, protocol.commands, { messages: protocol.messages });
    await update();
    await w.history();
    await w.terminate();
  },

  'activity-reset-while-scheduled': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1')]);
    await w.ok('ResetActivity', { execution: w.execution(), id: '1' });
    await w.wait(200);
    await w.completeActivity(await w.pollActivity());
    await w.history();
    await w.terminate();
  },
  'activity-completes-when-cancellation-is-requested': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1')]);
    const task = await w.pollActivity();
    await w.signal();
    await w.complete(await w.poll(), [cancelActivity('5')]);
    await w.completeActivity(task);
    await w.shows('S Ws Wt Wc As Sig Ws Wt Wc Ar At Ac Ws');
    await w.terminate();
  },
  'activity-times-out-when-cancellation-is-requested': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { startToCloseTimeout: '2s' })]);
    await w.pollActivity();
    await w.signal();
    await w.complete(await w.poll(), [cancelActivity('5')]);
    await w.wait(3000);
    await w.shows('S Ws Wt Wc As Sig Ws Wt Wc Ar At Ao Ws');
    await w.terminate();
  },
  'activity-times-out-in-back-off': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { retryPolicy: { initialInterval: '60s' } })]);
    await w.failActivity(await w.pollActivity());
    await w.ok('UpdateActivityOptions', { execution: w.execution(), id: '1', activityOptions: { scheduleToCloseTimeout: '1s' }, updateMask: 'scheduleToCloseTimeout' as never });
    await w.wait(2500);
    await w.shows('S Ws Wt Wc As Ao Ws');
    await w.terminate();
  },
  'activity-options-in-back-off': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { retryPolicy: { initialInterval: '60s' } })]);
    await w.failActivity(await w.pollActivity());
    await w.ok('UpdateActivityOptions', { execution: w.execution(), id: '1', activityOptions: { retryPolicy: { initialInterval: '1s' } }, updateMask: 'retryPolicy.initialInterval' as never });
    await w.wait(1600);
    await w.ok('DescribeWorkflowExecution', { execution: w.execution() });
    await w.wait(700);
    await w.ok('DescribeWorkflowExecution', { execution: w.execution() });
    await w.completeActivity(await w.pollActivity());
    await w.terminate();
  },
  'activity-options-merged': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { heartbeatTimeout: '30s', retryPolicy: { maximumAttempts: 5, nonRetryableErrorTypes: ['x'] } })]);
    const options = (request: object) => w.call('UpdateActivityOptions', { execution: w.execution(), identity: 'me', ...request });
    for (const selector of [{}, { id: '' }, { id: 'none' }, { type: 'none' }]) await options({ ...selector, activityOptions: {}, updateMask: 'heartbeatTimeout' });
    const changes: readonly (readonly [object, string])[] = [
      [{ startToCloseTimeout: '5s', heartbeatTimeout: '7s', retryPolicy: { maximumAttempts: 9 } }, 'startToCloseTimeout,retryPolicy.maximumAttempts'],
      [{ heartbeatTimeout: '7s', retryPolicy: { initialInterval: '2s', backoffCoefficient: 3, maximumInterval: '20s' } }, 'heartbeatTimeout,retryPolicy'],
      [{}, 'nonsense'], [{ retryPolicy: { backoffCoefficient: 0.5 } }, 'retryPolicy.backoffCoefficient'], [{ retryPolicy: { maximumAttempts: -1 } }, 'retryPolicy.maximumAttempts'], [{ startToCloseTimeout: '-1s' }, 'startToCloseTimeout'],
      [{}, 'startToCloseTimeout'], [{}, 'retryPolicy.maximumAttempts'], [{}, 'priority.priorityKey'], [{ taskQueue: { name: '' } }, 'taskQueue.name'], [{ taskQueue: { name: 'x'.repeat(1001) } }, 'taskQueue.name'],
      [{ retryPolicy: { initialInterval: '50s', maximumInterval: '5s' } }, 'retryPolicy.initialInterval,retryPolicy.maximumInterval'], [{ priority: { priorityKey: 3 } }, 'priority'], [{ priority: { priorityKey: 2 } }, 'priority.priorityKey'],
    ];
    for (const [activityOptions, updateMask] of changes) await options({ id: '1', activityOptions, updateMask });
    await options({ id: '1', restoreOriginal: true, activityOptions: {}, updateMask: 'heartbeatTimeout' });
    await options({ type: 'act', restoreOriginal: true });
    await w.call('DescribeWorkflowExecution', { execution: w.execution() });
    await w.terminate();
  },
  'activity-times-out-while-paused': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { scheduleToCloseTimeout: '1s' })]);
    await w.ok('PauseActivity', { execution: w.execution(), id: '1' });
    await w.wait(2500);
    await w.history();
    await w.ok('UnpauseActivity', { execution: w.execution(), id: '1' });
    await w.wait(1500);
    await w.history();
    await w.terminate();
  },
  'activity-runs-out-of-time-while-paused': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { startToCloseTimeout: '1s', retryPolicy: { maximumAttempts: 1 } })]);
    const task = await w.pollActivity();
    await w.ok('PauseActivity', { execution: w.execution(), id: '1' });
    await w.wait(2500);
    await w.history();
    await w.heartbeat(task);
    await w.ok('UnpauseActivity', { execution: w.execution(), id: '1' });
    await w.wait(1500);
    await w.history();
    await w.terminate();
  },
  'activity-is-cancelled-while-paused': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1')]);
    await w.ok('PauseActivity', { execution: w.execution(), id: '1' });
    await w.signal();
    await w.complete(await w.poll(), [cancelActivity('5')]);
    await w.history();
    await w.terminate();
  },
  'activity-is-completed-by-id-while-paused': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1')]);
    await w.ok('PauseActivity', { execution: w.execution(), id: '1' });
    await w.call('RespondActivityTaskCompletedById', { workflowId: w.wf, activityId: '1' });
    await w.history();
    await w.terminate();
  },

  'query-comes-while-a-task-runs': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    await w.signal();
    const task = await w.poll();
    const asked = w.begin('QueryWorkflow', { execution: w.execution(), query: { queryType: 'state' } });
    await w.wait(200);
    await w.complete(task);
    const query = await w.poll();
    await w.ok('RespondQueryTaskCompleted', { taskToken: query.taskToken, completedType: 'QUERY_RESULT_TYPE_ANSWERED', queryResult: { payloads: [{ data: 'MQ==' }] } });
    await asked();
    await w.terminate();
  },
  'query-is-not-answered-by-its-task': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    await w.signal();
    const asked = w.begin('QueryWorkflow', { execution: w.execution(), query: { queryType: 'state' } });
    await w.wait(200);
    const task = await w.poll();
    w.entries.pop();
    await w.complete(task);
    const query = await w.poll();
    await w.ok('RespondQueryTaskCompleted', { taskToken: query.taskToken, completedType: 'QUERY_RESULT_TYPE_ANSWERED', queryResult: { payloads: [{ data: 'MQ==' }] } });
    await asked();
    await w.terminate();
  },
  'query-task-fails': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    await w.signal();
    const asked = w.begin('QueryWorkflow', { execution: w.execution(), query: { queryType: 'state' } });
    await w.wait(200);
    await w.failTask(await w.poll());
    const next = await w.poll();
    const [id] = Object.keys(next.queries ?? {});
    w.entries.splice(-1, 1, { call: 'queries', answer: Object.values(next.queries ?? {}) });
    w.entries.splice(w.entries.length - 3, 1);
    await w.complete(next, [], { queryResults: { [id ?? '']: { resultType: 'QUERY_RESULT_TYPE_ANSWERED', answer: { payloads: [{ data: 'Mg==' }] } } } });
    await asked();
    await w.terminate();
  },
  'query-without-a-worker': async (w) => {
    const started = await w.ok('StartWorkflowExecution', w.startRequest({ requestEagerExecution: true }));
    await w.complete(started.eagerWorkflowTask ?? {});
    await w.refuse('QueryWorkflow', { execution: w.execution(), query: { queryType: 'state' } });
    await w.terminate();
  },
};
