import { uuidV7 } from '../../../base/random.ts';
import { formatDuration, parseDuration } from '../../../base/time.ts';
import type { RpcCall } from '../../../api/rpc.ts';
import type { ServiceHost } from '../../ports.ts';
import type { AddSearchAttributesRequest, DescribeNamespaceRequest, DescribeNamespaceResponse, DescribeTaskQueueRequest, DescribeTaskQueueResponse, GetClusterInfoResponse, GetSystemInfoResponse, IndexedValueType, ListNamespacesResponse, ListSearchAttributesRequest, ListSearchAttributesResponse, ListTaskQueuePartitionsRequest, ListTaskQueuePartitionsResponse, RegisterNamespaceRequest, RemoveSearchAttributesRequest, ShutdownWorkerRequest, TaskQueueConfig, TaskQueueStats, UpdateNamespaceRequest, UpdateTaskQueueConfigRequest, UpdateTaskQueueConfigResponse, WorkerDeploymentVersion } from '../../../api/proto.ts';
import { SYSTEM_SEARCH_ATTRIBUTES } from '../history/search-attribute-types.ts';
import { configureRate, DEFAULT_PRIORITY, effectiveRate, getQueue, POLLER_HISTORY_MS, recentRates, releasePollers, waitingTasks } from '../matching/task-queue.ts';
import { formatTimestamp } from '../../../base/time.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { invalidArgument, namespaceAlreadyExists, namespaceNotFound, permissionDenied } from '../errors.ts';
import { checkNamespace, int64, NEVER, ok, type Service } from '../service.ts';
import type { NamespaceState, QueueTask, QueueType, TaskQueueState } from '../state.ts';
import { deliverTask } from './deliver.ts';
import { deploymentsOf } from './deployments.ts';
import { taskQueueName } from './execution.ts';

/** RPCs about the Service itself. */

export const SERVER_VERSION = '1.32.0';

export function getSystemInfo(svc: Service, call: RpcCall): void {
  ok(svc, call.callId, {
    serverVersion: SERVER_VERSION,
    capabilities: {
      signalAndQueryHeader: true, internalErrorDifferentiation: true, activityFailureIncludeHeartbeat: true, supportsSchedules: true, encodedFailureAttributes: true, buildIdBasedVersioning: true, upsertMemo: true,
      eagerWorkflowStart: true, sdkMetadata: true, countGroupByExecutionStatus: true, nexus: true, serverScaledDeployments: true,
    },
  } satisfies GetSystemInfoResponse);
}

export function getClusterInfo(svc: Service, call: RpcCall): void {
  ok(svc, call.callId, {
    supportedClients: { 'temporal-cli': '<2.0.0', 'temporal-go': '<2.0.0', 'temporal-java': '<2.0.0', 'temporal-php': '<2.0.0', 'temporal-server': '<2.0.0', 'temporal-typescript': '<2.0.0', 'temporal-ui': '<3.0.0' },
    serverVersion: SERVER_VERSION, clusterId: 'replayground', clusterName: 'active', historyShardCount: 1, persistenceStore: 'sqlite', visibilityStore: 'sqlite', initialFailoverVersion: '1', failoverVersionIncrement: '10',
  } satisfies GetClusterInfoResponse);
}

export function describeNamespace(svc: Service, call: RpcCall): void {
  const request = call.request as DescribeNamespaceRequest;
  const namespace = request.id && !request.namespace ? Object.values(svc.state.namespaces).find((n) => n.id === request.id) : svc.state.namespaces[named(request.namespace)];
  if (!namespace) throw namespaceNotFound(request.namespace || (request.id ?? ''));
  ok(svc, call.callId, namespaceDescription(svc, namespace));
}

function namespaceDescription(svc: Service, namespace: NamespaceState): DescribeNamespaceResponse {
  return {
    namespaceInfo: {
      name: namespace.name, state: 'NAMESPACE_STATE_REGISTERED', description: namespace.description || undefined, ownerEmail: namespace.ownerEmail || undefined,
      data: Object.keys(namespace.data).length > 0 ? namespace.data : undefined, id: namespace.id,
      capabilities: { eagerWorkflowStart: true, syncUpdate: true, asyncUpdate: true, reportedProblemsSearchAttribute: true, workflowPause: true },
      limits: { blobSizeLimitError: int64(svc.options.limits.blobSizeError), memoSizeLimitError: int64(svc.options.limits.memoSizeError) },
      supportsSchedules: true,
    },
    config: { workflowExecutionRetentionTtl: formatDuration(namespace.retentionMs), historyArchivalState: 'ARCHIVAL_STATE_DISABLED', visibilityArchivalState: 'ARCHIVAL_STATE_DISABLED' },
    replicationConfig: { activeClusterName: 'active', clusters: [{ clusterName: 'active' }] },
  };
}

