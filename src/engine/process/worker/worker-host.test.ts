import { describe, expect, test } from 'vitest';
import { RpcCode } from '../../../api/rpc.ts';
import { complete, createFakeWorld, outcome, workflowTask } from './testing/fake-world.ts';

const isSticky = (request: any) => request.taskQueue.kind === 'TASK_QUEUE_KIND_STICKY';
const isNormal = (request: any) => !isSticky(request);
const activityTask = (token: string, more: object = {}) => ({
  taskToken: token, workflowExecution: { workflowId: 'w', runId: 'run-1' }, activityId: '1', activityType: { name: 'greet' }, attempt: 1, startToCloseTimeout: '60s', ...more,
});

function running(overrides = {}) {
  const world = createFakeWorld(overrides);
  world.worker.run();
  return world;
}

describe('polls', () => {
  test('two on the normal queue, eight on the sticky one, ten for activities', () => {
    const world = running();
    expect(world.open('PollWorkflowTaskQueue').filter((c) => isNormal(c.request))).toHaveLength(2);
    expect(world.open('PollWorkflowTaskQueue').filter((c) => isSticky(c.request))).toHaveLength(8);
    expect(world.open('PollActivityTaskQueue')).toHaveLength(10);
    expect(world.entries.filter((e) => e.type === 'pollers').map((e) => [e.kind, e.count])).toEqual([['workflow', 2], ['stickyWorkflow', 8], ['activity', 10]]);
  });

  test('without a cache there is no sticky queue', () => {
    const world = running({ maxCachedWorkflows: 0 });
    expect(world.open('PollWorkflowTaskQueue')).toHaveLength(10);
    expect(world.open('PollWorkflowTaskQueue').some((c) => isSticky(c.request))).toBe(false);
  });

  test('a full worker does not poll', () => {
    const world = running({ slots: { workflow: { type: 'fixed-size', numSlots: 2 }, activity: { type: 'fixed-size', numSlots: 1 }, localActivity: { type: 'fixed-size', numSlots: 1 } } });
    expect(world.open('PollWorkflowTaskQueue')).toHaveLength(2);
    expect(world.open('PollActivityTaskQueue')).toHaveLength(1);
    world.reply('PollActivityTaskQueue', activityTask('a'));
    expect(world.open('PollActivityTaskQueue')).toHaveLength(0);
    world.worker.onActivityResult('a', { completed: {} });
    expect(world.open('PollActivityTaskQueue')).toHaveLength(0);
    world.reply('RespondActivityTaskCompleted', {});
    expect(world.open('PollActivityTaskQueue')).toHaveLength(1);
  });

  test('an empty answer is asked again at once and shows nothing', () => {
    const world = running();
    const before = world.entries.length;
    world.reply('PollActivityTaskQueue', {});
    expect(world.open('PollActivityTaskQueue')).toHaveLength(10);
    expect(world.entries).toHaveLength(before);
  });

  test('an unreachable Service is asked again after 200 ms ± 20 %, then 400 …', () => {
    const world = running();
    world.fail('PollActivityTaskQueue', RpcCode.UNAVAILABLE);
    expect(world.open('PollActivityTaskQueue')).toHaveLength(9);
    world.advance(159);
    expect(world.open('PollActivityTaskQueue')).toHaveLength(9);
    world.advance(82);
    expect(world.open('PollActivityTaskQueue')).toHaveLength(10);
  });

  test('maxActivitiesPerSecond spaces the polls', () => {
    const world = running({ maxActivitiesPerSecond: 2 });
    expect(world.open('PollActivityTaskQueue')).toHaveLength(1);
    world.advance(500);
    expect(world.open('PollActivityTaskQueue')).toHaveLength(2);
    world.advance(2000);
    expect(world.open('PollActivityTaskQueue')).toHaveLength(6);
  });

  test('maxTaskQueueActivitiesPerSecond goes with the poll', () => {
    const world = running({ maxTaskQueueActivitiesPerSecond: 3 });
    expect(world.open('PollActivityTaskQueue')[0]?.request.taskQueueMetadata).toEqual({ maxTasksPerSecond: 3 });
  });

  test('the resource based tuner stops at its target', () => {
    const resource = { type: 'resource-based', minimumSlots: 1, maximumSlots: 1000, rampThrottle: 50, targetMemoryUsage: 0.9, targetCpuUsage: 0.1 } as const;
    const world = running({ slots: { workflow: { type: 'fixed-size', numSlots: 2 }, activity: resource, localActivity: resource } });
    expect(world.open('PollActivityTaskQueue')).toHaveLength(1);
    world.advance(50);
    expect(world.open('PollActivityTaskQueue')).toHaveLength(2);
    for (const token of ['a', 'b']) world.reply('PollActivityTaskQueue', activityTask(token));
    const polls = world.open('PollActivityTaskQueue').length;
    world.advance(10_000);
    expect(world.open('PollActivityTaskQueue')).toHaveLength(polls); // 2 activities: 10 % of the CPU
  });
});

