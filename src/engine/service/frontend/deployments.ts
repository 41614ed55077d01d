import { encodeUtf8 } from '../../../base/base64.ts';
import { fingerprint32 } from '../../../base/farm-hash.ts';
import type { VersioningOverride, WorkerDeploymentOptions, WorkerDeploymentVersion, WorkerVersionCapabilities } from '../../../api/proto.ts';
import { failedPrecondition, invalidArgument } from '../errors.ts';
import { now, type Service } from '../service.ts';
import type { DeploymentOptionsSeen, DeploymentState, DeploymentVersionState, Poller, QueueType, Run, TargetVersion } from '../state.ts';

/** Worker deployments: which versions exist, and where a run's tasks go. */

/** What a poll says of its worker's version. */
export function pollerDeployment(options: WorkerDeploymentOptions | undefined): DeploymentOptionsSeen | null {
  if (!options?.deploymentName || !options.buildId) return null;
  return { deploymentName: options.deploymentName, buildId: options.buildId, versioned: options.workerVersioningMode === 'WORKER_VERSIONING_MODE_VERSIONED' };
}

/** What WorkflowTaskStarted says of the worker's version; nothing of a versioned deployment (`StampFromCapabilities`). */
export function pollerVersion(capabilities: WorkerVersionCapabilities | undefined, deployment: DeploymentOptionsSeen | null): Poller['workerVersion'] {
  return capabilities?.buildId && !deployment?.versioned ? { buildId: capabilities.buildId, useVersioning: capabilities.useVersioning || undefined } : null;
}

/** A versioned worker polls: its deployment and version come to be. */
export function registerWorker(svc: Service, namespace: string, seen: DeploymentOptionsSeen, taskQueue: string, type: QueueType): void {
  if (!seen.versioned) return;
  const version = addVersion(svc, addDeployment(svc, namespace, seen.deploymentName), seen.buildId);
  if (!version.taskQueues.some((q) => q.name === taskQueue && q.type === type)) version.taskQueues.push({ name: taskQueue, type });
}

/** The deployments of a namespace by name. */
export const deploymentsOf = (svc: Service, namespace: string): { [name: string]: DeploymentState } => (svc.state.deployments[namespace] ??= {});

export function addDeployment(svc: Service, namespace: string, name: string): DeploymentState {
  const at = now(svc);
  return (deploymentsOf(svc, namespace)[name] ??= {
    name, createdAt: at, current: '', ramping: null, rampPercentage: 0, currentChangedAt: 0, rampingChangedAt: 0, percentageChangedAt: 0, changedAt: at, revision: 0, versions: {}, lastModifierIdentity: '', managerIdentity: '',
  });
}

export function addVersion(svc: Service, deployment: DeploymentState, buildId: string): DeploymentVersionState {
  return (deployment.versions[buildId] ??= {
    buildId, createdAt: now(svc), taskQueues: [], currentSince: 0, rampingSince: 0, firstActiveAt: 0, lastCurrentAt: 0, deactivatedAt: 0, routingChangedAt: 0, drainingSince: 0, metadata: null, lastModifierIdentity: '',
  });
}

/** The version that has to run a task, as `deployment:build`; null for unversioned workers. */
export function versionOfTask(svc: Service, run: Run, taskQueue: string, type: QueueType): string | null {
  const pinned = pinnedVersion(run);
  if (pinned && servesQueue(svc, run.namespace, pinned.deploymentName ?? '', pinned.buildId ?? '', taskQueue, type)) return `${pinned.deploymentName}:${pinned.buildId}`;
  return currentVersion(svc, run, taskQueue, type);
}

/** The version that a run is pinned to, by its code or by an override. */
function pinnedVersion(run: Run): WorkerDeploymentVersion | null {
  const versioning = run.versioning;
  if (versioning?.override?.pinned?.version) return versioning.override.pinned.version;
  return versioning?.behavior === 'VERSIONING_BEHAVIOR_PINNED' && !versioning.override?.autoUpgrade ? versioning.deploymentVersion : null;
}

/** Refuses to pin to a version that never polled the queue (`worker_versioning.ValidateVersioningOverride`). */
export function checkPinned(svc: Service, namespace: string, override: VersioningOverride | undefined, taskQueue: string): void {
  if (!override) return;
  if (!override.pinned && !override.autoUpgrade) throw invalidArgument('override behavior is required');
  if (override.pinned && !override.pinned.version) throw invalidArgument('must provide version if override is pinned.');
  if (override.pinned && !override.pinned.behavior) throw invalidArgument('must specify pinned override behavior if override is pinned.');
  const version = override.pinned?.version;
  if (!version || servesQueue(svc, namespace, version.deploymentName ?? '', version.buildId ?? '', taskQueue, 'workflow')) return;
  throw failedPrecondition(`Pinned version '${version.deploymentName}:${version.buildId}' is not present in task queue '${taskQueue}' of type 'Workflow'`);
}

function servesQueue(svc: Service, namespace: string, deployment: string, buildId: string, taskQueue: string, type: QueueType): boolean {
  return deploymentsOf(svc, namespace)[deployment]?.versions[buildId]?.taskQueues.some((q) => q.name === taskQueue && q.type === type) === true;
}

/** The current (or, for its share of workflow ids, the ramping) version of the deployment that serves the queue. */
function currentVersion(svc: Service, run: Run, taskQueue: string, type: QueueType): string | null {
  const { version } = routeOf(svc, run, taskQueue, type);
  return version ? `${version.deploymentName}:${version.buildId}` : null;
}

/** Where a new run with the id and the queue of this one would go. */
export const targetOf = (svc: Service, run: Run): TargetVersion => routeOf(svc, run, run.taskQueue, 'workflow');

function routeOf(svc: Service, run: Run, taskQueue: string, type: QueueType): TargetVersion {
  const deployments = deploymentsOf(svc, run.namespace);
  for (const name in deployments) {
    const deployment = deployments[name] as DeploymentState;
    const ramped = deployment.ramping !== null && rampShare(run.workflowId) < deployment.rampPercentage;
    const buildId = ramped ? deployment.ramping : deployment.current;
    if (buildId && servesQueue(svc, run.namespace, name, buildId, taskQueue, type)) return { version: { deploymentName: name, buildId }, revision: deployment.revision };
  }
  return { version: null, revision: 0 };
}

/** A workflow id's place between 0 and 100: the same for all its runs. */
const rampShare = (workflowId: string): number => (fingerprint32(encodeUtf8(workflowId)) / 4_294_967_296) * 100;

/** Whether the sticky worker of a run has the version that its next task has to go to. */
export function stickyVersionHolds(svc: Service, run: Run): boolean {
  const version = run.versioning?.deploymentVersion;
  return versionOfTask(svc, run, run.taskQueue, 'workflow') === (version ? `${version.deploymentName}:${version.buildId}` : null);
}

/**
 * An activity of a run that follows the current version is about to start on a newer one: the run has to move there first. Null when
 * it may start.
 */
export function neededTransition(svc: Service, run: Run, to: DeploymentOptionsSeen | null, taskQueue: string): WorkerDeploymentVersion | null {
  const from = run.versioning?.deploymentVersion;
  if (!to?.versioned || !from || pinnedVersion(run) || (from.deploymentName === to.deploymentName && from.buildId === to.buildId)) return null;
  // A queue of another deployment has versions of its own.
  return servesQueue(svc, run.namespace, from.deploymentName ?? '', from.buildId ?? '', taskQueue, 'activity') ? { deploymentName: to.deploymentName, buildId: to.buildId } : null;
}
