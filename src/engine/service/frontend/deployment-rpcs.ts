import { encodeBase64 } from '../../../base/base64.ts';
import { compareText } from '../../../base/compare.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { formatTimestamp } from '../../../base/time.ts';
import type { RpcCall } from '../../../api/rpc.ts';
import type {
  DescribeWorkerDeploymentRequest, DescribeWorkerDeploymentResponse, DescribeWorkerDeploymentVersionRequest, DescribeWorkerDeploymentVersionResponse, ListWorkerDeploymentsRequest, RoutingConfig,
  SetWorkerDeploymentCurrentVersionRequest, SetWorkerDeploymentRampingVersionRequest, VersionMetadata, WorkerDeploymentInfoWorkerDeploymentVersionSummary, WorkerDeploymentVersion, WorkerDeploymentVersionInfo,
} from '../../../api/proto.ts';
import { failedPrecondition, invalidArgument, notFound } from '../errors.ts';
import { makeToken, readToken } from '../history/token.ts';
import { backlogOf, matchBacklog } from '../matching/task-queue.ts';
import { checkNamespace, int64, now, ok, type Service } from '../service.ts';
import type { DeploymentState, DeploymentVersionState } from '../state.ts';
import { deliverTask } from './deliver.ts';
import { addDeployment, addVersion, deploymentsOf, versionOfTask } from './deployments.ts';
import { stateOf } from './drainage.ts';

/** RPCs on worker deployments (`service/worker/workerdeployment`). */

const UNVERSIONED = '__unversioned__';

export function setWorkerDeploymentCurrentVersion(svc: Service, call: RpcCall): void {
  const request = call.request as SetWorkerDeploymentCurrentVersionRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const name = deploymentName(request.deploymentName);
  const buildId = wantedBuild(name, request.version, request.buildId) ?? '';
  const deployment = findDeployment(svc, namespace, name, request.allowNoPollers === true);
  const identity = request.identity ?? '';
  const previous = deployment.current;
  if (previous === buildId && deployment.lastModifierIdentity === identity) {
    ok(svc, call.callId, { conflictToken: conflictToken(deployment), previousVersion: versionText(name, buildId), previousDeploymentVersion: versionOf(name, buildId) });
    return;
  }
  checkToken(deployment, request.conflictToken);
  const version = buildId ? findVersion(svc, deployment, buildId, request.allowNoPollers === true) : null;
  checkManager(deployment, identity);
  if (version && previous && !request.ignoreMissingTaskQueues && missesQueues(svc, namespace, deployment, previous, buildId)) {
    throw failedPrecondition(`proposed current version '${name}:${buildId}' is missing active task queues from the current version; these would become unversioned if it is set as the current version`);
  }
  const at = now(svc);
  if (previous !== buildId) {
    deployment.current = buildId;
    deployment.currentChangedAt = at;
    deployment.revision++;
    // What becomes current no longer ramps.
    if (deployment.ramping === buildId) setRamp(deployment, null, 0, at);
    if (previous) retire(deployment.versions[previous], at);
    if (version) {
      version.currentSince = version.lastCurrentAt = at;
      version.deactivatedAt = 0;
      activate(version, at);
    }
  }
  deployment.changedAt = at;
  deployment.lastModifierIdentity = identity;
  ok(svc, call.callId, { conflictToken: conflictToken(deployment), previousVersion: versionText(name, previous), previousDeploymentVersion: versionOf(name, previous) });
  reroute(svc);
}

