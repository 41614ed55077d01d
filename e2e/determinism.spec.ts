import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bundleForNode } from '../scripts/lib/bundle.mjs';
import { bench, expect, test } from './helpers.ts';

/** 50 in `npm test`, `npm run fuzz` asks for 500. */
const SEEDS = Number(process.env.REPLAYGROUND_SEEDS ?? 50);
const SCENARIOS = ['data-processing', 'crash-and-replay', 'retry-policy'];

let node: Promise<Readonly<Record<string, readonly string[]>>>;

test.beforeAll(() => {
  bundleForNode('e2e/node-hashes.ts', 'build/e2e/node-hashes.mjs');
  node = promisify(execFile)(process.execPath, ['build/e2e/node-hashes.mjs', String(SEEDS), ...SCENARIOS], { maxBuffer: 64 << 20 }).then(({ stdout }) => JSON.parse(stdout) as Record<string, string[]>);
});

test.describe.configure({ mode: 'default' }); // one after the other in one worker, so that Node computes its hashes once

for (const slug of SCENARIOS)
  test(`${slug}: ${SEEDS} seeds, twice in Chromium, give the hashes of Node`, async ({ page }) => {
    test.setTimeout(90_000 + SEEDS * 2_000);
    const first = await bench(page, slug, { seeds: SEEDS });
    const second = await bench(page, slug, { seeds: SEEDS });
    expect(second.hashes).toEqual(first.hashes);
    expect(first.hashes).toEqual((await node)[slug]);
    const distinct = new Set(first.hashes).size;
    expect(first.hashes).toHaveLength(SEEDS);
    expect(distinct).toBeGreaterThanOrEqual(Math.ceil(SEEDS * 0.95));
  });
