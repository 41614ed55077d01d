import { cancelTimer, child, complete, continueAsNew, fail, marker, timer } from '../../src/engine/service/testing/driver.ts';
import type { Command } from '../../src/api/proto.ts';
import { acceptance, inOrder, rejection, response, type Script, type World } from './world.ts';

/** What the Service answers, field by field, and what it refuses, word by word. */

const NO_RUN = '11111111-2222-4333-8444-555555555555';
const STICKY = 'TASK_QUEUE_KIND_STICKY' as const;
const COMPLETED = 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' as const;
const ACCEPTED = 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED' as const;
const USE_EXISTING = 'WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING' as const;
const TERMINATE_EXISTING = 'WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING' as const;

const sticky = (w: World): { workerTaskQueue: { name: string; kind: typeof STICKY; normalName: string }; scheduleToStartTimeout: string } => ({
  workerTaskQueue: { name: `sticky-${w.queue}`, kind: STICKY, normalName: w.queue }, scheduleToStartTimeout: '10s',
});

const signalOut = (more: NonNullable<Command['signalExternalWorkflowExecutionCommandAttributes']>): Command => ({
  commandType: 'COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION', signalExternalWorkflowExecutionCommandAttributes: more,
});
const cancelOut = (more: NonNullable<Command['requestCancelExternalWorkflowExecutionCommandAttributes']>): Command => ({
  commandType: 'COMMAND_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION', requestCancelExternalWorkflowExecutionCommandAttributes: more,
});
const cancelActivity = (scheduledEventId: string): Command => ({
  commandType: 'COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK', requestCancelActivityTaskCommandAttributes: { scheduledEventId },
});

const describe = async (w: World, workflowId = w.wf): Promise<void> => {
  await w.ok('DescribeWorkflowExecution', { execution: { workflowId } });
};

