import { decodeBase64, encodeBase64 } from '../../../base/base64.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { formatTimestamp, parseTimestamp } from '../../../base/time.ts';
import type { RpcCall } from '../../../api/rpc.ts';
import type {
  CountSchedulesRequest, CreateScheduleRequest, DeleteScheduleRequest, DescribeScheduleRequest, DescribeScheduleResponse, ListScheduleMatchingTimesRequest, ListSchedulesRequest, NewWorkflowExecutionInfo, PatchScheduleRequest, Schedule,
  ScheduleActionResult, ScheduleListInfo, UpdateScheduleRequest,
} from '../../../api/proto.ts';
import { alreadyStarted, failedPrecondition, internalError, invalidArgument, notFound, queryFailed, TEXT } from '../errors.ts';
import { wrongSearchAttributes } from '../history/limits.ts';
import { protoSize } from '../../../api/proto-size.ts';
import { SpecError } from '../schedules/calendar.ts';
import { closeSchedule, completeSchedule, futureTimes, jitterSeed, lastRun, refreshSchedule, scheduleKey, specOf, wakeSchedule } from '../schedules/scheduler.ts';
import { cleanSpec, compileSpec, timesAfter } from '../schedules/spec.ts';
import type { RecentAction, ScheduleState } from '../schedules/state.ts';
import { checkNamespace, int64, now, ok, type Service } from '../service.ts';
import { countMatchingSchedules, findSchedules } from '../visibility/records.ts';
import { checkTimeouts } from './execution.ts';

/** RPCs on schedules. In a real server each is a start, signal or query of a scheduler workflow. */

const PREFIX = 'temporal-sys-scheduler:';
const MAX_MATCHING_TIMES = 1000;
const NOTES_LIMIT = 1000;

export function createSchedule(svc: Service, call: RpcCall): void {
  const request = call.request as CreateScheduleRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const scheduleId = request.scheduleId ?? '';
  if (PREFIX.length + scheduleId.length > svc.options.limits.idLength) throw invalidArgument(`WorkflowId exceeds maximum allowed length (${PREFIX.length + scheduleId.length}/${svc.options.limits.idLength})`);
  if (!request.requestId) throw invalidArgument('RequestId is not set on request.');
  if (request.requestId.length > svc.options.limits.idLength) throw invalidArgument('RequestId length exceeds limit.');
  const schedule = canonical(request.schedule ?? {});
  checkAction(svc, namespace, schedule.action?.startWorkflow);
  const wrong = wrongSearchAttributes(svc, namespace, request.searchAttributes);
  if (wrong) throw invalidArgument(wrong);
  // Go makes a list of that many future times, and panics.
  if (schedule.state?.limitedActions && Number(schedule.state.remainingActions ?? 0) < 0) throw internalError('something went wrong, please retry (a11970a0)');
  const key = scheduleKey(namespace, scheduleId);
  const existing = svc.state.schedules[key];
  if (existing && !existing.closed) {
    if (existing.requestId !== request.requestId) throw alreadyStarted(`schedule ${JSON.stringify(scheduleId)} is already registered`, '', '', '');
    ok(svc, call.callId, { conflictToken: token(1) });
    return;
  }
  const at = now(svc);
  const s: ScheduleState = {
    key, namespace, scheduleId, requestId: request.requestId, schedule: completeSchedule(schedule), memo: request.memo ?? null, searchAttributes: request.searchAttributes ?? null, createdAt: at, updatedAt: 0, conflictToken: 1,
    processedAt: at, actionCount: 0, missedCatchupWindow: 0, overlapSkipped: 0, bufferDropped: 0, running: [], recent: [], buffer: [], backfills: [], needRefresh: false, lastCompletionResult: null, continuedFailure: null,
    timer: null, timerAt: 0, watching: '', closed: false, requestIds: {},
  };
  svc.state.schedules[key] = s;
  wakeSchedule(svc, s, request.initialPatch ? { patch: request.initialPatch } : undefined);
  ok(svc, call.callId, { conflictToken: token(1) });
}