/** A worker says goodbye: its sticky queue has nobody behind it from now on, its polls end. */
export function shutdownWorker(svc: Service, call: RpcCall): void {
  const request = call.request as ShutdownWorkerRequest;
  const namespace = checkNamespace(svc, request.namespace);
  if (request.stickyTaskQueue) {
    const queue = svc.state.queues[`${namespace}\nworkflow\n${request.stickyTaskQueue}`];
    if (queue) releasePollers(svc, queue, request.identity ?? '');
  }
  ok(svc, call.callId, {});
}

/** Makes a namespace; it is there at once. */
/** `namespace.MinRetentionLocal` */
const MIN_RETENTION_MS = 3_600_000;

function named(namespace: string | undefined): string {
  if (!namespace) throw invalidArgument('Namespace not set on request.');
  return namespace;
}

export function registerNamespace(svc: Service, call: RpcCall): void {
  const request = call.request as RegisterNamespaceRequest;
  const name = named(request.namespace);
  const retentionMs = parseDuration(request.workflowExecutionRetentionPeriod);
  if (retentionMs < MIN_RETENTION_MS) throw invalidArgument('A valid retention period is not set on request.');
  if (svc.state.namespaces[name]) throw namespaceAlreadyExists(name);
  svc.state.namespaces[name] = { ...newNamespace(svc.host, name), description: request.description ?? '', ownerEmail: request.ownerEmail ?? '', data: request.data ?? {}, retentionMs };
  ok(svc, call.callId, {});
}

/** A namespace that nothing has happened in; retained for a day unless said otherwise. */
export const newNamespace = (host: ServiceHost, name: string): NamespaceState => ({
  name, id: uuidV7(host.stream('service/namespaces'), host.now()), createdAt: host.now(), description: '', ownerEmail: '', data: {}, retentionMs: 86_400_000, searchAttributes: {},
});

export function updateNamespace(svc: Service, call: RpcCall): void {
  const request = call.request as UpdateNamespaceRequest;
  const namespace = svc.state.namespaces[named(request.namespace)];
  if (!namespace) throw namespaceNotFound(request.namespace ?? '');
  const { description, ownerEmail, data } = request.updateInfo ?? {};
  const retentionMs = parseDuration(request.config?.workflowExecutionRetentionTtl);
  if (retentionMs > 0 && retentionMs < MIN_RETENTION_MS) throw invalidArgument('A valid retention period is not set on request.');
  if (description) namespace.description = description;
  if (ownerEmail) namespace.ownerEmail = ownerEmail;
  Object.assign(namespace.data, data);
  if (retentionMs > 0) namespace.retentionMs = retentionMs;
  ok(svc, call.callId, namespaceDescription(svc, namespace));
}

export function listNamespaces(svc: Service, call: RpcCall): void {
  ok(svc, call.callId, { namespaces: Object.values(svc.state.namespaces).map((namespace) => namespaceDescription(svc, namespace)) } satisfies ListNamespacesResponse);
}

/** Custom search attributes of a namespace; what is there already is left alone. */
export function addSearchAttributes(svc: Service, call: RpcCall): void {
  const request = call.request as AddSearchAttributesRequest;
  const names = Object.keys(request.searchAttributes ?? {});
  if (names.length === 0) throw invalidArgument('SearchAttributes are not set on request.');
  for (const name of names) {
    if (Object.hasOwn(SYSTEM_SEARCH_ATTRIBUTES, name)) throw invalidArgument(`Search attribute ${name} is reserved by system.`);
    if ((request.searchAttributes?.[name] ?? 'INDEXED_VALUE_TYPE_UNSPECIFIED') === 'INDEXED_VALUE_TYPE_UNSPECIFIED') throw invalidArgument('Unable to create search attributes: cannot have more than 0 search attribute of type Unspecified.');
  }
  if (!request.namespace) throw invalidArgument('Namespace is not set on request.');
  const custom = svc.state.namespaces[checkNamespace(svc, request.namespace)]?.searchAttributes ?? {};
  for (const name of names) if (!Object.hasOwn(custom, name)) custom[name] = request.searchAttributes?.[name] ?? '';
  ok(svc, call.callId, {});
}

