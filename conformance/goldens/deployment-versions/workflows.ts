import { condition, continueAsNew, defineSignal, executeChild, proxyActivities, setHandler, setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import type * as activities from './activities';

const { build } = proxyActivities<typeof activities>({ startToCloseTimeout: '10s' });
export const next = defineSignal('next');

function turns(): () => Promise<void> {
  let wanted = 0;
  let had = 0;
  setHandler(next, () => void wanted++);
  return () => condition(() => wanted > had).then(() => void had++);
}

/** Stays on the version that it began on. */
setWorkflowOptions({ versioningBehavior: 'PINNED' }, pinned);
export async function pinned(): Promise<string[]> {
  const turn = turns();
  const seen = [await build()];
  await turn();
  seen.push(await build());
  return [...seen, String(workflowInfo().currentDeploymentVersion?.buildId)];
}

/** Moves to the current version with its next Workflow Task. */
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, upgrades);
export async function upgrades(): Promise<string[]> {
  const turn = turns();
  const seen = [await build()];
  await turn();
  seen.push(await build());
  return [...seen, String(workflowInfo().currentDeploymentVersion?.buildId)];
}

/** The child of a pinned workflow, and its next run, stay on its version. */
setWorkflowOptions({ versioningBehavior: 'PINNED' }, family);
export async function family(round: number): Promise<string> {
  const turn = turns();
  if (round === 2) return `round 2 on ${workflowInfo().currentDeploymentVersion?.buildId}, ${await build()}`;
  await turn();
  const child = await executeChild(kin, { workflowId: 'kin' });
  if (child === '') throw new Error('no child');
  return await continueAsNew<typeof family>(2);
}

setWorkflowOptions({ versioningBehavior: 'PINNED' }, kin);
export async function kin(): Promise<string> {
  return await build();
}
