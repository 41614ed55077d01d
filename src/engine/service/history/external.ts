import { uuidV7 } from '../../../base/random.ts';
import { formatDuration, parseDuration } from '../../../base/time.ts';
import type {
  HistoryEvent, ParentClosePolicy, RequestCancelExternalWorkflowExecutionCommandAttributes, RetryState, SignalExternalWorkflowExecutionCommandAttributes,
  StartChildWorkflowExecutionCommandAttributes, WorkflowExecutionStartedEventAttributes,
} from '../../../api/proto.ts';
import { ServiceError } from '../errors.ts';
import { cronBackoff } from '../schedules/cron.ts';
import { currentRun, isOpen, newId, now, type Service } from '../service.ts';
import type { ChildInfo, Run } from '../state.ts';
import { mergePriority } from './activity-task.ts';
import { initialFields } from './apply.ts';
import { RESETTER_IDENTITY, terminateRun } from './close.ts';
import { inheritedAutoUpgrade } from './target-version.ts';
import { commit, endsAtLimit } from './commit.ts';
import { addEvent, type EventExtras } from './event-store.ts';
import { idPolicy, resolveId } from './id-policy.ts';
import { machine, transition } from './machine.ts';
import { cappedRunTimeout, cappedTaskTimeout, createRun } from './start.ts';
import { hasPendingTask, hasStartedTask, scheduleTask } from './workflow-task.ts';

/**
 * What a run does to other runs: children, signals, cancels. Each is first an event of its own; the other run hears of it a moment
 * later, and the answer comes back as an event.
 */
export const childMachine = machine('child', {
  initiated: { start: 'started', startFails: 'closed' },
  started: { complete: 'closed', fail: 'closed', cancel: 'closed', timeOut: 'closed', terminate: 'closed' },
});

export const externalMachine = machine('external', {
  signalInitiated: { deliver: 'done', fail: 'done' },
  cancelInitiated: { deliver: 'done', fail: 'done' },
});

const SERVICE_IDENTITY = 'history-service';
const namespaceId = (svc: Service, name: string): string | undefined => svc.state.namespaces[name]?.id;

// ---------------------------------------------------------------- children

