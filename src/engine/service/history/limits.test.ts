import { describe, expect, it } from 'vitest';
import { textToBase64 } from '../../../base/base64.ts';
import type { Command, Payload } from '../../../api/proto.ts';
import { DEFAULT_OPTIONS } from '../service.ts';
import { acceptance, inOrder, response } from '../../../../conformance/rpc/world.ts';
import { activity, cancelTimer, child, complete, createDriver, timer, type Driver } from '../testing/driver.ts';

const blob = (bytes: number): Payload => ({ metadata: { encoding: textToBase64('binary/plain') }, data: textToBase64('x'.repeat(bytes)) });
const payloads = (bytes: number) => ({ payloads: [blob(bytes)] });
const attribute = (type: string, value: unknown): Payload => ({ metadata: { encoding: textToBase64('json/plain'), type: textToBase64(type) }, data: textToBase64(JSON.stringify(value)) });
const MB = 1024 * 1024;
const failureOf = (d: Driver) => d.events('w').findLast((e) => e.workflowTaskFailedEventAttributes)?.workflowTaskFailedEventAttributes;
const cause = (d: Driver) => failureOf(d)?.cause?.replace('WORKFLOW_TASK_FAILED_CAUSE_', '');
/** Completes the first task with these commands; the run may end. */
const complain = (d: Driver, commands: Command[]) => {
  d.start('w');
  const task = d.pollTask();
  try {
    d.complete(task, commands);
  } catch {
    // Refused: history says why.
  }
};

