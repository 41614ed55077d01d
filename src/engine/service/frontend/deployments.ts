import type { WorkerDeploymentOptions, WorkerVersionCapabilities } from '../../../api/proto.ts';
import { now, type Service } from '../service.ts';
import type { DeploymentOptionsSeen, DeploymentState, DeploymentVersionState, Poller, QueueType, Run } from '../state.ts';

/** Worker deployments: which versions exist, which one is current, and where a run's tasks go. */

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
export function registerWorker(svc: Service, seen: DeploymentOptionsSeen, taskQueue: string, type: QueueType): void {
  if (!seen.versioned) return;
  const at = now(svc);
  const deployment: DeploymentState = (svc.state.deployments[seen.deploymentName] ??= {
    name: seen.deploymentName, createdAt: at, current: '', ramping: '', rampPercentage: 0, currentChangedAt: 0, rampingChangedAt: 0, revision: 0, versions: {}, managerIdentity: '', lastModifierIdentity: '',
  });
  const version: DeploymentVersionState = (deployment.versions[seen.buildId] ??= {
    buildId: seen.buildId, createdAt: at, taskQueues: [], metadata: {}, drainage: 'VERSION_DRAINAGE_STATUS_UNSPECIFIED', drainageChangedAt: 0,
  });
  if (!version.taskQueues.some((q) => q.name === taskQueue && q.type === type)) version.taskQueues.push({ name: taskQueue, type });
}

/** The version, as `deployment:build`, that has to run this task; null for unversioned workers. */
export function versionOfTask(svc: Service, run: Run, taskQueue: string, type: QueueType): string | null {
  const versioning = run.versioning;
  const pinned = versioning?.override?.pinned?.version ?? (versioning?.override?.autoUpgrade ? null : versioning?.behavior === 'VERSIONING_BEHAVIOR_PINNED' ? versioning.deploymentVersion : null);
  if (pinned && servesQueue(svc, pinned.deploymentName ?? '', pinned.buildId ?? '', taskQueue, type)) return `${pinned.deploymentName}:${pinned.buildId}`;
  return currentVersion(svc, run, taskQueue, type);
}

function servesQueue(svc: Service, deployment: string, buildId: string, taskQueue: string, type: QueueType): boolean {
  return svc.state.deployments[deployment]?.versions[buildId]?.taskQueues.some((q) => q.name === taskQueue && q.type === type) === true;
}

/** The current (or, for its share of workflow ids, the ramping) version of the deployment that serves the queue. */
function currentVersion(svc: Service, run: Run, taskQueue: string, type: QueueType): string | null {
  for (const name in svc.state.deployments) {
    const deployment = svc.state.deployments[name] as DeploymentState;
    const ramped = deployment.rampPercentage > 0 && share(run.workflowId) < deployment.rampPercentage;
    const buildId = ramped ? deployment.ramping : deployment.current;
    if (buildId && servesQueue(svc, name, buildId, taskQueue, type)) return `${name}:${buildId}`;
  }
  return null;
}

/** A workflow id's place between 0 and 100: the same for all its runs. */
function share(workflowId: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < workflowId.length; i++) h = Math.imul(h ^ workflowId.charCodeAt(i), 0x01000193) >>> 0;
  return (h / 4294967296) * 100;
}
