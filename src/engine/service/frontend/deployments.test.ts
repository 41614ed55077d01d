import { describe, expect, it } from 'vitest';
import type { PollWorkflowTaskQueueResponse, VersioningBehavior, WorkerDeploymentOptions } from '../../../api/proto.ts';
import { activity, complete, createDriver, QUEUE, timer, type Driver } from '../testing/driver.ts';

const namespace = 'default';
const deploymentName = 'shop';
const options = (buildId: string): WorkerDeploymentOptions => ({ deploymentName, buildId, workerVersioningMode: 'WORKER_VERSIONING_MODE_VERSIONED' });
const pollWith = (d: Driver, buildId: string, name = QUEUE) => d.begin('PollWorkflowTaskQueue', { namespace, taskQueue: { name }, identity: `worker-${buildId}`, deploymentOptions: options(buildId) });
const pollActivityWith = (d: Driver, buildId: string) => d.begin('PollActivityTaskQueue', { namespace, taskQueue: { name: QUEUE }, identity: `worker-${buildId}`, deploymentOptions: options(buildId) });
const got = (d: Driver, callId: number) => {
  d.rest();
  const answer = d.answer(callId);
  return answer?.ok ? (answer.response as PollWorkflowTaskQueueResponse) : null;
};
const finishTask = (d: Driver, task: PollWorkflowTaskQueueResponse | null, buildId: string, versioningBehavior: VersioningBehavior, commands = [timer('1', '3600s')]) =>
  d.complete(task ?? {}, commands, { versioningBehavior, deploymentOptions: options(buildId) });
const setCurrent = (d: Driver, buildId: string, more = {}) => d.call('SetWorkerDeploymentCurrentVersion', { namespace, deploymentName, buildId, identity: 'ops', ...more });
const describeIt = (d: Driver) => d.call('DescribeWorkerDeployment', { namespace, deploymentName }).workerDeploymentInfo;

