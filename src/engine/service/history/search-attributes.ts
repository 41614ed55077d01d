import type { SearchAttributes } from '../../../api/proto.ts';
import { jsonPayload } from '../../../api/json-payload.ts';
import type { Run } from '../state.ts';

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
    fields['TemporalWorkerDeployment'] = jsonPayload(version.deploymentName ?? '', 'Keyword');
    fields['TemporalWorkerDeploymentVersion'] = jsonPayload(name, 'Keyword');
    fields['TemporalWorkflowVersioningBehavior'] = jsonPayload(behavior, 'Keyword');
    if (versioning.used.length > 0) fields['TemporalUsedWorkerDeploymentVersions'] = jsonPayload(versioning.used, 'KeywordList');
    if (behavior === 'Pinned') fields['BuildIds'] ??= jsonPayload([`pinned:${name}`], 'KeywordList');
  } else if (run.completedAnyTask) fields['BuildIds'] ??= jsonPayload(['unversioned', ...run.buildIds.map((id) => `unversioned:${id}`)], 'KeywordList');
  if (run.lastTaskFailure && run.task.attemptsSinceLastSuccess >= 5) {
    fields['TemporalReportedProblems'] = jsonPayload([`category=${run.lastTaskFailure.category}`, `cause=${run.lastTaskFailure.category}Cause${run.lastTaskFailure.cause}`], 'KeywordList');
  }
  const paused = pausedEntities(run);
  if (paused) fields['TemporalPauseInfo'] = jsonPayload(paused, 'KeywordList');
  return Object.keys(fields).length ? { indexedFields: fields } : {};
}
