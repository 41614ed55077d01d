import { textToBase64 } from '../../../base/base64.ts';
import type { Payload, SearchAttributes } from '../../../api/proto.ts';
import type { Run } from '../state.ts';

const keywordList = (values: readonly string[]): Payload => ({
  metadata: { encoding: 'anNvbi9wbGFpbg==', type: 'S2V5d29yZExpc3Q=' }, data: textToBase64(JSON.stringify(values)),
});

const keyword = (value: string): Payload => ({ metadata: { encoding: textToBase64('json/plain'), type: textToBase64('Keyword') }, data: textToBase64(JSON.stringify(value)) });

const BEHAVIORS: { readonly [behavior: string]: string } = { VERSIONING_BEHAVIOR_PINNED: 'Pinned', VERSIONING_BEHAVIOR_AUTO_UPGRADE: 'AutoUpgrade' };

/** What is paused in the run, in the words of TemporalPauseInfo; null when nothing ever was (`buildTemporalPauseInfoEntries`). */
function pausedEntities(run: Run): string[] | null {
  const types = new Set(Object.values(run.activities).filter((a) => a.paused).map((a) => a.activityType));
  if (!run.paused && types.size === 0) return null;
  const workflow = run.paused ? [`Workflow:${run.workflowId}`, ...(run.paused.reason ? [`Reason:${run.paused.reason}`] : [])] : [];
  return [...workflow, ...[...types].map((type) => `property:activityType=${type}`)];
}

/** Search attributes of the run, and those that the Service keeps. */
export function searchAttributesOf(run: Run): SearchAttributes {
  const fields = { ...run.searchAttributes?.indexedFields };
  const versioning = run.versioning;
  const version = versioning?.override?.pinned?.version ?? versioning?.deploymentVersion;
  const behavior = versioning?.override?.pinned ? 'Pinned' : versioning?.override?.autoUpgrade ? 'AutoUpgrade' : BEHAVIORS[versioning?.behavior ?? ''];
  if (versioning && version && behavior) {
    const name = `${version.deploymentName}:${version.buildId}`;
    fields['TemporalWorkerDeployment'] = keyword(version.deploymentName ?? '');
    fields['TemporalWorkerDeploymentVersion'] = keyword(name);
    fields['TemporalWorkflowVersioningBehavior'] = keyword(behavior);
    if (versioning.used.length > 0) fields['TemporalUsedWorkerDeploymentVersions'] = keywordList(versioning.used);
    if (behavior === 'Pinned') fields['BuildIds'] ??= keywordList([`pinned:${name}`]);
  } else if (run.completedAnyTask) fields['BuildIds'] ??= keywordList(['unversioned', ...run.buildIds.map((id) => `unversioned:${id}`)]);
  if (run.lastTaskFailure && run.task.attemptsSinceLastSuccess >= 5) {
    fields['TemporalReportedProblems'] = keywordList([`category=${run.lastTaskFailure.category}`, `cause=${run.lastTaskFailure.category}Cause${run.lastTaskFailure.cause}`]);
  }
  const paused = pausedEntities(run);
  if (paused) fields['TemporalPauseInfo'] = keywordList(paused);
  return Object.keys(fields).length ? { indexedFields: fields } : {};
}
