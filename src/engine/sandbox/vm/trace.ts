import { onReaction } from './async.ts';
import { positionOfCaller } from './stacks.ts';

/**
 * The lines that user code has run through: compiled code calls `__t(n)` before each statement, n = file index * 100000 + line. There is
 * a second argument when the statement makes several calls; without it, a command made before anything else runs is from that line.
 */

const MAX_LINES = 2_000;
let lines: number[] = [];
let omitted = 0;
/** The last line of any code of this activation; 0: none. */
let lastLine = 0;
/** The line that the running continuation is on for sure; 0: look at the stack. */
let certain = 0;

(globalThis as any).__t = (n: number, several?: 1): void => {
  certain = several === undefined ? n : 0;
  lastLine = n;
  if (lines.length < MAX_LINES) lines.push(n);
  else omitted += 1;
};

onReaction(() => {
  certain = 0;
});

/** Forgets what was traced. */
export function endTrace(): void {
  lines = [];
  omitted = 0;
  lastLine = 0;
  certain = 0;
}

/** Other code begins to run: no line is certain. */
export function startTrace(): void {
  certain = 0;
}

/** The lines since the last call, in order. */
export function takeTrace(): { readonly lines: readonly number[]; readonly omitted: number } {
  const taken = { lines, omitted };
  endTrace();
  return taken;
}

/** The place in user code that is running; null when the SDK runs by itself. */
export function positionNow(): readonly [string, number] | number | null {
  return certain > 0 ? certain : positionOfCaller();
}

/** The line that ran last, as `__t` got it; 0: none. */
export const lineAtEnd = (): number => lastLine;

/** The place at which a workflow ended: the line that ran last. */
export function positionAtEnd(): readonly [string, number] | number | null {
  return lastLine === 0 ? null : lastLine;
}
