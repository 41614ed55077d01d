import type { ContinueAsNewVersioningBehavior, DeclinedTargetVersionUpgrade, WorkerDeploymentVersion, WorkflowExecutionStartedEventAttributes } from '../../../api/proto.ts';
import type { Run, TargetVersion, VersioningInfo } from '../state.ts';

/**
 * A pinned run is told when new runs go to another version than its own, so that its code may continue as new there. What it was told
 * and did not follow is handed on to its next run, which is not told again (`workflow_task_state_machine.go`, AddWorkflowTaskStartedEvent).
 */

/** The behavior that counts: an override goes before what the code says. */
function effectiveBehavior(versioning: VersioningInfo): string {
  if (versioning.override?.pinned) return 'VERSIONING_BEHAVIOR_PINNED';
  return versioning.override?.autoUpgrade ? 'VERSIONING_BEHAVIOR_AUTO_UPGRADE' : versioning.behavior;
}

export const isPinned = (versioning: VersioningInfo | null): boolean => versioning !== null && effectiveBehavior(versioning) === 'VERSIONING_BEHAVIOR_PINNED';

/** What a later run or a child is told that may move to newer versions: the version of this one, if routing brought it there. */
export function inheritedAutoUpgrade(run: Run, initial?: ContinueAsNewVersioningBehavior): Pick<WorkflowExecutionStartedEventAttributes, 'inheritedAutoUpgradeInfo'> {
  const { versioning } = run;
  const version = versioning?.override?.pinned?.version ?? versioning?.deploymentVersion;
  const follows = versioning !== null && (effectiveBehavior(versioning) === 'VERSIONING_BEHAVIOR_AUTO_UPGRADE' || (isPinned(versioning) && initial !== undefined));
  if (!follows || !version || run.routingRevision === 0) return {};
  return { inheritedAutoUpgradeInfo: { sourceDeploymentVersion: version, sourceDeploymentRevisionNumber: String(run.routingRevision), continueAsNewInitialVersioningBehavior: initial } };
}

const sameVersion = (a: WorkerDeploymentVersion | null, b: WorkerDeploymentVersion | null): boolean =>
  (a?.buildId ?? '') === (b?.buildId ?? '') && (a?.deploymentName ?? '') === (b?.deploymentName ?? '');

/** A Workflow Task starts. `target` is where a new run would go now; null when nobody asked (the task never was in matching). */
export function noteTargetVersion(run: Run, target: TargetVersion | null): void {
  const { versioning } = run;
  // It moves to the version that its task goes to, by the routing of that time.
  if (target?.version && !isPinned(versioning) && !sameVersion(versioning?.deploymentVersion ?? null, target.version)) run.routingRevision = target.revision;
  if (!versioning || effectiveBehavior(versioning) === 'VERSIONING_BEHAVIOR_UNSPECIFIED') return;
  if (versioning.override) {
    run.notifiedTarget = null;
    run.declinedTarget = null;
    return;
  }
  if (effectiveBehavior(versioning) === 'VERSIONING_BEHAVIOR_AUTO_UPGRADE') return;
  const revision = target?.revision ?? -1;
  const seen = Math.max(run.notifiedTarget?.revision ?? 0, run.declinedTarget?.revision ?? 0);
  if (revision >= seen && sameVersion(versioning.transition ?? versioning.deploymentVersion, target?.version ?? null)) {
    run.notifiedTarget = null;
    run.declinedTarget = null;
  } else if (target && revision >= seen && !(run.declinedTarget && revision <= run.declinedTarget.revision)) {
    run.notifiedTarget = target;
    run.declinedTarget = null;
  }
}

/** What WorkflowTaskStarted says of it. */
export const targetChanged = (run: Run): boolean =>
  run.versioning !== null && run.notifiedTarget !== null && effectiveBehavior(run.versioning) === 'VERSIONING_BEHAVIOR_PINNED';

/** What the next run of a chain, which stays on the version, is told of it. */
export function declinedTarget(run: Run): DeclinedTargetVersionUpgrade | undefined {
  const target = run.notifiedTarget ?? run.declinedTarget;
  return target ? { deploymentVersion: target.version ?? undefined, revisionNumber: String(target.revision) } : undefined;
}
