import type { HistoryEvent } from '../src/api/proto.ts';

/** What differs between a history of the real Service (expected) and one of ours (actual). */
export interface Difference {
  /** `types` for the sequence of events, else `<event type>.<path>`. */
  readonly where: string;
  readonly eventId: number;
  readonly expected: string;
  readonly actual: string;
}

/** Differences of two histories: of the sequence of event types, or if that is the same, of what the events say. */
export function compareHistories(expected: readonly HistoryEvent[], actual: readonly HistoryEvent[]): Difference[] {
  const sequence = compareTypes(expected.map(typeOf), actual.map(typeOf));
  if (sequence) return [sequence];
  const [left, right] = [normalize(expected), normalize(actual)];
  const found: Difference[] = [];
  left.forEach((event, i) => compareValues(event, right[i], '', (path, a, b) => found.push({ where: `${typeOf(expected[i]!)}${path}`, eventId: i + 1, expected: show(a), actual: show(b) })));
  return found;
}

/** The differences as text, one a line; empty when there are none. */
export function formatDifferences(differences: readonly Difference[]): string {
  return differences.map((d) => (d.where === 'types' ? d.actual : `${d.eventId} ${d.where}: expected ${d.expected}, got ${d.actual}`)).join('\n');
}

/** Ids, times, identities and sizes, which no two servers share, become placeholders; everything else stays. */
export function normalize(events: readonly HistoryEvent[]): unknown[] {
  const runs: string[] = [];
  const runName = (id: string) => {
    if (!runs.includes(id)) runs.push(id);
    return `<run ${runs.indexOf(id) + 1}>`;
  };
  return events.map((event) => normalizeValue(withoutNoise(event), '', runName));
}

/** Text of a log or an id without what differs from run to run. */
export const normalizeText = (text: string): string =>
  text.replace(/\b0\.\d{8,}\b/g, '<fraction>').replace(/\b\d{5,6}\b/g, '<number>').replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>').replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>');

const typeOf = (event: HistoryEvent): string => String(event.eventType).replace('EVENT_TYPE_', '');

function withoutNoise(event: HistoryEvent): unknown {
  const { eventTime: _time, taskId: _task, version: _version, ...rest } = event;
  const scheduled = rest.workflowTaskScheduledEventAttributes;
  // From the fourth attempt on, a Workflow Task has more time by chance.
  if (scheduled?.attempt && scheduled.attempt > 3) return { ...rest, workflowTaskScheduledEventAttributes: { ...scheduled, startToCloseTimeout: '<duration>' } };
  return rest;
}

/** Fields whose value is chance or time; what stands for each. */
const placeholders: { readonly [key: string]: string } = {
  requestId: '<request>', historySizeBytes: '<size>', stackTrace: '<stack>', buildId: '<build>', binaryChecksum: '<build>', taskToken: '<token>', sdkVersion: '<version>',
  complete_time: '<time>', original_schedule_time: '<time>',
};

function normalizeValue(value: unknown, key: string, runName: (id: string) => string): unknown {
  if (placeholders[key] !== undefined && value !== 'request-from-RespondWorkflowTaskCompleted') return placeholders[key];
  if (Array.isArray(value)) {
    // Flags are a set.
    const items = value.map((item) => normalizeValue(item, key, runName));
    return key === 'coreUsedFlags' || key === 'langUsedFlags' ? items.map(String).sort() : items;
  }
  if (typeof value === 'object' && value !== null) {
    const payload = decodeJsonPayload(value as Record<string, unknown>);
    if (payload !== undefined) return { payload: normalizeValue(payload.data, key, runName), ...payload.metadata };
    const entries = Object.entries(value).filter(([, v]) => !isDefault(v));
    const record = value as Record<string, unknown>;
    return Object.fromEntries(
      entries.map(([k, v]) => [k, k === 'name' && record.kind === 'TASK_QUEUE_KIND_STICKY' ? '<sticky>' : normalizeValue(v, k, runName)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  if (typeof value !== 'string') return value;
  if (/identity$/i.test(key)) return value === 'history-service' ? value : '<identity>';
  if (/RunId$/i.test(key)) return runName(value);
  // Time left over from something else: a back-off, what remains of a timeout.
  if (/^\d+\.\d{4,9}s$/.test(value) || (key === 'firstWorkflowTaskBackoff' && value.includes('.'))) return '<duration>';
  return normalizeText(value);
}

/** Proto3 leaves default values out; so do we, wherever they were written. */
const isDefault = (value: unknown): boolean => value === undefined || value === null || value === '' || value === 0 || value === '0' || value === false || (Array.isArray(value) && value.length === 0);

/** A payload in JSON as its value, so that differences can be read. */
function decodeJsonPayload(value: Record<string, unknown>): { data: unknown; metadata: Record<string, string> } | undefined {
  const metadata = value.metadata as Record<string, string> | undefined;
  if (typeof metadata?.encoding !== 'string') return undefined;
  const texts = Object.fromEntries(Object.entries(metadata).map(([k, v]) => [k, Buffer.from(v, 'base64').toString()]));
  if (texts.encoding !== 'json/plain') return { data: value.data, metadata: texts };
  try {
    return { data: JSON.parse(Buffer.from(String(value.data), 'base64').toString()), metadata: texts };
  } catch {
    return undefined;
  }
}

function compareValues(a: unknown, b: unknown, path: string, report: (path: string, a: unknown, b: unknown) => void): void {
  if (a === b) return;
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null && Array.isArray(a) === Array.isArray(b)) {
    const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
    for (const key of [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()) {
      compareValues(left[key], right[key], key.endsWith('EventAttributes') ? path : `${path}.${key}`, report);
    }
    return;
  }
  report(path, a, b);
}

const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** One difference that shows both sequences line by line, or null when they are equal. */
function compareTypes(expected: readonly string[], actual: readonly string[]): Difference | null {
  if (expected.length === actual.length && expected.every((type, i) => type === actual[i])) return null;
  const lines = ['the events differ (− real, + ours):'];
  let at = 0;
  for (const [mark, type, index] of alignment(expected, actual)) {
    if (mark !== ' ') at ||= index;
    lines.push(`  ${mark} ${String(index).padStart(3)} ${type}`);
  }
  return { where: 'types', eventId: at, expected: expected.join(' '), actual: lines.join('\n') };
}

/** Longest common subsequence of two sequences of types, with what is only in one of them. */
function alignment(a: readonly string[], b: readonly string[]): (readonly [mark: ' ' | '-' | '+', type: string, index: number])[] {
  const table = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) table[i]![j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!);
  }
  const lines: (readonly [' ' | '-' | '+', string, number])[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push([' ', a[i]!, ++i]);
      j++;
    } else if (j >= b.length || (i < a.length && table[i + 1]![j]! >= table[i]![j + 1]!)) lines.push(['-', a[i]!, ++i]);
    else lines.push(['+', b[j]!, ++j]);
  }
  return lines;
}
