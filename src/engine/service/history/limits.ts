import { base64ToText, decodeUtf8, encodeUtf8 } from '../../../base/base64.ts';
import { protoSize } from '../../../api/proto-size.ts';
import type { Failure, SearchAttributes } from '../../../api/proto.ts';
import { parseTimestamp } from '../../../base/time.ts';
import type { Service } from '../service.ts';
import { registerSearchAttributes, SYSTEM_SEARCH_ATTRIBUTES } from './search-attribute-types.ts';

/** Sizes of what callers and workers send (`common.CheckEventBlobSizeLimit`, `searchattribute.Validator`). */

/** Where a blob comes from, for the warning. */
export interface BlobOrigin {
  readonly workflowId: string;
  readonly runId: string;
  /** Name of the RPC or command. */
  readonly operation: string;
}

/** Whether a blob of this many bytes is refused; a large one is warned of. */
export function isBlobTooLarge(svc: Service, size: number, limit: number, origin: BlobOrigin): boolean {
  if (size > Math.min(limit, svc.options.limits.blobSizeWarn)) {
    svc.host.emit({ type: 'log', process: 'temporal', level: 'WARN', text: `Blob data size exceeds the warning limit. WorkflowId: ${origin.workflowId}, RunId: ${origin.runId}, size: ${size}, operation: ${origin.operation}` });
  }
  return size > limit;
}

/** A failure as it is kept: one that is too large is the cause, cut to the size that is warned of, of one that no retry helps. */
export function fittingFailure(svc: Service, failure: Failure): { readonly failure: Failure; readonly tooLarge: boolean } {
  const { blobSizeError, blobSizeWarn } = svc.options.limits;
  if (protoSize('Failure', failure) <= blobSizeError) return { failure, tooLarge: false };
  return { failure: { message: 'Failure exceeds size limit.', serverFailureInfo: { nonRetryable: true }, cause: truncated(failure, blobSizeWarn, 20) }, tooLarge: true };
}

/** What matters of a failure in so many bytes (`failure.Truncate`). */
function truncated(failure: Failure, limit: number, depth: number): Failure {
  let left = limit;
  const cut = (text: string | undefined): string | undefined => {
    if (!text) return undefined;
    const whole = encodeUtf8(text);
    let end = Math.min(whole.length, Math.max(0, left));
    // No half characters.
    while (end < whole.length && end > 0 && ((whole[end] as number) & 0xc0) === 0x80) end--;
    left -= end + (end > 0 ? 4 : 0);
    return end === whole.length ? text : decodeUtf8(whole.slice(0, end));
  };
  const info = failure.applicationFailureInfo;
  const kept: Failure = {};
  if (info) {
    kept.applicationFailureInfo = { nonRetryable: info.nonRetryable, type: cut(info.type) };
    left -= 8;
  } else if (failure.serverFailureInfo) {
    kept.serverFailureInfo = { nonRetryable: failure.serverFailureInfo.nonRetryable };
    left -= 4;
  }
  kept.source = cut(failure.source);
  kept.message = cut(failure.message);
  kept.stackTrace = cut(failure.stackTrace);
  if (failure.cause && left > 4 && depth > 0) kept.cause = truncated(failure.cause, left - 4, depth - 1);
  return kept;
}

/** Kept by the Service itself; a user cannot set them. */
const KEPT = new Set([
  'WorkflowType', 'WorkflowId', 'ExecutionStatus', 'TaskQueue', 'RunId', 'StartTime', 'ExecutionTime', 'CloseTime', 'ExecutionDuration', 'HistoryLength', 'HistorySizeBytes', 'StateTransitionCount', 'ParentWorkflowId', 'ParentRunId',
  'RootWorkflowId', 'RootRunId',
]);

const KEYS = 100;
const VALUE_BYTES = 2048;
const TOTAL_BYTES = 40 * 1024;

/**
 * What is wrong with search attributes that somebody sets; null when nothing is. New ones are registered with the type that their
 * payload says.
 */
export function wrongSearchAttributes(svc: Service, namespace: string, attributes: SearchAttributes | undefined): string | null {
  const fields = attributes?.indexedFields;
  if (!fields) return null;
  const names = Object.keys(fields);
  if (names.length > KEYS) return `number of search attributes ${names.length} exceeds limit ${KEYS}`;
  const kept = names.find((name) => KEPT.has(name));
  if (kept) return `${kept} attribute can't be set in SearchAttributes`;
  registerSearchAttributes(svc, namespace, fields);
  for (const name of names) {
    const type = SYSTEM_SEARCH_ATTRIBUTES[name] ?? svc.state.namespaces[namespace]?.searchAttributes[name]?.slice('INDEXED_VALUE_TYPE_'.length) ?? '';
    const data = base64ToText(fields[name]?.data ?? '');
    if (!fitsType(type, data)) return `invalid value for search attribute ${name} of type ${TYPE_NAMES[type] ?? type}: ${shown(data)}`;
  }
  return null;
}

/** The same for their sizes. */
export function oversizedSearchAttributes(attributes: SearchAttributes | undefined): string | null {
  for (const name in attributes?.indexedFields) {
    const data = attributes.indexedFields[name]?.data ?? '';
    const bytes = Math.floor((data.replace(/=+$/, '').length * 3) / 4);
    if (bytes > VALUE_BYTES) return `search attribute ${name} value size ${bytes} exceeds size limit ${VALUE_BYTES}`;
  }
  const total = attributes ? protoSize('SearchAttributes', attributes) : 0;
  return total > TOTAL_BYTES ? `total size of search attributes ${total} exceeds size limit ${TOTAL_BYTES}` : null;
}

const TYPE_NAMES: { readonly [type: string]: string } = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList', TEXT: 'Text', INT: 'Int', DOUBLE: 'Double', BOOL: 'Bool', DATETIME: 'Datetime' };

/** Null and the empty list take an attribute away; a list of one value is taken for any type, as older SDKs send it. */
function fitsType(type: string, data: string): boolean {
  if (data === '') return true;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return false;
  }
  if (value === null) return true;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > 1 && type !== 'KEYWORD_LIST') return false;
  return values.every((item) => {
    switch (type) {
      case 'INT':
        return typeof item === 'number' && Number.isInteger(item);
      case 'DOUBLE':
        return typeof item === 'number';
      case 'BOOL':
        return typeof item === 'boolean';
      case 'DATETIME':
        return typeof item === 'string' && parseTimestamp(item) !== null;
      case 'KEYWORD':
      case 'KEYWORD_LIST':
      case 'TEXT':
        return typeof item === 'string';
      default:
        return true;
    }
  });
}

/** As Go prints a decoded value. */
function shown(data: string): string {
  try {
    const value: unknown = JSON.parse(data);
    return Array.isArray(value) ? `[${value.map(String).join(' ')}]` : String(value);
  } catch {
    return data;
  }
}