export function setWorkerDeploymentRampingVersion(svc: Service, call: RpcCall): void {
  const request = call.request as SetWorkerDeploymentRampingVersionRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const name = deploymentName(request.deploymentName, 'WorkerDeploymentName');
  const percentage = request.percentage ?? 0;
  if (percentage < 0 || percentage > 100) throw invalidArgument('Percentage must be between 0 and 100 (inclusive)');
  let wanted = wantedBuild(name, request.version, request.buildId);
  // No version and no share: the ramp ends.
  if (!wanted) wanted = percentage > 0 ? '' : null;
  const deployment = findDeployment(svc, namespace, name, request.allowNoPollers === true);
  const identity = request.identity ?? '';
  const previous = { version: deployment.ramping, percentage: deployment.rampPercentage };
  const answer = (version: string | null, previousPercentage: number): void =>
    ok(svc, call.callId, {
      conflictToken: conflictToken(deployment), previousVersion: version === null ? undefined : versionText(name, version), previousDeploymentVersion: version === null ? undefined : versionOf(name, version), previousPercentage: previousPercentage || undefined,
    });
  if (wanted === previous.version && percentage === previous.percentage && identity === deployment.lastModifierIdentity) {
    answer(wanted, percentage);
    return;
  }
  checkToken(deployment, request.conflictToken);
  if (wanted !== null && wanted === deployment.current) throw failedPrecondition(`requested ramping version ${versionText(name, wanted)} is already current`);
  const version = wanted ? findVersion(svc, deployment, wanted, request.allowNoPollers === true) : null;
  checkManager(deployment, identity);
  if (version && wanted && previous.version !== wanted && deployment.current && !request.ignoreMissingTaskQueues && missesQueues(svc, namespace, deployment, deployment.current, wanted)) {
    throw failedPrecondition(`proposed ramping version '${name}:${wanted}' is missing active task queues from the current version; these would become unversioned if it is set as the ramping version`);
  }
  const at = now(svc);
  if (previous.version !== wanted || previous.percentage !== percentage) {
    deployment.revision++;
    if (previous.version && previous.version !== wanted) retire(deployment.versions[previous.version], at);
    setRamp(deployment, wanted, percentage, at);
    if (version && previous.version !== wanted) {
      version.rampingSince = at;
      activate(version, at);
    }
  }
  deployment.changedAt = at;
  deployment.lastModifierIdentity = identity;
  answer(previous.version, previous.percentage);
  reroute(svc);
}

export function describeWorkerDeployment(svc: Service, call: RpcCall): void {
  const request = call.request as DescribeWorkerDeploymentRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const deployment = findDeployment(svc, namespace, deploymentName(request.deploymentName, 'WorkerDeploymentName'), false);
  ok(svc, call.callId, {
    conflictToken: conflictToken(deployment),
    workerDeploymentInfo: {
      name: deployment.name, createTime: formatTimestamp(deployment.createdAt), routingConfig: routingConfig(deployment), lastModifierIdentity: deployment.lastModifierIdentity || undefined,
      managerIdentity: deployment.managerIdentity || undefined,
      versionSummaries: newestFirst(deployment).map((version) => summary(svc, namespace, deployment, version)),
      routingConfigUpdateState: 'ROUTING_CONFIG_UPDATE_STATE_COMPLETED',
    },
  } satisfies DescribeWorkerDeploymentResponse);
}

export function describeWorkerDeploymentVersion(svc: Service, call: RpcCall): void {
  const request = call.request as DescribeWorkerDeploymentVersionRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const text = request.version ?? '';
  if (!text && !request.deploymentVersion) throw invalidArgument('deployment version cannot be empty');
  const named = namedVersion(request);
  if (!named) throw noVersion(text);
  const deployment = deploymentsOf(svc, namespace)[named.deploymentName ?? ''];
  const version = deployment?.versions[named.buildId ?? ''];
  if (!deployment || !version) throw notFound('Worker Deployment Version not found');
  const { status, drainage } = stateOf(svc, namespace, deployment, version);
  const queues = version.taskQueues.map((q) => ({ name: q.name, type: q.type === 'workflow' ? ('TASK_QUEUE_TYPE_WORKFLOW' as const) : ('TASK_QUEUE_TYPE_ACTIVITY' as const) }));
  // Less than the summary in the description of its deployment.
  const { createTime, currentSinceTime, rampingSinceTime } = times(version);
  const info: WorkerDeploymentVersionInfo = {
    version: `${deployment.name}.${version.buildId}`, status, deploymentVersion: versionOf(deployment.name, version.buildId), createTime, currentSinceTime, rampingSinceTime, routingChangedTime: time(version.routingChangedAt),
    rampPercentage: deployment.ramping === version.buildId ? deployment.rampPercentage || undefined : undefined, taskQueueInfos: queues, drainageInfo: drainage,
    metadata: metadataOf(version), lastModifierIdentity: version.lastModifierIdentity || undefined,
  };
  ok(svc, call.callId, { workerDeploymentVersionInfo: info, versionTaskQueues: queues } satisfies DescribeWorkerDeploymentVersionResponse);
}

