import type { RpcCall } from '../../../api/rpc.ts';
import type {
  DeleteWorkerDeploymentRequest, DeleteWorkerDeploymentVersionRequest, SetWorkerDeploymentManagerRequest, SetWorkerDeploymentManagerResponse, UpdateWorkerDeploymentVersionMetadataRequest,
  UpdateWorkerDeploymentVersionMetadataResponse,
} from '../../../api/proto.ts';
import { failedPrecondition, invalidArgument, notFound, TEXT } from '../errors.ts';
import { hasVersionPollers } from '../matching/task-queue.ts';
import { checkNamespace, newId, now, ok, type Service } from '../service.ts';
import type { DeploymentState } from '../state.ts';
import { checkManager, checkToken, conflictToken, deploymentName, metadataOf, namedVersion, noVersion } from './deployment-rpcs.ts';
import { deploymentsOf } from './deployments.ts';
import { stateOf } from './drainage.ts';

/** What operators do with worker deployments beside sending work to their versions: who manages them, notes about them, taking them away. */

export function setWorkerDeploymentManager(svc: Service, call: RpcCall): void {
  const request = call.request as SetWorkerDeploymentManagerRequest;
  const identity = request.identity ?? '';
  if (!identity) throw invalidArgument('Identity is required');
  const deployment = existing(svc, checkNamespace(svc, request.namespace), deploymentName(request.deploymentName, 'WorkerDeploymentName'));
  const manager = request.self ? identity : (request.managerIdentity ?? '');
  const previous = deployment.managerIdentity;
  if (previous !== manager || deployment.lastModifierIdentity !== identity) {
    checkToken(deployment, request.conflictToken);
    deployment.managerIdentity = manager;
    deployment.lastModifierIdentity = identity;
    deployment.changedAt = now(svc);
  }
  ok(svc, call.callId, { conflictToken: conflictToken(deployment), previousManagerIdentity: previous || undefined } satisfies SetWorkerDeploymentManagerResponse);
}

export function updateWorkerDeploymentVersionMetadata(svc: Service, call: RpcCall): void {
  const request = call.request as UpdateWorkerDeploymentVersionMetadataRequest;
  const upserts = Object.keys(request.upsertEntries ?? {});
  const removed = request.removeEntries ?? [];
  if (upserts.length === 0 && removed.length === 0) throw invalidArgument('At least one of remove_entries or upsert_entries must be provided');
  const namespace = checkNamespace(svc, request.namespace);
  const named = namedVersion(request);
  const version = deploymentsOf(svc, namespace)[named?.deploymentName ?? '']?.versions[named?.buildId ?? ''];
  if (!version) throw notFound(TEXT.workflowNotFound(`temporal-sys-worker-deployment-version:${named?.deploymentName ?? ''}:${named?.buildId ?? ''}`));
  if (upserts.length > 0) version.metadata = { ...version.metadata, ...request.upsertEntries };
  if (version.metadata) for (const key of removed) delete version.metadata[key];
  version.lastModifierIdentity = request.identity ?? '';
  ok(svc, call.callId, { metadata: metadataOf(version) } satisfies UpdateWorkerDeploymentVersionMetadataResponse);
}

/** A version goes when no work is sent to it, none of its own is left, and nobody polls for it; one that is gone already is no error. */
export function deleteWorkerDeploymentVersion(svc: Service, call: RpcCall): void {
  const request = call.request as DeleteWorkerDeploymentVersionRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const named = namedVersion(request);
  if (!named && request.version) throw noVersion(request.version);
  const deployment = existing(svc, namespace, deploymentName(named?.deploymentName, 'WorkerDeploymentName'));
  const version = deployment.versions[named?.buildId ?? ''];
  if (version) {
    const refuse = (why: string): never => {
      throw failedPrecondition(`version '${deployment.name}:${version.buildId}' cannot be deleted since it ${why}`);
    };
    const identity = request.identity || newId(svc);
    if (deployment.current === version.buildId || deployment.ramping === version.buildId) refuse('is current or ramping');
    checkManager(deployment, identity);
    if (!request.skipDrainage && stateOf(svc, namespace, deployment, version).status === 'WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING') refuse('is draining');
    if (hasVersionPollers(svc, namespace, deployment.name, version.buildId)) refuse('has active pollers');
    delete deployment.versions[version.buildId];
    deployment.lastModifierIdentity = identity;
  }
  ok(svc, call.callId, {});
}

export function deleteWorkerDeployment(svc: Service, call: RpcCall): void {
  const request = call.request as DeleteWorkerDeploymentRequest;
  const deployments = deploymentsOf(svc, checkNamespace(svc, request.namespace));
  const name = deploymentName(request.deploymentName, 'WorkerDeploymentName');
  if (Object.keys(deployments[name]?.versions ?? {}).length > 0) throw failedPrecondition("deployment has versions, can't be deleted");
  delete deployments[name];
  ok(svc, call.callId, {});
}

/** In a real Service each deployment is a workflow of its own, and that is what is not found. */
function existing(svc: Service, namespace: string, name: string): DeploymentState {
  const found = deploymentsOf(svc, namespace)[name];
  if (!found) throw notFound(TEXT.workflowNotFound(`temporal-sys-worker-deployment:${name}`));
  return found;
}
