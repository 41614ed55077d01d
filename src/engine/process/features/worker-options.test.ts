import { expect, test } from 'vitest';
import { runInline } from '../../../testing/inline-project.ts';

/** What the SDK and its Core refuse in WorkerOptions, in the words of a real run. */

test.each([
  ['one workflow slot, with a cache', 'workflowsPath, maxConcurrentWorkflowTaskExecutions: 1', 'TypeError: Failed to convert WorkerOptions to CoreWorkerConfig: `max_cached_workflows` > 0 requires `workflow_task_poller_behavior` to be at least 2'],
  ['one workflow slot, no cache', 'workflowsPath, maxConcurrentWorkflowTaskExecutions: 1, maxCachedWorkflows: 0', 'INITIALIZED'],
  ['no activity slots', 'activities, maxConcurrentActivityTaskExecutions: 0', 'TypeError: Failed to convert WorkerOptions to CoreWorkerConfig: SimpleMaximum poller behavior must be at least 1'],
  ['polls are not looked at', 'activities, maxConcurrentActivityTaskPolls: 0', 'INITIALIZED'],
  ['minimum above maximum', "activities, activityTaskPollerBehavior: { type: 'autoscaling', minimum: 5, maximum: 2 }", 'TypeError: Failed to convert WorkerOptions to CoreWorkerConfig: Autoscaling maximum must be greater than or equal to minimum'],
  ['no initial polls', "activities, activityTaskPollerBehavior: { type: 'autoscaling', minimum: 5, initial: 2 }", 'TypeError: Failed to convert WorkerOptions to CoreWorkerConfig: Autoscaling initial must be between minimum and maximum'],
  ['rate 0', 'activities, maxActivitiesPerSecond: 0', 'TypeError: Failed to convert WorkerOptions to CoreWorkerConfig: `max_worker_activities_per_second` must be positive and nonzero'],
  ['nothing to do', '', 'TypeError: Failed to convert WorkerOptions to CoreWorkerConfig: At least one task type must be enabled in `task_types`'],
  ['versions without a behaviour', "workflowsPath, workerDeploymentOptions: { version: { deploymentName: 'd', buildId: 'b' }, useWorkerVersioning: true }", 'Error: Unknown versioning behavior: undefined'],
  ['a version without a name', "workflowsPath, workerDeploymentOptions: { version: { deploymentName: '', buildId: 'b' }, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' }", 'TypeError: Failed to convert WorkerOptions to CoreWorkerConfig: WorkerDeploymentVersion must have a non-empty build_id and deployment_name when deployment-based versioning is enabled'],
  ['no identity', "activities, identity: ''", 'Error: Failed to initialize worker: Client identity cannot be empty. Either lang or user should be setting this value'],
  ['no namespace', "activities, namespace: ''", 'Error: Failed to initialize worker: Worker namespace cannot be empty'],
  [
    'tuners of their own', "workflowsPath, tuner: { workflowTaskSlotSupplier: { type: 'resource-based', tunerOptions: { targetMemoryUsage: 1, targetCpuUsage: 1 } }, activityTaskSlotSupplier: { type: 'resource-based', tunerOptions: { targetMemoryUsage: 0.5, targetCpuUsage: 1 } }, localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 } }",
    'TypeError: Cannot construct worker tuner with multiple different resource-based tuner configurations',
  ],
])('%s', async (_, options, expected) => {
  const run = await runInline({
    activities: 'export async function a() {}',
    worker: `const workflowsPath = require.resolve('./workflows'); void workflowsPath;
      try { const w = await W.Worker.create({ taskQueue: 'q', ${options} } as any); console.log(w.getState()); } catch (error: any) { console.log(error.name + ': ' + error.message); }
      process.exit(0);`,
  });
  expect(run.log('worker-1')).toEqual([expected]);
});

test('two workers of one connection do not share a task queue, unless they do different things or have another deployment version', async () => {
  const run = await runInline({
    activities: 'export async function a() {}',
    worker: `const connection = await W.NativeConnection.connect();
      const make = async (options: object) => {
        try { await W.Worker.create({ connection, taskQueue: 'q', ...options } as any); console.log('made'); } catch (error: any) { console.log(error.message.replace(/types: [-0-9a-f]{36}/, 'types: <key>')); }
      };
      const workflowsPath = require.resolve('./workflows');
      await make({ workflowsPath }); await make({ activities }); await make({ workflowsPath }); await make({ activities, taskQueue: 'r' });
      await make({ workflowsPath, workerDeploymentOptions: { version: { deploymentName: 'd', buildId: 'b' }, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' } });
      await W.Worker.create({ taskQueue: 'q', workflowsPath }); console.log('made, with a connection of its own'); process.exit(0);`,
  });
  const types = (workflows: boolean): string => `WorkerTaskTypes { enable_workflows: ${workflows}, enable_local_activities: false, enable_remote_activities: false, enable_nexus: false }`;
  expect(run.log('worker-1')).toEqual([
    'made', 'made',
    `Failed to initialize worker: Registration of multiple workers with overlapping worker task types on the same namespace, task queue, and deployment build ID not allowed: SlotKey { namespace: "default", task_queue: "q" }, worker_instance_key: ${types(true)} build_id: None, new task types: ${types(true)}, existing task types: <key>.`,
    'made', 'made', 'made, with a connection of its own',
  ]);
});
