import type { Command, PollWorkflowTaskQueueResponse, VersioningBehavior, VersioningOverride } from '../../src/api/proto.ts';
import type { Script, World } from './world.ts';

/** Worker deployments: versions, where they run, what descriptions say of them. */

const deploymentName = (w: World): string => `dep-${w.wf}`;
const version = (w: World, buildId: string) => ({ deploymentName: deploymentName(w), buildId });
const deploymentOptions = (w: World, buildId: string) => ({ ...version(w, buildId), workerVersioningMode: 'WORKER_VERSIONING_MODE_VERSIONED' as const });
const pinned = (w: World, buildId: string): VersioningOverride => ({ pinned: { behavior: 'PINNED_OVERRIDE_BEHAVIOR_PINNED', version: version(w, buildId) } });

const begin = (w: World, buildId: string) => w.begin('PollWorkflowTaskQueue', { taskQueue: { name: w.queue }, identity: `worker-${buildId}`, deploymentOptions: deploymentOptions(w, buildId) });

async function task(w: World, buildId: string, pending = begin(w, buildId)): Promise<PollWorkflowTaskQueueResponse> {
  const outcome = await pending();
  if (!outcome.ok) throw new Error('no task');
  return outcome.response;
}

const done = (w: World, of: PollWorkflowTaskQueueResponse, buildId: string, versioningBehavior: VersioningBehavior, commands: Command[] = []) =>
  w.complete(of, commands, { deploymentOptions: deploymentOptions(w, buildId), versioningBehavior });

/** Its answer holds a time in a token. */
async function setCurrent(w: World, buildId: string): Promise<void> {
  await w.ok('SetWorkerDeploymentCurrentVersion', { ...version(w, buildId), identity: 'me' });
  w.entries.pop();
  await w.wait(2000);
}

async function described(w: World): Promise<void> {
  for (const buildId of ['a', 'b']) await w.call('DescribeWorkerDeploymentVersion', { deploymentVersion: version(w, buildId) });
}

const describeRun = (w: World, workflowId = w.wf) => w.ok('DescribeWorkflowExecution', { execution: { workflowId } });

