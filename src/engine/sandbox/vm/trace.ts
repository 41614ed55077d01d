import { positionOfCaller } from './stacks.ts';

/** The lines that user code has run through: compiled code calls `__t(file index * 100000 + line)` before each statement. */

const MAX_LINES = 2_000;
let lines: number[] = [];
let omitted = 0;
let last = 0;

(globalThis as any).__t = (at: number): void => {
  last = at;
  if (lines.length < MAX_LINES) lines.push(at);
  else omitted += 1;
};

/** Forgets the lines of an activation that was given up. */
export function endTrace(): void {
  lines = [];
  omitted = 0;
  last = 0;
}

/** From here on, code that has not passed a line yet has no place. */
export function startTrace(): void {
  last = 0;
}

/** The lines since the last call, in order. */
export function takeTrace(): { readonly lines: readonly number[]; readonly omitted: number } {
  const taken = { lines, omitted };
  endTrace();
  return taken;
}

/**
 * The place in user code that is running: the topmost frame of project code; without one, the line that was run last (a workflow's
 * return); null when none was.
 */
export function positionNow(): readonly [string, number] | number | null {
  return positionOfCaller() ?? (last === 0 ? null : last);
}