/** StartChildWorkflowExecution: writes the intent; the child is made a moment later. */
export function startChild(svc: Service, run: Run, a: StartChildWorkflowExecutionCommandAttributes, completedEventId: number, extras: EventExtras): void {
  const namespace = a.namespace || run.namespace;
  const policy = a.parentClosePolicy && a.parentClosePolicy !== 'PARENT_CLOSE_POLICY_UNSPECIFIED' ? a.parentClosePolicy : 'PARENT_CLOSE_POLICY_TERMINATE';
  const reuse = a.workflowIdReusePolicy && a.workflowIdReusePolicy !== 'WORKFLOW_ID_REUSE_POLICY_UNSPECIFIED' ? a.workflowIdReusePolicy : 'WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE';
  const runMs = cappedRunTimeout(parseDuration(a.workflowRunTimeout), parseDuration(a.workflowExecutionTimeout));
  const event = addEvent(svc, run, 'startChildWorkflowExecutionInitiated', {
    namespace,
    namespaceId: namespaceId(svc, namespace),
    workflowId: a.workflowId,
    workflowType: a.workflowType,
    taskQueue: { name: a.taskQueue?.name || run.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' },
    input: a.input,
    workflowExecutionTimeout: a.workflowExecutionTimeout,
    workflowRunTimeout: formatDuration(runMs),
    workflowTaskTimeout: formatDuration(cappedTaskTimeout(parseDuration(a.workflowTaskTimeout), runMs)),
    parentClosePolicy: policy,
    control: a.control || undefined,
    workflowTaskCompletedEventId: String(completedEventId),
    workflowIdReusePolicy: reuse,
    retryPolicy: a.retryPolicy,
    cronSchedule: a.cronSchedule || undefined,
    header: a.header,
    ...initialFields(a),
    inheritBuildId: a.inheritBuildId || undefined,
    priority: a.priority,
  }, extras);
  svc.host.schedule(now(svc), { type: 'startChild', workflowId: run.workflowId, runId: run.runId, initiatedEventId: Number(event.eventId) });
}

/** First phase: the child gets its first event, but no Workflow Task. */
export function createChild(svc: Service, run: Run, initiatedEventId: number): void {
  const child = run.children[initiatedEventId];
  const attributes = (run.events[initiatedEventId - 1] as HistoryEvent).startChildWorkflowExecutionInitiatedEventAttributes ?? {};
  // A parent that closed in the same Workflow Task starts nobody, whatever the parent close policy (`processStartChildExecution`).
  if (!child || run.closedAt !== null) return;
  const namespace = attributes.namespace ?? run.namespace;
  const workflowId = attributes.workflowId ?? '';
  const runId = uuidV7(svc.host.stream('service/runIds'), now(svc));
  const existing = currentRun(svc, namespace, workflowId);
  try {
    if (!svc.state.namespaces[namespace]) {
      failStart(svc, run, child, attributes, 'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_NAMESPACE_NOT_FOUND');
      return;
    }
    const wasOpen = existing !== null && isOpen(existing);
    resolveId(svc, existing, idPolicy(attributes.workflowIdReusePolicy, undefined), runId);
    if (existing && wasOpen && !isOpen(existing)) commit(svc, existing);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    failStart(svc, run, child, attributes, 'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS');
    return;
  }
  const executionMs = parseDuration(attributes.workflowExecutionTimeout);
  const started: WorkflowExecutionStartedEventAttributes = {
    workflowType: attributes.workflowType,
    parentWorkflowNamespace: run.namespace,
    parentWorkflowNamespaceId: namespaceId(svc, run.namespace),
    parentWorkflowExecution: { workflowId: run.workflowId, runId: run.runId },
    parentInitiatedEventId: String(initiatedEventId),
    taskQueue: attributes.taskQueue,
    input: attributes.input,
    workflowExecutionTimeout: attributes.workflowExecutionTimeout,
    workflowRunTimeout: attributes.workflowRunTimeout,
    workflowTaskTimeout: attributes.workflowTaskTimeout,
    retryPolicy: attributes.retryPolicy,
    cronSchedule: attributes.cronSchedule,
    header: attributes.header,
    memo: attributes.memo,
    searchAttributes: attributes.searchAttributes,
    rootWorkflowExecution: run.root,
    priority: mergePriority(run.priority, attributes.priority),
    ...inheritedVersion(run, attributes.taskQueue?.name ?? ''),
  };
  const backoffMs = attributes.cronSchedule ? Math.max(0, cronBackoff(attributes.cronSchedule, now(svc), now(svc))) : 0;
  const made = createRun(svc, {
    namespace, workflowId, runId, attributes: started, backoffMs, executionTimeoutMs: executionMs, expiresAt: 0, requestId: newId(svc), userMetadata: (run.events[initiatedEventId - 1] as HistoryEvent).userMetadata,
  });
  commit(svc, made);
  svc.host.schedule(now(svc), { type: 'childStarted', workflowId: run.workflowId, runId: run.runId, initiatedEventId, childRunId: runId, schedule: backoffMs === 0 });
}

function inheritedVersion(run: Run, taskQueue: string): WorkflowExecutionStartedEventAttributes {
  const versioning = run.versioning;
  const version = versioning?.override?.pinned?.version ?? versioning?.deploymentVersion;
  if (!versioning || !version || taskQueue !== run.taskQueue) return {};
  const pinned = versioning.override?.pinned !== undefined || versioning.behavior === 'VERSIONING_BEHAVIOR_PINNED';
  return pinned ? { inheritedPinnedVersion: version } : inheritedAutoUpgrade(run);
}

function failStart(svc: Service, run: Run, child: ChildInfo, a: NonNullable<HistoryEvent['startChildWorkflowExecutionInitiatedEventAttributes']>, cause: 'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS' | 'START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_NAMESPACE_NOT_FOUND'): void {
  transition(childMachine, 'initiated', 'startFails');
  addEvent(svc, run, 'startChildWorkflowExecutionFailed', {
    namespace: a.namespace, namespaceId: a.namespaceId, workflowId: a.workflowId, workflowType: a.workflowType, cause, control: a.control,
    initiatedEventId: String(child.initiatedEventId),
  });
  wake(svc, run);
}

/** Second phase: the parent learns of it, then the child gets its first Workflow Task. */
export function childStarted(svc: Service, run: Run, initiatedEventId: number, childRunId: string, schedule: boolean): void {
  const child = run.children[initiatedEventId];
  const made = svc.state.runs[childRunId] as Run;
  if (child && run.closedAt === null) {
    const a = (run.events[initiatedEventId - 1] as HistoryEvent).startChildWorkflowExecutionInitiatedEventAttributes ?? {};
    transition(childMachine, 'initiated', 'start');
    addEvent(svc, run, 'childWorkflowExecutionStarted', {
      namespace: a.namespace, namespaceId: a.namespaceId, initiatedEventId: String(initiatedEventId), workflowExecution: { workflowId: made.workflowId, runId: made.runId },
      workflowType: a.workflowType, header: a.header,
    });
    wake(svc, run);
  }
  if (schedule && made.closedAt === null && !hasPendingTask(made) && !made.completedAnyTask) {
    scheduleTask(svc, made);
    commit(svc, made);
  }
}

/** A closed run tells its parent, then deals with its own children. */
export function closeTransfer(svc: Service, run: Run): void {
  const resetTermination = (run.events[run.events.length - 1] as HistoryEvent).workflowExecutionTerminatedEventAttributes?.identity === RESETTER_IDENTITY;
  // The run that the reset made may need its children.
  if (resetTermination) return;
  if (run.parent && !run.newRunId) reportToParent(svc, run);
  for (const id in run.children) {
    const child = run.children[id] as ChildInfo;
    const target = currentRun(svc, child.namespace, child.workflowId);
    if (!target || !isOpen(target) || target.firstRunId !== child.runId) continue;
    switch (child.parentClosePolicy as ParentClosePolicy) {
      case 'PARENT_CLOSE_POLICY_TERMINATE':
        terminateRun(svc, target, 'by parent close policy', undefined, SERVICE_IDENTITY);
        commit(svc, target);
        break;
      case 'PARENT_CLOSE_POLICY_REQUEST_CANCEL':
        requestCancel(svc, target, { identity: SERVICE_IDENTITY, reason: '', requestId: newId(svc), external: { workflowId: run.workflowId, runId: run.runId }, initiatedEventId: 0 });
        break;
      default:
    }
  }
}

function reportToParent(svc: Service, run: Run): void {
  const link = run.parent;
  let parent = link ? svc.state.runs[link.runId] : undefined;
  // A reset parent goes on as another run, which knows the child if it was there at the reset point.
  if (parent && parent.closedAt !== null) parent = currentRun(svc, parent.namespace, parent.workflowId) ?? undefined;
  if (!link || !parent || parent.closedAt !== null) return;
  const child = parent.children[link.initiatedEventId];
  if (!child || child.startedEventId === 0 || (parent.runId !== link.runId && child.runId !== run.firstRunId)) return;
  const close = run.events[run.events.length - 1] as HistoryEvent;
  const common = {
    namespace: child.namespace, namespaceId: namespaceId(svc, child.namespace), workflowExecution: { workflowId: run.workflowId, runId: run.runId }, workflowType: { name: child.workflowType },
    initiatedEventId: String(link.initiatedEventId), startedEventId: child.startedEventId > 0 ? String(child.startedEventId) : undefined,
  };
  const completed = close.workflowExecutionCompletedEventAttributes;
  const failed = close.workflowExecutionFailedEventAttributes;
  const canceled = close.workflowExecutionCanceledEventAttributes;
  const timedOut = close.workflowExecutionTimedOutEventAttributes;
  const end = (event: string): void => {
    transition(childMachine, 'started', event);
  };
  if (completed) {
    end('complete');
    addEvent(svc, parent, 'childWorkflowExecutionCompleted', { result: completed.result, ...common });
  } else if (failed) {
    end('fail');
    addEvent(svc, parent, 'childWorkflowExecutionFailed', { failure: failed.failure, ...common, retryState: failed.retryState });
  } else if (canceled) {
    end('cancel');
    addEvent(svc, parent, 'childWorkflowExecutionCanceled', { details: canceled.details, ...common });
  } else if (timedOut) {
    end('timeOut');
    addEvent(svc, parent, 'childWorkflowExecutionTimedOut', { ...common, retryState: timedOut.retryState as RetryState });
  } else {
    end('terminate');
    addEvent(svc, parent, 'childWorkflowExecutionTerminated', common);
  }
  wake(svc, parent);
}

// ---------------------------------------------------------------- signals and cancels to others

export function signalExternal(svc: Service, run: Run, a: SignalExternalWorkflowExecutionCommandAttributes, completedEventId: number, extras: EventExtras): void {
  const namespace = a.namespace || run.namespace;
  const event = addEvent(svc, run, 'signalExternalWorkflowExecutionInitiated', {
    workflowTaskCompletedEventId: String(completedEventId), namespace, namespaceId: namespaceId(svc, namespace), workflowExecution: executionOf(a.execution), signalName: a.signalName, input: a.input,
    control: a.control || undefined, childWorkflowOnly: a.childWorkflowOnly || undefined, header: a.header,
  }, extras);
  svc.host.schedule(now(svc), { type: 'signalExternal', workflowId: run.workflowId, runId: run.runId, initiatedEventId: Number(event.eventId), requestId: newId(svc) });
}

const executionOf = (e: { workflowId?: string | undefined; runId?: string | undefined } | undefined): { workflowId?: string | undefined; runId?: string | undefined } => ({ workflowId: e?.workflowId, runId: e?.runId || undefined });

/** The run that an external command means, open or not; null when it is not there, open and not a child where it has to be one, or a run of the same workflow. */
function target(svc: Service, run: Run, namespace: string, workflowId: string, runId: string | undefined, childOnly: boolean): Run | null {
  if (workflowId === run.workflowId && namespace === run.namespace) return null;
  const found = runId ? svc.state.runs[runId] : currentRun(svc, namespace, workflowId);
  if (!found || found.workflowId !== workflowId || found.namespace !== namespace) return null;
  if (childOnly && isOpen(found) && (found.parent?.workflowId !== run.workflowId || found.parent.runId !== run.runId)) return null;
  return found;
}

/**
 * Delivers the signal, and the answer back. A run that closed in the Workflow Task in which it asked for the signal is over before the
 * transfer queue comes to it: nothing is delivered (`transfer_queue_active_task_executor.go`: `!mutableState.IsWorkflowExecutionRunning()`).
 */
export function deliverSignal(svc: Service, run: Run, initiatedEventId: number, requestId: string): void {
  if (run.closedAt !== null) return;
  const a = (run.events[initiatedEventId - 1] as HistoryEvent).signalExternalWorkflowExecutionInitiatedEventAttributes ?? {};
  const namespace = a.namespace ?? run.namespace;
  const other = target(svc, run, namespace, a.workflowExecution?.workflowId ?? '', a.workflowExecution?.runId, a.childWorkflowOnly ?? false);
  const full = other !== null && isOpen(other) && other.signalCount >= svc.options.limits.signals;
  const delivered = other !== null && isOpen(other) && !full;
  if (delivered) {
    signalRun(svc, other, {
      signalName: a.signalName ?? '', input: a.input, identity: SERVICE_IDENTITY, header: a.header, requestId, external: { workflowId: run.workflowId, runId: run.runId },
    });
  }
  if (!run.signalsOut[initiatedEventId]) return;
  transition(externalMachine, 'signalInitiated', delivered ? 'deliver' : 'fail');
  if (delivered) {
    addEvent(svc, run, 'externalWorkflowExecutionSignaled', { initiatedEventId: String(initiatedEventId), namespace, namespaceId: a.namespaceId, workflowExecution: a.workflowExecution, control: a.control });
  } else {
    addEvent(svc, run, 'signalExternalWorkflowExecutionFailed', {
      cause: full ? 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_SIGNAL_COUNT_LIMIT_EXCEEDED' : 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND',
      namespace, namespaceId: a.namespaceId, workflowExecution: a.workflowExecution, initiatedEventId: String(initiatedEventId), control: a.control,
    });
  }
  wake(svc, run);
}

export function cancelExternal(svc: Service, run: Run, a: RequestCancelExternalWorkflowExecutionCommandAttributes, completedEventId: number, extras: EventExtras): void {
  const namespace = a.namespace || run.namespace;
  const event = addEvent(svc, run, 'requestCancelExternalWorkflowExecutionInitiated', {
    workflowTaskCompletedEventId: String(completedEventId), namespace, namespaceId: namespaceId(svc, namespace), workflowExecution: executionOf(a), control: a.control || undefined,
    childWorkflowOnly: a.childWorkflowOnly || undefined, reason: a.reason || undefined,
  }, extras);
  svc.host.schedule(now(svc), { type: 'cancelExternal', workflowId: run.workflowId, runId: run.runId, initiatedEventId: Number(event.eventId), requestId: newId(svc) });
}

/** Delivers the cancel request, and the answer back. Not for a run that has closed, as with signals. */
export function deliverCancel(svc: Service, run: Run, initiatedEventId: number, requestId: string): void {
  if (run.closedAt !== null) return;
  const a = (run.events[initiatedEventId - 1] as HistoryEvent).requestCancelExternalWorkflowExecutionInitiatedEventAttributes ?? {};
  const namespace = a.namespace ?? run.namespace;
  const other = target(svc, run, namespace, a.workflowExecution?.workflowId ?? '', a.workflowExecution?.runId, a.childWorkflowOnly ?? false);
  // A success, too, when it is closed already (`requestcancelworkflow/api.go`).
  if (other && isOpen(other)) {
    requestCancel(svc, other, { identity: SERVICE_IDENTITY, reason: a.reason ?? '', requestId, external: { workflowId: run.workflowId, runId: run.runId }, initiatedEventId });
  }
  if (!run.cancelsOut[initiatedEventId]) return;
  transition(externalMachine, 'cancelInitiated', other ? 'deliver' : 'fail');
  if (other) {
    addEvent(svc, run, 'externalWorkflowExecutionCancelRequested', { initiatedEventId: String(initiatedEventId), namespace, namespaceId: a.namespaceId, workflowExecution: a.workflowExecution });
  } else {
    addEvent(svc, run, 'requestCancelExternalWorkflowExecutionFailed', {
      cause: 'CANCEL_EXTERNAL_WORKFLOW_EXECUTION_FAILED_CAUSE_EXTERNAL_WORKFLOW_EXECUTION_NOT_FOUND', namespace, namespaceId: a.namespaceId, workflowExecution: a.workflowExecution,
      initiatedEventId: String(initiatedEventId), control: a.control,
    });
  }
  wake(svc, run);
}

// ---------------------------------------------------------------- shared with RPCs

export interface SignalSpec {
  readonly signalName: string;
  readonly input: NonNullable<HistoryEvent['workflowExecutionSignaledEventAttributes']>['input'];
  readonly identity: string;
  readonly header: NonNullable<HistoryEvent['workflowExecutionSignaledEventAttributes']>['header'];
  readonly requestId: string;
  readonly external?: { readonly workflowId: string; readonly runId: string };
  readonly links?: EventExtras['links'];
}

/**
 * Writes a signal and wakes the run. A repeated request id changes nothing.
 * @param endsDelay also when the first Workflow Task is delayed: a Signal-With-Start does not wait for it, a mere signal does
 *   (Temporal's signalworkflow/api.go and signalwithstartworkflow)
 */
export function signalRun(svc: Service, run: Run, signal: SignalSpec, endsDelay = false): void {
  if (signal.requestId && run.requestIds[signal.requestId]) return;
  addSignal(svc, run, signal);
  if (endsDelay) endDelay(svc, run);
  wake(svc, run);
}

export function addSignal(svc: Service, run: Run, signal: SignalSpec): void {
  addEvent(svc, run, 'workflowExecutionSignaled', {
    signalName: signal.signalName, input: signal.input, identity: signal.identity || undefined, header: signal.header,
    externalWorkflowExecution: signal.external ? { ...signal.external } : undefined, requestId: signal.requestId || undefined,
  }, { links: signal.links });
}

export interface CancelSpec {
  readonly identity: string;
  readonly reason: string;
  readonly requestId: string;
  readonly external?: { readonly workflowId: string; readonly runId: string };
  readonly initiatedEventId: number;
}

/** Writes a cancel request and wakes the run; a second one changes nothing. */
export function requestCancel(svc: Service, run: Run, cancel: CancelSpec): void {
  if (run.cancelRequested) return;
  run.cancelRequestId = cancel.requestId;
  addEvent(svc, run, 'workflowExecutionCancelRequested', {
    cause: cancel.reason || undefined, externalInitiatedEventId: cancel.initiatedEventId ? String(cancel.initiatedEventId) : undefined,
    externalWorkflowExecution: cancel.external ? { ...cancel.external } : undefined, identity: cancel.identity || undefined,
  });
  endDelay(svc, run);
  wake(svc, run);
}

/** The first Workflow Task of a delayed start, a retry or a cron run is due now (Temporal's requestcancelworkflow and updateworkflow do so). */
export function endDelay(svc: Service, run: Run): void {
  if (run.backoffTimer === null || run.closedAt !== null || run.status === 'PAUSED') return;
  svc.host.cancel(run.backoffTimer);
  run.backoffTimer = null;
}

/** Something happened that the workflow has to know: schedules a Workflow Task unless one is pending or the first is delayed. */
export function wake(svc: Service, run: Run): void {
  const schedules = run.closedAt === null && run.status !== 'PAUSED' && !hasPendingTask(run) && run.backoffTimer === null;
  const adds = hasStartedTask(run) ? 0 : run.buffered.length;
  if (!endsAtLimit(svc, run, schedules && (adds > 0 || run.task.attempt === 1) ? adds + 1 : adds) && schedules) scheduleTask(svc, run);
  commit(svc, run);
}
