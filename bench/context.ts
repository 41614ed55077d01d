import type { Browser } from '@playwright/test';

/** What scripts/bench.mjs gives to `measure` of each bench/<name>.bench.ts. */
export interface BenchContext {
  /** The project's folder. */
  readonly root: string;
  /** Makes the production build in dist/. */
  buildApp(): void;
  /** Builds the app, serves it under a sub-path, starts a browser, and ends both when `task` is done. */
  withApp<T>(task: (app: { readonly url: string; readonly browser: Browser }) => Promise<T>): Promise<T>;
}

/** A benchmark. Times are in milliseconds, sizes in KB; each name says its unit. */
export type Measure = (context: BenchContext) => Promise<Record<string, unknown>>;

/** The middle of an odd number of runs, as the issue asks for five. */
export async function medianOf(runs: number, run: () => number | Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let i = 0; i < runs; i++) values.push(await run());
  values.sort((a, b) => a - b);
  const middle = values[runs >> 1];
  if (middle === undefined) throw new Error('no runs');
  return Math.round(middle * 10) / 10;
}
