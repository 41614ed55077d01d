import { describe, expect, test } from 'vitest';
import type { Message, PollWorkflowTaskQueueResponse } from '../../api/proto.ts';
import {
  activity, cancelTimer, child, complete, continueAsNew, createDriver, fail, marker, QUEUE, short, STICKY, timer, type Driver,
} from './testing/driver.ts';

/** Sequences that Temporal's own functional tests pin, each driven RPC by RPC. `(n)` there is a suffix that is not on disk. */

const UPDATE = 'type.googleapis.com/temporal.api.update.v1.';

function beginUpdate(d: Driver, workflowId: string, updateId = 'u1'): number {
  return d.begin('UpdateWorkflowExecution', {
    namespace: 'default', workflowExecution: { workflowId }, waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' },
    request: { meta: { updateId, identity: 'client' }, input: { name: 'set' } },
  });
}

const accept = (task: PollWorkflowTaskQueueResponse): Message => {
  const m = task.messages?.[0] as Message;
  return {
    id: `${m.protocolInstanceId}/accept`, protocolInstanceId: m.protocolInstanceId,
    body: { '@type': `${UPDATE}Acceptance`, acceptedRequestMessageId: m.id, acceptedRequestSequencingEventId: m.eventId, acceptedRequest: m.body },
  };
};
const respond = (task: PollWorkflowTaskQueueResponse): Message => {
  const m = task.messages?.[0] as Message;
  return { id: `${m.protocolInstanceId}/complete`, protocolInstanceId: m.protocolInstanceId, body: { '@type': `${UPDATE}Response`, meta: { updateId: m.protocolInstanceId }, outcome: { success: {} } } };
};
const reject = (task: PollWorkflowTaskQueueResponse): Message => {
  const m = task.messages?.[0] as Message;
  return {
    id: `${m.protocolInstanceId}/reject`, protocolInstanceId: m.protocolInstanceId,
    body: { '@type': `${UPDATE}Rejection`, rejectedRequestMessageId: m.id, rejectedRequestSequencingEventId: m.eventId, rejectedRequest: m.body, failure: { message: 'no' } },
  };
};
const message = (m: Message): { commandType: 'COMMAND_TYPE_PROTOCOL_MESSAGE'; protocolMessageCommandAttributes: { messageId: string } } => ({
  commandType: 'COMMAND_TYPE_PROTOCOL_MESSAGE', protocolMessageCommandAttributes: { messageId: m.id ?? '' },
});

function acceptAndComplete(d: Driver, task: PollWorkflowTaskQueueResponse): void {
  const messages = [accept(task), respond(task)];
  d.complete(task, messages.map(message), { messages });
}

