import type { PollerBehaviorConfig, WorkerConfig } from '../../worker/messages.ts';

/** What Core refuses in a worker's configuration, in its order and words (sdk-core worker/mod.rs, `WorkerConfig::build` and `init_worker`). */

/** Throws what the SDK's native side would throw before it asks the Service anything. */
export function checkCoreConfig(config: WorkerConfig): void {
  const problem = problemOf(config);
  if (problem !== null) throw new TypeError(`Failed to convert WorkerOptions to CoreWorkerConfig: ${problem}`);
  if (config.namespace === '') throw new Error('Failed to initialize worker: Worker namespace cannot be empty');
  if (config.identity === '') throw new Error('Failed to initialize worker: Client identity cannot be empty. Either lang or user should be setting this value');
}

function problemOf(config: WorkerConfig): string | null {
  const { deployment, maxActivitiesPerSecond: rate, maxCachedWorkflows, pollers } = config;
  if (!config.workflows && !config.enableNonLocalActivities) return 'At least one task type must be enabled in `task_types`';
  for (const poller of [pollers.workflow, pollers.activity]) {
    const wrong = pollerProblem(poller);
    if (wrong !== null) return wrong;
  }
  if (rate !== null && !(rate > 0)) return '`max_worker_activities_per_second` must be positive and nonzero';
  if (maxCachedWorkflows > 0 && pollers.workflow.type === 'simple-maximum' && pollers.workflow.maximum < 2)
    return '`max_cached_workflows` > 0 requires `workflow_task_poller_behavior` to be at least 2';
  if (deployment?.useWorkerVersioning && (!deployment.buildId || !deployment.deploymentName))
    return 'WorkerDeploymentVersion must have a non-empty build_id and deployment_name when deployment-based versioning is enabled';
  return null;
}

function pollerProblem(poller: PollerBehaviorConfig): string | null {
  if (poller.type === 'simple-maximum') return poller.maximum >= 1 ? null : 'SimpleMaximum poller behavior must be at least 1';
  if (poller.minimum < 1) return 'Autoscaling minimum poller behavior must be at least 1';
  if (poller.maximum < poller.minimum) return 'Autoscaling maximum must be greater than or equal to minimum';
  return poller.initial < poller.minimum || poller.initial > poller.maximum ? 'Autoscaling initial must be between minimum and maximum' : null;
}

/** What a worker does on its task queue, as the workers of one connection know of one another. */
export interface Registration {
  readonly namespace: string;
  readonly taskQueue: string;
  /** Of its deployment version. */
  readonly buildId: string | null;
  readonly workflows: boolean;
  readonly localActivities: boolean;
  readonly remoteActivities: boolean;
}

export function registrationOf({ namespace, taskQueue, deployment, workflows, activityTypes, enableNonLocalActivities }: WorkerConfig): Registration {
  return {
    namespace, taskQueue, buildId: deployment?.buildId ?? null,
    workflows: workflows !== null, localActivities: workflows !== null && activityTypes.length > 0, remoteActivities: enableNonLocalActivities,
  };
}

/** Throws when another worker of the connection does the same on the same task queue (sdk-core client/src/worker.rs). */
export function checkOverlap(others: Iterable<Registration>, own: Registration): void {
  for (const other of others) {
    if (other.namespace !== own.namespace || other.taskQueue !== own.taskQueue || other.buildId !== own.buildId) continue;
    if (!((other.workflows && own.workflows) || (other.localActivities && own.localActivities) || (other.remoteActivities && own.remoteActivities))) continue;
    // The types of the other worker and the key of this one stand in each other's place in Core, too.
    throw new Error(
      'Failed to initialize worker: Registration of multiple workers with overlapping worker task types on the same namespace, task queue, and deployment build ID not allowed: '
      + `SlotKey { namespace: ${JSON.stringify(own.namespace)}, task_queue: ${JSON.stringify(own.taskQueue)} }, worker_instance_key: ${typesText(other)} `
      + `build_id: ${own.buildId === null ? 'None' : `Some(${JSON.stringify(own.buildId)})`}, new task types: ${typesText(own)}, existing task types: ${crypto.randomUUID()}.`,
    );
  }
}

const typesText = ({ workflows, localActivities, remoteActivities }: Registration): string =>
  `WorkerTaskTypes { enable_workflows: ${workflows}, enable_local_activities: ${localActivities}, enable_remote_activities: ${remoteActivities}, enable_nexus: false }`;
