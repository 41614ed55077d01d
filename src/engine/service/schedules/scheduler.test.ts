import { describe, expect, it } from 'vitest';
import type { CreateScheduleRequest, PollWorkflowTaskQueueResponse, Schedule, SchedulePatch, ScheduleOverlapPolicy } from '../../../api/proto.ts';
import { complete, createDriver, fail, QUEUE, type Driver } from '../testing/driver.ts';
import type { BufferedStart } from './state.ts';
import { planBuffer } from './buffer.ts';

const HOUR = 3_600_000;
const namespace = 'default';
const policy = (name: string) => `SCHEDULE_OVERLAP_POLICY_${name}` as ScheduleOverlapPolicy;

function create(d: Driver, schedule: Schedule = {}, more: Partial<CreateScheduleRequest> = {}): void {
  d.call('CreateSchedule', {
    namespace, scheduleId: 's', requestId: 'create',
    schedule: { spec: { interval: [{ interval: '3600s' }] }, action: { startWorkflow: { workflowId: 'w', workflowType: { name: 'flow' }, taskQueue: { name: QUEUE } } }, ...schedule },
    ...more,
  });
}
const describeSchedule = (d: Driver) => d.call('DescribeSchedule', { namespace, scheduleId: 's' });
const patch = (d: Driver, change: SchedulePatch) => d.call('PatchSchedule', { namespace, scheduleId: 's', patch: change });
const ids = (d: Driver) => Object.keys(d.service.workflows()).map((id) => id.replace('w-2026-01-01T', ''));
const finish = (d: Driver, command = complete()) => d.complete(d.pollTask(), [command]);

