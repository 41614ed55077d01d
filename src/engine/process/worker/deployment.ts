import type { WorkerDeploymentOptions, WorkerVersionCapabilities } from '../../../api/proto.ts';
import type { WorkerConfig } from './messages.ts';

/** How a worker names its version in its polls (sdk-core worker/client.rs). */
export function deploymentFields(config: WorkerConfig): { deploymentOptions?: WorkerDeploymentOptions; workerVersionCapabilities: WorkerVersionCapabilities } {
  const workerVersionCapabilities = { buildId: config.buildId, useVersioning: false };
  if (!config.deployment) return { workerVersionCapabilities };
  const { deploymentName, buildId, useWorkerVersioning } = config.deployment;
  return {
    workerVersionCapabilities,
    deploymentOptions: { deploymentName, buildId, workerVersioningMode: useWorkerVersioning ? 'WORKER_VERSIONING_MODE_VERSIONED' : 'WORKER_VERSIONING_MODE_UNVERSIONED' },
  };
}
