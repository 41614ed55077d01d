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
    for (const workflowId of [w.wf, auto, placed]) await w.ok('TerminateWorkflowExecution', { workflowExecution: { workflowId } });
  },
};
