import { base64ToText, textToBase64 } from '../../../base/base64.ts';
import type { Payload } from '../../../api/proto.ts';
import type { Service } from '../service.ts';
import { pascalCase } from '../../../api/event-names.ts';

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
 * A payload without a type gets the registered one, as everybody who reads the history sees it (`searchattribute.ApplyTypeMap`); where
 * nobody named a type before, it is the one under which an operator would have made it for this value.
 */
export function registerSearchAttributes(svc: Service, namespace: string, fields: { [name: string]: Payload } | undefined): void {
  const custom = svc.state.namespaces[namespace]?.searchAttributes ?? {};
  for (const name in fields) {
    const payload = fields[name] as Payload;
    const stated = base64ToText(payload.metadata?.['type'] ?? '').replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
    const first = stated || typeOfValue(base64ToText(payload.data ?? ''));
    if (!Object.hasOwn(SYSTEM_SEARCH_ATTRIBUTES, name) && first !== null && !Object.hasOwn(custom, name)) custom[name] = `INDEXED_VALUE_TYPE_${first}`;
    const type = SYSTEM_SEARCH_ATTRIBUTES[name] ?? custom[name]?.slice('INDEXED_VALUE_TYPE_'.length) ?? 'UNSPECIFIED';
    if (!stated && type !== 'UNSPECIFIED') fields[name] = { ...payload, metadata: { ...payload.metadata, type: textToBase64(pascalCase(type)) } };
  }
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** The type that a value in JSON has; null for one that says nothing (an attribute that is taken away). */
function typeOfValue(data: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(data) as unknown;
  } catch {
    return null;
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const [first] = values;
  if (values.length > 1) return 'KEYWORD_LIST';
  if (typeof first === 'string') return ISO_TIME.test(first) ? 'DATETIME' : 'KEYWORD';
  if (typeof first === 'number') return Number.isInteger(first) ? 'INT' : 'DOUBLE';
  return typeof first === 'boolean' ? 'BOOL' : null;
}
