import type { VersionDrainageInfo, VersioningOverride, WorkerDeploymentVersionInfo } from '../../../api/proto.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { formatTimestamp } from '../../../base/time.ts';
import { now, type Service } from '../service.ts';
import type { DeploymentState, DeploymentVersionState } from '../state.ts';
import { deploymentsOf } from './deployments.ts';

/** Versions that get no new work: they drain until the runs that are pinned to them are over (`workerdeployment/version_workflow.go`). */

/** How often a version that drains is looked at (`VersionDrainageStatusVisibilityGracePeriod`, `…RefreshInterval`). */
const CHECK_EVERY_MS = 3 * 60_000;

/** How a version stands. Whether it has drained is not known at once, but at the next look at it. */
export function stateOf(svc: Service, namespace: string, deployment: DeploymentState, version: DeploymentVersionState): { readonly status: NonNullable<WorkerDeploymentVersionInfo['status']>; readonly drainage?: VersionDrainageInfo } {
  if (deployment.current === version.buildId) return { status: 'WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT' };
  if (deployment.ramping === version.buildId) return { status: 'WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING' };
  const since = version.drainingSince;
  if (!since) return { status: 'WORKER_DEPLOYMENT_VERSION_STATUS_INACTIVE' };
  const looks = Math.floor((now(svc) - since) / CHECK_EVERY_MS);
  const drainedAtLook = Math.max(1, Math.ceil((lastPinnedEnd(svc, namespace, deployment.name, version.buildId) - since) / CHECK_EVERY_MS));
  const drained = looks >= drainedAtLook;
  const at = (look: number): string => formatTimestamp((since + look * CHECK_EVERY_MS) as Timestamp);
  return {
    status: drained ? 'WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED' : 'WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING',
    drainage: {
      status: drained ? 'VERSION_DRAINAGE_STATUS_DRAINED' : 'VERSION_DRAINAGE_STATUS_DRAINING', lastChangedTime: at(drained ? drainedAtLook : 0), lastCheckedTime: at(Math.min(looks, drainedAtLook)),
    },
  };
}

/** When the last run that is pinned to the version ended: Infinity for never, 0 where there was none. */
function lastPinnedEnd(svc: Service, namespace: string, name: string, buildId: string): number {
  let last = 0;
  for (const id in svc.state.runs) {
    const run = svc.state.runs[id];
    const versioning = run?.versioning;
    const pinned = versioning?.override?.pinned?.version ?? (versioning?.behavior === 'VERSIONING_BEHAVIOR_PINNED' ? versioning.deploymentVersion : null);
    if (run?.namespace === namespace && pinned?.deploymentName === name && pinned.buildId === buildId) last = Math.max(last, run.closedAt ?? Infinity);
  }
  return last;
}

/** A run is about to be pinned to a version: one that had drained (or never had work) drains from now on. */
export function reactivatePinned(svc: Service, namespace: string, override: VersioningOverride | undefined): void {
  const named = override?.pinned?.version;
  const deployment = deploymentsOf(svc, namespace)[named?.deploymentName ?? ''];
  const version = deployment?.versions[named?.buildId ?? ''];
  if (!deployment || !version) return;
  const { status } = stateOf(svc, namespace, deployment, version);
  if (status === 'WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED' || status === 'WORKER_DEPLOYMENT_VERSION_STATUS_INACTIVE') version.drainingSince = now(svc);
}