describe('worker deployments', () => {
  it('one namespace knows nothing of the deployments of another', () => {
    const d = createDriver();
    d.call('RegisterNamespace', { namespace: 'other', workflowExecutionRetentionPeriod: '86400s' });
    pollWith(d, '1');
    setCurrent(d, '1');
    expect(d.call('ListWorkerDeployments', { namespace }).workerDeployments?.map((one) => one.name)).toEqual(['shop']);
    expect(d.call('ListWorkerDeployments', { namespace: 'other' }).workerDeployments).toEqual([]);
    expect(d.refuses('DescribeWorkerDeployment', { namespace: 'other', deploymentName }).message).toBe("no Worker Deployment found with name 'shop'; does your Worker Deployment have pollers?");
    expect(d.call('DescribeTaskQueue', { namespace: 'other', taskQueue: { name: QUEUE }, taskQueueType: 'TASK_QUEUE_TYPE_WORKFLOW' }).versioningInfo?.currentVersion).toBe('__unversioned__');
    expect(d.call('DescribeTaskQueue', { namespace, taskQueue: { name: QUEUE }, taskQueueType: 'TASK_QUEUE_TYPE_WORKFLOW' }).versioningInfo?.currentVersion).toBe('shop.1');
  });

  it('nobody is pinned to a version that never polled the queue', () => {
    const d = createDriver();
    pollWith(d, '1');
    const versioningOverride = (buildId: string) => ({ pinned: { behavior: 'PINNED_OVERRIDE_BEHAVIOR_PINNED' as const, version: { deploymentName, buildId } } });
    d.start('pinned', { versioningOverride: versioningOverride('1') });
    const request = { namespace, workflowId: 'x', workflowType: { name: 't' }, taskQueue: { name: QUEUE }, requestId: 'r' };
    const refused = { code: 9, message: `Pinned version 'shop:2' is not present in task queue '${QUEUE}' of type 'Workflow'` };
    expect(d.refuses('StartWorkflowExecution', { ...request, versioningOverride: versioningOverride('2') })).toEqual(refused);
    expect(d.refuses('UpdateWorkflowExecutionOptions', { namespace, workflowExecution: { workflowId: 'pinned' }, updateMask: 'versioningOverride', workflowExecutionOptions: { versioningOverride: versioningOverride('2') } })).toEqual(refused);
  });

  it('tasks go to the current version; pinned runs stay, others move', () => {
    const d = createDriver();
    const first = pollWith(d, '1');
    d.start('early');
    expect(got(d, first)).toBeNull();
    setCurrent(d, '1');
    expect(got(d, first)?.workflowExecution?.workflowId).toBe('early');
    finishTask(d, got(d, first), '1', 'VERSIONING_BEHAVIOR_PINNED');
    const second = pollWith(d, '1');
    d.start('follows');
    finishTask(d, got(d, second), '1', 'VERSIONING_BEHAVIOR_AUTO_UPGRADE');

    const [old, young] = [pollWith(d, '1'), pollWith(d, '2')];
    expect(setCurrent(d, '2')).toMatchObject({ previousVersion: 'shop.1', previousDeploymentVersion: { deploymentName, buildId: '1' } });
    d.signal('early', 'x');
    d.signal('follows', 'x');
    expect(got(d, old)?.workflowExecution?.workflowId).toBe('early');
    expect(got(d, young)?.workflowExecution?.workflowId).toBe('follows');
    finishTask(d, got(d, young), '2', 'VERSIONING_BEHAVIOR_AUTO_UPGRADE', []);
    expect(d.events('follows').at(-1)?.workflowTaskCompletedEventAttributes).toMatchObject({ deploymentVersion: { buildId: '2' }, workerDeploymentName: 'shop', versioningBehavior: 'VERSIONING_BEHAVIOR_AUTO_UPGRADE' });
    expect(d.call('CountWorkflowExecutions', { namespace, query: "TemporalWorkerDeploymentVersion = 'shop:1' AND TemporalWorkflowVersioningBehavior = 'Pinned'" }).count).toBe('1');
    expect(d.call('DescribeWorkflowExecution', { namespace, execution: { workflowId: 'early' } }).workflowExecutionInfo).toMatchObject({ workerDeploymentName: 'shop', versioningInfo: { behavior: 'VERSIONING_BEHAVIOR_PINNED', version: 'shop.1' } });
  });

  it('an activity moves its run to the new version first', () => {
    const d = createDriver();
    setCurrent(d, '1', { allowNoPollers: true });
    const poll = pollWith(d, '1');
    pollActivityWith(d, '1');
    d.start('w');
    const [next, worker] = [pollWith(d, '2'), pollActivityWith(d, '2')];
    setCurrent(d, '2');
    finishTask(d, got(d, poll), '1', 'VERSIONING_BEHAVIOR_AUTO_UPGRADE', [activity('1')]);
    expect(got(d, worker)).toBeNull();
    const moved = got(d, next);
    expect(moved?.workflowExecution?.workflowId).toBe('w');
    finishTask(d, moved, '2', 'VERSIONING_BEHAVIOR_AUTO_UPGRADE', []);
    expect((got(d, worker) as { activityId?: string } | null)?.activityId).toBe('1');
    expect(d.sequence('w')).toBe('S Ws Wt Wc As Ws Wt Wc');
  });

  it('a share of the workflow ids goes to the ramping version, always the same', () => {
    const d = createDriver();
    setCurrent(d, '1', { allowNoPollers: true });
    pollWith(d, '1');
    pollWith(d, '2');
    d.call('SetWorkerDeploymentRampingVersion', { namespace, deploymentName, buildId: '2', percentage: 30, identity: 'ops' });
    const taken = { 1: 0, 2: 0 };
    for (let i = 0; i < 200; i++) {
      d.start(`w${i}`);
      const polls = [['1', pollWith(d, '1')], ['2', pollWith(d, '2')]] as const;
      for (const [buildId, callId] of polls) {
        const task = got(d, callId);
        if (task) {
          taken[buildId]++;
          finishTask(d, task, buildId, 'VERSIONING_BEHAVIOR_PINNED', [complete()]);
        } else d.drop(callId);
      }
    }
    expect(taken[1] + taken[2]).toBeGreaterThanOrEqual(198);
    expect(taken[2]).toBeGreaterThan(40);
    expect(taken[2]).toBeLessThan(80);
  });

  it('tells how versions stand, from inactive to drained', () => {
    const d = createDriver();
    pollWith(d, '1');
    pollWith(d, '2');
    const statuses = () => describeIt(d)?.versionSummaries?.map((v) => `${v.deploymentVersion?.buildId} ${v.status?.replace('WORKER_DEPLOYMENT_VERSION_STATUS_', '')}`).toSorted();
    expect(statuses()).toEqual(['1 INACTIVE', '2 INACTIVE']);
    expect(describeIt(d)?.routingConfig?.currentVersion).toBe('__unversioned__');
    setCurrent(d, '1');
    d.call('SetWorkerDeploymentRampingVersion', { namespace, deploymentName, buildId: '2', percentage: 10, identity: 'ops' });
    expect(statuses()).toEqual(['1 CURRENT', '2 RAMPING']);
    d.advance(1000);
    setCurrent(d, '2');
    expect(statuses()).toEqual(['1 DRAINING', '2 CURRENT']);
    expect(describeIt(d)?.routingConfig).toMatchObject({ currentVersion: 'shop.2', currentDeploymentVersion: { buildId: '2' }, currentVersionChangedTime: '2026-01-01T00:00:01Z', revisionNumber: '3' });
    expect(describeIt(d)?.routingConfig?.rampingVersion).toBeUndefined();
    d.advance(180_000);
    expect(statuses()).toEqual(['1 DRAINED', '2 CURRENT']);
    expect(d.call('DescribeWorkerDeploymentVersion', { namespace, deploymentVersion: { deploymentName, buildId: '2' } }).workerDeploymentVersionInfo).toMatchObject({
      version: 'shop.2', status: 'WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT', taskQueueInfos: [{ name: QUEUE, type: 'TASK_QUEUE_TYPE_WORKFLOW' }], currentSinceTime: '2026-01-01T00:00:01Z',
    });
    expect(d.call('ListWorkerDeployments', { namespace }).workerDeployments).toMatchObject([{ name: 'shop', currentVersionSummary: { version: 'shop.2' } }]);
  });

  it('is seen to have drained at the first look, every three minutes, after the last pinned run', () => {
    const d = createDriver();
    const poll = pollWith(d, '1');
    pollWith(d, '2');
    setCurrent(d, '1');
    d.start('pinned');
    finishTask(d, got(d, poll), '1', 'VERSIONING_BEHAVIOR_PINNED');
    setCurrent(d, '2');
    const drainage = () => {
      const { status, drainageInfo } = d.call('DescribeWorkerDeploymentVersion', { namespace, deploymentVersion: { deploymentName, buildId: '1' } }).workerDeploymentVersionInfo ?? {};
      return [status?.replace('WORKER_DEPLOYMENT_VERSION_STATUS_', ''), drainageInfo?.lastChangedTime?.slice(14, 19), drainageInfo?.lastCheckedTime?.slice(14, 19)].join(' ');
    };
    expect(drainage()).toBe('DRAINING 00:00 00:00');
    d.advance(200_000);
    expect(drainage()).toBe('DRAINING 00:00 03:00');
    d.call('TerminateWorkflowExecution', { namespace, workflowExecution: { workflowId: 'pinned' } });
    expect(drainage()).toBe('DRAINING 00:00 03:00');
    d.advance(200_000);
    expect(drainage()).toBe('DRAINED 06:00 06:00');
    d.advance(200_000);
    expect(drainage()).toBe('DRAINED 06:00 06:00');
    d.start('late', { versioningOverride: { pinned: { behavior: 'PINNED_OVERRIDE_BEHAVIOR_PINNED', version: { deploymentName, buildId: '1' } } } });
    expect(drainage()).toBe('DRAINING 10:00 10:00');
  });

  it('refuses what the server refuses', () => {
    const d = createDriver();
    const current = (more: object) => d.refuses('SetWorkerDeploymentCurrentVersion', { namespace, deploymentName, buildId: '1', identity: 'ops', ...more }).message;
    expect(current({})).toBe("no Worker Deployment found with name 'shop'; does your Worker Deployment have pollers?");
    expect(d.refuses('DescribeWorkerDeployment', { namespace }).message).toBe('WorkerDeploymentName cannot be empty');
    expect(d.refuses('DescribeWorkerDeploymentVersion', { namespace }).message).toBe('deployment version cannot be empty');
    expect(current({ deploymentName: '' })).toBe('deployment name cannot be empty');
    pollWith(d, '1');
    expect(current({ buildId: '9' })).toBe("build ID '9' not found in Worker Deployment 'shop'");
    expect(current({ conflictToken: 'AAAA' })).toBe('conflict token mismatch');
    setCurrent(d, '1');
    const ramp = (more: object) => d.refuses('SetWorkerDeploymentRampingVersion', { namespace, deploymentName, identity: 'ops', percentage: 5, ...more }).message;
    expect(ramp({ buildId: '1' })).toBe('requested ramping version shop.1 is already current');
    expect(ramp({ buildId: '1', percentage: 101 })).toBe('Percentage must be between 0 and 100 (inclusive)');
    expect(d.refuses('DescribeWorkerDeploymentVersion', { namespace, deploymentVersion: { deploymentName, buildId: '9' } }).message).toBe('Worker Deployment Version not found');
    pollWith(d, '2', 'other-queue');
    d.start('a');
    d.start('b');
    expect(current({ buildId: '2' })).toBe("proposed current version 'shop:2' is missing active task queues from the current version; these would become unversioned if it is set as the current version");
    setCurrent(d, '2', { ignoreMissingTaskQueues: true });
  });
});