export const answers: { readonly [name: string]: Script } = {
  /** Each is refused; from the second attempt on nothing is written, so that one task serves for all. */
  'commands-refused': async (w) => {
    await w.start();
    await w.failTask(await w.poll());
    const task = await w.poll();
    const none = undefined as never;
    const long = 'x'.repeat(1001);
    const commands: Command[][] = [
      [w.activity('')],
      [w.activity('1', { activityType: { name: '' } })],
      [w.activity('1', { startToCloseTimeout: none })],
      [w.activity('1', { startToCloseTimeout: '-1s' })],
      [w.activity('1', { retryPolicy: { backoffCoefficient: 0.5 } })],
      [w.activity('1', { retryPolicy: { initialInterval: '10s', maximumInterval: '1s' } })],
      [w.activity('1', { retryPolicy: { maximumAttempts: -1 } })],
      [w.activity(long)],
      [w.activity('1'), w.activity('1')],
      [timer('', '1s')],
      [timer('1', '-1s')],
      [timer('1', '1s'), timer('1', '1s')],
      [cancelTimer('')],
      [cancelTimer('7')],
      [cancelActivity('0')],
      [cancelActivity('7')],
      [marker('')],
      [marker(long)],
      [child('')],
      [child('c', { workflowType: { name: '' } })],
      [child('c', { workflowRunTimeout: '-1s' })],
      [child('c', { retryPolicy: { backoffCoefficient: 0.5 } })],
      [child('c', { cronSchedule: 'nonsense' })],
      [signalOut({})],
      [signalOut({ execution: { workflowId: '' }, signalName: 's' })],
      [signalOut({ execution: { workflowId: 'x', runId: 'y' }, signalName: 's' })],
      [signalOut({ execution: { workflowId: 'x' } })],
      [cancelOut({})],
      [cancelOut({ workflowId: 'x', runId: 'y' })],
      [{ commandType: 'COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION', failWorkflowExecutionCommandAttributes: {} }],
      [{ commandType: 'COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', upsertWorkflowSearchAttributesCommandAttributes: {} }],
      [{ commandType: 'COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', upsertWorkflowSearchAttributesCommandAttributes: { searchAttributes: { indexedFields: {} } } }],
      [{ commandType: 'COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES', modifyWorkflowPropertiesCommandAttributes: {} }],
      [{ commandType: 'COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES', modifyWorkflowPropertiesCommandAttributes: { upsertedMemo: { fields: {} } } }],
      [{ commandType: 'COMMAND_TYPE_PROTOCOL_MESSAGE', protocolMessageCommandAttributes: {} }],
      [{ commandType: 'COMMAND_TYPE_PROTOCOL_MESSAGE', protocolMessageCommandAttributes: { messageId: 'm' } }],
      [{ commandType: 'COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION', continueAsNewWorkflowExecutionCommandAttributes: { workflowRunTimeout: '-1s' } }],
      [complete(), timer('1', '1s')],
      [{}],
    ];
    for (const bad of commands) await w.refuse('RespondWorkflowTaskCompleted', w.completion(task, bad));
    await w.shows('S Ws Wt Wf (Ws Wt)');
    await w.terminate();
  },

  'unhandled-command': async (w) => {
    await w.start();
    const first = await w.poll();
    await w.signal('one');
    await w.refuse('RespondWorkflowTaskCompleted', w.completion(first, [marker(), complete()]));
    await w.shows('S Ws Wt Wf Sig Ws');
    const second = await w.poll();
    // The run has tried to close: while it tries again, nothing may come between.
    await w.refuse('SignalWorkflowExecution', { workflowExecution: w.execution(), signalName: 'two' });
    await w.refuse('UpdateWorkflowExecution', { workflowExecution: w.execution(), waitPolicy: { lifecycleStage: COMPLETED }, request: { meta: { updateId: 'u' }, input: { name: 'n' } } });
    await w.complete(second, [timer('1', '60s')]);
    await w.signal('three');
    await w.complete(await w.poll(), [complete()]);
    await w.shows('S Ws Wt Wf Sig Ws Wt Wc Ts Sig Ws Wt Wc DONE');
  },

  'closed-described': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { taskQueue: { name: 'nobody' } }), child(`${w.wf}-child`, { taskQueue: { name: 'nobody' } })]);
    await w.wait(300);
    await w.terminate();
    await w.wait(300);
    await describe(w);
  },

  'reset-with-operations': async (w) => {
    const runId = await w.start();
    await w.complete(await w.poll());
    await w.signal();
    const reset = (more: object) => w.call('ResetWorkflowExecution', { workflowExecution: w.execution(runId), reason: 'again', workflowTaskFinishEventId: '4', requestId: 'reset', ...more });
    for (const operation of [{}, { signalWorkflow: {} }]) await reset({ postResetOperations: [operation] });
    await reset({ requestId: 'x'.repeat(1001) });
    const change = { updateWorkflowOptions: { workflowExecutionOptions: { priority: { priorityKey: 4 } }, updateMask: 'priority' } };
    await reset({ postResetOperations: [change, change] });
    await w.history();
    await w.call('DescribeWorkflowExecution', { execution: w.execution(runId) });
    await w.terminate();
  },

  'reset-described': async (w) => {
    await w.start({ workflowRunTimeout: '100s' });
    await w.complete(await w.poll());
    await w.wait(100);
    await w.ok('ResetWorkflowExecution', { workflowExecution: w.execution(), requestId: 'r', workflowTaskFinishEventId: '4' });
    await w.wait(300);
    await describe(w);
    await w.ok('StartWorkflowExecution', w.startRequest());
    await w.terminate();
  },

  'closed-and-unknown-workflows': async (w) => {
    const runId = await w.start();
    await w.complete(await w.poll(), [complete()]);
    for (const workflowExecution of [w.execution(), w.execution(runId), w.execution(NO_RUN), { workflowId: 'nobody' }, { workflowId: 'nobody', runId: NO_RUN }, w.execution('no-uuid'), { workflowId: '' }]) {
      await w.call('SignalWorkflowExecution', { workflowExecution, signalName: 's' });
      await w.call('TerminateWorkflowExecution', { workflowExecution });
      await w.call('RequestCancelWorkflowExecution', { workflowExecution });
      await w.call('UpdateWorkflowExecution', { workflowExecution, request: { meta: { updateId: 'u' }, input: { name: 'n' } }, waitPolicy: { lifecycleStage: COMPLETED } });
      await w.call('DescribeWorkflowExecution', { execution: workflowExecution });
      await w.call('GetWorkflowExecutionHistory', { execution: workflowExecution });
      await w.call('GetWorkflowExecutionHistory', { execution: workflowExecution, historyEventFilterType: 'HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT' });
      await w.call('GetWorkflowExecutionHistoryReverse', { execution: workflowExecution });
      await w.call('ResetWorkflowExecution', { workflowExecution, workflowTaskFinishEventId: '99', requestId: 'r' });
      await w.call('UpdateWorkflowExecutionOptions', { workflowExecution, workflowExecutionOptions: {}, updateMask: 'versioningOverride' as never });
      await w.call('PauseActivity', { execution: workflowExecution, id: '1' });
    }
    await w.call('TerminateWorkflowExecution', { workflowExecution: w.execution(), firstExecutionRunId: NO_RUN });
    await w.call('RequestCancelWorkflowExecution', { workflowExecution: w.execution(), firstExecutionRunId: NO_RUN });
    await w.call('SignalWorkflowExecution', { workflowExecution: w.execution(), signalName: '' });
    await w.call('SignalWorkflowExecution', { signalName: 's' });
    for (const workflowTaskFinishEventId of ['0', '1', '2', '5', '6']) await w.call('ResetWorkflowExecution', { workflowExecution: w.execution(), workflowTaskFinishEventId, requestId: 'r' });
  },

  'unknown-namespace': async (w) => {
    const namespace = 'nowhere';
    await w.call('StartWorkflowExecution', { ...w.startRequest(), namespace } as never);
    await w.call('DescribeWorkflowExecution', { namespace, execution: w.execution() } as never);
    await w.call('PollWorkflowTaskQueue', { namespace, taskQueue: { name: 'q' } } as never);
    await w.call('SignalWorkflowExecution', { namespace, workflowExecution: w.execution(), signalName: 's' } as never);
    await w.call('SignalWorkflowExecution', { namespace: '', workflowExecution: w.execution(), signalName: 's' } as never);
  },

  'start-refused': async (w) => {
    const none = undefined as never;
    for (const more of [
      { workflowId: '' }, { workflowId: 'x'.repeat(1001) }, { workflowType: none }, { workflowType: { name: 'x'.repeat(1001) } }, { taskQueue: none }, { taskQueue: { name: '' } }, { taskQueue: { name: 'x'.repeat(1001) } },
      { workflowExecutionTimeout: '-1s' }, { workflowRunTimeout: '-1s' }, { workflowTaskTimeout: '-1s' }, { workflowStartDelay: '-1s' }, { cronSchedule: 'nonsense' }, { cronSchedule: '@every 1s', workflowStartDelay: '1s' },
      { retryPolicy: { backoffCoefficient: 0.5 } }, { retryPolicy: { initialInterval: '-1s' } }, { retryPolicy: { initialInterval: '10s', maximumInterval: '1s' } }, { retryPolicy: { maximumAttempts: -1 } },
      { requestId: 'x'.repeat(1001) }, { searchAttributes: { indexedFields: { TemporalChangeVersion: { metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'MQ==' } } } },
      { workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING' as const, workflowIdConflictPolicy: USE_EXISTING },
      { workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE' as const, workflowIdConflictPolicy: TERMINATE_EXISTING },
      { requestEagerExecution: true, cronSchedule: '@every 1s' },
    ]) await w.call('StartWorkflowExecution', w.startRequest(more));
  },

  'start-twice': async (w) => {
    const first = await w.start();
    await w.ok('StartWorkflowExecution', w.startRequest());
    await w.refuse('StartWorkflowExecution', w.startRequest({ requestId: 'two' }));
    await w.ok('StartWorkflowExecution', w.startRequest({ requestId: 'three', workflowIdConflictPolicy: USE_EXISTING }));
    await w.ok('StartWorkflowExecution', w.startRequest({ requestId: 'three', workflowIdConflictPolicy: USE_EXISTING, onConflictOptions: { attachRequestId: true, attachLinks: true } }));
    await w.ok('StartWorkflowExecution', w.startRequest({ requestId: 'three', workflowIdConflictPolicy: USE_EXISTING, onConflictOptions: { attachRequestId: true } }));
    await w.refuse('StartWorkflowExecution', w.startRequest({ requestId: 'four', workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE' }));
    await describe(w);
    await w.ok('StartWorkflowExecution', w.startRequest({ requestId: 'five', workflowIdConflictPolicy: TERMINATE_EXISTING }));
    await w.history(w.execution(first));
    await w.complete(await w.poll(), [complete()]);
    await w.refuse('StartWorkflowExecution', w.startRequest({ requestId: 'six', workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE' }));
    await w.refuse('StartWorkflowExecution', w.startRequest({ requestId: 'six', workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY' }));
    await w.ok('StartWorkflowExecution', w.startRequest({ requestId: 'five', workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE' }));
    await w.ok('StartWorkflowExecution', w.startRequest({ requestId: 'seven' }));
    await w.complete(await w.poll(), [fail()]);
    await w.ok('StartWorkflowExecution', w.startRequest({ requestId: 'eight', workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY' }));
    await w.ok('StartWorkflowExecution', w.startRequest({ requestId: 'nine', workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING' }));
    await w.terminate();
  },

  'signal-with-start': async (w) => {
    const request = (more: object = {}): Parameters<World['call']>[1] & object => ({ ...w.startRequest(), signalName: 'go', signalInput: { payloads: [{ data: 'MQ==' }] }, ...more });
    await w.refuse('SignalWithStartWorkflowExecution', request({ signalName: '' }) as never);
    await w.ok('SignalWithStartWorkflowExecution', request({ requestId: 'one' }) as never);
    await w.ok('SignalWithStartWorkflowExecution', request({ requestId: 'one' }) as never);
    await w.ok('SignalWithStartWorkflowExecution', request({ requestId: 'two' }) as never);
    await w.history();
    await w.call('SignalWithStartWorkflowExecution', request({ requestId: 'three', workflowIdConflictPolicy: 'WORKFLOW_ID_CONFLICT_POLICY_FAIL' }) as never);
    await w.ok('SignalWithStartWorkflowExecution', request({ requestId: 'four', workflowIdConflictPolicy: TERMINATE_EXISTING }) as never);
    await w.history();
    await w.complete(await w.poll(), [complete()]);
    await w.refuse('SignalWithStartWorkflowExecution', request({ requestId: 'five', workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE' }) as never);
    await w.refuse('SignalWithStartWorkflowExecution', request({ requestId: 'five', workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY' }) as never);
    await w.ok('SignalWithStartWorkflowExecution', request({ requestId: 'six', workflowStartDelay: '30s' }) as never);
    await w.shows('S Sig');
    await w.ok('SignalWithStartWorkflowExecution', request({ requestId: 'seven', workflowStartDelay: '30s' }) as never);
    await w.wait(300);
    await w.shows('S Sig Sig Ws');
    await w.terminate();
  },

  'payloads-too-large': async (w) => {
    const payloads = { payloads: [{ data: Buffer.alloc(2 * 1024 * 1024 + 10, 'a').toString('base64') }] };
    await w.call('SignalWithStartWorkflowExecution', { ...w.startRequest(), signalName: 'go', signalInput: payloads });
    await w.call('SignalWithStartWorkflowExecution', { ...w.startRequest(), signalName: 'x'.repeat(1001) });
    for (const more of [{ reason: 'x'.repeat(1001) }, { requestId: 'x'.repeat(1001) }, { identity: 'x'.repeat(1001) }]) {
      await w.call('PauseWorkflowExecution', { workflowId: w.wf, ...more });
      await w.call('UnpauseWorkflowExecution', { workflowId: w.wf, ...more });
    }
    await w.start();
    await w.complete(await w.poll(), [w.activity('1')]);
    const { taskToken } = await w.pollActivity();
    await w.call('RecordActivityTaskHeartbeat', { taskToken, details: payloads });
    await w.complete(await w.poll(), [w.activity('2')]);
    const second = await w.pollActivity();
    const failure = { message: 'broken', source: 'here', stackTrace: 'ä'.repeat(300_000), applicationFailureInfo: { type: 'T', details: payloads }, cause: { message: 'deep', applicationFailureInfo: { nonRetryable: true } } };
    await w.call('RespondActivityTaskFailed', { taskToken: second.taskToken, failure });
    await w.history();
    await w.terminate();
    // What is long is compared by its length.
    for (const entry of w.entries) Object.assign(entry, JSON.parse(JSON.stringify(entry).replace(/ä{9,}/g, (text) => `${text.length} times ä`)));
  },

  'update-with-start-ends': async (w) => {
    const operations = (more: object = {}) => ({
      operations: [
        { startWorkflow: { namespace: 'default', ...w.startRequest(), ...more } },
        { updateWorkflow: { namespace: 'default', workflowExecution: w.execution(), waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED' as const }, request: { meta: { updateId: 'u' }, input: { name: 'set' } } } },
      ],
    });
    for (const more of [
      { workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING', workflowIdConflictPolicy: 'WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING' },
      { workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE', workflowIdConflictPolicy: 'WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING' },
    ]) await w.call('ExecuteMultiOperation', operations(more));
    await w.call('SignalWithStartWorkflowExecution', { ...w.startRequest(), signalName: 'go', workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING', workflowIdConflictPolicy: 'WORKFLOW_ID_CONFLICT_POLICY_FAIL' });
    const answer = w.begin('ExecuteMultiOperation', operations());
    await w.wait(1000);
    // The start was done, so nobody is to try again.
    await w.terminate();
    await answer();
  },

  'update-with-start': async (w) => {
    const update = (updateId: string, more: object = {}): object => ({
      namespace: 'default', workflowExecution: w.execution(), waitPolicy: { lifecycleStage: COMPLETED }, request: { meta: { updateId, identity: 'client' }, input: { name: 'set' } }, ...more,
    });
    const multi = (start: object, updating: object): never => ({ operations: [{ startWorkflow: { namespace: 'default', ...w.startRequest(), ...start } }, { updateWorkflow: updating }] }) as never;
    const first = w.begin('ExecuteMultiOperation', multi({}, update('u1')));
    const task = await w.poll();
    const protocol = inOrder(acceptance(task), response(task));
    await w.complete(task, protocol.commands, { messages: protocol.messages });
    await first();
    await w.shows('S Ws Wt Wc Ua Uc');
    await w.call('ExecuteMultiOperation', multi({}, update('u1')));
    await w.call('ExecuteMultiOperation', multi({ requestId: 'two' }, update('u1')));
    await w.call('ExecuteMultiOperation', multi({ requestId: 'two' }, update('u2')));
    const second = w.begin('ExecuteMultiOperation', multi({ requestId: 'two', workflowIdConflictPolicy: USE_EXISTING }, update('u2')));
    const next = await w.poll();
    await w.complete(next, [], { messages: [rejection(next)] });
    await second();
    await w.call('ExecuteMultiOperation', { operations: [] });
    await w.call('ExecuteMultiOperation', { operations: [{ updateWorkflow: update('u3') as never }, { startWorkflow: w.startRequest() }] } as never);
    await w.call('ExecuteMultiOperation', multi({ workflowId: 'other' }, update('u3')));
    await w.call('ExecuteMultiOperation', multi({ cronSchedule: '@every 1s' }, update('u3')));
    await w.call('ExecuteMultiOperation', multi({ workflowStartDelay: '1s' }, update('u3')));
    await w.call('ExecuteMultiOperation', multi({ requestEagerExecution: true }, update('u3')));
    await w.call('ExecuteMultiOperation', multi({}, update('u3', { firstExecutionRunId: NO_RUN })));
    await w.call('ExecuteMultiOperation', multi({}, update('u3', { workflowExecution: w.execution(NO_RUN) })));
    await w.call('ExecuteMultiOperation', multi({}, update('u3', { request: { input: { name: 'set' } } })));
    await w.call('ExecuteMultiOperation', multi({ taskQueue: undefined }, update('u3')));
    await w.signal();
    await w.complete(await w.poll(), [complete()]);
    await w.call('ExecuteMultiOperation', multi({ requestId: 'three', workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE' }, update('u4')));
    await w.call('ExecuteMultiOperation', multi({ requestId: 'three', workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE' }, update('u1')));
  },

  'update-requests': async (w) => {
    const execution = w.execution();
    const send = (request: object, more: object = {}): never => ({ workflowExecution: execution, waitPolicy: { lifecycleStage: COMPLETED }, request, ...more }) as never;
    await w.start();
    await w.call('UpdateWorkflowExecution', send({ input: { name: 'n' } }));
    await w.call('UpdateWorkflowExecution', send({ meta: { updateId: 'u' } }));
    await w.call('UpdateWorkflowExecution', send({ meta: { updateId: 'u' }, input: {} }));
    await w.call('UpdateWorkflowExecution', send({ meta: { updateId: 'x'.repeat(1001) }, input: { name: 'n' } }));
    await w.call('UpdateWorkflowExecution', send({ meta: { updateId: 'u' }, input: { name: 'n' } }, { workflowExecution: undefined }));
    await w.call('UpdateWorkflowExecution', send({ meta: { updateId: 'u' }, input: { name: 'n' } }, { firstExecutionRunId: NO_RUN }));
    await w.call('UpdateWorkflowExecution', send({ meta: { updateId: 'u' }, input: { name: 'n' } }, { waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED' } }));
    const poll = (updateId: string, lifecycleStage: typeof ACCEPTED | typeof COMPLETED): never => ({ updateRef: { workflowExecution: execution, updateId }, identity: 'client', waitPolicy: { lifecycleStage } }) as never;
    await w.call('PollWorkflowExecutionUpdate', {});
    await w.call('PollWorkflowExecutionUpdate', poll('unknown', COMPLETED));
    await w.call('PollWorkflowExecutionUpdate', poll('', COMPLETED));
    const one = w.begin('UpdateWorkflowExecution', send({ meta: { updateId: 'one', identity: 'client' }, input: { name: 'set', args: { payloads: [{ data: 'MQ==' }] } }, requestId: 'request-1' }, { waitPolicy: { lifecycleStage: ACCEPTED } }));
    await w.wait(200);
    const task = await w.poll();
    const protocol = inOrder(acceptance(task));
    await w.complete(task, protocol.commands, { messages: protocol.messages });
    await one();
    await w.ok('PollWorkflowExecutionUpdate', poll('one', ACCEPTED));
    const again = await w.update('one');
    await w.signal();
    const next = await w.poll();
    const done = inOrder(
      { id: 'done', protocolInstanceId: 'one', body: { '@type': 'type.googleapis.com/temporal.api.update.v1.Response', meta: { updateId: 'one', identity: 'client' }, outcome: { failure: { message: 'no way', applicationFailureInfo: { type: 'T' } } } } });
    await w.complete(next, done.commands, { messages: done.messages });
    await again();
    await w.ok('PollWorkflowExecutionUpdate', poll('one', COMPLETED));
    const duplicate = await w.update('one');
    await duplicate();
    await w.history();
    await describe(w);
    await w.terminate();
    await w.call('PollWorkflowExecutionUpdate', poll('one', COMPLETED));
    await w.call('PollWorkflowExecutionUpdate', poll('unknown', COMPLETED));
    const late = await w.update('one');
    await late();
    const newLate = await w.update('two');
    await newLate();
  },

  'update-not-processed': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    const update = await w.update();
    await w.complete(await w.poll());
    await update();
    await w.shows('S Ws Wt Wc');
    await w.terminate();
  },

  'update-open-at-the-close': async (w) => {
    await w.start();
    const update = await w.update();
    const task = await w.poll();
    const protocol = inOrder(acceptance(task));
    await w.complete(task, [...protocol.commands, complete()], { messages: protocol.messages });
    await update();
    await w.shows('S Ws Wt Wc Ua DONE');
  },

  'update-speculative-task-not-taken': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    const update = await w.update();
    await w.wait(5500);
    await w.shows('S Ws Wt Wc Ws Wo Ws');
    const task = await w.poll();
    await w.complete(task, [], { messages: [rejection(task)] });
    await update();
    await w.terminate();
  },

  'sticky-worker-gone': async (w) => {
    await w.start();
    const pending = w.begin('PollWorkflowTaskQueue', { taskQueue: sticky(w).workerTaskQueue, identity: 'worker' });
    await w.complete(await w.poll(), [], { stickyAttributes: { ...sticky(w), scheduleToStartTimeout: '2s' } });
    await w.signal('one');
    const first = await pending();
    if (!first.ok) throw new Error('no sticky task');
    await w.complete(first.response, [], { stickyAttributes: { ...sticky(w), scheduleToStartTimeout: '2s' } });
    // A poll has just ended, so the queue counts as served; nobody comes again.
    await w.signal('two');
    await w.wait(3200);
    await w.shows('S Ws Wt Wc Sig Ws Wt Wc Sig Ws Wo Ws');
    await w.complete(await w.poll(), [complete()]);
  },

  'update-task-fails': async (w) => {
    await w.start();
    await w.complete(await w.poll());
    const update = await w.update();
    await w.failTask(await w.poll());
    await w.shows('S Ws Wt Wc Ws Wt Wf (Ws)');
    const bad = await w.poll();
    await w.call('RespondWorkflowTaskCompleted', w.completion(bad, [marker('')], { messages: [rejection(bad)] }));
    await w.wait(200);
    await w.terminate();
    await update();
  },

  'update-messages-refused': async (w) => {
    await w.start();
    const update = await w.update();
    const task = await w.poll();
    const strange = { ...acceptance(task), protocolInstanceId: 'unknown' };
    await w.call('RespondWorkflowTaskCompleted', w.completion(task, [], { messages: [strange] }));
    await w.history();
    await w.terminate();
    await update();
  },

  'activity-reports-refused': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { startToCloseTimeout: '1s', retryPolicy: { initialInterval: '60s' } }), w.activity('2'), w.activity('3', { heartbeatTimeout: '1s', retryPolicy: { maximumAttempts: 1 } })]);
    const byId = async (activityId: string, workflowId = w.wf): Promise<void> => {
      await w.call('RespondActivityTaskFailedById', { workflowId, activityId, failure: { message: 'm', applicationFailureInfo: {} } });
      await w.call('RespondActivityTaskCanceledById', { workflowId, activityId });
      await w.call('RecordActivityTaskHeartbeatById', { workflowId, activityId });
    };
    // Not started yet: a worker has nothing to report.
    await byId('1');
    const tasks = [await w.pollActivity(), await w.pollActivity(), await w.pollActivity()];
    const task = (id: string): string => tasks.find((t) => t.activityId === id)?.taskToken ?? '';
    const byToken = async (taskToken: string): Promise<void> => {
      await w.call('RecordActivityTaskHeartbeat', { taskToken });
      await w.call('RespondActivityTaskCompleted', { taskToken });
      await w.call('RespondActivityTaskFailed', { taskToken, failure: { message: 'm', applicationFailureInfo: {} } });
      await w.call('RespondActivityTaskCanceled', { taskToken });
    };
    w.entries.splice(-3);
    await w.call('RespondActivityTaskCanceled', { taskToken: task('2') });
    await w.call('RespondActivityTaskFailed', { taskToken: task('2'), failure: { message: 'm' } });
    await w.ok('RecordActivityTaskHeartbeat', { taskToken: task('2') });
    await w.ok('RespondActivityTaskCompleted', { taskToken: task('2') });
    await byToken(task('2'));
    await w.wait(2200);
    await byToken(task('1'));
    await byToken(task('3'));
    await byToken('');
    await byToken('AAAA');
    await byId('2');
    await byId('');
    await byId('1', 'nobody');
    await byId('1', '');
    await w.call('RespondActivityTaskCompletedById', { workflowId: w.wf, activityId: '9' });
    await w.call('RespondActivityTaskCompletedById', { workflowId: w.wf, runId: NO_RUN, activityId: '9' });
    for (const rpc of ['RespondActivityTaskCompletedById', 'RespondActivityTaskFailedById', 'RespondActivityTaskCanceledById', 'RecordActivityTaskHeartbeatById'] as const) await w.call(rpc, { workflowId: w.wf, runId: 'none', activityId: '9' });
    for (const rpc of ['RespondActivityTaskCompleted', 'RespondActivityTaskFailed', 'RespondActivityTaskCanceled', 'RecordActivityTaskHeartbeat'] as const) await w.call(rpc, { taskToken: task('1'), identity: 'x'.repeat(1001) });
    await w.terminate();
    await byToken(task('1'));
    await byId('1');
    await w.call('RespondActivityTaskCompletedById', { workflowId: w.wf, activityId: '1' });
  },

  'activity-cancelled': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1'), w.activity('2', { taskQueue: { name: 'nobody' } }), w.activity('3', { taskQueue: { name: `${w.queue}-3` }, retryPolicy: { initialInterval: '60s' } })]);
    const task = await w.pollActivity();
    await w.failActivity(await w.pollActivity(`${w.queue}-3`));
    await w.signal();
    const answer = await w.complete(await w.poll(), [cancelActivity('5'), cancelActivity('6'), cancelActivity('7')]);
    await w.heartbeat(task);
    await describe(w);
    await w.ok('RespondActivityTaskCanceled', { taskToken: task.taskToken, identity: 'worker', details: { payloads: [{ data: 'MQ==' }] } });
    await w.complete(answer.workflowTask ?? {}, []);
    await w.history();
    await w.terminate();
  },

  'activity-described': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { heartbeatTimeout: '30s', scheduleToCloseTimeout: '100s', retryPolicy: { initialInterval: '30s', maximumAttempts: 5 }, priority: { priorityKey: 2 } })]);
    await w.wait(100);
    await describe(w);
    const task = await w.pollActivity();
    await describe(w);
    await w.heartbeat(task);
    await describe(w);
    await w.failActivity(task, { type: 'Bad' });
    await describe(w);
    await w.ok('RespondActivityTaskCompletedById', { workflowId: w.wf, activityId: '1', identity: 'somebody', result: { payloads: [{ data: 'MQ==' }] } });
    await describe(w);
    await w.history();
    await w.terminate();
    await describe(w);
  },

  'activity-second-attempt': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { heartbeatTimeout: '30s', retryPolicy: { initialInterval: '0.2s' } })]);
    const first = await w.pollActivity();
    await w.heartbeat(first);
    await w.failActivity(first);
    const second = await w.pollActivity();
    await describe(w);
    await w.ok('RespondActivityTaskFailed', { taskToken: second.taskToken, identity: 'worker', lastHeartbeatDetails: { payloads: [{ data: 'Mg==' }] }, failure: { message: 'again', applicationFailureInfo: { nextRetryDelay: '0.3s' } } });
    const third = await w.pollActivity();
    await w.failActivity(third, { nonRetryable: true });
    await w.history();
    await w.terminate();
  },

  'activity-paused-while-scheduled': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1')]);
    const execution = w.execution();
    await w.call('PauseActivity', { execution });
    await w.call('PauseActivity', { execution, id: '9' });
    await w.call('PauseActivity', { execution, type: 'unknown' });
    await w.call('UnpauseActivity', { execution, id: '1' });
    await w.ok('PauseActivity', { execution, id: '1', identity: 'me', reason: 'why', requestId: 'p1' });
    await w.call('PauseActivity', { execution, id: '1', identity: 'me', reason: 'again', requestId: 'p1' });
    await w.call('PauseActivity', { execution, id: '1', identity: 'me', reason: 'again', requestId: 'p2' });
    await describe(w);
    await w.call('ResetActivity', { execution, id: '1', keepPaused: true });
    await describe(w);
    await w.ok('UnpauseActivity', { execution, id: '1' });
    await w.wait(100);
    await describe(w);
    const task = await w.pollActivity();
    await w.completeActivity(task);
    await w.call('PauseActivity', { execution, id: '1' });
    await w.call('UnpauseActivity', { execution, id: '1' });
    await w.call('ResetActivity', { execution, id: '1' });
    await w.call('UpdateActivityOptions', { execution, id: '1', activityOptions: {}, updateMask: 'startToCloseTimeout' as never });
    await w.terminate();
  },

  'activity-paused-while-running': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { retryPolicy: { initialInterval: '0.2s' } })]);
    const execution = w.execution();
    const first = await w.pollActivity();
    await w.ok('PauseActivity', { execution, type: 'act', identity: 'me', reason: 'why' });
    await describe(w);
    await w.heartbeat(first);
    await w.failActivity(first);
    await describe(w);
    await w.ok('UnpauseActivity', { execution, type: 'act', resetAttempts: true, resetHeartbeat: true });
    const second = await w.pollActivity();
    await w.ok('ResetActivity', { execution, id: '1', resetHeartbeat: true });
    await describe(w);
    await w.heartbeat(second);
    await w.failActivity(second);
    const third = await w.pollActivity();
    await w.completeActivity(third);
    await w.history();
    await w.terminate();
  },

  'activity-paused-in-back-off': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { retryPolicy: { initialInterval: '30s' } })]);
    const execution = w.execution();
    await w.failActivity(await w.pollActivity());
    await w.ok('PauseActivity', { execution, id: '1', identity: 'me', reason: 'why' });
    await describe(w);
    await w.ok('UnpauseActivity', { execution, id: '1' });
    await describe(w);
    const second = await w.pollActivity();
    await w.failActivity(second);
    await w.ok('ResetActivity', { execution, id: '1' });
    const third = await w.pollActivity();
    await w.completeActivity(third);
    await w.terminate();
  },

  'activity-options': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1', { retryPolicy: { initialInterval: '30s' } })]);
    const execution = w.execution();
    await w.call('UpdateActivityOptions', { execution, id: '1', activityOptions: { startToCloseTimeout: '5s' } });
    await w.call('UpdateActivityOptions', { execution, id: '1', activityOptions: { startToCloseTimeout: '5s' }, updateMask: 'nonsense' as never });
    await w.ok('UpdateActivityOptions', { execution, id: '1', activityOptions: { startToCloseTimeout: '5s', retryPolicy: { maximumAttempts: 3 } }, updateMask: 'startToCloseTimeout,retryPolicy.maximumAttempts' as never });
    await describe(w);
    await w.ok('UpdateActivityOptions', { execution, id: '1', activityOptions: { taskQueue: { name: `${w.queue}-2` } }, updateMask: 'taskQueue.name' as never });
    await w.wait(100);
    await w.completeActivity(await w.pollActivity(`${w.queue}-2`));
    await w.history();
    await w.terminate();
  },

  'reset-applies-updates-again': async (w) => {
    const runId = await w.start();
    const update = await w.update();
    const task = await w.poll();
    const protocol = inOrder(acceptance(task), response(task));
    await w.complete(task, protocol.commands, { messages: protocol.messages });
    await update();
    await w.ok('ResetWorkflowExecution', { workflowExecution: w.execution(runId), reason: 'again', requestId: 'r', workflowTaskFinishEventId: '4' });
    await w.wait(300);
    await w.ok('ResetWorkflowExecution', { workflowExecution: w.execution(runId), reason: 'again', requestId: 'r', workflowTaskFinishEventId: '4' });
    await w.history();
    const again = await w.poll();
    // The update comes with its event, not as a message.
    const asked = { ...again, messages: [{ id: 'u1/request', protocolInstanceId: 'u1', eventId: '5', body: { '@type': 'type.googleapis.com/temporal.api.update.v1.Request', meta: { updateId: 'u1' }, input: { name: 'set' } } }] };
    const answer = inOrder(acceptance(asked), response(asked));
    await w.complete(again, [...answer.commands, complete()], { messages: answer.messages });
    await w.history();
    const known = await w.update();
    await known();
    await w.history(w.execution(runId));
    await describe(w);
  },

  'workflow-task-reports-refused': async (w) => {
    await w.start();
    const task = await w.poll();
    const report = async (taskToken: string): Promise<void> => {
      await w.call('RespondWorkflowTaskCompleted', { taskToken });
      await w.call('RespondWorkflowTaskFailed', { taskToken });
      await w.call('RespondQueryTaskCompleted', { taskToken });
    };
    await report('');
    await report('AAAA');
    await w.complete(task, [timer('1', '60s')]);
    await w.call('RespondWorkflowTaskCompleted', { taskToken: task.taskToken });
    await w.call('RespondWorkflowTaskFailed', { taskToken: task.taskToken });
    await w.terminate();
    await w.call('RespondWorkflowTaskCompleted', { taskToken: task.taskToken });
    await w.call('RespondWorkflowTaskFailed', { taskToken: task.taskToken });
  },

  'workflow-task-answers': async (w) => {
    await w.start({ workflowRunTimeout: '100s', workflowExecutionTimeout: '200s', memo: { fields: { note: { data: 'MQ==' } } }, userMetadata: { summary: { data: 'MQ==' } } });
    await w.wait(100);
    await describe(w);
    await w.ok('DescribeTaskQueue', { taskQueue: { name: w.queue }, taskQueueType: 'TASK_QUEUE_TYPE_WORKFLOW' });
    w.entries.pop();
    const first = await w.poll();
    await describe(w);
    const pending = w.begin('PollWorkflowTaskQueue', { taskQueue: sticky(w).workerTaskQueue, identity: 'worker' });
    await w.wait(100);
    await w.complete(first, [w.activity('1'), timer('1', '60s'), child(`${w.wf}-child`, { taskQueue: { name: 'nobody' } })], { stickyAttributes: sticky(w) });
    const second = await pending();
    await describe(w);
    if (!second.ok) throw new Error('no sticky task');
    const more = await w.complete(second.response, [], { stickyAttributes: sticky(w), forceCreateNewWorkflowTask: true });
    await describe(w);
    await w.signal();
    const third = await w.complete(more.workflowTask ?? {}, [], { stickyAttributes: sticky(w) });
    await w.complete(third.workflowTask ?? {}, [continueAsNew()]);
    await w.history(w.execution(first.workflowExecution?.runId));
    await w.terminate();
    await w.wait(200);
    await w.history({ workflowId: `${w.wf}-child` });
  },

  'queries-in-a-task': async (w) => {
    await w.start();
    const ask = (queryType: string): (() => Promise<unknown>) => w.begin('QueryWorkflow', { execution: w.execution(), query: { queryType, queryArgs: { payloads: [{ data: 'MQ==' }] } } });
    await w.complete(await w.poll());
    await w.signal();
    const one = ask('one');
    await w.wait(200);
    const task = await w.poll();
    const ids = Object.keys(task.queries ?? {});
    w.entries.splice(-1, 1, { call: 'queries', answer: Object.values(task.queries ?? {}) });
    await w.refuse('QueryWorkflow', { execution: w.execution(), query: { queryType: 'two' } });
    await w.complete(task, [], { queryResults: { [ids[0] ?? '']: { resultType: 'QUERY_RESULT_TYPE_ANSWERED', answer: { payloads: [{ data: 'Mg==' }] } } } });
    await one();
    await w.signal();
    const failing = ask('failing');
    await w.wait(200);
    const next = await w.poll();
    w.entries.pop();
    const [id] = Object.keys(next.queries ?? {});
    await w.complete(next, [], { queryResults: { [id ?? '']: { resultType: 'QUERY_RESULT_TYPE_FAILED', errorMessage: 'cannot', failure: { message: 'cannot', applicationFailureInfo: { type: 'Error' } } } } });
    await failing();
    await w.terminate();
  },

  'queries-alone': async (w) => {
    await w.start();
    const query = { queryType: 'state' };
    await w.call('QueryWorkflow', { execution: w.execution() });
    await w.call('QueryWorkflow', { execution: w.execution(), query: {} });
    await w.call('QueryWorkflow', { execution: { workflowId: 'nobody' }, query });
    await w.complete(await w.poll());
    const answer = async (report: object): Promise<void> => {
      const asked = w.begin('QueryWorkflow', { execution: w.execution(), query });
      await w.wait(100);
      const task = await w.poll();
      await w.ok('RespondQueryTaskCompleted', { taskToken: task.taskToken, ...report });
      await asked();
      await w.refuse('RespondQueryTaskCompleted', { taskToken: task.taskToken, ...report });
    };
    await answer({ completedType: 'QUERY_RESULT_TYPE_ANSWERED', queryResult: { payloads: [{ data: 'MQ==' }] } });
    await answer({ completedType: 'QUERY_RESULT_TYPE_FAILED', errorMessage: 'cannot', failure: { message: 'cannot', applicationFailureInfo: { type: 'Error' } } });
    await w.terminate();
    await answer({ completedType: 'QUERY_RESULT_TYPE_ANSWERED', queryResult: { payloads: [{ data: 'MQ==' }] } });
    await w.ok('QueryWorkflow', { execution: w.execution(), query, queryRejectCondition: 'QUERY_REJECT_CONDITION_NOT_OPEN' });
    await w.ok('QueryWorkflow', { execution: w.execution(), query, queryRejectCondition: 'QUERY_REJECT_CONDITION_NOT_COMPLETED_CLEANLY' });
  },

  'query-of-a-failing-workflow': async (w) => {
    await w.start();
    for (let i = 0; i < 3; i++) await w.failTask(await w.poll());
    await w.refuse('QueryWorkflow', { execution: w.execution(), query: { queryType: 'state' } });
    await w.refuse('UpdateWorkflowExecution', { workflowExecution: w.execution(), waitPolicy: { lifecycleStage: COMPLETED }, request: { meta: { updateId: 'u' }, input: { name: 'n' } } });
    await describe(w);
    await w.terminate();
    await w.refuse('QueryWorkflow', { execution: w.execution(), query: { queryType: 'state' } });
  },

  'cancel-requested': async (w) => {
    await w.start();
    await w.ok('RequestCancelWorkflowExecution', { workflowExecution: w.execution(), identity: 'client', requestId: 'c1', reason: 'stop' });
    await w.call('RequestCancelWorkflowExecution', { workflowExecution: w.execution(), identity: 'client', requestId: 'c1' });
    await w.call('RequestCancelWorkflowExecution', { workflowExecution: w.execution(), identity: 'client', requestId: 'c2' });
    await describe(w);
    await w.complete(await w.poll(), [{ commandType: 'COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION', cancelWorkflowExecutionCommandAttributes: { details: { payloads: [{ data: 'MQ==' }] } } }]);
    await w.history();
    await w.call('RequestCancelWorkflowExecution', { workflowExecution: w.execution(), identity: 'client', requestId: 'c3' });
    await describe(w);
  },

  'sticky-queue-reset': async (w) => {
    await w.call('ResetStickyTaskQueue', {});
    await w.call('ResetStickyTaskQueue', { execution: { workflowId: 'nobody' } });
    await w.start();
    const workflow = w.begin('PollWorkflowTaskQueue', { taskQueue: sticky(w).workerTaskQueue, identity: 'worker' });
    await w.complete(await w.poll(), [], { stickyAttributes: sticky(w) });
    await w.ok('ResetStickyTaskQueue', { execution: w.execution() });
    await w.signal();
    await w.complete(await w.poll(), [complete()]);
    await w.history();
    await w.call('ResetStickyTaskQueue', { execution: w.execution() });
    void workflow;
  },

  'signals': async (w) => {
    await w.start();
    await w.ok('SignalWorkflowExecution', { workflowExecution: w.execution(), signalName: 'go', requestId: 's1', identity: 'client', input: { payloads: [{ data: 'MQ==' }] } });
    await w.ok('SignalWorkflowExecution', { workflowExecution: w.execution(), signalName: 'go', requestId: 's1', identity: 'client' });
    const task = await w.poll();
    await w.ok('SignalWorkflowExecution', { workflowExecution: w.execution(), signalName: 'go', requestId: 's2', identity: 'client' });
    await describe(w);
    await w.complete(task);
    await describe(w);
    await w.history();
    await w.terminate();
  },

  'workflow-paused': async (w) => {
    await w.start();
    const pause = { workflowId: w.wf, identity: 'me', reason: 'why' };
    await w.call('UnpauseWorkflowExecution', { ...pause, requestId: 'u0' });
    await w.complete(await w.poll(), [timer('1', '0.5s'), w.activity('1')]);
    await w.ok('PauseWorkflowExecution', { ...pause, requestId: 'p1' });
    await w.call('PauseWorkflowExecution', { ...pause, requestId: 'p1' });
    await w.call('PauseWorkflowExecution', { ...pause, requestId: 'p2' });
    await w.call('QueryWorkflow', { execution: w.execution(), query: { queryType: 'state' } });
    await w.call('UpdateWorkflowExecution', { workflowExecution: w.execution(), waitPolicy: { lifecycleStage: COMPLETED }, request: { meta: { updateId: 'u' }, input: { name: 'n' } } });
    await w.signal();
    await w.wait(1200);
    await w.history();
    await describe(w);
    await w.ok('UnpauseWorkflowExecution', { ...pause, requestId: 'u1' });
    await w.wait(100);
    await w.history();
    await describe(w);
    await w.terminate();
    await w.call('PauseWorkflowExecution', { ...pause, requestId: 'p3' });
    await w.call('UnpauseWorkflowExecution', { ...pause, requestId: 'u3' });
    await w.call('PauseWorkflowExecution', { ...pause, workflowId: 'nobody' });
  },

  'eager': async (w) => {
    const started = await w.ok('StartWorkflowExecution', w.startRequest({ requestEagerExecution: true }));
    const done = await w.complete(started.eagerWorkflowTask ?? {}, [w.activity('1', { requestEagerExecution: true })]);
    await w.completeActivity(done.activityTasks?.[0] ?? {});
    await w.complete(await w.poll(), [complete()]);
    await w.history();
  },

  'history-read': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [marker(), marker(), marker()]);
    const execution = w.execution();
    await w.call('GetWorkflowExecutionHistory', { execution, nextPageToken: 'AAAA' });
    await w.call('GetWorkflowExecutionHistory', { execution, historyEventFilterType: 'HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT' });
    const first = await w.ok('GetWorkflowExecutionHistory', { execution, waitNewEvent: true });
    const waiting = w.begin('GetWorkflowExecutionHistory', { execution, waitNewEvent: true, nextPageToken: first.nextPageToken ?? '' });
    const closing = w.begin('GetWorkflowExecutionHistory', { execution, waitNewEvent: true, historyEventFilterType: 'HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT' });
    await w.wait(200);
    await w.signal();
    await waiting();
    await w.terminate();
    await closing();
    await w.ok('GetWorkflowExecutionHistoryReverse', { execution });
    await w.ok('GetWorkflowExecutionHistory', { execution, waitNewEvent: true });
  },

  'deleted': async (w) => {
    await w.start();
    await w.call('DeleteWorkflowExecution', { workflowExecution: { workflowId: 'nobody' } });
    await w.ok('DeleteWorkflowExecution', { workflowExecution: w.execution() });
    await w.wait(2500);
    await w.call('DescribeWorkflowExecution', { execution: w.execution() });
  },
};