describe('schedules', () => {
  // What a server did that was stopped for 40 s: times are seconds, scheduled@started.
  it.each<[string, string, string, string]>([
    ['ALLOW_ALL', '10s', 'actions 7, missed 6, skipped 0', '5@5 10@10 45@52 50@52 55@55 60@60 65@65'],
    ['ALLOW_ALL', '20s', 'actions 9, missed 4, skipped 0', '5@5 10@10 35@52 40@52 45@52 50@52 55@55 60@60 65@65'],
    ['ALLOW_ALL', '600s', 'actions 13, missed 0, skipped 0', '20@52 25@52 30@52 35@52 40@52 45@52 50@52 55@55 60@60 65@65'],
    ['SKIP', '600s', 'actions 6, missed 0, skipped 7', '5@5 10@10 15@52 55@55 60@60 65@65'],
    ['BUFFER_ONE', '600s', 'actions 7, missed 0, skipped 6', '5@5 10@10 15@52 20@53 55@55 60@60 65@65'],
    ['BUFFER_ALL', '600s', 'actions 13, missed 0, skipped 0', '20@53 25@54 30@55 35@56 40@57 45@59 50@60 55@61 60@62 65@65'],
    ['CANCEL_OTHER', '600s', 'actions 6, missed 0, skipped 0', '5@5 10@10 50@52 55@55 60@60 65@65'],
    ['TERMINATE_OTHER', '600s', 'actions 6, missed 0, skipped 0', '5@5 10@10 50@52 55@55 60@60 65@65'],
  ])('catch up after the Service was away: %s within %s', (name, catchupWindow, counts, actions) => {
    const d = createDriver();
    create(d, { spec: { interval: [{ interval: '5s' }] }, policies: { overlapPolicy: policy(name), catchupWindow: catchupWindow } });
    // A worker ends each workflow after a second.
    const begun: { at: number; callId: number }[] = [];
    const poll = () => begun.push({ at: Infinity, callId: d.begin('PollWorkflowTaskQueue', { namespace, taskQueue: { name: QUEUE }, identity: 'w' }) });
    const work = (ms: number) => {
      for (let passed = 0; passed < ms; passed += 100) {
        for (const task of begun) if (task.at === Infinity && d.answer(task.callId)) task.at = d.now();
        for (const task of begun.filter(({ at }) => at + 1000 <= d.now())) {
          begun.splice(begun.indexOf(task), 1);
          const answer = d.answer(task.callId);
          if (answer?.ok) d.complete(answer.response as PollWorkflowTaskQueueResponse, [complete()]);
          poll();
        }
        d.advance(100);
      }
    };
    for (let i = 0; i < 20; i++) poll();
    work(12_500);
    d.away(40_000);
    work(15_500);
    const { info } = describeSchedule(d);
    const seconds = (time: string | undefined) => Math.floor((Date.parse(time ?? '') - Date.parse('2026-01-01T00:00:00Z')) / 1000);
    expect(`actions ${info?.actionCount ?? 0}, missed ${info?.missedCatchupWindow ?? 0}, skipped ${info?.overlapSkipped ?? 0}`).toBe(counts);
    expect(info?.recentActions?.map(({ scheduleTime, actualTime }) => `${seconds(scheduleTime)}@${seconds(actualTime)}`).join(' ')).toBe(actions);
  });

  it('start workflows at their times, and tell of it', () => {
    const d = createDriver();
    create(d);
    expect(describeSchedule(d).info).toEqual({ createTime: '2026-01-01T00:00:00Z', futureActionTimes: Array.from({ length: 10 }, (_, i) => `2026-01-01T${String(i + 1).padStart(2, '0')}:00:00Z`), runningWorkflows: [], recentActions: [] });
    d.advance(HOUR);
    const [started] = d.events('w-2026-01-01T01:00:00Z');
    expect(started?.workflowExecutionStartedEventAttributes).toMatchObject({ identity: 'temporal-scheduler-default-s', workflowType: { name: 'flow' } });
    expect(Object.keys(started?.workflowExecutionStartedEventAttributes?.searchAttributes?.indexedFields ?? {})).toEqual(['TemporalScheduledStartTime', 'TemporalScheduledById']);
    const runId = d.service.workflows()['w-2026-01-01T01:00:00Z']?.[0]?.runId ?? '';
    expect(describeSchedule(d)).toMatchObject({
      schedule: { policies: { overlapPolicy: policy('SKIP'), catchupWindow: '31536000s' } },
      info: { actionCount: '1', runningWorkflows: [{ workflowId: 'w-2026-01-01T01:00:00Z', runId }], recentActions: [{ scheduleTime: '2026-01-01T01:00:00Z', actualTime: '2026-01-01T01:00:00Z', startWorkflowStatus: 'WORKFLOW_EXECUTION_STATUS_RUNNING' }] },
      conflictToken: 'AAAAAAAAAAE=',
    });
    finish(d);
    // A describe that finds it closed makes the schedule look again.
    expect(describeSchedule(d).info?.runningWorkflows).toEqual([]);
    expect(describeSchedule(d).info?.recentActions?.[0]?.startWorkflowStatus).toBe('WORKFLOW_EXECUTION_STATUS_COMPLETED');
    expect(d.call('ListSchedules', { namespace }).schedules).toMatchObject([{ scheduleId: 's', info: { workflowType: { name: 'flow' }, futureActionTimes: { length: 5 }, recentActions: { length: 1 } } }]);
    expect(d.call('ListScheduleMatchingTimes', { namespace, scheduleId: 's', startTime: '2026-02-01T00:00:00Z', endTime: '2026-02-01T02:30:00Z' }).startTime).toEqual(['2026-02-01T01:00:00Z', '2026-02-01T02:00:00Z']);
  });

  it.each<[string, string[], string[]]>([
    ['SKIP', ['01:00:00Z'], ['01:00:00Z', '04:00:00Z']],
    ['BUFFER_ONE', ['01:00:00Z'], ['01:00:00Z', '02:00:00Z']],
    ['BUFFER_ALL', ['01:00:00Z'], ['01:00:00Z', '02:00:00Z']],
    ['ALLOW_ALL', ['01:00:00Z', '02:00:00Z', '03:00:00Z'], ['01:00:00Z', '02:00:00Z', '03:00:00Z', '04:00:00Z']],
  ])('overlap policy %s', (name, during, after) => {
    const d = createDriver();
    create(d, { policies: { overlapPolicy: policy(name) } });
    d.advance(3.5 * HOUR);
    expect(ids(d)).toEqual(during);
    finish(d);
    d.advance(HOUR);
    expect(ids(d)).toEqual(after);
    expect(Number(describeSchedule(d).info?.overlapSkipped ?? 0)).toBe({ SKIP: 2, BUFFER_ONE: 1, BUFFER_ALL: 0, ALLOW_ALL: 0 }[name]);
    expect(Number(describeSchedule(d).info?.bufferSize ?? 0)).toBe({ SKIP: 0, BUFFER_ONE: 1, BUFFER_ALL: 2, ALLOW_ALL: 0 }[name]);
  });

  it('a change that is sent again does nothing; a new one does', () => {
    const d = createDriver();
    create(d, { spec: {} });
    for (const requestId of ['one', 'one', 'two', '', '']) {
      d.call('PatchSchedule', { namespace, scheduleId: 's', requestId, patch: { triggerImmediately: { overlapPolicy: policy('ALLOW_ALL') } } });
      d.advance(1000);
    }
    expect(describeSchedule(d).info?.actionCount).toBe('4');
  });

  it('a deleted one still tells its times; fewer than no actions are refused; the queue is a normal one', () => {
    const d = createDriver();
    create(d);
    expect(describeSchedule(d).schedule?.action?.startWorkflow?.taskQueue).toEqual({ name: QUEUE, kind: 'TASK_QUEUE_KIND_NORMAL' });
    d.call('DeleteSchedule', { namespace, scheduleId: 's' });
    expect(d.call('ListScheduleMatchingTimes', { namespace, scheduleId: 's', startTime: '2026-02-01T00:00:00Z', endTime: '2026-02-01T01:30:00Z' }).startTime).toEqual(['2026-02-01T01:00:00Z']);
    expect(d.refuses('CreateSchedule', { namespace, scheduleId: 't', requestId: 't', schedule: { state: { limitedActions: true, remainingActions: '-1' } } })).toEqual({ code: 13, message: 'something went wrong, please retry (a11970a0)' });
  });

  it('TERMINATE_OTHER ends the running one first', () => {
    const d = createDriver();
    create(d, { policies: { overlapPolicy: policy('TERMINATE_OTHER') } });
    d.advance(2 * HOUR);
    expect(d.events('w-2026-01-01T01:00:00Z').at(-1)?.workflowExecutionTerminatedEventAttributes).toMatchObject({ reason: 'terminated by schedule overlap policy', identity: 'temporal-scheduler-default-s' });
    expect(ids(d)).toEqual(['01:00:00Z', '02:00:00Z']);
  });

  it('CANCEL_OTHER asks the running one to end, and waits for it', () => {
    const d = createDriver();
    create(d, { policies: { overlapPolicy: policy('CANCEL_OTHER') } });
    d.advance(2 * HOUR);
    expect(d.events('w-2026-01-01T01:00:00Z').find((e) => e.workflowExecutionCancelRequestedEventAttributes)?.workflowExecutionCancelRequestedEventAttributes).toMatchObject({ cause: 'cancelled by schedule overlap policy' });
    expect(ids(d)).toEqual(['01:00:00Z']);
    d.complete(d.pollTask(), [{ commandType: 'COMMAND_TYPE_CANCEL_WORKFLOW_EXECUTION', cancelWorkflowExecutionCommandAttributes: {} }]);
    expect(ids(d)).toEqual(['01:00:00Z', '02:00:00Z']);
  });

  it('pause and unpause: time spent paused is not made up for', () => {
    const d = createDriver();
    create(d);
    patch(d, { pause: 'by hand' });
    expect(describeSchedule(d).schedule?.state).toMatchObject({ paused: true, notes: 'by hand' });
    d.advance(2.5 * HOUR);
    patch(d, { unpause: 'go on' });
    d.advance(HOUR);
    expect(ids(d)).toEqual(['03:00:00Z']);
  });

  it('a failure pauses it when it has to', () => {
    const d = createDriver();
    create(d, { policies: { pauseOnFailure: true } });
    d.advance(HOUR);
    finish(d, fail('out of order'));
    d.advance(5 * HOUR);
    expect(ids(d)).toEqual(['01:00:00Z']);
    expect(describeSchedule(d).schedule?.state).toMatchObject({ paused: true, notes: 'paused due to workflow failure: w-2026-01-01T01:00:00Z: out of order' });
  });

  it('a result reaches the next run', () => {
    const d = createDriver();
    create(d);
    d.advance(HOUR);
    const result = { payloads: [{ data: 'MQ==' }] };
    finish(d, { commandType: 'COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION', completeWorkflowExecutionCommandAttributes: { result } });
    d.advance(HOUR);
    expect(d.events('w-2026-01-01T02:00:00Z')[0]?.workflowExecutionStartedEventAttributes?.lastCompletionResult).toEqual(result);
  });

  it('trigger acts at once, even when paused; twice in a second the id is taken', () => {
    const d = createDriver();
    create(d, { spec: {}, state: { paused: true } });
    d.advance(1500);
    patch(d, { triggerImmediately: {} });
    expect(ids(d)).toEqual(['00:00:01Z']);
    patch(d, { triggerImmediately: { overlapPolicy: policy('ALLOW_ALL') } });
    expect(describeSchedule(d).info?.actionCount).toBe('1');
  });

  it('an initial patch acts at creation', () => {
    const d = createDriver();
    create(d, {}, { initialPatch: { triggerImmediately: {} } });
    expect(ids(d)).toEqual(['00:00:00Z']);
  });

  it('backfills what lies in a range, its start included, ten a second', () => {
    const d = createDriver();
    create(d, { spec: { interval: [{ interval: '60s' }] }, state: { paused: true } });
    d.advance(2 * HOUR);
    patch(d, { backfillRequest: [{ startTime: '2026-01-01T00:10:00Z', endTime: '2026-01-01T00:34:00Z', overlapPolicy: policy('ALLOW_ALL') }] });
    expect(ids(d)).toHaveLength(10);
    d.advance(3000);
    expect(ids(d)).toHaveLength(25);
    expect([ids(d)[0], ids(d).at(-1)]).toEqual(['00:10:00Z', '00:34:00Z']);
  });

  it('ends a week after its last action when no action remains', () => {
    const d = createDriver();
    create(d, { state: { limitedActions: true, remainingActions: '2' }, policies: { overlapPolicy: policy('ALLOW_ALL') } });
    expect(describeSchedule(d).info?.futureActionTimes).toHaveLength(2);
    d.advance(24 * HOUR);
    expect(ids(d)).toEqual(['01:00:00Z', '02:00:00Z']);
    expect(describeSchedule(d).schedule?.state?.remainingActions).toBeUndefined();
    d.advance(7 * 24 * HOUR);
    expect(d.refuses('DescribeSchedule', { namespace, scheduleId: 's' }).message).toBe('schedule not found');
  });

  it('an update changes the times; one with an old conflict token changes nothing', () => {
    const d = createDriver();
    create(d);
    const { schedule, conflictToken } = describeSchedule(d);
    const action = schedule?.action;
    d.call('UpdateSchedule', { namespace, scheduleId: 's', conflictToken, schedule: { action, spec: { cronString: ['30 * * * *'] } } });
    d.call('UpdateSchedule', { namespace, scheduleId: 's', conflictToken, schedule: { action, spec: { cronString: ['45 * * * *'] } } });
    d.advance(HOUR);
    expect(ids(d)).toEqual(['00:30:00Z']);
    expect(describeSchedule(d)).toMatchObject({ schedule: { spec: { structuredCalendar: [{ minute: [{ start: 30, end: 30, step: 1 }] }] } }, info: { updateTime: '2026-01-01T00:00:00Z' }, conflictToken: 'AAAAAAAAAAI=' });
  });

  it('deleted, it does nothing more', () => {
    const d = createDriver();
    create(d);
    d.call('DeleteSchedule', { namespace, scheduleId: 's' });
    d.runOut();
    expect(ids(d)).toEqual([]);
    expect(d.refuses('DescribeSchedule', { namespace, scheduleId: 's' })).toEqual({ code: 5, message: 'schedule not found' });
    expect(d.refuses('PatchSchedule', { namespace, scheduleId: 's', patch: { pause: 'x' } })).toEqual({ code: 5, message: 'workflow execution already completed' });
    expect(d.refuses('DeleteSchedule', { namespace, scheduleId: 'never' })).toEqual({ code: 5, message: 'workflow not found for ID: temporal-sys-scheduler:never' });
    expect(d.call('ListSchedules', { namespace }).schedules).toEqual([]);
  });

  it('refuses what the server refuses', () => {
    const d = createDriver();
    create(d);
    const refused = (more: Partial<CreateScheduleRequest>) => d.refuses('CreateSchedule', { namespace, scheduleId: 'other', requestId: 'r', ...more }).message;
    expect(refused({ scheduleId: 's' })).toBe('schedule "s" is already registered');
    expect(refused({ requestId: '' })).toBe('RequestId is not set on request.');
    expect(refused({ schedule: { spec: { cronString: ['x'] } } })).toBe('Invalid schedule spec: CronString does not have 5-7 fields');
    expect(refused({ schedule: { action: { startWorkflow: { workflowId: 'w' } } } })).toBe('WorkflowType is not set on request.');
    expect(refused({ schedule: { action: { startWorkflow: { workflowId: 'w', workflowType: { name: 't' }, taskQueue: { name: 'q' }, cronSchedule: '* * * * *' } } } })).toBe('Scheduled workflow must not contain CronSchedule');
    expect(d.refuses('PatchSchedule', { namespace, scheduleId: 's' }).message).toBe('Patch is not set on request.');
    expect(d.refuses('PatchSchedule', { namespace, scheduleId: 's', patch: { pause: 'x'.repeat(1001) } }).message).toBe('Schedule notes exceeds limit.');
  });

  it('a thousand starts wait at most', () => {
    const d = createDriver();
    create(d, { spec: { interval: [{ interval: '1s' }] }, policies: { overlapPolicy: policy('BUFFER_ALL') } });
    d.advance(1_010_000);
    expect(describeSchedule(d).info).toMatchObject({ bufferSize: '1000', bufferDropped: '9', actionCount: '1' });
  });
});

