import { durationMs, type DurationMs } from '../../../base/brand.ts';
import { formatDuration, parseDuration } from '../../../base/time.ts';

/** The longest duration that the Service keeps: a hundred years (`common/primitives/timestamp`, ValidateAndCapProtoDuration). */
const CENTURY_MS = durationMs(100 * 365 * 86_400_000);

/** Milliseconds that somebody asked for, as the Service keeps them. */
export const keptDuration = (ms: DurationMs): DurationMs => (ms > CENTURY_MS ? CENTURY_MS : ms);

/** A copy with these durations as the Service keeps them. */
export function withDurations<T extends object>(attributes: T, fields: readonly (keyof T)[]): T {
  const kept = { ...attributes };
  for (const field of fields) if (parseDuration(kept[field] as string | undefined) > CENTURY_MS) kept[field] = formatDuration(CENTURY_MS) as T[typeof field];
  return kept;
}

/** The durations of a start, by a client or a parent. */
export const START_DURATIONS = ['workflowExecutionTimeout', 'workflowRunTimeout', 'workflowTaskTimeout'] as const;
