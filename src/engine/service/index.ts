import type { Timestamp } from '../../base/brand.ts';
import { formatTimestamp } from '../../base/time.ts';
import type { HistoryEvent, Priority, RpcName } from '../../api/proto.ts';
import type { CallId, RpcCall } from '../../api/rpc.ts';
import type { RunStatus } from '../../trace/entries.ts';
import type { ServiceHost, ServiceItem, ServicePort } from '../ports.ts';
import { ServiceError, unimplemented } from './errors.ts';
import * as activities from './frontend/activities.ts';
import * as admin from './frontend/admin.ts';
import { deliverTask } from './frontend/deliver.ts';
import * as batches from './frontend/batches.ts';
import * as deployments from './frontend/deployment-rpcs.ts';
import * as deploymentAdministration from './frontend/deployment-administration.ts';
import { stickyVersionHolds, versionOfTask } from './frontend/deployments.ts';
import * as reads from './frontend/reads.ts';
import * as schedules from './frontend/schedules.ts';
import * as system from './frontend/system.ts';
import * as visibility from './frontend/visibility.ts';
import * as tasks from './frontend/workflow-tasks.ts';
import * as workflows from './frontend/workflows.ts';
import { mergePriority } from './history/activity-task.ts';
import { backoffElapsed, timeOutDueActivities } from './history/activity.ts';
import { durableState, rebuildRun } from './history/apply.ts';
import { timeOutRun } from './history/close.ts';
import { commit } from './history/commit.ts';
import { flushBuffer } from './history/event-store.ts';
import { childStarted, closeTransfer, createChild, deliverCancel, deliverSignal, wake } from './history/external.ts';
import { dropQuery, queryNoPoller, routeQuery, unsendQueries } from './history/query.ts';
import { fireDueTimers } from './history/timer.ts';
import { dropUpdateWaiter, retryUpdates, unsendUpdates } from './history/update.ts';
import { failTask, hasStartedTask, scheduleTask, timeOutScheduledTask, timeOutStartedTask } from './history/workflow-task.ts';
import { addTask, DEFAULT_PRIORITY, emitQueue, getQueue, hasRecentPoller, rateElapsed, removePoller } from './matching/task-queue.ts';
import { SpecError } from './schedules/calendar.ts';
import { specFromClient } from './schedules/client-spec.ts';
import { scheduleAlarm, watchedWorkflowClosed } from './schedules/scheduler.ts';
import { compileSpec, timesAfter } from './schedules/spec.ts';
import { checkNamespace, DEFAULT_OPTIONS, now, type Service, type ServiceOptions, type Transfer } from './service.ts';
import type { NamespaceState, Run, ServiceState, TaskQueueState } from './state.ts';

