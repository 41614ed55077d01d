import { base64ToText } from '../../../base/base64.ts';
import { compareText } from '../../../base/compare.ts';
import { formatDuration, formatTimestamp, parseTimestamp } from '../../../base/time.ts';
import type { CountWorkflowExecutionsResponse, SearchAttributes, WorkflowExecutionInfo } from '../../../api/proto.ts';
import { jsonPayload } from '../../../api/json-payload.ts';
import { invalidArgument } from '../errors.ts';
import { SYSTEM_SEARCH_ATTRIBUTES } from '../history/search-attribute-types.ts';
import { searchAttributesOf } from '../history/search-attributes.ts';
import { makeToken, readToken } from '../history/token.ts';
import type { ScheduleState } from '../schedules/state.ts';
import { int64, type Service } from '../service.ts';
import type { Run } from '../state.ts';
import { parseFilter, type AttributeType, type Filter, type VisibilityRecord } from './query.ts';

/** The visibility store: executions as list filters see them. Nothing is copied; records are made from the runs when asked for. */

const MAX_PAGE = 1000;

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken: string | undefined;
}

const STATUS_NAMES: { readonly [status in Run['status']]: string } = {
  RUNNING: 'Running', COMPLETED: 'Completed', FAILED: 'Failed', CANCELED: 'Canceled', TERMINATED: 'Terminated', CONTINUED_AS_NEW: 'ContinuedAsNew', TIMED_OUT: 'TimedOut', PAUSED: 'Paused',
};

/** What the search attributes of a namespace are. */
function typesOf(svc: Service, namespace: string): (name: string) => AttributeType | undefined {
  const custom = svc.state.namespaces[namespace]?.searchAttributes ?? {};
  return (name) => (Object.hasOwn(custom, name) ? custom[name]?.slice('INDEXED_VALUE_TYPE_'.length) : Object.hasOwn(SYSTEM_SEARCH_ATTRIBUTES, name) ? SYSTEM_SEARCH_ATTRIBUTES[name] : undefined) as AttributeType | undefined;
}

/** A run's record. Sizes and duration are known once it is closed. */
function recordOf(run: Run, typeOf: (name: string) => AttributeType | undefined): VisibilityRecord {
  const closed = run.closedAt !== null;
  return {
    WorkflowId: run.workflowId, RunId: run.runId, WorkflowType: run.workflowType, ExecutionStatus: STATUS_NAMES[run.status], TaskQueue: run.taskQueue, StartTime: run.startedAt, ExecutionTime: run.executionAt,
    CloseTime: run.closedAt ?? undefined, ExecutionDuration: closed ? ((run.closedAt as number) - run.executionAt) * 1_000_000 : undefined, HistoryLength: closed ? run.events.length : undefined,
    HistorySizeBytes: closed ? run.historySize : undefined, ParentWorkflowId: run.parent?.workflowId, ParentRunId: run.parent?.runId, RootWorkflowId: run.root.workflowId, RootRunId: run.root.runId,
    ...attributeValues(searchAttributesOf(run), typeOf),
  };
}

function attributeValues(attributes: SearchAttributes | undefined, typeOf: (name: string) => AttributeType | undefined): VisibilityRecord {
  const values: { [name: string]: VisibilityRecord[string] } = {};
  for (const name in attributes?.indexedFields) {
    const data = base64ToText(attributes.indexedFields[name]?.data ?? '');
    const type = typeOf(name);
    const value: unknown = data === '' ? null : JSON.parse(data);
    if (value === null || (Array.isArray(value) && value.length === 0)) continue;
    const single: unknown = Array.isArray(value) && type !== 'KEYWORD_LIST' ? value[0] : value;
    if (type === 'KEYWORD_LIST') values[name] = (Array.isArray(single) ? single : [single]).map(String);
    else if (type === 'DATETIME') values[name] = parseTimestamp(String(single)) ?? undefined;
    else if (type === 'INT' || type === 'DOUBLE') values[name] = Number(single);
    else values[name] = typeof single === 'boolean' ? single : String(single);
  }
  return values;
}

/** Open ones first, then the last closed; the last started before; then by run id. */
function inListOrder(a: Run, b: Run): number {
  const end = (run: Run): number => run.closedAt ?? Number.MAX_SAFE_INTEGER;
  return end(b) - end(a) || b.startedAt - a.startedAt || compareText(a.runId, b.runId);
}

function runsMatching(svc: Service, namespace: string, filter: Filter): Run[] {
  const typeOf = typesOf(svc, namespace);
  const found: Run[] = [];
  for (const id in svc.state.runs) {
    const run = svc.state.runs[id] as Run;
    if (run.namespace === namespace && filter.matches(recordOf(run, typeOf))) found.push(run);
  }
  return found.sort(inListOrder);
}