const terminate = (d: Driver, workflowId: string): void => {
  d.call('TerminateWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId } });
};

const cases: { readonly [name: string]: { readonly play: (d: Driver) => void; readonly expected: string } } = {
  'gethistory 177: one activity': {
    play: (d) => {
      d.start('wf');
      d.complete(d.pollTask(), [activity('1')]);
      d.call('RespondActivityTaskCompleted', { taskToken: d.pollActivity().taskToken });
      d.complete(d.pollTask(), [complete()]);
    },
    expected: 'S Ws Wt Wc As At Ac Ws Wt Wc DONE',
  },
  'workflow_failures 82: run timeout, no poller': {
    play: (d) => {
      d.start('wf', { workflowRunTimeout: '5s' });
      d.advance(6000);
    },
    expected: 'S Ws TO',
  },
  'workflow_task 484: signal during a task, terminate': {
    play: (d) => {
      d.start('wf');
      d.pollTask();
      d.signal('wf', 'go');
      expect(d.sequence('wf')).toBe('S Ws Wt');
      terminate(d, 'wf');
    },
    expected: 'S Ws Wt Wf Sig TERM',
  },
  'workflow_task 653: failures, a signal while transient scheduled, terminate': {
    play: (d) => {
      d.start('wf');
      d.failTask(d.pollTask());
      expect(d.sequence('wf')).toBe('S Ws Wt Wf');
      d.signal('wf', 'go');
      expect(d.sequence('wf')).toBe('S Ws Wt Wf Sig');
      d.failTask(d.pollTask());
      expect(d.sequence('wf')).toBe('S Ws Wt Wf Sig Ws Wt Wf');
      terminate(d, 'wf');
    },
    expected: 'S Ws Wt Wf Sig Ws Wt Wf TERM',
  },
  'workflow_task 945: transient started, signal, fails': {
    play: (d) => {
      d.start('wf');
      d.failTask(d.pollTask());
      const task = d.pollTask();
      expect(task.attempt).toBe(2);
      d.signal('wf', 'go');
      d.failTask(task);
    },
    expected: 'S Ws Wt Wf Sig Ws',
  },
  'workflow_task 312: heartbeats for local activities': {
    play: (d) => {
      d.start('wf');
      let task: PollWorkflowTaskQueueResponse = d.pollTask();
      task = d.complete(task, [], { forceCreateNewWorkflowTask: true }).workflowTask as PollWorkflowTaskQueueResponse;
      task = d.complete(task, [marker()], { forceCreateNewWorkflowTask: true }).workflowTask as PollWorkflowTaskQueueResponse;
      task = d.complete(task, [marker()], { forceCreateNewWorkflowTask: true }).workflowTask as PollWorkflowTaskQueueResponse;
      d.complete(task, [complete()]);
    },
    expected: 'S Ws Wt Wc Ws Wt Wc M Ws Wt Wc M Ws Wt Wc DONE',
  },
  'client_misc 568: an admitted update does not block completion': {
    play: (d) => {
      d.start('wf');
      const task = d.pollTask();
      const update = beginUpdate(d, 'wf');
      d.complete(task, [marker(), complete()]);
      expect(d.answer(update)).toMatchObject({ ok: false, status: { code: 5, message: 'workflow execution already completed' } });
    },
    expected: 'S Ws Wt Wc M DONE',
  },
  'workflow_failures 379: invalid command': {
    play: (d) => {
      d.start('wf');
      const task = d.pollTask();
      expect(d.refuses('RespondWorkflowTaskCompleted', { taskToken: task.taskToken, commands: [activity('', {})] })).toEqual({
        code: 3, message: 'BadScheduleActivityAttributes: activityId is not set',
      });
      const shown = d.call('GetWorkflowExecutionHistory', { namespace: 'default', execution: { workflowId: 'wf' } });
      expect(short(shown.history?.events ?? [])).toBe('S Ws Wt Wf Ws');
    },
    expected: 'S Ws Wt Wf',
  },
  'relay_task 101: a task times out': {
    play: (d) => {
      d.start('wf', { workflowTaskTimeout: '2s' });
      const next = d.complete(d.pollTask(), [marker()], { forceCreateNewWorkflowTask: true });
      expect(next.workflowTask).toBeDefined();
      d.advance(3000);
      const shown = d.call('GetWorkflowExecutionHistory', { namespace: 'default', execution: { workflowId: 'wf' } });
      expect(short(shown.history?.events ?? [])).toBe('S Ws Wt Wc M Ws Wt Wo Ws');
    },
    expected: 'S Ws Wt Wc M Ws Wt Wo',
  },
  'workflow_timer 258: a timer fires while a task runs that cancels it': {
    play: (d) => {
      d.start('wf');
      d.complete(d.pollTask(), [timer('1', '5s')]);
      d.signal('wf', 'go');
      const task = d.pollTask();
      d.advance(6000);
      d.complete(task, [cancelTimer('1'), complete()]);
    },
    expected: 'S Ws Wt Wc Ts Sig Ws Wt Wc Tx DONE',
  },
  'buffered events block completion (UNHANDLED_COMMAND)': {
    play: (d) => {
      d.start('wf');
      const task = d.pollTask();
      d.signal('wf', 'go');
      expect(d.refuses('RespondWorkflowTaskCompleted', { taskToken: task.taskToken, commands: [marker(), complete()] })).toEqual({ code: 3, message: 'UnhandledCommand' });
      d.complete(d.pollTask(), [complete()]);
    },
    expected: 'S Ws Wt Wf Sig Ws Wt Wc DONE',
  },
  'continue_as_new 577: first run of a delayed start': {
    play: (d) => {
      d.start('wf', { workflowStartDelay: '10s' });
      expect(d.sequence('wf')).toBe('S');
      d.advance(10_000);
      d.complete(d.pollTask(), [complete()]);
    },
    expected: 'S Ws Wt Wc DONE',
  },
  'cron 541: a run fails, the next completes, then terminated in back-off': {
    play: (d) => {
      d.start('wf', { cronSchedule: '@every 3s' });
      d.advance(3000);
      d.complete(d.pollTask(), [fail()]);
      expect(d.sequence('wf', 0)).toBe('S Ws Wt Wc FAIL');
      d.advance(3000);
      d.complete(d.pollTask(), [timer('1', '1s')]);
      expect(d.sequence('wf', 1)).toBe('S Ws Wt Wc Ts');
      terminate(d, 'wf');
    },
    expected: 'S Ws Wt Wc Ts TERM',
  },
  'reset 330: reset to the first completed task': {
    play: (d) => {
      d.start('wf');
      d.complete(d.pollTask(), [activity('1')]);
      d.call('ResetWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId: 'wf' }, workflowTaskFinishEventId: '4', reason: 'again', requestId: 'r' });
      d.rest();
      d.complete(d.pollTask(), [complete()]);
      expect(d.sequence('wf', 0)).toBe('S Ws Wt Wc As TERM');
    },
    expected: 'S Ws Wt Wf Ws Wt Wc DONE',
  },
  'sizelimit 314: payload too large in a command': {
    play: (d) => {
      d.start('wf');
      const task = d.pollTask();
      d.signal('wf', 'go');
      const input = { payloads: [{ data: 'A'.repeat(3 * 1024 * 1024) }] };
      expect(d.refuses('RespondWorkflowTaskCompleted', { taskToken: task.taskToken, commands: [activity('1', { input })] }).message).toContain('exceeds size limit');
    },
    expected: 'S Ws Wt Wf Sig TERM',
  },
  'update 399: update on the first task': {
    play: (d) => {
      d.start('wf');
      const update = beginUpdate(d, 'wf');
      acceptAndComplete(d, d.pollTask());
      expect(d.answer(update)).toMatchObject({ ok: true, response: { outcome: { success: {} }, stage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' } });
      expect(d.events('wf')[4]?.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequestSequencingEventId).toBe('2');
    },
    expected: 'S Ws Wt Wc Ua Uc',
  },
  'update 1599: speculative, rejected, leaves no trace': {
    play: (d) => {
      d.start('wf');
      d.complete(d.pollTask());
      const update = beginUpdate(d, 'wf');
      const task = d.pollTask();
      expect(short(task.history?.events ?? [])).toBe('S Ws Wt Wc Ws Wt');
      const answer = d.complete(task, [], { messages: [reject(task)] });
      expect(answer.resetHistoryEventId).toBe('3');
      expect(d.answer(update)).toMatchObject({ ok: true, response: { outcome: { failure: { message: 'no' } } } });
      expect(d.sequence('wf')).toBe('S Ws Wt Wc');
      d.signal('wf', 'go');
      d.complete(d.pollTask(), [complete()]);
    },
    expected: 'S Ws Wt Wc Sig Ws Wt Wc DONE',
  },
  'update 1547: rejected on the normal first task': {
    play: (d) => {
      d.start('wf');
      beginUpdate(d, 'wf');
      const task = d.pollTask();
      d.complete(task, [], { messages: [reject(task)] });
    },
    expected: 'S Ws Wt Wc',
  },
  'update 2510: a signal while speculative is scheduled': {
    play: (d) => {
      d.start('wf');
      d.complete(d.pollTask());
      beginUpdate(d, 'wf');
      d.signal('wf', 'go');
      const task = d.pollTask();
      d.complete(task, [], { messages: [reject(task)] });
    },
    expected: 'S Ws Wt Wc Ws Sig Wt Wc',
  },
  'update 2660: speculative start-to-close timeout': {
    play: (d) => {
      d.start('wf', { workflowTaskTimeout: '1s' });
      d.complete(d.pollTask());
      beginUpdate(d, 'wf');
      d.pollTask();
      d.advance(2000);
      const task = d.pollTask();
      const messages = [accept(task), respond(task)];
      d.complete(task, [...messages.map(message), complete()], { messages });
    },
    expected: 'S Ws Wt Wc Ws Wt Wo Ws Wt Wc Ua Uc DONE',
  },
  'update: speculative schedule-to-start timeout': {
    play: (d) => {
      d.start('wf');
      d.complete(d.pollTask());
      beginUpdate(d, 'wf');
      d.advance(5000);
    },
    expected: 'S Ws Wt Wc Ws Wo Ws',
  },
  'update 2921: terminate during a started speculative task': {
    play: (d) => {
      d.start('wf');
      d.complete(d.pollTask());
      beginUpdate(d, 'wf');
      d.pollTask();
      terminate(d, 'wf');
    },
    expected: 'S Ws Wt Wc Ws Wt Wf TERM',
  },
  'update 3009: terminate while a speculative task is only scheduled': {
    play: (d) => {
      d.start('wf');
      d.complete(d.pollTask());
      const update = beginUpdate(d, 'wf');
      terminate(d, 'wf');
      expect(d.answer(update)).toMatchObject({ ok: false, status: { code: 5 } });
    },
    expected: 'S Ws Wt Wc TERM',
  },
  'update 4912: continue as new with an accepted update': {
    play: (d) => {
      d.start('wf');
      beginUpdate(d, 'wf');
      const task = d.pollTask();
      const messages = [accept(task)];
      d.complete(task, [...messages.map(message), continueAsNew()], { messages });
      d.advance(1000);
      d.complete(d.pollTask());
      expect(d.sequence('wf', 0)).toBe('S Ws Wt Wc Ua CAN');
    },
    expected: 'S Ws Wt Wc',
  },
  'pause 346': {
    play: (d) => {
      d.start('wf');
      d.call('PauseWorkflowExecution', { namespace: 'default', workflowId: 'wf', identity: 'me', reason: 'why' });
      d.call('UnpauseWorkflowExecution', { namespace: 'default', workflowId: 'wf', identity: 'me', reason: 'why' });
      expect(d.events('wf')[2]?.workflowTaskFailedEventAttributes).toMatchObject({ identity: 'history-service', cause: 'WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_PAUSE_REQUESTED_BEFORE_TASK_STARTED' });
    },
    expected: 'S Ws Wf Paused Unpaused Ws',
  },
  'workflow_buffered_events 300: signal, task times out, options': {
    play: (d) => {
      d.start('wf', { workflowTaskTimeout: '1s' });
      d.complete(d.pollTask(), [activity('1', { taskQueue: { name: 'other' } })]);
      d.signal('wf', 'go');
      d.pollTask();
      d.advance(1500);
      const task = d.pollTask();
      d.call('UpdateWorkflowExecutionOptions', { namespace: 'default', workflowExecution: { workflowId: 'wf' }, workflowExecutionOptions: { priority: { priorityKey: 2 } }, updateMask: 'priority' });
      d.complete(task, [activity('2', { taskQueue: { name: 'other' } })]);
    },
    expected: 'S Ws Wt Wc As Sig Ws Wt Wo Ws Wt Wc As Opt Ws Wt',
  },
  'cancel 644: the first task fails, the run is canceled': {
    play: (d) => {
      d.start('wf');
      d.call('RequestCancelWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId: 'wf' } });
      d.failTask(d.pollTask());
      d.complete(d.pollTask(), [complete()]);
    },
    expected: 'S Ws CR Wt Wf Ws Wt Wc DONE',
  },
};

describe('pinned sequences', () => {
  for (const name in cases) {
    test(name, () => {
      const d = createDriver();
      const entry = cases[name];
      entry?.play(d);
      expect(d.sequence('wf')).toBe(entry?.expected);
    });
  }

  test('continue_as_new 966: the parent is terminated while a child waits for its next run', () => {
    const d = createDriver();
    d.start('wf');
    d.complete(d.pollTask(), [child('kid')]);
    d.rest();
    d.complete(d.pollTask({ queue: 'child-queue' }), [continueAsNew()]);
    terminate(d, 'wf');
    d.rest();
    expect(d.sequence('kid')).toBe('S TERM');
    expect(d.events('kid')[1]?.workflowExecutionTerminatedEventAttributes).toEqual({ reason: 'by parent close policy', details: undefined, identity: 'history-service' });
  });

  test('sticky: no worker takes the task, it moves to the normal queue', () => {
    const d = createDriver();
    d.start('wf');
    const poll = d.begin('PollWorkflowTaskQueue', { namespace: 'default', taskQueue: { name: STICKY, kind: 'TASK_QUEUE_KIND_STICKY', normalName: QUEUE } });
    d.complete(d.pollTask(), [], { stickyAttributes: { workerTaskQueue: { name: STICKY, kind: 'TASK_QUEUE_KIND_STICKY', normalName: QUEUE }, scheduleToStartTimeout: '10s' } });
    d.drop(poll);
    d.signal('wf', 'go');
    d.advance(10_000);
    expect(d.sequence('wf')).toBe('S Ws Wt Wc Sig Ws Wo Ws');
    expect(d.events('wf')[6]?.workflowTaskTimedOutEventAttributes).toEqual({ scheduledEventId: '6', timeoutType: 'TIMEOUT_TYPE_SCHEDULE_TO_START' });
    expect(d.events('wf')[7]?.workflowTaskScheduledEventAttributes).toMatchObject({ taskQueue: { name: QUEUE, kind: 'TASK_QUEUE_KIND_NORMAL' }, attempt: 1 });
  });
});