describe('Workflow Tasks', () => {
  test('to Core, to the Service, next one on the cached run', () => {
    const world = running();
    world.reply('PollWorkflowTaskQueue', workflowTask(1), isNormal);
    expect(world.lastEntry('cache')).toMatchObject({ op: 'add', runId: 'run-1' });
    expect(world.lastEntry('slots')).toMatchObject({ kind: 'workflow', used: 1, total: 40 });
    world.reply('RespondWorkflowTaskCompleted', {});
    expect(world.lastEntry('slots')).toMatchObject({ kind: 'workflow', used: 0 });
    world.reply('PollWorkflowTaskQueue', workflowTask(2, 'run-1', 4), isSticky);
    expect(world.open('GetWorkflowExecutionHistory')).toHaveLength(0);
    expect(world.open('RespondWorkflowTaskCompleted')).toHaveLength(1);
  });

  test('partial history of an unknown run is fetched from the start, page by page', () => {
    const world = running();
    const seen: (string | undefined)[] = [];
    world.core = (task) => {
      seen.push(...(task.history?.events ?? []).map((e) => e.eventId));
      return complete(task);
    };
    world.reply('PollWorkflowTaskQueue', workflowTask(2, 'run-1', 4), isSticky);
    world.reply('GetWorkflowExecutionHistory', { history: { events: [{ eventId: '1' }, { eventId: '2' }] }, nextPageToken: 'p' });
    expect(world.open('GetWorkflowExecutionHistory')[0]?.request.nextPageToken).toBe('p');
    world.reply('GetWorkflowExecutionHistory', { history: { events: [{ eventId: '3' }, { eventId: '4' }] } });
    expect(seen).toEqual(['1', '2', '3', '4', '6']);
  });

  test('the next task can come with the answer and keeps the slot', () => {
    const world = running();
    world.reply('PollWorkflowTaskQueue', workflowTask(1), isNormal);
    world.reply('RespondWorkflowTaskCompleted', { workflowTask: workflowTask(2, 'run-1', 4) });
    expect(world.lastEntry('slots')).toMatchObject({ used: 1 });
    world.reply('RespondWorkflowTaskCompleted', {});
    expect(world.lastEntry('slots')).toMatchObject({ used: 0 });
  });

  test('NOT_FOUND evicts the run', () => {
    const world = running();
    world.reply('PollWorkflowTaskQueue', workflowTask(1), isNormal);
    world.fail('RespondWorkflowTaskCompleted', RpcCode.NOT_FOUND);
    expect(world.lastEntry('cache')).toMatchObject({ op: 'evict', reason: 'TaskNotFound' });
    expect(world.evicted).toEqual(['run-1']);
    expect(world.lastEntry('slots')).toMatchObject({ used: 0 });
  });

  test('a report is retried for 10 s at most', () => {
    const world = running();
    world.reply('PollWorkflowTaskQueue', workflowTask(1), isNormal);
    let tries = 0;
    while (world.open('RespondWorkflowTaskCompleted').length > 0) {
      world.fail('RespondWorkflowTaskCompleted', RpcCode.UNAVAILABLE);
      tries++;
      world.advance(5_000);
    }
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThanOrEqual(10);
    expect(world.lastEntry('cache')).toMatchObject({ op: 'evict', reason: 'Fatal' });
  });

  test('a failed task is reported and evicted; from attempt 2 on it is only dropped', () => {
    const world = running();
    world.core = (task) => outcome([{ type: 'failTask', request: { taskToken: task.taskToken as string, failure: { message: 'x' } }, report: true }], { reason: 'LangFail', vmBroken: false });
    world.reply('PollWorkflowTaskQueue', workflowTask(1), isNormal);
    expect(world.lastEntry('cache')).toMatchObject({ op: 'add' });
    world.reply('RespondWorkflowTaskFailed', {});
    expect(world.lastEntry('cache')).toMatchObject({ op: 'evict' });
    world.core = (task) => outcome([{ type: 'failTask', request: { taskToken: task.taskToken as string }, report: false }], { reason: 'LangFail', vmBroken: false });
    world.reply('PollWorkflowTaskQueue', workflowTask(2), isNormal);
    expect(world.open('RespondWorkflowTaskFailed')).toHaveLength(0);
    expect(world.lastEntry('cache')).toMatchObject({ op: 'evict' });
    expect(world.lastEntry('slots')).toMatchObject({ used: 0 });
  });

  test('the cache gives up the run that was used the longest ago', () => {
    const world = running({ maxCachedWorkflows: 2 });
    for (const run of ['a', 'b']) {
      world.reply('PollWorkflowTaskQueue', workflowTask(1, run), isNormal);
      world.reply('RespondWorkflowTaskCompleted', {});
    }
    world.reply('PollWorkflowTaskQueue', workflowTask(2, 'a', 4), isSticky);
    world.reply('RespondWorkflowTaskCompleted', {});
    world.reply('PollWorkflowTaskQueue', workflowTask(1, 'c'), isNormal);
    expect(world.evicted).toEqual(['b']);
  });

  test('a run that finds the cache full of busy ones waits until one of them is done', () => {
    const world = running({ maxCachedWorkflows: 1 });
    world.reply('PollWorkflowTaskQueue', workflowTask(1, 'busy'), isNormal);
    world.reply('PollWorkflowTaskQueue', workflowTask(1, 'waits'), isNormal);
    expect(world.open('RespondWorkflowTaskCompleted').map((c) => c.request.taskToken)).toEqual(['busy/1']);
    world.reply('RespondWorkflowTaskCompleted', {});
    expect(world.evicted).toEqual(['busy']);
    expect(world.open('RespondWorkflowTaskCompleted').map((c) => c.request.taskToken)).toEqual(['waits/1']);
  });

  test('a run that waits for a place in the cache waits once, with its newest task', () => {
    const world = running({ maxCachedWorkflows: 1 });
    world.reply('PollWorkflowTaskQueue', workflowTask(1, 'busy'), isNormal);
    // The first attempt times out while it waits.
    world.reply('PollWorkflowTaskQueue', workflowTask(1, 'waits'), isNormal);
    world.reply('PollWorkflowTaskQueue', workflowTask(2, 'waits'), isNormal);
    world.reply('RespondWorkflowTaskCompleted', {});
    expect(world.open('RespondWorkflowTaskCompleted').map((c) => c.request.taskToken)).toEqual(['waits/2']);
    expect(world.entries.filter((e) => e.type === 'cache' && e.op === 'add')).toHaveLength(2);
    world.reply('RespondWorkflowTaskCompleted', {});
    expect(world.lastEntry('slots')).toMatchObject({ kind: 'workflow', used: 0 });
  });

  test('an endless loop costs 5 s, loses all runs of the VM and lets nothing in meanwhile', () => {
    const world = running();
    world.reply('PollWorkflowTaskQueue', workflowTask(1, 'other'), isNormal);
    world.reply('RespondWorkflowTaskCompleted', {});
    world.core = (task) => outcome([{ type: 'failTask', request: { taskToken: task.taskToken as string, failure: {} }, report: true }], { reason: 'LangFail', vmBroken: true });
    world.reply('PollWorkflowTaskQueue', workflowTask(1), isNormal);
    expect(world.entries.filter((e) => e.type === 'cache' && e.op === 'evict')).toHaveLength(2);
    world.core = (task) => complete(task);
    world.reply('PollWorkflowTaskQueue', workflowTask(1, 'late'), isNormal);
    world.advance(4_999);
    expect(world.open('RespondWorkflowTaskFailed')).toHaveLength(0);
    world.advance(1);
    expect(world.open('RespondWorkflowTaskFailed')).toHaveLength(1);
    expect(world.open('RespondWorkflowTaskCompleted')).toHaveLength(1);
    world.reply('RespondWorkflowTaskFailed', {});
    world.reply('RespondWorkflowTaskCompleted', {});
    expect(world.lastEntry('slots')).toMatchObject({ kind: 'workflow', used: 0 });
  });

  test('eager activities: at most three, free slots only, started without a poll', () => {
    const world = running();
    let offered = 0;
    world.core = (task, config) => {
      offered = config.eagerActivitySlots('q');
      return complete(task, [{ scheduleActivityTaskCommandAttributes: { requestEagerExecution: true } }, { scheduleActivityTaskCommandAttributes: { requestEagerExecution: true } }]);
    };
    world.reply('PollWorkflowTaskQueue', workflowTask(1), isNormal);
    expect(offered).toBe(3);
    world.reply('RespondWorkflowTaskCompleted', { activityTasks: [activityTask('eager')] });
    expect(world.last('activityStart')).toMatchObject({ token: 'eager' });
    expect(world.lastEntry('slots')).toMatchObject({ kind: 'activity', used: 1 });
    expect(world.open('PollActivityTaskQueue')).toHaveLength(10);
  });
});

