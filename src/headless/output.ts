import { base64ToText } from '../base/base64.ts';
import { compareText } from '../base/compare.ts';
import { formatTimestamp } from '../base/time.ts';
import type { Timestamp } from '../base/brand.ts';
import type { Failure, HistoryEvent, Payload } from '../api/proto.ts';
import type { RunStatus } from '../trace/entries.ts';

/** What `run` prints (`headless.md`). */
export interface RunOutput {
  readonly version: 1;
  readonly seed: number;
  readonly steps: number;
  readonly virtualStart: string;
  readonly virtualEnd: string;
  readonly endedBy: 'idle' | 'until' | 'max-steps';
  readonly traceHash: string;
  readonly workflows: { readonly [workflowId: string]: WorkflowOutput };
  readonly processes: { readonly [id: string]: { readonly exitCode: number | null; readonly log: readonly { readonly at: string; readonly level: string; readonly text: string }[] } };
  readonly services: { readonly [name: string]: { readonly requests: number; readonly ledger: readonly { readonly [key: string]: unknown }[] } };
  readonly violations: readonly { readonly rule: string; readonly message: string }[];
}

export interface WorkflowOutput {
  readonly status: RunStatus;
  /** The first payload decoded, null for void; only when COMPLETED. */
  readonly result?: unknown;
  readonly failure?: Failure;
  /** Oldest first. */
  readonly runs: readonly { readonly runId: string; readonly workflowType: string; readonly status: RunStatus; readonly history: { readonly events: readonly HistoryEvent[] } }[];
}

/** The value of a payload: JSON decoded, null for void, anything else as its base64 text. */
export function decodePayload(payload: Payload | undefined): unknown {
  if (!payload) return null;
  const encoding = base64ToText(payload.metadata?.['encoding'] ?? '');
  if (encoding === 'binary/null') return null;
  if (!encoding.startsWith('json/')) return payload.data ?? '';
  try {
    return JSON.parse(base64ToText(payload.data ?? '')) as unknown;
  } catch {
    return payload.data ?? ''; // not what it says: a function has no JSON, and a codec may put anything there
  }
}

/** Result or failure of the event that closed a run. */
export function outcomeOf(events: readonly HistoryEvent[]): { result?: unknown; failure?: Failure } {
  const last = events.at(-1);
  if (last?.workflowExecutionCompletedEventAttributes) return { result: decodePayload(last.workflowExecutionCompletedEventAttributes.result?.payloads?.[0]) };
  const failure = last?.workflowExecutionFailedEventAttributes?.failure;
  return failure ? { failure } : {};
}

/** JSON with the keys of every object in code-unit order, so that equal outputs are equal texts. */
export function stableJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`;
  // Written key by key: an object would put keys that are whole numbers first.
  const fields = Object.entries(value).filter(([, v]) => v !== undefined).sort(([a], [b]) => compareText(a, b));
  return `{${fields.map(([key, v]) => `${JSON.stringify(key)}:${stableJson(v)}`).join(',')}}`;
}

export const time = (at: Timestamp): string => formatTimestamp(at);