export function removeSearchAttributes(svc: Service, call: RpcCall): void {
  const request = call.request as RemoveSearchAttributesRequest;
  if (!request.searchAttributes?.length) throw invalidArgument('SearchAttributes are not set on request.');
  const custom = svc.state.namespaces[checkNamespace(svc, request.namespace)]?.searchAttributes ?? {};
  for (const name of request.searchAttributes) {
    if (Object.hasOwn(SYSTEM_SEARCH_ATTRIBUTES, name)) throw invalidArgument(`Unable to remove non-custom search attributes: ${name}.`);
    delete custom[name];
  }
  ok(svc, call.callId, {});
}

export function listSearchAttributes(svc: Service, call: RpcCall): void {
  const request = call.request as ListSearchAttributesRequest;
  if (!request.namespace) throw invalidArgument('Namespace is not set on request.');
  const custom = svc.state.namespaces[checkNamespace(svc, request.namespace)]?.searchAttributes ?? {};
  const system: { [name: string]: IndexedValueType } = {};
  for (const name in SYSTEM_SEARCH_ATTRIBUTES) system[name] = `INDEXED_VALUE_TYPE_${SYSTEM_SEARCH_ATTRIBUTES[name]}` as IndexedValueType;
  ok(svc, call.callId, { customAttributes: { ...custom } as { [name: string]: IndexedValueType }, systemAttributes: system } satisfies ListSearchAttributesResponse);
}

/** Rules by build id are the older way of versions, which servers have turned off. */
export function refuseBuildIds(): never {
  throw permissionDenied('Worker versioning v0.1 (Version Set-based, deprecated) is disabled on this namespace.');
}

export function refuseReachability(): never {
  throw permissionDenied('Worker versioning v0.2 (Rules-based, deprecated) is disabled on this namespace.');
}

export function getSearchAttributes(svc: Service, call: RpcCall): void {
  const keys: { [name: string]: string } = {};
  for (const name in SYSTEM_SEARCH_ATTRIBUTES) keys[name] = `INDEXED_VALUE_TYPE_${SYSTEM_SEARCH_ATTRIBUTES[name]}`;
  for (const namespace in svc.state.namespaces) Object.assign(keys, svc.state.namespaces[namespace]?.searchAttributes);
  ok(svc, call.callId, { keys });
}

export function listTaskQueuePartitions(svc: Service, call: RpcCall): void {
  const request = call.request as ListTaskQueuePartitionsRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const name = taskQueueName(svc, request.taskQueue);
  const keys = (type: QueueType) => getQueue(svc, namespace, type, name).partitions.map((_, i) => ({ key: i === 0 ? name : `/_sys/${name}/${i}`, ownerHostName: MATCHING_HOST }));
  ok(svc, call.callId, { activityTaskQueuePartitions: keys('activity'), workflowTaskQueuePartitions: keys('workflow') } satisfies ListTaskQueuePartitionsResponse);
}

/** A dev server's only host of the matching service (its port is chance there). */
const MATCHING_HOST = '127.0.0.1:7235';

export function describeTaskQueue(svc: Service, call: RpcCall): void {
  const request = call.request as DescribeTaskQueueRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const name = taskQueueName(svc, request.taskQueue);
  const type = request.taskQueueType === 'TASK_QUEUE_TYPE_ACTIVITY' ? 'activity' : 'workflow';
  const queue = getQueue(svc, namespace, type, name);
  const at = svc.host.now();
  const waiting = waitingTasks(queue);
  const pollers = Object.entries(queue.seen).filter(([, s]) => at - s.lastAt < POLLER_HISTORY_MS || queue.partitions.some((p) => p.pollers.some((x) => x.process === s.process)))
    .map(([identity, s]) => ({
      lastAccessTime: formatTimestamp(s.lastAt as Timestamp), identity, ratePerSecond: s.rate || NO_RATE,
      deploymentOptions: s.deployment ? { deploymentName: s.deployment.deploymentName, buildId: s.deployment.buildId, workerVersioningMode: s.deployment.versioned ? ('WORKER_VERSIONING_MODE_VERSIONED' as const) : ('WORKER_VERSIONING_MODE_UNVERSIONED' as const) } : undefined,
    }));
  const { added, dispatched } = recentRates(svc, queue);
  const rates: TaskQueueStats = { tasksAddRate: added || undefined, tasksDispatchRate: dispatched || undefined };
  const rate = effectiveRate(queue);
  ok(svc, call.callId, {
    pollers,
    ...(request.reportStats && { stats: { ...statsOf(waiting, at), ...rates }, statsByPriorityKey: statsByPriority(waiting, at, rates) }),
    versioningInfo: queueVersioning(svc, namespace, name, type),
    config: request.reportConfig && queue.config ? taskQueueConfig(queue.config) : undefined,
    effectiveRateLimit: {
      requestsPerSecond: rate ?? PARTITION_RATE * queue.partitions.length,
      rateLimitSource: queue.config ? 'RATE_LIMIT_SOURCE_API' : rate !== null ? 'RATE_LIMIT_SOURCE_WORKER' : 'RATE_LIMIT_SOURCE_SYSTEM',
    },
    taskQueueStatus: request.includeTaskQueueStatus ? { backlogCountHint: int64(waiting.length), ratePerSecond: rate ?? PARTITION_RATE * queue.partitions.length, taskIdBlock: FIRST_TASK_IDS } : undefined,
  } satisfies DescribeTaskQueueResponse);
}