/** The Service's RPCs by name. */
const rpcs: { readonly [name in RpcName]?: (svc: Service, call: RpcCall) => void } = {
  GetSystemInfo: system.getSystemInfo,
  GetClusterInfo: system.getClusterInfo,
  DescribeNamespace: system.describeNamespace,
  GetSearchAttributes: system.getSearchAttributes,
  AddSearchAttributes: system.addSearchAttributes,
  RemoveSearchAttributes: system.removeSearchAttributes,
  ListSearchAttributes: system.listSearchAttributes,
  RegisterNamespace: system.registerNamespace,
  ListNamespaces: system.listNamespaces,
  UpdateNamespace: system.updateNamespace,
  ListTaskQueuePartitions: system.listTaskQueuePartitions,
  UpdateWorkerBuildIdCompatibility: system.refuseBuildIds,
  GetWorkerBuildIdCompatibility: system.refuseBuildIds,
  GetWorkerTaskReachability: system.refuseReachability,
  ShutdownWorker: system.shutdownWorker,
  DescribeTaskQueue: system.describeTaskQueue,
  UpdateTaskQueueConfig: system.updateTaskQueueConfig,

  StartWorkflowExecution: workflows.startWorkflowExecution,
  SignalWorkflowExecution: workflows.signalWorkflowExecution,
  SignalWithStartWorkflowExecution: workflows.signalWithStartWorkflowExecution,
  RequestCancelWorkflowExecution: workflows.requestCancelWorkflowExecution,
  TerminateWorkflowExecution: workflows.terminateWorkflowExecution,
  QueryWorkflow: workflows.queryWorkflow,
  UpdateWorkflowExecution: workflows.updateWorkflowExecution,
  PollWorkflowExecutionUpdate: workflows.pollWorkflowExecutionUpdate,
  ExecuteMultiOperation: workflows.executeMultiOperation,

  ResetWorkflowExecution: admin.resetWorkflowExecution,
  ResetStickyTaskQueue: admin.resetStickyTaskQueue,
  DeleteWorkflowExecution: admin.deleteWorkflowExecution,
  PauseWorkflowExecution: admin.pauseWorkflowExecution,
  UnpauseWorkflowExecution: admin.unpauseWorkflowExecution,
  UpdateWorkflowExecutionOptions: admin.updateWorkflowExecutionOptions,
  PauseActivity: admin.pauseActivity,
  UnpauseActivity: admin.unpauseActivity,
  ResetActivity: admin.resetActivity,
  UpdateActivityOptions: admin.updateActivityOptions,

  StartBatchOperation: batches.startBatchOperation,
  StopBatchOperation: batches.stopBatchOperation,
  DescribeBatchOperation: batches.describeBatchOperation,
  ListBatchOperations: batches.listBatchOperations,

  CreateSchedule: schedules.createSchedule,
  DescribeSchedule: schedules.describeSchedule,
  UpdateSchedule: schedules.updateSchedule,
  PatchSchedule: schedules.patchSchedule,
  DeleteSchedule: schedules.deleteSchedule,
  ListSchedules: schedules.listSchedules,
  CountSchedules: schedules.countSchedules,
  ListScheduleMatchingTimes: schedules.listScheduleMatchingTimes,

  ListWorkflowExecutions: visibility.listWorkflowExecutions,
  ScanWorkflowExecutions: visibility.listWorkflowExecutions,
  CountWorkflowExecutions: visibility.countWorkflowExecutions,

  SetWorkerDeploymentCurrentVersion: deployments.setWorkerDeploymentCurrentVersion,
  SetWorkerDeploymentRampingVersion: deployments.setWorkerDeploymentRampingVersion,
  DescribeWorkerDeployment: deployments.describeWorkerDeployment,
  DescribeWorkerDeploymentVersion: deployments.describeWorkerDeploymentVersion,
  ListWorkerDeployments: deployments.listWorkerDeployments,
  SetWorkerDeploymentManager: deploymentAdministration.setWorkerDeploymentManager,
  UpdateWorkerDeploymentVersionMetadata: deploymentAdministration.updateWorkerDeploymentVersionMetadata,
  DeleteWorkerDeploymentVersion: deploymentAdministration.deleteWorkerDeploymentVersion,
  DeleteWorkerDeployment: deploymentAdministration.deleteWorkerDeployment,

  GetWorkflowExecutionHistory: reads.getWorkflowExecutionHistory,
  GetWorkflowExecutionHistoryReverse: reads.getWorkflowExecutionHistoryReverse,
  DescribeWorkflowExecution: reads.describeWorkflowExecution,

  PollWorkflowTaskQueue: tasks.pollWorkflowTaskQueue,
  RespondWorkflowTaskCompleted: tasks.respondWorkflowTaskCompleted,
  RespondWorkflowTaskFailed: tasks.respondWorkflowTaskFailed,
  RespondQueryTaskCompleted: tasks.respondQueryTaskCompleted,

  PollActivityTaskQueue: activities.pollActivityTaskQueue,
  RespondActivityTaskCompleted: activities.respondActivityTaskCompleted,
  RespondActivityTaskCompletedById: activities.respondActivityTaskCompletedById,
  RespondActivityTaskFailed: activities.respondActivityTaskFailed,
  RespondActivityTaskFailedById: activities.respondActivityTaskFailedById,
  RespondActivityTaskCanceled: activities.respondActivityTaskCanceled,
  RespondActivityTaskCanceledById: activities.respondActivityTaskCanceledById,
  RecordActivityTaskHeartbeat: activities.recordActivityTaskHeartbeat,
  RecordActivityTaskHeartbeatById: activities.recordActivityTaskHeartbeatById,
};