export const deployments: { readonly [name: string]: Script } = {
  'versions-of-runs': async (w) => {
    const polls = { a: begin(w, 'a'), b: begin(w, 'b') };
    await w.wait(3000);
    await setCurrent(w, 'a');
    await described(w);
    await w.start();
    await done(w, await task(w, 'a', polls.a), 'a', 'VERSIONING_BEHAVIOR_PINNED');
    const auto = `${w.wf}-auto`;
    await w.start({ workflowId: auto, requestId: auto });
    await done(w, await task(w, 'a'), 'a', 'VERSIONING_BEHAVIOR_AUTO_UPGRADE');
    await describeRun(w);
    await setCurrent(w, 'b');
    await described(w);
    await w.signal('go', { workflowId: auto });
    const moving = await task(w, 'b', polls.b);
    await done(w, moving, 'b', 'VERSIONING_BEHAVIOR_AUTO_UPGRADE', [{
      commandType: 'COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION', continueAsNewWorkflowExecutionCommandAttributes: { workflowType: { name: 'flow' }, taskQueue: { name: w.queue } },
    }]);
    await describeRun(w, auto);
    await w.history({ workflowId: auto });
    const change = (workflowId: string, versioningOverride: VersioningOverride | undefined) =>
      w.call('UpdateWorkflowExecutionOptions', { workflowExecution: { workflowId }, identity: 'me', workflowExecutionOptions: versioningOverride ? { versioningOverride } : {}, updateMask: 'versioningOverride' as never });
    await change(auto, { pinned: { behavior: 'PINNED_OVERRIDE_BEHAVIOR_PINNED' } });
    for (const override of [pinned(w, 'none'), { pinned: { version: version(w, 'b') } }, {}, { pinned: { behavior: 'PINNED_OVERRIDE_BEHAVIOR_PINNED' as const } }, pinned(w, 'b')]) await change(w.wf, override);
    await describeRun(w);
    await w.signal();
    await done(w, await task(w, 'b'), 'b', 'VERSIONING_BEHAVIOR_PINNED');
    await describeRun(w);
    await change(w.wf, undefined);
    await change(w.wf, { autoUpgrade: true });
    await describeRun(w);
    await w.signal();
    await done(w, await task(w, 'b'), 'b', 'VERSIONING_BEHAVIOR_PINNED', [{
      commandType: 'COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION',
      continueAsNewWorkflowExecutionCommandAttributes: { workflowType: { name: 'flow' }, taskQueue: { name: w.queue }, initialVersioningBehavior: 'CONTINUE_AS_NEW_VERSIONING_BEHAVIOR_AUTO_UPGRADE' },
    }]);
    await w.history();
    const placed = `${w.wf}-placed`;
    await w.start({ workflowId: placed, requestId: placed, versioningOverride: pinned(w, 'a') });
    await describeRun(w, placed);
    await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId: placed } });
    // As SDKs send it, for older servers too.
    await w.start({ workflowId: placed, requestId: `${placed}-2`, versioningOverride: { ...pinned(w, 'a'), behavior: 'VERSIONING_BEHAVIOR_PINNED', pinnedVersion: `${w.wf}.a` } });
    await w.history({ workflowId: placed });
    await change(placed, { autoUpgrade: true, behavior: 'VERSIONING_BEHAVIOR_AUTO_UPGRADE' });
    await w.history({ workflowId: placed });
    for (const workflowId of [w.wf, auto, placed]) await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId } });
  },

  'deployment-administration': async (w) => {
    const name = deploymentName(w);
    const create = async (buildId: string): Promise<void> => {
      await w.ok('SetWorkerDeploymentRampingVersion', { ...version(w, buildId), percentage: 10, identity: 'me', allowNoPollers: true });
      w.entries.pop();
      await w.wait(1000);
    };
    // Tokens hold a time.
    const manage = async (request: { managerIdentity?: string; self?: boolean; identity?: string; conflictToken?: string; deploymentName?: string }): Promise<void> => {
      const outcome = await w.call('SetWorkerDeploymentManager', { deploymentName: name, ...request });
      if (!outcome.ok) return;
      w.entries.pop();
      w.entries.push({ call: 'SetWorkerDeploymentManager', answer: { previousManagerIdentity: outcome.response.previousManagerIdentity ?? '', token: outcome.response.conflictToken !== '' } });
    };
    const describeAll = async (): Promise<void> => {
      const outcome = await w.call('DescribeWorkerDeployment', { deploymentName: name });
      if (!outcome.ok) return;
      const info = outcome.response.workerDeploymentInfo;
      w.entries.pop();
      w.entries.push({ call: 'DescribeWorkerDeployment', answer: { manager: info?.managerIdentity, modifier: info?.lastModifierIdentity, routing: info?.routingConfig?.rampingVersion, versions: info?.versionSummaries?.map((v) => `${v.version} ${v.status}`).sort() } });
    };
    const metadata = (more: object): Promise<unknown> => w.call('UpdateWorkerDeploymentVersionMetadata', { deploymentVersion: version(w, 'a'), identity: 'me', ...more });
    const remove = (buildId: string, more: object = {}): Promise<unknown> => w.call('DeleteWorkerDeploymentVersion', { deploymentVersion: version(w, buildId), identity: 'me', ...more });

    await w.call('DeleteWorkerDeployment', { deploymentName: name, identity: 'me' });
    await remove('a');
    await manage({ managerIdentity: 'boss', identity: 'me' });
    await metadata({ upsertEntries: { note: { data: 'MQ==' } } });
    await create('a');
    await w.call('DescribeWorkerDeploymentVersion', { deploymentVersion: version(w, 'a') });
    await metadata({});
    await metadata({ upsertEntries: { note: { data: 'MQ==' }, more: { data: 'Mg==' } } });
    await metadata({ upsertEntries: { note: { data: 'Mw==' } }, removeEntries: ['more', 'unknown'] });
    await w.call('DescribeWorkerDeploymentVersion', { deploymentVersion: version(w, 'a') });
    await metadata({ removeEntries: ['note'] });
    await w.call('UpdateWorkerDeploymentVersionMetadata', { deploymentVersion: version(w, 'none'), upsertEntries: { note: { data: 'MQ==' } } });

    await manage({ managerIdentity: 'boss' });
    await manage({ managerIdentity: 'boss', identity: 'me' });
    await manage({ managerIdentity: 'boss', identity: 'me' });
    await manage({ self: true, identity: 'me', conflictToken: 'MQ==' });
    await describeAll();
    await w.call('SetWorkerDeploymentCurrentVersion', { ...version(w, 'a'), identity: 'other' });
    await w.call('SetWorkerDeploymentRampingVersion', { ...version(w, 'a'), percentage: 20, identity: 'other' });
    await w.call('SetWorkerDeploymentRampingVersion', { deploymentName: name, identity: 'other' });
    await manage({ self: true, identity: 'other' });
    await manage({ identity: 'other' });
    await describeAll();

    await remove('a');
    await create('b');
    await describeAll();
    await remove('a');
    await manage({ managerIdentity: 'boss', identity: 'me' });
    await remove('a', { skipDrainage: true });
    await remove('a', { skipDrainage: true, identity: 'boss' });
    await remove('a', { skipDrainage: true, identity: 'boss' });
    await w.call('DeleteWorkerDeploymentVersion', { version: 'nonsense', identity: 'me' });
    await w.call('DescribeWorkerDeploymentVersion', { deploymentVersion: version(w, 'a') });
    await describeAll();
    await w.call('DeleteWorkerDeployment', { deploymentName: name, identity: 'me' });
    await w.ok('SetWorkerDeploymentRampingVersion', { deploymentName: name, identity: 'boss' });
    w.entries.pop();
    await w.wait(1000);
    await remove('b', { skipDrainage: true, identity: 'boss' });
    await describeAll();
    await w.call('DeleteWorkerDeployment', { deploymentName: name, identity: 'me' });
    await w.wait(2000);
    await w.call('DescribeWorkerDeployment', { deploymentName: name });
    await w.call('DeleteWorkerDeployment', { deploymentName: '' });
  },

  'version-with-workers-is-not-deleted': async (w) => {
    const polls = [begin(w, 'a'), begin(w, 'b')];
    await w.wait(3000);
    await w.call('DeleteWorkerDeploymentVersion', { deploymentVersion: version(w, 'a'), identity: 'me' });
    await setCurrent(w, 'a');
    await w.call('DeleteWorkerDeploymentVersion', { deploymentVersion: version(w, 'a'), identity: 'me' });
    await setCurrent(w, 'b');
    await w.call('DeleteWorkerDeploymentVersion', { deploymentVersion: version(w, 'a'), identity: 'me' });
    await w.call('DeleteWorkerDeploymentVersion', { deploymentVersion: version(w, 'a'), identity: 'me', skipDrainage: true });
    void polls;
  },

  'ramp-shares': async (w) => {
    const a = begin(w, 'a');
    const b = begin(w, 'b');
    await w.wait(3000);
    await setCurrent(w, 'a');
    await w.ok('SetWorkerDeploymentRampingVersion', { ...version(w, 'b'), percentage: 30, identity: 'me' });
    w.entries.pop();
    await w.wait(2000);
    const ids = Array.from({ length: 20 }, (_, i) => `${w.wf}-${i}`);
    for (const workflowId of ids) {
      await w.ok('StartWorkflowExecution', w.startRequest({ workflowId, requestId: workflowId }));
      w.entries.pop();
    }
    // Each poll takes one task: as many polls of each version as tasks have to go to it, by what the workflows say later.
    const polls = { a: [a], b: [b] };
    for (let i = 1; i < ids.length; i++) for (const buildId of ['a', 'b'] as const) polls[buildId].push(begin(w, buildId));
    await w.wait(3000);
    for (const workflowId of ids) {
      const { workflowExecutionInfo } = await describeRun(w, workflowId);
      w.entries.pop();
      const events = await w.history({ workflowId });
      w.entries.pop();
      w.entries.push({ call: 'taken', answer: { workflowId, by: events.find((e) => e.workflowTaskStartedEventAttributes)?.workflowTaskStartedEventAttributes?.identity ?? '', status: workflowExecutionInfo?.status } });
      await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId } });
      w.entries.pop();
    }
  },
};