export function listWorkerDeployments(svc: Service, call: RpcCall): void {
  const request = call.request as ListWorkerDeploymentsRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const from = request.nextPageToken ? (readToken('list', request.nextPageToken)?.numbers[0] ?? 0) : 0;
  const all = Object.values(deploymentsOf(svc, namespace)).sort((a, b) => b.createdAt - a.createdAt || compareText(a.name, b.name));
  const end = from + (request.pageSize || 1000);
  const summaryOf = (deployment: DeploymentState, buildId: string | null | undefined) => {
    const version = buildId ? deployment.versions[buildId] : undefined;
    return version && summary(svc, namespace, deployment, version);
  };
  ok(svc, call.callId, {
    workerDeployments: all.slice(from, end).map((deployment) => ({
      name: deployment.name, createTime: formatTimestamp(deployment.createdAt), routingConfig: routingConfig(deployment), latestVersionSummary: summaryOf(deployment, newestFirst(deployment)[0]?.buildId),
      currentVersionSummary: summaryOf(deployment, deployment.current), rampingVersionSummary: summaryOf(deployment, deployment.ramping),
    })),
    nextPageToken: end < all.length ? makeToken('list', '00000000-0000-0000-0000-000000000000', end, 0, 0) : undefined,
  });
}

// ---------------------------------------------------------------- requests

export function deploymentName(name: string | undefined, field = 'deployment name'): string {
  if (!name) throw invalidArgument(`${field} cannot be empty`);
  return name;
}

/** The version that a request names, in either way; null for none. */
export function namedVersion(request: { readonly version?: string | undefined; readonly deploymentVersion?: WorkerDeploymentVersion | undefined }): WorkerDeploymentVersion | null {
  const text = request.version ?? '';
  const split = text.indexOf('.');
  return request.deploymentVersion ?? (split > 0 ? { deploymentName: text.slice(0, split), buildId: text.slice(split + 1) } : null);
}

/** Why a text names no version. */
export const noVersion = (text: string): Error => invalidArgument(`invalid version string ${JSON.stringify(text)}, expected format is "<deployment_name>.<build_id>"`);

/** The build id that a request names; '' for unversioned, null for none. */
function wantedBuild(name: string, version: string | undefined, buildId: string | undefined): string | null {
  if (buildId) return buildId;
  if (!version) return null;
  if (version === UNVERSIONED) return '';
  const split = version.indexOf('.');
  if (split < 0) throw invalidArgument(`invalid version string: expected version '${version}' to contain a delimiter '.'`);
  if (version.slice(0, split) !== name) throw invalidArgument(`invalid version string '${version}' does not match deployment name '${name}'`);
  return version.slice(split + 1);
}

function findDeployment(svc: Service, namespace: string, name: string, create: boolean): DeploymentState {
  const found = deploymentsOf(svc, namespace)[name] ?? (create ? addDeployment(svc, namespace, name) : undefined);
  if (!found) throw notFound(`no Worker Deployment found with name '${name}'; does your Worker Deployment have pollers?`);
  return found;
}

function findVersion(svc: Service, deployment: DeploymentState, buildId: string, create: boolean): DeploymentVersionState {
  const found = deployment.versions[buildId] ?? (create ? addVersion(svc, deployment, buildId) : undefined);
  if (!found) throw notFound(`build ID '${buildId}' not found in Worker Deployment '${deployment.name}'`);
  return found;
}

export function checkToken(deployment: DeploymentState, token: string | undefined): void {
  if (token && token !== conflictToken(deployment)) throw failedPrecondition('conflict token mismatch');
}

/** A deployment with a manager is changed by nobody else. */
export function checkManager({ managerIdentity }: DeploymentState, identity: string): void {
  if (!managerIdentity || managerIdentity === identity) return;
  throw failedPrecondition(
    `ManagerIdentity '${managerIdentity}' is set and does not match user identity '${identity}'; to proceed, set your own identity as the ManagerIdentity, remove the ManagerIdentity, or wait for the other client to do so`,
  );
}

/** Whether queues with waiting tasks would lose their workers. */
function missesQueues(svc: Service, namespace: string, deployment: DeploymentState, from: string, to: string): boolean {
  const next = deployment.versions[to]?.taskQueues ?? [];
  return (deployment.versions[from]?.taskQueues ?? []).some((queue) => {
    if (next.some((q) => q.name === queue.name && q.type === queue.type)) return false;
    return Object.values(svc.state.queues).some((q) => q.namespace === namespace && q.name === queue.name && q.type === queue.type && q.partitions.some((partition) => backlogOf(partition) > 0));
  });
}

// ---------------------------------------------------------------- changes

function setRamp(deployment: DeploymentState, buildId: string | null, percentage: number, at: Timestamp): void {
  if (deployment.ramping !== buildId) deployment.rampingChangedAt = at;
  deployment.percentageChangedAt = at;
  deployment.ramping = buildId;
  deployment.rampPercentage = buildId === null ? 0 : percentage;
}