/** A run as the headless runner and the checkers read it. */
export interface RunView {
  readonly namespace: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly status: RunStatus;
  /** On disk; not to be changed. */
  readonly events: readonly HistoryEvent[];
}

export interface SimulatedService extends ServicePort {
  /** All runs by workflow id (of every namespace but the system's), each workflow's oldest first. */
  workflows(): { readonly [workflowId: string]: readonly RunView[] };
  /** A run by id, or null. */
  run(runId: string): RunView | null;
  /** The whole state: plain data, for checkpoints and checkers. */
  readonly state: ServiceState;
}

/** Makes a Temporal Service. Unset options are a dev server's. */
export function createService(host: ServiceHost, options: Partial<ServiceOptions> = {}): SimulatedService {
  const all: ServiceOptions = { ...DEFAULT_OPTIONS, ...options, limits: { ...DEFAULT_OPTIONS.limits, ...options.limits } };
  const svc: Service = { host, options: all, state: emptyState(host, all), transfers: [], dirtyQueues: {} };
  return {
    state: svc.state,
    handle(call) {
      const handler = rpcs[call.rpc];
      try {
        // A namespace that is not there is noticed before anything is done with a token.
        const { taskToken, namespace } = (call.request ?? {}) as { readonly taskToken?: string; readonly namespace?: string };
        if (taskToken && namespace) checkNamespace(svc, namespace);
        if (!handler) throw unimplemented(`unknown method ${call.rpc} for service temporal.api.workflowservice.v1.WorkflowService`);
        handler(svc, call);
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        host.reply(call.callId, { ok: false, status: error.status });
      }
      settle(svc);
    },
    dropCall(callId) {
      drop(svc, callId);
      settle(svc);
    },
    fire(item) {
      fire(svc, item);
      settle(svc);
    },
    workflows() {
      const result = new Map<string, RunView[]>(); // any text may be an id, `__proto__` too
      for (const key in svc.state.workflows) {
        const workflow = svc.state.workflows[key];
        if (!workflow || workflow.namespace === 'temporal-system') continue;
        const runs = workflow.runIds.map((id) => svc.state.runs[id] as Run);
        result.set(workflow.workflowId, [...(result.get(workflow.workflowId) ?? []), ...runs]);
      }
      return Object.fromEntries(result);
    },
    run: (runId) => svc.state.runs[runId] ?? null,
  };
}

function emptyState(host: ServiceHost, options: ServiceOptions): ServiceState {
  const namespaces: { [name: string]: NamespaceState } = {};
  for (const name of options.namespaces) namespaces[name] = system.newNamespace(host, name);
  return { namespaces, nextTaskId: 1_048_577, runs: {}, workflows: {}, queues: {}, schedules: {}, scheduleWatches: {}, batches: {}, deployments: {}, parked: {}, queries: {} };
}

/** Runs what the step left to do between the Service's parts, then tells the trace of changed queues. */
function settle(svc: Service): void {
  for (let i = 0; i < svc.transfers.length; i++) transfer(svc, svc.transfers[i] as Transfer);
  svc.transfers.length = 0;
  for (const key in svc.dirtyQueues) {
    delete svc.dirtyQueues[key];
    const queue = svc.state.queues[key];
    if (queue) emitQueue(svc, queue);
  }
}

const priorityOf = (priority: Priority | null | undefined): number => priority?.priorityKey || DEFAULT_PRIORITY;

