import { complete } from '../../src/engine/service/testing/driver.ts';
import type { TaskQueueStats } from '../../src/api/proto.ts';
import type { Script } from './world.ts';

/** Lists, queues, settings: what is read or changed beside the workflows. */

export const reads: { readonly [name: string]: Script } = {
  'lists': async (w) => {
    for (const id of ['a', 'b']) await w.ok('StartWorkflowExecution', w.startRequest({ workflowId: `${w.wf}-${id}`, requestId: id, memo: { fields: { note: { data: 'MQ==' } } } }));
    await w.complete(await w.poll(), [complete()]);
    await w.wait(2500);
    w.entries.length = 0;
    const mine = `WorkflowId STARTS_WITH '${w.wf}'`;
    await w.call('CountWorkflowExecutions', { query: mine });
    await w.call('CountWorkflowExecutions', { query: `${mine} GROUP BY ExecutionStatus` });
    await w.call('ListWorkflowExecutions', { query: `${mine} AND ExecutionStatus = 'Completed'` });
    await w.call('ListWorkflowExecutions', { query: `${mine} AND ExecutionStatus = 'Running'` });
    for (const query of ['nonsense', 'Unknown = 1', "ExecutionStatus = 'Nonsense'", "WorkflowId = 1", "StartTime > 'x'", `${mine} ORDER BY StartTime`, 'WorkflowId', "WorkflowId LIKE 'a%'", `${mine} GROUP BY WorkflowType`]) {
      await w.call('ListWorkflowExecutions', { query });
      await w.call('CountWorkflowExecutions', { query });
    }
    // Which of the two is done is chance.
    for (const entry of w.entries) Object.assign(entry, JSON.parse(JSON.stringify(entry).replaceAll(`${w.wf}-a`, `${w.wf}-?`).replaceAll(`${w.wf}-b`, `${w.wf}-?`)));
    for (const id of ['a', 'b']) await w.call('TerminateWorkflowExecution', { workflowExecution: { workflowId: `${w.wf}-${id}` } });
    w.entries.splice(-2);
  },

  'polls-refused': async (w) => {
    for (const taskQueue of [undefined, { name: '' }, { name: 'x'.repeat(1001) }]) {
      await w.call('PollWorkflowTaskQueue', { taskQueue: taskQueue as never });
      await w.call('PollActivityTaskQueue', { taskQueue: taskQueue as never });
    }
    await w.call('PollWorkflowTaskQueue', { taskQueue: { name: 'q' }, identity: 'x'.repeat(1001) });
  },

  'workflow-options': async (w) => {
    await w.start();
    const workflowExecution = w.execution();
    await w.call('UpdateWorkflowExecutionOptions', { workflowExecution, workflowExecutionOptions: {} });
    await w.call('UpdateWorkflowExecutionOptions', { workflowExecution, workflowExecutionOptions: { priority: { priorityKey: 2 } }, updateMask: 'priority' as never, identity: 'me' });
    await w.call('UpdateWorkflowExecutionOptions', { workflowExecution, workflowExecutionOptions: { priority: { priorityKey: 2 } }, updateMask: 'priority' as never, identity: 'me' });
    await w.history();
    await w.terminate();
    await w.call('UpdateWorkflowExecutionOptions', { workflowExecution, workflowExecutionOptions: {}, updateMask: 'priority' as never });
  },

  'task-queue-described': async (w) => {
    await w.start();
    await w.complete(await w.poll(), [w.activity('1')]);
    w.entries.length = 0;
    await w.call('DescribeTaskQueue', { taskQueue: { name: w.queue }, taskQueueType: 'TASK_QUEUE_TYPE_WORKFLOW' });
    await w.call('DescribeTaskQueue', { taskQueue: { name: w.queue }, taskQueueType: 'TASK_QUEUE_TYPE_ACTIVITY' });
    // Rates are measured; what is asked twice within five seconds is answered from memory.
    const all = { reportStats: true, reportPollers: true, includeTaskQueueStatus: true };
    const stats = async (name: string, taskQueueType: 'TASK_QUEUE_TYPE_WORKFLOW' | 'TASK_QUEUE_TYPE_ACTIVITY'): Promise<void> => {
      const outcome = await w.call('DescribeTaskQueue', { taskQueue: { name }, taskQueueType, ...all });
      w.entries.pop();
      if (!outcome.ok) return;
      const { stats: whole, statsByPriorityKey, taskQueueStatus, ...rest } = outcome.response;
      const plain = ({ approximateBacklogCount }: TaskQueueStats = {}) => ({ approximateBacklogCount });
      w.entries.push({ call: 'DescribeTaskQueue', answer: { ...rest, pollers: rest.pollers?.length, stats: plain(whole), byPriority: Object.entries(statsByPriorityKey ?? {}).map(([key, value]) => [key, plain(value)]), block: taskQueueStatus?.taskIdBlock, rate: taskQueueStatus?.ratePerSecond } });
    };
    await stats('nobody-knows-it', 'TASK_QUEUE_TYPE_ACTIVITY');
    await stats(w.queue, 'TASK_QUEUE_TYPE_WORKFLOW');
    await stats(w.queue, 'TASK_QUEUE_TYPE_ACTIVITY');
    await w.signal();
    await w.complete(await w.poll(), [w.activity('2', { priority: { priorityKey: 1 } }), w.activity('3', { priority: { priorityKey: 5 } }), w.activity('4')]);
    w.entries.splice(-3);
    await w.wait(6000);
    await stats(w.queue, 'TASK_QUEUE_TYPE_ACTIVITY');
    const limit = { updateQueueRateLimit: { rateLimit: { requestsPerSecond: 8 } }, taskQueue: w.queue, identity: 'me' } as const;
    await w.call('UpdateTaskQueueConfig', { taskQueueType: 'TASK_QUEUE_TYPE_ACTIVITY', ...limit });
    await w.wait(6000);
    await stats(w.queue, 'TASK_QUEUE_TYPE_ACTIVITY');
    await w.call('DescribeTaskQueue', {});
    await w.call('DescribeTaskQueue', { taskQueue: { name: '' } });
    await w.terminate();
  },
};