function activate(version: DeploymentVersionState, at: Timestamp): void {
  version.firstActiveAt ||= at;
  version.routingChangedAt = at;
  version.drainingSince = 0;
}

/** New work goes elsewhere: what is pinned to it may finish. */
function retire(version: DeploymentVersionState | undefined, at: Timestamp): void {
  if (!version) return;
  if (version.currentSince) version.lastCurrentAt = at;
  version.currentSince = version.rampingSince = 0;
  version.deactivatedAt = version.routingChangedAt = version.drainingSince = at;
}

/** Tasks that wait go where they would go now. */
function reroute(svc: Service): void {
  for (const key in svc.state.queues) {
    const queue = svc.state.queues[key];
    if (!queue || queue.normalName) continue;
    let changed = false;
    for (const partition of queue.partitions) {
      for (const task of partition.backlog.slice(partition.head)) {
        const run = svc.state.runs[task.runId];
        const version = run ? versionOfTask(svc, run, queue.name, queue.type) : task.version;
        if (version === task.version) continue;
        task.version = version;
        changed = true;
      }
    }
    if (changed) matchBacklog(svc, queue, deliverTask);
  }
}

// ---------------------------------------------------------------- answers

const versionOf = (name: string, buildId: string): WorkerDeploymentVersion | undefined => (buildId ? { deploymentName: name, buildId } : undefined);
const versionText = (name: string, buildId: string): string => (buildId ? `${name}.${buildId}` : UNVERSIONED);
const time = (at: number): string | undefined => (at ? formatTimestamp(at as Timestamp) : undefined);
const newestFirst = (deployment: DeploymentState): DeploymentVersionState[] => Object.values(deployment.versions).sort((a, b) => b.createdAt - a.createdAt || compareText(b.buildId, a.buildId));

function routingConfig(deployment: DeploymentState): RoutingConfig {
  return {
    currentDeploymentVersion: versionOf(deployment.name, deployment.current), currentVersion: versionText(deployment.name, deployment.current),
    rampingDeploymentVersion: deployment.ramping ? versionOf(deployment.name, deployment.ramping) : undefined, rampingVersion: deployment.ramping === null ? undefined : versionText(deployment.name, deployment.ramping),
    rampingVersionPercentage: deployment.rampPercentage || undefined, currentVersionChangedTime: time(deployment.currentChangedAt), rampingVersionChangedTime: time(deployment.rampingChangedAt),
    rampingVersionPercentageChangedTime: time(deployment.percentageChangedAt), revisionNumber: int64(deployment.revision),
  };
}

function summary(svc: Service, namespace: string, deployment: DeploymentState, version: DeploymentVersionState): WorkerDeploymentInfoWorkerDeploymentVersionSummary {
  const { status, drainage } = stateOf(svc, namespace, deployment, version);
  const since = status === 'WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT' ? time(version.currentSince) : undefined;
  return {
    version: `${deployment.name}.${version.buildId}`, status, deploymentVersion: versionOf(deployment.name, version.buildId), ...times(version), drainageStatus: drainage?.status,
    // Empty as soon as a version is current.
    drainageInfo: since ? { lastChangedTime: since, lastCheckedTime: since } : drainage, routingUpdateTime: time(version.routingChangedAt),
  };
}

/** The notes about a version, if there ever were any. */
export const metadataOf = ({ metadata }: DeploymentVersionState): VersionMetadata | undefined => metadata ? (Object.keys(metadata).length > 0 ? { entries: { ...metadata } } : {}) : undefined;

const times = (version: DeploymentVersionState) => ({
  createTime: formatTimestamp(version.createdAt), currentSinceTime: time(version.currentSince), rampingSinceTime: time(version.rampingSince), firstActivationTime: time(version.firstActiveAt),
  lastCurrentTime: time(version.lastCurrentAt), lastDeactivationTime: time(version.deactivatedAt),
});

/** The time of the last change, as Go writes times in bytes. */
export function conflictToken(deployment: DeploymentState): string {
  const ms = deployment.changedAt;
  const bytes: number[] = [];
  for (let rest = Math.floor(ms / 1000) + 62_135_596_800; bytes.length < 8; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  const nanos = (ms % 1000) * 1_000_000;
  return encodeBase64(new Uint8Array([1, ...bytes, nanos >>> 24, (nanos >>> 16) & 255, (nanos >>> 8) & 255, nanos & 255, 255, 255]));
}
