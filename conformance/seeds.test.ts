import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../src/headless/engine.ts';
import { runProject } from '../src/headless/run.ts';

/** Seeds per scenario; `npm run fuzz` asks for 500. Chromium's hashes for the same seeds are compared in e2e. */
const SEEDS = Number(process.env['REPLAYGROUND_SEEDS'] ?? 50);

describe.each(['data-processing', 'crash-and-replay', 'retry-policy'])('%s', (slug) => {
  it(`gives the same trace hash for the same seed, and others for others (${SEEDS} seeds, twice)`, async () => {
    const dir = join(projectRoot(), 'src/scenarios', slug, 'project');
    const hashes = async () => {
      const all: string[] = [];
      for (let seed = 1; seed <= SEEDS; seed++) {
        const output = await runProject({ dir, seed });
        expect(output.violations).toEqual([]);
        expect(output.endedBy).toBe('idle');
        all.push(output.traceHash);
      }
      return all;
    };
    const first = await hashes();
    expect(await hashes()).toEqual(first);
    expect(new Set(first).size).toBeGreaterThanOrEqual(SEEDS * 0.95);
  }, 600_000);
});