export function describeSchedule(svc: Service, call: RpcCall): void {
  const request = call.request as DescribeScheduleRequest;
  const s = findSchedule(svc, request.namespace, request.scheduleId, 'schedule not found');
  const running = s.running.filter((started) => {
    const run = lastRun(svc, s.namespace, started);
    return run !== null && run.status === 'RUNNING';
  });
  ok(svc, call.callId, {
    schedule: { ...s.schedule, spec: cleanSpec(s.schedule.spec ?? {}) },
    info: {
      actionCount: int64(s.actionCount), missedCatchupWindow: int64(s.missedCatchupWindow), overlapSkipped: int64(s.overlapSkipped), bufferDropped: int64(s.bufferDropped), bufferSize: int64(s.buffer.length),
      runningWorkflows: running.map((r) => ({ ...r })), recentActions: s.recent.map(actionResult), futureActionTimes: futureTimes(svc, s, 10).map(formatTimestamp),
      createTime: formatTimestamp(s.createdAt), updateTime: s.updatedAt ? formatTimestamp(s.updatedAt as Timestamp) : undefined,
    },
    memo: s.memo ?? undefined,
    searchAttributes: Object.keys(s.searchAttributes?.indexedFields ?? {}).length > 0 ? (s.searchAttributes ?? undefined) : undefined,
    conflictToken: token(s.conflictToken),
  } satisfies DescribeScheduleResponse);
  if (running.length < s.running.length) refreshSchedule(svc, s);
}

export function updateSchedule(svc: Service, call: RpcCall): void {
  const request = call.request as UpdateScheduleRequest;
  const namespace = checkNamespace(svc, request.namespace);
  checkAction(svc, namespace, request.schedule?.action?.startWorkflow);
  const update = canonical(request.schedule ?? {});
  const wrong = wrongSearchAttributes(svc, namespace, request.searchAttributes);
  if (wrong) throw invalidArgument(wrong);
  const action = update.action?.startWorkflow;
  if (!action) throw invalidArgument('Only StartWorkflow action is supported for schedules');
  if (protoSize('Payloads', action.input ?? {}) > svc.options.limits.blobSizeError) throw invalidArgument('Blob data size exceeds limit.');
  if (request.memo) throw failedPrecondition('memo updates are not supported on workflow-backed schedules');
  const s = findSchedule(svc, namespace, request.scheduleId, TEXT.completed);
  if (isNew(s, request.requestId)) wakeSchedule(svc, s, { update, conflictToken: readToken(request.conflictToken), searchAttributes: request.searchAttributes });
  ok(svc, call.callId, {});
}

export function patchSchedule(svc: Service, call: RpcCall): void {
  const request = call.request as PatchScheduleRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const patch = request.patch;
  if (!patch) throw invalidArgument('Patch is not set on request.');
  if ((request.requestId?.length ?? 0) > svc.options.limits.idLength) throw invalidArgument('RequestId length exceeds limit.');
  if ((patch.pause?.length ?? 0) > NOTES_LIMIT || (patch.unpause?.length ?? 0) > NOTES_LIMIT) throw invalidArgument('Schedule notes exceeds limit.');
  const s = findSchedule(svc, namespace, request.scheduleId, TEXT.completed);
  if (isNew(s, request.requestId)) wakeSchedule(svc, s, { patch });
  ok(svc, call.callId, {});
}

/** Changes are signals to the schedule's workflow: one that is sent again, as its answer was lost, does nothing. */
function isNew(s: ScheduleState, requestId: string | undefined): boolean {
  if (!requestId) return true;
  if (s.requestIds[requestId]) return false;
  s.requestIds[requestId] = true;
  return true;
}

export function deleteSchedule(svc: Service, call: RpcCall): void {
  const request = call.request as DeleteScheduleRequest;
  closeSchedule(svc, findSchedule(svc, request.namespace, request.scheduleId, TEXT.completed));
  ok(svc, call.callId, {});
}

export function listScheduleMatchingTimes(svc: Service, call: RpcCall): void {
  const request = call.request as ListScheduleMatchingTimesRequest;
  const s = findSchedule(svc, request.namespace, request.scheduleId, null);
  const [start, end] = [parseTimestamp(request.startTime ?? ''), parseTimestamp(request.endTime ?? '')];
  if (start === null || end === null) throw queryFailed('missing or invalid query', { message: 'missing or invalid query', source: 'GoSDK', applicationFailureInfo: {} });
  try {
    const times = timesAfter(specOf(s), jitterSeed(svc, s), start, MAX_MATCHING_TIMES, end);
    ok(svc, call.callId, { startTime: times.map(formatTimestamp) });
  } catch (error) {
    throw error instanceof SpecError ? invalidArgument(error.message) : error;
  }
}

export function listSchedules(svc: Service, call: RpcCall): void {
  const request = call.request as ListSchedulesRequest;
  const namespace = checkNamespace(svc, request.namespace);
  const { items, nextPageToken } = findSchedules(svc, namespace, request.query ?? '', request.maximumPageSize ?? 0, request.nextPageToken);
  ok(svc, call.callId, {
    schedules: items.map((s) => ({ scheduleId: s.scheduleId, memo: s.memo ?? {}, searchAttributes: s.searchAttributes ?? undefined, info: listInfo(svc, s) })),
    nextPageToken,
  });
}