describe('activities', () => {
  test('result, slot, trace', () => {
    const world = running();
    world.reply('PollActivityTaskQueue', activityTask('a'));
    expect(world.lastEntry('activityExecution')).toMatchObject({ phase: 'started', activityType: 'greet', attempt: 1 });
    world.worker.onActivityResult('a', { completed: { result: { data: 'x' } } });
    expect(world.open('RespondActivityTaskCompleted')[0]?.request).toMatchObject({ taskToken: 'a', result: { payloads: [{ data: 'x' }] } });
    world.reply('RespondActivityTaskCompleted', {});
    expect(world.lastEntry('slots')).toMatchObject({ kind: 'activity', used: 0 });
  });

  test('heartbeats: the first at once, the latest after 80 % of the timeout', () => {
    const world = running();
    world.reply('PollActivityTaskQueue', activityTask('a', { heartbeatTimeout: '10s' }));
    world.worker.onHeartbeat('a', [{ data: '1' }]);
    expect(world.open('RecordActivityTaskHeartbeat')).toHaveLength(1);
    world.worker.onHeartbeat('a', [{ data: '2' }]);
    world.reply('RecordActivityTaskHeartbeat', {});
    world.worker.onHeartbeat('a', [{ data: '3' }]);
    world.advance(7_999);
    expect(world.open('RecordActivityTaskHeartbeat')).toHaveLength(0);
    world.advance(1);
    expect(world.open('RecordActivityTaskHeartbeat')[0]?.request.details).toEqual({ payloads: [{ data: '3' }] });
  });

  test('cancellation is learnt from the answer to a heartbeat; the last details are flushed before', () => {
    const world = running();
    world.reply('PollActivityTaskQueue', activityTask('a', { heartbeatTimeout: '10s' }));
    world.worker.onHeartbeat('a', [{ data: '1' }]);
    world.worker.onHeartbeat('a', [{ data: '2' }]);
    world.reply('RecordActivityTaskHeartbeat', { cancelRequested: true });
    expect(world.last('activityCancel')).toMatchObject({ token: 'a', reason: 'CANCELLED', details: { isCancelled: true } });
    world.worker.onActivityResult('a', { cancelled: { failure: { canceledFailureInfo: {} } } });
    expect(world.open('RespondActivityTaskCanceled')).toHaveLength(0);
    expect(world.open('RecordActivityTaskHeartbeat')[0]?.request.details).toEqual({ payloads: [{ data: '2' }] });
    world.reply('RecordActivityTaskHeartbeat', {});
    expect(world.open('RespondActivityTaskCanceled')).toHaveLength(1);
  });

  test('a failure carries the last heartbeat', () => {
    const world = running();
    world.reply('PollActivityTaskQueue', activityTask('a', { heartbeatTimeout: '10s' }));
    world.worker.onHeartbeat('a', [{ data: '1' }]);
    world.worker.onActivityResult('a', { failed: { failure: { message: 'no' } } });
    expect(world.open('RespondActivityTaskFailed')[0]?.request).toMatchObject({ failure: { message: 'no' }, lastHeartbeatDetails: { payloads: [{ data: '1' }] } });
  });

  test('5 s after start-to-close Core ends the attempt itself and reports nothing', () => {
    const world = running();
    world.reply('PollActivityTaskQueue', activityTask('a'));
    world.advance(65_000);
    expect(world.last('activityCancel')).toMatchObject({ reason: 'TIMED_OUT' });
    world.worker.onActivityResult('a', { cancelled: { failure: {} } });
    expect(world.open('RespondActivityTaskCanceled')).toHaveLength(0);
    expect(world.lastEntry('slots')).toMatchObject({ kind: 'activity', used: 0 });
  });

  test('asynchronous completion reports nothing', () => {
    const world = running();
    world.reply('PollActivityTaskQueue', activityTask('a'));
    world.worker.onActivityResult('a', { willCompleteAsync: {} });
    expect(world.calls.some((c) => c.rpc.startsWith('RespondActivity'))).toBe(false);
    expect(world.lastEntry('slots')).toMatchObject({ kind: 'activity', used: 0 });
  });
});

