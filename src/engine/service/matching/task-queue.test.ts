import { describe, expect, it } from 'vitest';
import type { PollWorkflowTaskQueueResponse } from '../../../api/proto.ts';
import { activity, createDriver, QUEUE, type Driver } from '../testing/driver.ts';

const namespace = 'default';
const taskQueue = { name: QUEUE };

/** A run with this many activities in the queue. */
function withActivities(count: number, options = {}): Driver {
  const d = createDriver(options);
  d.start('w');
  d.complete(d.pollTask(), Array.from({ length: count }, (_, i) => activity(String(i))));
  return d;
}
/** Takes what can be had now; the number of it. */
function drain(d: Driver, maxTasksPerSecond?: number): number {
  for (let taken = 0; ; taken++) {
    const call = d.begin('PollActivityTaskQueue', { namespace, taskQueue, identity: 'w', ...(maxTasksPerSecond ? { taskQueueMetadata: { maxTasksPerSecond } } : {}) });
    d.rest();
    if (d.answer(call)) continue;
    d.drop(call);
    return taken;
  }
}
const order = (d: Driver, count: number) => Array.from({ length: count }, () => Number(d.pollActivity().activityId));

describe('task queues', () => {
  it('one partition keeps the order, four do not', () => {
    expect(order(withActivities(40, { partitions: 1 }), 40)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    const mixed = order(withActivities(40), 40);
    expect(mixed).not.toEqual(mixed.toSorted((a, b) => a - b));
    expect(mixed.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  // A real server's partitions each did so: 1, 1, 2, 3, 5 and the like; an activity without a priority has its workflow's.
  it('gives out what has priority first, in each partition', () => {
    const priorities = [5, 3, 1, 0, 4, 2, 5, 3, 1, 0, 4, 2];
    const taken = (own: number) => {
      const d = createDriver({ partitions: 1 });
      d.start('w', own ? { priority: { priorityKey: own } } : {});
      d.complete(d.pollTask(), priorities.map((priorityKey, i) => activity(`${priorityKey}-${i}`, priorityKey ? { priority: { priorityKey } } : {})));
      return priorities.map(() => d.pollActivity().activityId).join(' ');
    };
    expect(taken(0)).toBe('1-2 1-8 2-5 2-11 3-1 0-3 3-7 0-9 4-4 4-10 5-0 5-6');
    expect(taken(2)).toBe('1-2 1-8 0-3 2-5 0-9 2-11 3-1 3-7 4-4 4-10 5-0 5-6');
  });

  it('advises one poll less after a second of waiting, one more for a backlog older than 200 ms', () => {
    const waited = (ms: number) => {
      const d = createDriver();
      const poll = d.begin('PollWorkflowTaskQueue', { namespace, taskQueue, identity: 'w' });
      d.advance(ms);
      d.start('w');
      const answer = d.answer(poll);
      return answer?.ok ? (answer.response as PollWorkflowTaskQueueResponse).pollerScalingDecision?.pollRequestDeltaSuggestion : null;
    };
    expect([waited(999), waited(1000)]).toEqual([undefined, -1]);
    const aged = (ms: number) => {
      const d = withActivities(8);
      d.advance(ms);
      return d.pollActivity().pollerScalingDecision?.pollRequestDeltaSuggestion;
    };
    expect([aged(200), aged(201)]).toEqual([undefined, 1]);
  });

  it('a task goes to a waiting poller and never into the backlog', () => {
    const d = createDriver();
    const poll = d.begin('PollWorkflowTaskQueue', { namespace, taskQueue, identity: 'w' });
    d.start('w');
    expect(d.answer(poll)).not.toBeNull();
    expect(d.call('DescribeTaskQueue', { namespace, taskQueue, reportStats: true }).stats).toEqual({ approximateBacklogAge: '0s', tasksAddRate: 1 / 30, tasksDispatchRate: 1 / 30 });
  });

  it('tells of its backlog and of its pollers', () => {
    const d = withActivities(5);
    d.advance(2000);
    const described = d.call('DescribeTaskQueue', { namespace, taskQueue, taskQueueType: 'TASK_QUEUE_TYPE_ACTIVITY', reportStats: true });
    expect(described).toMatchObject({ pollers: [], stats: { approximateBacklogCount: '5', approximateBacklogAge: '2s' } });
    expect(d.call('DescribeTaskQueue', { namespace, taskQueue }).pollers).toMatchObject([{ identity: 'worker', ratePerSecond: 100_000, lastAccessTime: '2026-01-01T00:00:00Z' }]);
    d.advance(300_000);
    expect(d.call('DescribeTaskQueue', { namespace, taskQueue }).pollers).toEqual([]);
  });

  it("holds the workers' rate, a partition a quarter of it: a second's worth at once, then evenly", () => {
    const d = withActivities(100);
    expect(drain(d, 10)).toBe(12);
    d.advance(50);
    expect(drain(d, 10)).toBe(0);
    d.advance(4000);
    expect(drain(d, 10)).toBe(12);
    const one = withActivities(100, { partitions: 1 });
    expect(drain(one, 10)).toBe(11);
    one.advance(50);
    expect(drain(one, 10)).toBe(0);
    one.advance(1000);
    expect(drain(one, 10)).toBe(10);
    one.advance(5000);
    expect(drain(one, 10)).toBe(11);
  });

  // A real server gave out 8 tasks at 1 a second within 21.5 s, and 16 at 4 a second within 4 to 5 s: as long as the fullest partition takes.
  it('takes as long as the fullest partition', () => {
    const d = createDriver();
    const polls = Array.from({ length: 8 }, () => d.begin('PollActivityTaskQueue', { namespace, taskQueue, identity: 'w', taskQueueMetadata: { maxTasksPerSecond: 1 } }));
    d.start('w');
    d.complete(d.pollTask(), Array.from({ length: 8 }, (_, i) => activity(String(i))));
    const times: number[] = [];
    for (let second = 0; times.length < 8; second++, d.advance(1000)) while (times.length < polls.filter((poll) => d.answer(poll)).length) times.push(second);
    expect(times.slice(0, 4)).toEqual([0, 0, 3, 3]);
    expect(times.every((at) => at === 0 || at % 4 === 3)).toBe(true);
    expect(times.at(-1)).toBeGreaterThan(6);
  });

  it('a rate from outside goes first; 0 stops the queue', () => {
    const d = withActivities(30);
    const configure = (requestsPerSecond: number | undefined) =>
      d.call('UpdateTaskQueueConfig', {
        namespace, taskQueue: QUEUE, taskQueueType: 'TASK_QUEUE_TYPE_ACTIVITY', identity: 'ops',
        updateQueueRateLimit: { reason: 'slow', ...(requestsPerSecond === undefined ? {} : { rateLimit: { requestsPerSecond } }) },
      });
    expect(configure(0).config).toEqual({ queueRateLimit: { rateLimit: { requestsPerSecond: 0 }, metadata: { reason: 'slow', updateIdentity: 'ops', updateTime: '2026-01-01T00:00:00Z' } } });
    expect(drain(d, 1000)).toBe(0);
    const waiting = d.begin('PollActivityTaskQueue', { namespace, taskQueue, identity: 'w' });
    d.advance(60_000);
    expect(d.answer(waiting)).toBeNull();
    // As if each partition had just given out a task.
    configure(2);
    expect(d.answer(waiting)).toBeNull();
    d.advance(2999);
    expect(drain(d)).toBe(0);
    d.advance(1);
    expect(d.answer(waiting)).not.toBeNull();
    expect(drain(d)).toBe(3);
    d.advance(2000);
    expect(drain(d)).toBe(4);
    configure(0);
    d.advance(10_000);
    configure(undefined);
    expect(drain(d)).toBe(0);
    d.advance(1000);
    expect(drain(d)).toBe(22);
    expect(d.refuses('UpdateTaskQueueConfig', { namespace, taskQueue: QUEUE, taskQueueType: 'TASK_QUEUE_TYPE_WORKFLOW', updateQueueRateLimit: { rateLimit: { requestsPerSecond: 1 } } }).message).toBe('Setting rate limit on workflow task queues is not allowed.');
  });
});
