import type { Entry } from './world.ts';

/** Where two recordings differ. */
export interface RpcDifference {
  /** Number of the call in its script, from 1, and the RPC. */
  readonly call: string;
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** What no two servers share; the value is not compared, its presence is. */
const PLACEHOLDERS: { readonly [key: string]: string } = {
  taskToken: '<token>', nextPageToken: '<token>', historySizeBytes: '<size>', historySizeBytesSuggestion: '<size>', stateSizeBytes: '<size>', executionDuration: '<duration>', currentRetryInterval: '<duration>',
};
/** Kept by the real Service for replication and load; ours has no such thing, or (advice on the number of polls, the backlog of a queue with partitions) another chance. */
const LEFT_OUT: { readonly [key: string]: true } = { pollerScalingDecision: true, backlogCountHint: true, taskId: true, version: true, stateTransitionCount: true, externalPayloadSizeBytes: true, externalPayloadCount: true, pollerGroupId: true, pollerGroupInfos: true };

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Answers with placeholders for what is chance or time: the same id is the same placeholder wherever it stands. */
export function normalizeEntries(entries: readonly Entry[]): Entry[] {
  const ids: string[] = [];
  const text = (value: string): string =>
    value
      .replace(UUID, (id) => `<id ${(ids.includes(id) ? ids.indexOf(id) : ids.push(id) - 1) + 1}>`)
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
      .replace(/^(\d+\.\d*[1-9])0+s$/, '$1s')
      .replace(/^\d+\.\d{3,9}s$/, '<duration>')
      // Go prints messages with a blank more or less, so that nobody relies on it.
      .replace(/ {2,}/g, ' ');
  // A payload's text may hold an id; what else is in it is easier to read as base64 than to guess.
  const data = (base64: string): string => {
    const decoded = Buffer.from(base64, 'base64').toString();
    return decoded.search(UUID) < 0 ? base64 : text(decoded);
  };
  const walk = (value: unknown, key: string): unknown => {
    if (PLACEHOLDERS[key] !== undefined) return PLACEHOLDERS[key];
    if (key === 'data' && typeof value === 'string') return data(value);
    // What is left of the second between two runs.
    if (key === 'firstWorkflowTaskBackoff' && String(value).includes('.')) return '<duration>';
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) return value.map((item) => walk(item, key));
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([k, v]) => !LEFT_OUT[k] && !isDefault(v));
    return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [text(k), walk(v, k)]));
  };
  return entries.map((entry) => ({ call: entry.call, answer: walk(entry.answer, '') }));
}

/** Proto3 leaves default values out; so do we, wherever they were written. */
const isDefault = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || value === 0 || value === '0' || value === false || (Array.isArray(value) && value.length === 0);

/** Differences of two normalized recordings. */
export function compareEntries(expected: readonly Entry[], actual: readonly Entry[]): RpcDifference[] {
  const found: RpcDifference[] = [];
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const [a, b] = [expected[i], actual[i]];
    const call = `${i + 1} ${a?.call ?? b?.call ?? ''}`;
    compareValues(a?.call === b?.call ? a?.answer : a, a?.call === b?.call ? b?.answer : b, '', (path, x, y) => found.push({ call, path, expected: show(x), actual: show(y) }));
  }
  return found;
}

function compareValues(a: unknown, b: unknown, path: string, report: (path: string, a: unknown, b: unknown) => void): void {
  if (a === b) return;
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null && Array.isArray(a) === Array.isArray(b)) {
    const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
    for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()) compareValues(left[key], right[key], `${path}.${key}`, report);
    return;
  }
  report(path, a, b);
}

const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