/** The ids that the one owner of a queue gives to tasks (`matching.rangeSize`); another owner would take the next. */
const FIRST_TASK_IDS = { startId: '1', endId: '100000' };

const statsOf = (tasks: readonly QueueTask[], at: number): TaskQueueStats => ({
  approximateBacklogCount: int64(tasks.length), approximateBacklogAge: formatDuration(at - tasks.reduce((oldest, { addedAt }) => Math.min(oldest, addedAt), at)),
});

/** The same by priority; rates are those of the usual one, which is always there. */
function statsByPriority(waiting: readonly QueueTask[], at: number, rates: TaskQueueStats): { [priority: string]: TaskQueueStats } {
  const keys = [...new Set([DEFAULT_PRIORITY, ...waiting.map(({ priority }) => priority)])];
  return Object.fromEntries(keys.map((key) => [key, { ...statsOf(waiting.filter(({ priority }) => priority === key), at), ...(key === DEFAULT_PRIORITY && rates) }]));
}

/** What a partition gives out at most (`matching.…dispatchRate`); far more than happens here. */
const PARTITION_RATE = 1_000;
/** What the Service calls no limit. */
const NO_RATE = 100_000;

/** Sets or takes away the rate limit of an activity queue. */
export function updateTaskQueueConfig(svc: Service, call: RpcCall): void {
  const request = call.request as UpdateTaskQueueConfigRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const update = request.updateQueueRateLimit;
  if (update && request.taskQueueType !== 'TASK_QUEUE_TYPE_ACTIVITY') throw invalidArgument('Setting rate limit on workflow task queues is not allowed.');
  const rate = update?.rateLimit?.requestsPerSecond;
  if ((rate ?? 0) < 0) throw invalidArgument('RequestsPerSecond for UpdateQueueRateLimit rate limit must be non-negative.');
  const queue = getQueue(svc, namespace, request.taskQueueType === 'TASK_QUEUE_TYPE_ACTIVITY' ? 'activity' : 'workflow', request.taskQueue ?? '');
  if (update) {
    const config = update.rateLimit ? { rate: rate ?? 0, reason: update.reason ?? '', identity: request.identity ?? '', at: svc.host.now() } : null;
    configureRate(svc, queue, config, deliverTask);
  }
  ok(svc, call.callId, { config: queue.config ? taskQueueConfig(queue.config) : {} } satisfies UpdateTaskQueueConfigResponse);
}

const taskQueueConfig = (config: NonNullable<TaskQueueState['config']>): TaskQueueConfig => ({
  queueRateLimit: { rateLimit: { requestsPerSecond: config.rate }, metadata: { reason: config.reason || undefined, updateIdentity: config.identity || undefined, updateTime: formatTimestamp(config.at) } },
});

/** The versions that new tasks of the queue go to. */
function queueVersioning(svc: Service, namespace: string, name: string, type: QueueType): DescribeTaskQueueResponse['versioningInfo'] {
  for (const deployment of Object.values(deploymentsOf(svc, namespace))) {
    if (!Object.values(deployment.versions).some((v) => v.taskQueues.some((q) => q.name === name && q.type === type))) continue;
    const version = (buildId: string | null): WorkerDeploymentVersion | undefined => (buildId ? { deploymentName: deployment.name, buildId } : undefined);
    return {
      currentDeploymentVersion: version(deployment.current), currentVersion: deployment.current ? `${deployment.name}.${deployment.current}` : '__unversioned__', rampingDeploymentVersion: version(deployment.ramping),
      rampingVersion: deployment.ramping ? `${deployment.name}.${deployment.ramping}` : undefined, rampingVersionPercentage: deployment.rampPercentage || undefined, updateTime: formatTimestamp(deployment.changedAt),
    };
  }
  return { currentVersion: '__unversioned__', updateTime: NEVER };
}