export function countSchedules(svc: Service, call: RpcCall): void {
  const request = call.request as CountSchedulesRequest;
  ok(svc, call.callId, { count: int64(countMatchingSchedules(svc, checkNamespace(svc, request.namespace), request.query ?? '')) });
}

function listInfo(svc: Service, s: ScheduleState): ScheduleListInfo {
  const spec = cleanSpec(s.schedule.spec ?? {});
  return {
    spec: { ...spec, timezoneData: undefined, structuredCalendar: spec.structuredCalendar?.slice(0, 10), interval: spec.interval?.slice(0, 10), excludeStructuredCalendar: spec.excludeStructuredCalendar?.slice(0, 10) },
    workflowType: s.schedule.action?.startWorkflow?.workflowType, notes: s.schedule.state?.notes, paused: s.schedule.state?.paused,
    recentActions: s.recent.slice(-5).map(actionResult), futureActionTimes: futureTimes(svc, s, 5).map(formatTimestamp),
  };
}

const actionResult = (r: RecentAction): ScheduleActionResult => ({
  scheduleTime: formatTimestamp(r.scheduledAt as Timestamp), actualTime: formatTimestamp(r.actualAt), startWorkflowResult: { workflowId: r.workflowId, runId: r.runId },
  startWorkflowStatus: r.status === 'WORKFLOW_EXECUTION_STATUS_UNSPECIFIED' ? undefined : r.status,
});

/** Throws NotFound: for one that never was with the id of its workflow, for a closed one with `closedText`; null takes closed ones, too, as queries do. */
function findSchedule(svc: Service, namespace: string | undefined, scheduleId = '', closedText: string | null): ScheduleState {
  const s = svc.state.schedules[scheduleKey(checkNamespace(svc, namespace), scheduleId)];
  if (!scheduleId) throw invalidArgument(TEXT.noWorkflowId);
  if (!s) throw notFound(TEXT.workflowNotFound(PREFIX + scheduleId));
  if (s.closed && closedText !== null) throw notFound(closedText);
  return s;
}

function canonical(schedule: Schedule): Schedule {
  const start = schedule.action?.startWorkflow;
  const action = start ? { startWorkflow: { ...start, taskQueue: { ...start.taskQueue, kind: 'TASK_QUEUE_KIND_NORMAL' as const } } } : schedule.action;
  try {
    return { ...schedule, action, spec: compileSpec(schedule.spec ?? {}).canonical };
  } catch (error) {
    throw error instanceof SpecError ? invalidArgument(`Invalid schedule spec: ${error.message}`) : error;
  }
}

function checkAction(svc: Service, namespace: string, action: NewWorkflowExecutionInfo | undefined): void {
  if (!action) return;
  const limit = svc.options.limits.idLength;
  // The time that is put behind it counts.
  if ((action.workflowId?.length ?? 0) + '-2009-11-10T23:00:00Z'.length > limit) throw invalidArgument('WorkflowId length exceeds limit.');
  if (!action.workflowType?.name) throw invalidArgument('WorkflowType is not set on request.');
  if (action.workflowType.name.length > limit) throw invalidArgument('WorkflowType length exceeds limit.');
  if (!action.taskQueue?.name) throw invalidArgument('missing task queue name');
  if (action.taskQueue.name.length > limit) throw invalidArgument('taskQueue length exceeds limit');
  checkTimeouts(action);
  if (action.cronSchedule) throw invalidArgument('Scheduled workflow must not contain CronSchedule');
  const reuse = action.workflowIdReusePolicy ?? 'WORKFLOW_ID_REUSE_POLICY_UNSPECIFIED';
  if (reuse !== 'WORKFLOW_ID_REUSE_POLICY_UNSPECIFIED' && reuse !== 'WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE') throw invalidArgument('Scheduled workflow must not contain WorkflowIDReusePolicy');
  const wrong = wrongSearchAttributes(svc, namespace, action.searchAttributes);
  if (wrong) throw invalidArgument(wrong);
}

/** Eight bytes, big endian. */
function token(n: number): string {
  const bytes = new Uint8Array(8);
  for (let i = 7, rest = n; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  return encodeBase64(bytes);
}

function readToken(text: string | undefined): number {
  const bytes = text ? decodeBase64(text) : new Uint8Array();
  return bytes.length < 8 ? 0 : bytes.slice(0, 8).reduce((n, byte) => n * 256 + byte, 0);
}