describe('limits', () => {
  it.each<[string, Command, string, string]>([
    ['activity input', activity('1', { input: payloads(2 * MB) }), 'BAD_SCHEDULE_ACTIVITY_ATTRIBUTES', 'BadScheduleActivityAttributes: ScheduleActivityTaskCommandAttributes.Input exceeds size limit.'],
    ['a result', { commandType: 'COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION', completeWorkflowExecutionCommandAttributes: { result: payloads(2 * MB) } }, 'BAD_COMPLETE_WORKFLOW_EXECUTION_ATTRIBUTES', 'BadCompleteWorkflowExecutionAttributes: CompleteWorkflowExecutionCommandAttributes.Result exceeds size limit.'],
    ['a memo', { commandType: 'COMMAND_TYPE_MODIFY_WORKFLOW_PROPERTIES', modifyWorkflowPropertiesCommandAttributes: { upsertedMemo: { fields: { a: blob(2 * MB) } } } }, 'BAD_MODIFY_WORKFLOW_PROPERTIES_ATTRIBUTES', 'BadModifyWorkflowPropertiesAttributes: ModifyWorkflowPropertiesCommandAttributes. Memo exceeds size limit.'],
    ['a search attribute', { commandType: 'COMMAND_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', upsertWorkflowSearchAttributesCommandAttributes: { searchAttributes: { indexedFields: { A: attribute('Keyword', 'x'.repeat(3000)) } } } }, 'BAD_SEARCH_ATTRIBUTES', 'BadSearchAttributes: search attribute A value size 3002 exceeds size limit 2048'],
  ])('%s over its size fails the task and ends the run', (_, command, failed, message) => {
    const d = createDriver();
    complain(d, [command]);
    expect(d.sequence('w')).toBe('S Ws Wt Wf TERM');
    expect(cause(d)).toBe(failed);
    expect(failureOf(d)?.failure?.message).toBe(message);
    expect(d.events('w').at(-1)?.workflowExecutionTerminatedEventAttributes).toMatchObject({ reason: message, identity: 'history-service' });
  });

  it('half a megabyte is warned of', () => {
    const d = createDriver();
    complain(d, [activity('1', { input: payloads(600 * 1024) })]);
    expect(d.sequence('w')).toBe('S Ws Wt Wc As');
    expect(d.entries.filter((e) => e.type === 'log').map((e) => e.text)).toEqual([expect.stringMatching(/^Blob data size exceeds the warning limit\. WorkflowId: w, RunId: .*, operation: ScheduleActivityTask$/)]);
  });

  it.each<[string, Command[], string]>([
    ['activities', Array.from({ length: 2001 }, (_, i) => activity(String(i))), 'PENDING_ACTIVITIES_LIMIT_EXCEEDED'],
    ['children', Array.from({ length: 2001 }, (_, i) => child(`c${i}`)), 'PENDING_CHILD_WORKFLOWS_LIMIT_EXCEEDED'],
  ])('the 2,001st of pending %s fails the task', (_, commands, failed) => {
    const d = createDriver();
    complain(d, commands);
    expect(cause(d)).toBe(failed);
    expect(failureOf(d)?.failure?.message).toMatch(/the number of pending (activities|child workflow executions), 2000, has reached the per-workflow limit of 2000$/);
    expect(d.sequence('w')).toBe('S Ws Wt Wf');
  });

  it.each<[string, Command[], string, string]>([
    ['an activity id twice', [activity('1'), activity('1')], 'SCHEDULE_ACTIVITY_DUPLICATE_ID', 'ScheduleActivityDuplicateId: invalid history builder state for action: add-activitytask-scheduled-event, ActivityID: 1'],
    ['a timer id twice', [timer('1', '1s'), timer('1', '1s')], 'START_TIMER_DUPLICATE_ID', 'StartTimerDuplicateId: invalid history builder state for action: add-timer-started-event, TimerID: 1'],
    ['an unknown timer', [cancelTimer('9')], 'BAD_CANCEL_TIMER_ATTRIBUTES', 'BadCancelTimerAttributes: invalid history builder state for action: add-timer-canceled-event, TimerID: 9'],
    ['an unknown activity', [{ commandType: 'COMMAND_TYPE_REQUEST_CANCEL_ACTIVITY_TASK', requestCancelActivityTaskCommandAttributes: { scheduledEventId: '2' } }], 'BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES', 'BadRequestCancelActivityAttributes: invalid history builder state for action: add-activitytask-cancel-requested-event, ScheduledEventID: 2'],
  ])('%s fails the task', (_, commands, failed, message) => {
    const d = createDriver();
    complain(d, commands);
    expect([cause(d), failureOf(d)?.failure?.message]).toEqual([failed, message]);
  });

  it('a history ends before it goes over its limit', () => {
    const d = createDriver({ limits: { historyCountError: 12, historyCountSuggest: 5 } as never });
    d.start('w');
    d.complete(d.pollTask(), [timer('1', '1s'), timer('2', '2s')]);
    d.advance(1000);
    const task = d.pollTask();
    expect(task.history?.events?.at(-1)?.workflowTaskStartedEventAttributes).toMatchObject({ suggestContinueAsNew: true, suggestContinueAsNewReasons: ['SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_HISTORY_EVENTS'] });
    expect(() => d.complete(task, [timer('3', '9s'), timer('4', '9s'), timer('5', '9s')])).toThrow('Workflow history count exceeds limit.');
    expect(d.sequence('w')).toBe('S Ws Wt Wc Ts Ts Tf Ws Wt Wf TERM');
    expect(d.events('w').at(-1)?.workflowExecutionTerminatedEventAttributes?.reason).toBe('Workflow history count exceeds limit.');
  });

  // `forceTerminateWorkflow` in context.go: the transaction that would go over the limit leaves nothing.
  it.each([
    ['the start of a Workflow Task', 8, 'S Ws Wt Wc Ts Ts Tf Ws TERM', (d: Driver) => {
      d.advance(1000);
      expect(() => d.pollTask()).toThrow('PollWorkflowTaskQueue waits');
    }],
    ['a timer and the Workflow Task that it schedules', 7, 'S Ws Wt Wc Ts Ts TERM', (d: Driver) => d.advance(1000)],
    ['a signal', 6, 'S Ws Wt Wc Ts Ts TERM', (d: Driver) => expect(() => d.signal('w', 'x')).toThrow('3 Workflow history count exceeds limit.')],
  ])('what would go over the limit is not written: %s', (_, historyCountError, sequence, happens) => {
    const d = createDriver({ limits: { historyCountError } as never });
    d.start('w');
    d.complete(d.pollTask(), [timer('1', '1s'), timer('2', '3600s')]);
    happens(d);
    expect(d.sequence('w')).toBe(sequence);
    expect(d.events('w').at(-1)?.workflowExecutionTerminatedEventAttributes?.reason).toBe('Workflow history count exceeds limit.');
  });

  it.each([
    ['a completion', 7, 'RespondActivityTaskCompleted', {}],
    ['a failure', 7, 'RespondActivityTaskFailed', { failure: { message: 'no', applicationFailureInfo: { nonRetryable: true } } }],
    ['a cancellation', 5, 'RequestCancelWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId: 'w' } }],
  ])('who sends what would go over the limit is told: %s', (_, historyCountError, rpc, more) => {
    const d = createDriver({ limits: { historyCountError } as never });
    d.start('w');
    d.complete(d.pollTask(), [activity('1')]);
    const { taskToken } = d.pollActivity();
    expect(() => d.call(rpc as never, { taskToken, ...more } as never)).toThrow('3 Workflow history count exceeds limit.');
    expect(d.sequence('w')).toBe('S Ws Wt Wc As TERM');
  });

  it('bytes over the limit end the run with the next thing that happens, which is not written', () => {
    const d = createDriver({ limits: { historySizeError: 1000 } as never });
    d.start('w');
    d.complete(d.pollTask(), [timer('1', '1s'), { ...timer('2', '3600s'), userMetadata: { summary: blob(2000) } } as Command]);
    expect(d.sequence('w')).toBe('S Ws Wt Wc Ts Ts');
    d.advance(1000);
    expect(d.sequence('w')).toBe('S Ws Wt Wc Ts Ts TERM');
    expect(d.events('w').at(-1)?.workflowExecutionTerminatedEventAttributes?.reason).toBe('Workflow history size exceeds limit.');
  });

  it('the closing task may go over it', () => {
    const d = createDriver({ limits: { historyCountError: 4 } as never });
    complain(d, [complete()]);
    expect(d.sequence('w')).toBe('S Ws Wt Wc DONE');
  });

  it('refuses starts that are too large or wrong', () => {
    const d = createDriver();
    const start = (more: object) => d.refuses('StartWorkflowExecution', { namespace: 'default', workflowId: 'x', workflowType: { name: 't' }, taskQueue: { name: 'q' }, requestId: 'r', ...more }).message;
    expect(start({ input: payloads(2 * MB) })).toBe('Blob data size exceeds limit.');
    expect(start({ memo: { fields: { a: blob(2 * MB) } } })).toBe('Memo size exceeds limit.');
    expect(start({ workflowId: 'ü'.repeat(600) })).toBe('WorkflowId exceeds maximum allowed length (1200/1000)');
    d.start('w');
    const signal = (more: object) => d.refuses('SignalWorkflowExecution', { namespace: 'default', workflowExecution: { workflowId: 'w' }, signalName: 's', ...more }).message;
    expect(signal({ signalName: 's'.repeat(1001) })).toBe('SignalName length exceeds limit.');
    expect(d.refuses('QueryWorkflow', { namespace: 'default', execution: { workflowId: 'w' }, query: { queryType: 'q', queryArgs: payloads(2 * MB) } }).message).toBe('Blob data size exceeds limit.');
    expect(signal({ requestId: 'r'.repeat(1001) })).toBe('RequestId length exceeds limit.');
    expect(start({ workflowType: { name: 't'.repeat(1001) } })).toBe('WorkflowType length exceeds limit.');
    expect(start({ searchAttributes: { indexedFields: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`A${i}`, attribute('Int', i)])) } })).toBe('number of search attributes 101 exceeds limit 100');
    expect(start({ searchAttributes: { indexedFields: { WorkflowId: attribute('Keyword', 'x') } } })).toBe("WorkflowId attribute can't be set in SearchAttributes");
    expect(start({ searchAttributes: { indexedFields: { Amount: attribute('Int', 'many') } } })).toBe('invalid value for search attribute Amount of type Int: many');
    expect(start({ searchAttributes: { indexedFields: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`B${i}`, attribute('Keyword', 'x'.repeat(2000))])) } })).toMatch(/^total size of search attributes \d+ exceeds size limit 40960$/);
  });

  it('so many updates at most; a task suggests to continue as new when nine of ten are used up', () => {
    const d = createDriver({ limits: { ...DEFAULT_OPTIONS.limits, updates: 10 } });
    d.start('w');
    d.complete(d.pollTask());
    const request = (updateId: string) => ({ namespace: 'default', workflowExecution: { workflowId: 'w' }, request: { meta: { updateId }, input: { name: 'u' } }, waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED' as const } });
    const suggested: number[] = [];
    for (let i = 1; i <= 10; i++) {
      d.begin('UpdateWorkflowExecution', request(`u${i}`));
      const task = d.pollTask();
      const reasons = task.history?.events?.at(-1)?.workflowTaskStartedEventAttributes?.suggestContinueAsNewReasons;
      if (reasons) suggested.push(i);
      expect(reasons ?? ['SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_UPDATES']).toEqual(['SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_UPDATES']);
      const { messages, commands } = inOrder(acceptance(task), response(task));
      d.complete(task, commands, { messages });
    }
    expect(suggested).toEqual([10]);
    expect(d.refuses('UpdateWorkflowExecution', request('u11')).message).toMatch(/^The limit on the total number of distinct updates in this workflow has been reached \(10\)/);
  });

  it('are those of server 1.32.0 (common/dynamicconfig/constants.go)', () => {
    const KB = 1024;
    expect(DEFAULT_OPTIONS.limits).toEqual({
      historyCountSuggest: 4096, historyCountWarn: 10_240, historyCountError: 51_200, historySizeSuggest: 4 * MB, historySizeWarn: 10 * MB, historySizeError: 50 * MB, blobSizeWarn: 512 * KB, blobSizeError: 2 * MB,
      memoSizeError: 2 * MB, idLength: 1000, pendingActivities: 2000, pendingChildren: 2000, pendingSignals: 2000, pendingCancels: 2000, signals: 10_000, updatesInFlight: 10, updates: 2000,
      bufferedEvents: 100, bufferedBytes: 2 * MB, bufferedQueries: 1,
    });
  });

  it('ten updates wait at most', () => {
    const d = createDriver();
    d.start('w');
    const update = (i: number) => ({ namespace: 'default', workflowExecution: { workflowId: 'w' }, request: { meta: { updateId: `u${i}` }, input: { name: 'u' } }, waitPolicy: { lifecycleStage: 'UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ACCEPTED' as const } });
    for (let i = 0; i < 10; i++) d.begin('UpdateWorkflowExecution', update(i));
    expect(d.refuses('UpdateWorkflowExecution', update(10)).message).toBe('limit on number of concurrent in-flight updates has been reached (10)');
  });
});