function page<T>(items: readonly T[], size: number, token: string | undefined): Page<T> {
  const read = token ? readToken('list', token) : null;
  if (token && !read) throw invalidArgument('Invalid NextPageToken.');
  const from = read?.numbers[0] ?? 0;
  const end = from + (size <= 0 || size > MAX_PAGE ? MAX_PAGE : size);
  return { items: items.slice(from, end), nextPageToken: end < items.length ? makeToken('list', '00000000-0000-0000-0000-000000000000', end, 0, 0) : undefined };
}

/** A page of executions, in list order. */
export function findRuns(svc: Service, namespace: string, query: string, size: number, token: string | undefined): Page<WorkflowExecutionInfo> {
  const filter = parseFilter(query, typesOf(svc, namespace));
  const { items, nextPageToken } = page(runsMatching(svc, namespace, filter), size, token);
  return { items: items.map(listedInfo), nextPageToken };
}

/** How many executions match, in all or by group. */
export function countRuns(svc: Service, namespace: string, query: string): CountWorkflowExecutionsResponse {
  const filter = parseFilter(query, typesOf(svc, namespace));
  const runs = runsMatching(svc, namespace, filter);
  if (filter.groupBy !== 'ExecutionStatus') return { count: int64(runs.length), groups: filter.groupBy && runs.length > 0 ? [{ groupValues: [jsonPayload('', 'Keyword')], count: int64(runs.length) }] : undefined };
  const groups = Object.keys(STATUS_NAMES).map((status) => ({ status: STATUS_NAMES[status as Run['status']], count: runs.filter((run) => run.status === status).length })).filter((group) => group.count > 0);
  return { count: int64(runs.length), groups: groups.map((group) => ({ groupValues: [jsonPayload(group.status, 'Keyword')], count: int64(group.count) })) };
}

/** An execution as a list shows it: less than a description. */
function listedInfo(run: Run): WorkflowExecutionInfo {
  const closed = run.closedAt !== null;
  return {
    execution: { workflowId: run.workflowId, runId: run.runId },
    type: { name: run.workflowType },
    startTime: formatTimestamp(run.startedAt),
    executionTime: formatTimestamp(run.executionAt),
    status: `WORKFLOW_EXECUTION_STATUS_${run.status}`,
    memo: run.memo ?? {},
    searchAttributes: searchAttributesOf(run),
    taskQueue: run.taskQueue,
    parentExecution: run.parent ? { workflowId: run.parent.workflowId, runId: run.parent.runId } : undefined,
    rootExecution: run.root,
    closeTime: run.closedAt !== null ? formatTimestamp(run.closedAt) : undefined,
    historyLength: closed ? int64(run.events.length) : undefined,
    historySizeBytes: closed ? int64(run.historySize) : undefined,
    executionDuration: run.closedAt !== null ? formatDuration(run.closedAt - run.executionAt) : undefined,
  };
}

/** A page of schedules, the last made first. A query may name their search attributes, `ScheduleId` and `TemporalSchedulePaused`. */
export function findSchedules(svc: Service, namespace: string, query: string, size: number, token: string | undefined): Page<ScheduleState> {
  return page(schedulesMatching(svc, namespace, query).sort((a, b) => b.createdAt - a.createdAt || compareText(a.scheduleId, b.scheduleId)), size, token);
}

export const countMatchingSchedules = (svc: Service, namespace: string, query: string): number => schedulesMatching(svc, namespace, query).length;

function schedulesMatching(svc: Service, namespace: string, query: string): ScheduleState[] {
  const typeOf = typesOf(svc, namespace);
  const filter = parseFilter(query, typeOf);
  const kept = filter.columns.find((name) => name !== 'TemporalSchedulePaused' && (name.startsWith('Temporal') || Object.hasOwn(SYSTEM_SEARCH_ATTRIBUTES, name)));
  if (kept) throw invalidArgument(`invalid query filter for schedules: cannot filter on ${JSON.stringify(kept)}`);
  return Object.values(svc.state.schedules).filter((s) => s.namespace === namespace && !s.closed && filter.matches({
    WorkflowId: s.scheduleId, WorkflowType: 'temporal-sys-scheduler-workflow', ExecutionStatus: 'Running', StartTime: s.createdAt, TemporalSchedulePaused: s.schedule.state?.paused === true, ...attributeValues(s.searchAttributes ?? undefined, typeOf),
  }));
}
