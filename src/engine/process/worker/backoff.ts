/** Exponential back-off without approximated arithmetic. */

/** `initial · coefficient^(attempt − 1)`, at most `maximum`; `attempt` from 1. Whole milliseconds. */
export function exponentialBackoff(initial: number, coefficient: number, maximum: number, attempt: number): number {
  let delay = initial;
  for (let i = 1; i < attempt && delay < maximum; i++) delay *= coefficient;
  return Math.round(Math.min(delay, maximum));
}