describe('local activities', () => {
  const command = { seq: 1, activityId: '1', activityType: 'greet', attempt: 1, startToCloseTimeout: '10s', retryPolicy: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 3 } };
  function withLocalActivity(more: object = {}) {
    const world = running();
    world.core = () => outcome([{ type: 'startLocalActivity', command: { ...command, ...more }, workflowType: 'flow', scheduledAt: world.now() as never, header: {} }, { type: 'setHeartbeat', at: (world.now() + 8_000) as never }]);
    const resolutions: any[] = [];
    world.onLocalActivity = (seq, resolution, attempt) => {
      resolutions.push({ seq, resolution, attempt });
      return outcome([{ type: 'completeTask', request: { taskToken: 'run-1/1' } }]);
    };
    world.reply('PollWorkflowTaskQueue', workflowTask(1), isNormal);
    return { world, resolutions };
  }

  test('runs, resolves, completes the Workflow Task', () => {
    const { world, resolutions } = withLocalActivity();
    const { token, task } = world.last('activityStart');
    expect(task).toMatchObject({ isLocal: true, attempt: 1 });
    world.worker.onActivityResult(token, { completed: {} });
    expect(resolutions).toEqual([{ seq: 1, resolution: { completed: {} }, attempt: 1 }]);
    world.reply('RespondWorkflowTaskCompleted', {});
    expect(world.lastEntry('slots')).toMatchObject({ used: 0 });
  });

  test('fails in memory: again after 1 s, 2 s, then resolved as failed', () => {
    const { world, resolutions } = withLocalActivity();
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      const before = world.messages.length;
      const from = world.now();
      while (world.messages.length === before && attempt > 1) world.advance(100);
      if (attempt > 1) waits.push(world.now() - from);
      world.onHeartbeat = () => outcome([]);
      world.worker.onActivityResult(world.last('activityStart').token, { failed: { failure: { message: `no ${attempt}`, applicationFailureInfo: { type: 'Error' } } } });
    }
    expect(waits).toEqual([1000, 2000]);
    expect(resolutions).toMatchObject([{ resolution: { failed: { failure: { message: 'no 3' } } }, attempt: 3 }]);
  });

  test('a back-off above the threshold becomes a timer of the workflow', () => {
    const { world, resolutions } = withLocalActivity({ localRetryThreshold: '0.5s' });
    world.worker.onActivityResult(world.last('activityStart').token, { failed: { failure: { message: 'no' } } });
    expect(resolutions).toMatchObject([{ resolution: { backoff: { attempt: 2, backoffDuration: '1s' }, failed: { failure: { message: 'no' } } }, attempt: 1 }]);
  });

  test('start-to-close cancels the attempt and counts as a failure', () => {
    const { world, resolutions } = withLocalActivity({ retryPolicy: { maximumAttempts: 1 } });
    world.onHeartbeat = () => outcome([]);
    world.advance(10_000);
    expect(world.last('activityCancel')).toMatchObject({ reason: 'TIMED_OUT' });
    expect(resolutions).toMatchObject([{ resolution: { failed: { failure: { message: 'Activity timed out', timeoutFailureInfo: { timeoutType: 'TIMEOUT_TYPE_START_TO_CLOSE' } } } } }]);
  });

  test('heartbeats the Workflow Task at 80 %', () => {
    const { world } = withLocalActivity();
    let beats = 0;
    world.onHeartbeat = () => {
      beats++;
      return outcome([{ type: 'completeTask', request: { taskToken: 'run-1/1', forceCreateNewWorkflowTask: true } }]);
    };
    world.advance(8_000);
    expect(beats).toBe(1);
    expect(world.open('RespondWorkflowTaskCompleted')).toHaveLength(1);
  });
});