describe('the buffer of a schedule', () => {
  const start = (nominal: number, name: string): BufferedStart => ({ nominal, actual: nominal, overlapPolicy: policy(name), manual: false });
  const plan = (names: string[], isRunning: boolean) => {
    const { overlapping, single, buffer, cancelRunning, terminateRunning, skipped } = planBuffer(names.map((name, i) => start(i, name)), isRunning, (p) => p);
    return { overlapping: overlapping.map((s) => s.nominal), single: single?.nominal ?? null, buffer: buffer.map((s) => s.nominal), cancelRunning, terminateRunning, skipped };
  };
  const none = { overlapping: [], single: null, buffer: [], cancelRunning: false, terminateRunning: false, skipped: 0 };

  it.each([
    [['SKIP', 'SKIP'], false, { ...none, single: 0, skipped: 1 }],
    [['BUFFER_ONE', 'BUFFER_ONE', 'BUFFER_ONE'], false, { ...none, single: 0, buffer: [1], skipped: 1 }],
    [['BUFFER_ALL', 'BUFFER_ALL', 'BUFFER_ALL'], true, { ...none, buffer: [0, 1, 2] }],
    [['CANCEL_OTHER', 'CANCEL_OTHER'], false, { ...none, single: 1 }],
    [['ALLOW_ALL', 'CANCEL_OTHER'], true, { ...none, buffer: [1], cancelRunning: true }],
    [['TERMINATE_OTHER', 'TERMINATE_OTHER'], true, { ...none, buffer: [0, 1], terminateRunning: true }],
    [['ALLOW_ALL', 'SKIP', 'ALLOW_ALL'], true, { ...none, overlapping: [0, 2], skipped: 1 }],
  ])('%j, running %s', (names, isRunning, expected) => {
    expect(plan(names, isRunning)).toEqual(expected);
  });
});
