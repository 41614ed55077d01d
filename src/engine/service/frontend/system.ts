import { formatDuration } from '../../../base/time.ts';
import type { RpcCall } from '../../../api/rpc.ts';
import type { DescribeNamespaceRequest, DescribeNamespaceResponse, DescribeTaskQueueRequest, GetClusterInfoResponse, GetSystemInfoResponse, ShutdownWorkerRequest } from '../../../api/proto.ts';
import { SYSTEM_SEARCH_ATTRIBUTES } from '../history/search-attribute-types.ts';
import { getQueue, releasePollers } from '../matching/task-queue.ts';
import { formatTimestamp } from '../../../base/time.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { checkNamespace, int64, ok, type Service } from '../service.ts';

/** RPCs about the Service itself. */

export const SERVER_VERSION = '1.32.0';

export function getSystemInfo(svc: Service, call: RpcCall): void {
  ok(svc, call.callId, {
    serverVersion: SERVER_VERSION,
    capabilities: {
      signalAndQueryHeader: true, internalErrorDifferentiation: true, activityFailureIncludeHeartbeat: true, supportsSchedules: true, encodedFailureAttributes: true, buildIdBasedVersioning: true, upsertMemo: true,
      eagerWorkflowStart: true, sdkMetadata: true, countGroupByExecutionStatus: true, nexus: true,
    },
  } satisfies GetSystemInfoResponse);
}

export function getClusterInfo(svc: Service, call: RpcCall): void {
  ok(svc, call.callId, {
    supportedClients: { 'temporal-cli': '<2.0.0', 'temporal-go': '<2.0.0', 'temporal-java': '<2.0.0', 'temporal-php': '<2.0.0', 'temporal-server': '<2.0.0', 'temporal-typescript': '<2.0.0', 'temporal-ui': '<3.0.0' },
    serverVersion: SERVER_VERSION, clusterId: 'replayground', clusterName: 'active', historyShardCount: 1, persistenceStore: 'sqlite', visibilityStore: 'sqlite',
  } satisfies GetClusterInfoResponse);
}

export function describeNamespace(svc: Service, call: RpcCall): void {
  const request = call.request as DescribeNamespaceRequest;
  const namespace = svc.state.namespaces[checkNamespace(svc, request.namespace)];
  if (!namespace) return;
  ok(svc, call.callId, {
    namespaceInfo: {
      name: namespace.name, state: 'NAMESPACE_STATE_REGISTERED', description: namespace.description || undefined, id: namespace.id,
      capabilities: { eagerWorkflowStart: true, syncUpdate: true, asyncUpdate: true, reportedProblemsSearchAttribute: true, workflowPause: true },
      limits: { blobSizeLimitError: int64(svc.options.limits.blobSizeError), memoSizeLimitError: int64(svc.options.limits.memoSizeError) },
    },
    config: { workflowExecutionRetentionTtl: formatDuration(namespace.retentionMs), historyArchivalState: 'ARCHIVAL_STATE_DISABLED', visibilityArchivalState: 'ARCHIVAL_STATE_DISABLED' },
    replicationConfig: { activeClusterName: 'active', clusters: [{ clusterName: 'active' }] },
  } satisfies DescribeNamespaceResponse);
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

export function getSearchAttributes(svc: Service, call: RpcCall): void {
  const keys: { [name: string]: string } = {};
  for (const name in SYSTEM_SEARCH_ATTRIBUTES) keys[name] = `INDEXED_VALUE_TYPE_${SYSTEM_SEARCH_ATTRIBUTES[name]}`;
  for (const namespace in svc.state.namespaces) Object.assign(keys, svc.state.namespaces[namespace]?.searchAttributes);
  ok(svc, call.callId, { keys });
}

export function describeTaskQueue(svc: Service, call: RpcCall): void {
  const request = call.request as DescribeTaskQueueRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const type = request.taskQueueType === 'TASK_QUEUE_TYPE_ACTIVITY' ? 'activity' : 'workflow';
  const queue = getQueue(svc, namespace, type, request.taskQueue?.name ?? '');
  const at = svc.host.now();
  const backlog = queue.partitions.reduce((n, p) => n + p.backlog.length - p.head, 0);
  const oldest = queue.partitions.reduce((t, p) => Math.min(t, p.backlog[p.head]?.addedAt ?? Infinity), Infinity);
  const pollers = Object.entries(queue.seen).filter(([, s]) => at - s.lastAt < 300_000 || queue.partitions.some((p) => p.pollers.some((x) => x.process === s.process)))
    .map(([identity, s]) => ({ lastAccessTime: formatTimestamp(s.lastAt as Timestamp), identity, ratePerSecond: s.rate || 100_000 }));
  ok(svc, call.callId, {
    pollers,
    stats: { approximateBacklogCount: int64(backlog), approximateBacklogAge: formatDuration(oldest === Infinity ? 0 : at - oldest), tasksAddRate: 0, tasksDispatchRate: 0 },
    taskQueueStatus: request.includeTaskQueueStatus ? { backlogCountHint: int64(backlog) } : undefined,
  });
}