describe('shutdown', () => {
  test('cancels activities, waits for them, ends', () => {
    const world = running();
    world.reply('PollActivityTaskQueue', activityTask('a'));
    world.worker.shutdown();
    expect(world.open('ShutdownWorker')).toHaveLength(1);
    expect(world.open('PollActivityTaskQueue')).toEqual([]);
    world.advance(0);
    expect(world.last('activityCancel')).toMatchObject({ reason: 'WORKER_SHUTDOWN' });
    world.worker.onActivityResult('a', { cancelled: { failure: {} } });
    expect(world.open('RespondActivityTaskFailed')[0]?.request.failure).toMatchObject({ applicationFailureInfo: { type: 'WorkerShutdown' } });
    world.reply('RespondActivityTaskFailed', {});
    expect(world.messages.some((m) => m.type === 'workerDrained')).toBe(false);
    world.reply('ShutdownWorker', {});
    expect(world.last('workerDrained')).toBeDefined();
    expect(world.calls).toEqual([]);
  });

  test('activities get the grace time', () => {
    const world = running({ shutdownGraceTime: 3_000 });
    world.reply('PollActivityTaskQueue', activityTask('a'));
    world.worker.shutdown();
    world.advance(2_999);
    expect(world.messages.some((m) => m.type === 'activityCancel')).toBe(false);
    world.advance(1);
    expect(world.last('activityCancel')).toBeDefined();
  });
});
