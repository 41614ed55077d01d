import type { RunId, Timestamp, WorkflowId } from '../../base/brand.ts';
import { uuidV4 } from '../../base/random.ts';
import type { CallId } from '../../api/rpc.ts';
import type { ServiceHost } from '../ports.ts';
import { invalidArgument, namespaceNotFound, notFound, TEXT } from './errors.ts';
import type { Run, ServiceState } from './state.ts';

/** What every part of the Service is given. */
export interface Service {
  readonly host: ServiceHost;
  readonly options: ServiceOptions;
  readonly state: ServiceState;
  /** Hand-offs between parts, run to the end before the step ends (`index.ts`). Empty between steps. */
  readonly transfers: Transfer[];
  /** Keys of task queues whose trace entry is due at the end of the step. */
  readonly dirtyQueues: { [key: string]: true };
}

/** What the transfer queue of a real Service does a moment later. */
export type Transfer =
  | { readonly type: 'workflowTask'; readonly runId: RunId; readonly scheduledEventId: number; readonly stamp: number }
  | { readonly type: 'activityTask'; readonly runId: RunId; readonly scheduledEventId: number; readonly stamp: number }
  | { readonly type: 'query'; readonly queryId: string }
  /** A workflow that a schedule waits for has closed. */
  | { readonly type: 'scheduleWatch'; readonly scheduleKey: string };

/** Settings; the defaults are those of a Temporal dev server (`temporal server start-dev`). */
export interface ServiceOptions {
  /** Partitions of every task queue (`matching.numTaskqueueReadPartitions`). */
  readonly partitions: number;
  readonly partitionsByQueue: { readonly [taskQueue: string]: number };
  /** `system.enableActivityEagerExecution` */
  readonly eagerActivities: boolean;
  /** `system.enableEagerWorkflowStart` */
  readonly eagerWorkflowStart: boolean;
  readonly historyPageSize: number;
  readonly limits: ServiceLimits;
  /** Namespaces that exist from the start. */
  readonly namespaces: readonly string[];
  /** `matching` sticky window: no sticky poll for this long makes the sticky queue unavailable. */
  readonly stickyWindowMs: number;
}

/** `dynamicconfig/constants.go`; bytes and counts. */
export interface ServiceLimits {
  readonly historyCountSuggest: number;
  readonly historyCountWarn: number;
  readonly historyCountError: number;
  readonly historySizeSuggest: number;
  readonly historySizeWarn: number;
  readonly historySizeError: number;
  readonly blobSizeWarn: number;
  readonly blobSizeError: number;
  readonly memoSizeError: number;
  readonly idLength: number;
  readonly pendingActivities: number;
  readonly pendingChildren: number;
  readonly pendingSignals: number;
  readonly pendingCancels: number;
  readonly signals: number;
  readonly updatesInFlight: number;
  readonly updates: number;
  readonly bufferedEvents: number;
  readonly bufferedBytes: number;
  readonly bufferedQueries: number;
}

export const DEFAULT_OPTIONS: ServiceOptions = {
  partitions: 4,
  partitionsByQueue: {},
  eagerActivities: true,
  eagerWorkflowStart: true,
  historyPageSize: 2000,
  namespaces: ['default', 'temporal-system'],
  stickyWindowMs: 10_000,
  limits: {
    historyCountSuggest: 4096,
    historyCountWarn: 10_240,
    historyCountError: 51_200,
    historySizeSuggest: 4 * 1024 * 1024,
    historySizeWarn: 10 * 1024 * 1024,
    historySizeError: 50 * 1024 * 1024,
    blobSizeWarn: 512 * 1024,
    blobSizeError: 2 * 1024 * 1024,
    memoSizeError: 2 * 1024 * 1024,
    idLength: 1000,
    pendingActivities: 2000,
    pendingChildren: 2000,
    pendingSignals: 2000,
    pendingCancels: 2000,
    signals: 10_000,
    updatesInFlight: 10,
    updates: 2000,
    bufferedEvents: 100,
    bufferedBytes: 2 * 1024 * 1024,
    bufferedQueries: 1,
  },
};

export const now = (svc: Service): Timestamp => svc.host.now();

/** A request id or query id made by the Service. */
export const newId = (svc: Service): string => uuidV4(svc.host.stream('service/ids'));

export const workflowKey = (namespace: string, workflowId: WorkflowId): string => `${namespace}\n${workflowId}`;

/** Refuses a namespace that is not registered; the empty one too. */
export function checkNamespace(svc: Service, namespace: string | undefined): string {
  const name = namespace ?? '';
  if (!name) throw invalidArgument('Namespace is empty.');
  if (!svc.state.namespaces[name]) throw namespaceNotFound(name);
  return name;
}

/** The run named by an execution: its current run when no run id is given. Throws NotFound with the genuine texts. */
export function findRun(svc: Service, namespace: string, workflowId: WorkflowId | undefined, runId: RunId | undefined): Run {
  const id = workflowId ?? '';
  if (runId) {
    const run = svc.state.runs[runId];
    if (!run || run.workflowId !== id || run.namespace !== namespace) throw notFound(TEXT.runNotFound(id, runId));
    return run;
  }
  const run = currentRun(svc, namespace, id);
  if (!run) throw notFound(TEXT.workflowNotFound(id));
  return run;
}

/** The current run of a workflow id, or null. */
export function currentRun(svc: Service, namespace: string, workflowId: WorkflowId): Run | null {
  const workflow = svc.state.workflows[workflowKey(namespace, workflowId)];
  return workflow ? (svc.state.runs[workflow.currentRunId] ?? null) : null;
}

/** Open: running or paused. */
export const isOpen = (run: Run): boolean => run.status === 'RUNNING' || run.status === 'PAUSED';

/** Answers a call with a response. */
export const ok = (svc: Service, callId: CallId, response: unknown): void => svc.host.reply(callId, { ok: true, response });

/** What Go's zero time looks like: never. */
export const NEVER = '0001-01-01T00:00:00Z';

/** int64 in proto3 JSON; zero is the default and left out. */
export const int64 = (n: number): string | undefined => (n === 0 ? undefined : String(n));