function transfer(svc: Service, item: Transfer): void {
  if (item.type === 'scheduleWatch') {
    watchedWorkflowClosed(svc, item.scheduleKey);
    return;
  }
  if (item.type === 'query') {
    const query = svc.state.queries[item.queryId];
    if (!query) return;
    const route = routeQuery(svc, query);
    const run = svc.state.runs[query.runId] as Run;
    const queue = getQueue(svc, run.namespace, 'workflow', route.name, route.normalName);
    const version = route.normalName ? null : versionOfTask(svc, run, route.name, 'workflow');
    addTask(svc, queue, { kind: 'query', runId: run.runId, queryId: item.queryId, addedAt: now(svc), priority: priorityOf(run.priority), version }, deliverTask);
    return;
  }
  const run = svc.state.runs[item.runId];
  if (!run || run.closedAt !== null) return;
  if (item.type === 'activityTask') {
    const activity = run.activities[item.scheduledEventId];
    if (!activity || activity.stamp !== item.stamp || run.status === 'PAUSED') return;
    const queue = getQueue(svc, run.namespace, 'activity', activity.taskQueue);
    const version = versionOfTask(svc, run, activity.taskQueue, 'activity');
    addTask(svc, queue, { kind: 'activityTask', runId: run.runId, scheduledEventId: item.scheduledEventId, stamp: item.stamp, addedAt: now(svc), priority: priorityOf(mergePriority(run.priority, activity.priority)), version }, deliverTask);
    return;
  }
  const task = run.task;
  if (task.scheduledEventId !== item.scheduledEventId || task.stamp !== item.stamp || task.startedEventId !== 0) return;
  let queue: TaskQueueState;
  if (task.stickyQueue) {
    queue = getQueue(svc, run.namespace, 'workflow', task.queue, run.taskQueue);
    if (!hasRecentPoller(svc, queue) || !stickyVersionHolds(svc, run)) {
      // StickyWorkerUnavailable (nobody there, or not of the version that is due): to the normal queue at once. History keeps the sticky WorkflowTaskScheduled, and its
      // schedule-to-start timeout still holds (transfer_queue_active_task_executor.go, processWorkflowTask).
      task.queue = run.taskQueue;
      task.stickyQueue = false;
      queue = getQueue(svc, run.namespace, 'workflow', run.taskQueue);
    }
  } else queue = getQueue(svc, run.namespace, 'workflow', task.queue);
  const version = versionOfTask(svc, run, run.taskQueue, 'workflow');
  addTask(svc, queue, { kind: 'workflowTask', runId: run.runId, scheduledEventId: task.scheduledEventId, stamp: task.stamp, addedAt: now(svc), priority: priorityOf(run.priority), version }, deliverTask);
}

function drop(svc: Service, callId: CallId): void {
  const parked = svc.state.parked[callId];
  if (!parked) return;
  delete svc.state.parked[callId];
  if (parked.kind === 'poll') {
    const queue = svc.state.queues[parked.queueKey];
    if (queue) removePoller(svc, queue, callId);
    return;
  }
  const run = svc.state.runs[parked.runId];
  if (!run) return;
  if (parked.kind === 'history') run.historyWaiters = run.historyWaiters.filter((w) => w.callId !== callId);
  else if (parked.kind === 'query') dropQuery(svc, run, callId, parked.queryId);
  else dropUpdateWaiter(run, callId);
}

