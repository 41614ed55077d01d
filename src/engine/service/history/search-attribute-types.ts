import { base64ToText, textToBase64 } from '../../../base/base64.ts';
import { parseTimestamp } from '../../../base/time.ts';
import type { Payload } from '../../../api/proto.ts';
import type { Service } from '../service.ts';

/** Search attributes that every namespace has; values are their types without the prefix. */
export const SYSTEM_SEARCH_ATTRIBUTES: { readonly [name: string]: string } = {
  WorkflowType: 'KEYWORD', WorkflowId: 'KEYWORD', ExecutionStatus: 'KEYWORD', TaskQueue: 'KEYWORD', RunId: 'KEYWORD', StartTime: 'DATETIME', ExecutionTime: 'DATETIME', CloseTime: 'DATETIME',
  ExecutionDuration: 'INT', HistoryLength: 'INT', HistorySizeBytes: 'INT', StateTransitionCount: 'INT', ParentWorkflowId: 'KEYWORD', ParentRunId: 'KEYWORD', RootWorkflowId: 'KEYWORD', RootRunId: 'KEYWORD',
  BatcherNamespace: 'KEYWORD', BatcherUser: 'KEYWORD', BinaryChecksums: 'KEYWORD_LIST', BuildIds: 'KEYWORD_LIST', TemporalChangeVersion: 'KEYWORD_LIST', TemporalNamespaceDivision: 'KEYWORD',
  TemporalScheduledById: 'KEYWORD', TemporalScheduledStartTime: 'DATETIME', TemporalSchedulePaused: 'BOOL', TemporalPauseInfo: 'KEYWORD_LIST', TemporalReportedProblems: 'KEYWORD_LIST',
  TemporalWorkerDeploymentVersion: 'KEYWORD', TemporalWorkerDeployment: 'KEYWORD', TemporalWorkflowVersioningBehavior: 'KEYWORD', TemporalUsedWorkerDeploymentVersions: 'KEYWORD_LIST',
};

/**
 * Registers the custom search attributes that are named for the first time, with the type that their payload says. A real server
 * refuses what was not made before (`temporal operator search-attribute create`); here nobody could have made it, and projects rely on it.
 * Where the payload does not say it (the SDK's deprecated `searchAttributes`), the value does. A payload without a type gets the registered one, as everybody who reads the history sees it (`searchattribute.ApplyTypeMap`).
 */
export function registerSearchAttributes(svc: Service, namespace: string, fields: { [name: string]: Payload } | undefined): void {
  const custom = svc.state.namespaces[namespace]?.searchAttributes ?? {};
  for (const name in fields) {
    const payload = fields[name] as Payload;
    const stated = base64ToText(payload.metadata?.['type'] ?? '').replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
    if (!Object.hasOwn(SYSTEM_SEARCH_ATTRIBUTES, name)) custom[name] ??= `INDEXED_VALUE_TYPE_${stated || typeOfValue(payload)}`;
    const type = SYSTEM_SEARCH_ATTRIBUTES[name] ?? custom[name]?.slice('INDEXED_VALUE_TYPE_'.length) ?? 'KEYWORD';
    if (!stated) fields[name] = { ...payload, metadata: { ...payload.metadata, type: textToBase64(camel(type)) } };
  }
}

/** The type that a value has most likely; the deprecated form is always a list. */
function typeOfValue(payload: Payload): string {
  let value: unknown = null;
  try {
    value = JSON.parse(base64ToText(payload.data ?? ''));
  } catch {
    // Not JSON, or nothing: as good as a keyword.
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > 1) return 'KEYWORD_LIST';
  const [first] = values;
  if (typeof first === 'number') return Number.isInteger(first) ? 'INT' : 'DOUBLE';
  if (typeof first === 'boolean') return 'BOOL';
  return typeof first === 'string' && /^\d{4}-\d\d-\d\dT/.test(first) && parseTimestamp(first) !== null ? 'DATETIME' : 'KEYWORD';
}

const camel = (type: string): string => type.split('_').map((w) => w.charAt(0) + w.slice(1).toLowerCase()).join('');