/** Agenda items by type. */
function fire(svc: Service, item: ServiceItem): void {
  const run = svc.state.runs[item['runId'] as string];
  const open = run !== undefined && run.closedAt === null;
  switch (item.type) {
    case 'timerFired': {
      const timerId = item['timerId'] as string;
      if (!open || !run.timers[timerId]) return;
      fireDueTimers(svc, run);
      wake(svc, run);
      return;
    }
    case 'activityTimeout': {
      if (!open || !run.activities[item['scheduledEventId'] as number]) return;
      if (timeOutDueActivities(svc, run)) wake(svc, run);
      else commit(svc, run);
      return;
    }
    case 'activityRetry': {
      const activity = open ? run.activities[item['scheduledEventId'] as number] : undefined;
      if (!open || !activity) return;
      backoffElapsed(svc, run, activity);
      commit(svc, run);
      return;
    }
    case 'workflowTaskScheduleToStartTimeout':
    case 'workflowTaskStartToCloseTimeout':
      if (open) timeOutTask(svc, run, item);
      return;
    case 'workflowBackoff':
      if (!open) return;
      run.backoffTimer = null;
      wake(svc, run);
      return;
    case 'workflowRunTimeout':
      if (!open) return;
      run.runTimer = null;
      timeOutRun(svc, run);
      commit(svc, run);
      return;
    case 'batch':
      return batches.stepBatch(svc, item['batchKey'] as string);
    case 'startChild':
      if (run) createChild(svc, run, item['initiatedEventId'] as number);
      return;
    case 'childStarted':
      if (run) childStarted(svc, run, item['initiatedEventId'] as number, item['childRunId'] as string, item['schedule'] as boolean);
      return;
    case 'closeTransfer':
      if (run) closeTransfer(svc, run);
      return;
    case 'signalExternal':
      if (run) deliverSignal(svc, run, item['initiatedEventId'] as number, item['requestId'] as string);
      return;
    case 'cancelExternal':
      if (run) deliverCancel(svc, run, item['initiatedEventId'] as number, item['requestId'] as string);
      return;
    case 'bufferOverflow':
      if (!open || run.task.scheduledEventId !== item['scheduledEventId'] || !hasStartedTask(run)) return;
      failTask(svc, run, 'WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND', undefined, 'history-service');
      // Written before the next task is scheduled, which therefore is a second attempt and in memory only.
      flushBuffer(svc, run);
      scheduleTask(svc, run);
      commit(svc, run);
      return;
    case 'queryStickyTimeout': {
      const query = svc.state.queries[item['queryId'] as string];
      if (!query || !run) return;
      run.sticky = null;
      svc.transfers.push({ type: 'query', queryId: query.queryId });
      return;
    }
    case 'queryNoPoller': {
      const query = svc.state.queries[item['queryId'] as string];
      if (query) queryNoPoller(svc, query);
      return;
    }
    case 'updateRetry':
      if (!run) return;
      run.updateRetry = null;
      retryUpdates(svc, run);
      return;
    case 'scheduleAlarm':
      scheduleAlarm(svc, item['key'] as string);
      return;
    case 'taskQueueRate': {
      const queue = svc.state.queues[item['queueKey'] as string];
      if (queue) rateElapsed(svc, queue, deliverTask);
      return;
    }
    default:
  }
}

function timeOutTask(svc: Service, run: Run, item: ServiceItem): void {
  const task = run.task;
  if (task.scheduledEventId !== item['scheduledEventId'] || task.stamp !== item['stamp']) return;
  if (item.type === 'workflowTaskScheduleToStartTimeout') {
    if (task.startedEventId !== 0) return;
    task.scheduleTimer = null;
    timeOutScheduledTask(svc, run);
  } else {
    if (task.startedEventId === 0) return;
    task.startTimer = null;
    timeOutStartedTask(svc, run);
    unsendUpdates(svc, run);
    unsendQueries(run);
  }
  if (run.status !== 'PAUSED') scheduleTask(svc, run);
  commit(svc, run);
}

/**
 * The next `count` times after `from` of a ScheduleSpec as the TypeScript client takes it, in RFC 3339. Throws a ScheduleSpecError
 * that says what is wrong with the spec. Jitter falls as for a schedule without a name.
 */
export const scheduleTimes = (spec: unknown, from: Timestamp, count: number): string[] => timesAfter(compileSpec(specFromClient(spec)), '', from, count).map(formatTimestamp);

export { durableState, rebuildRun, SpecError as ScheduleSpecError };
export type { ServiceOptions } from './service.ts';
