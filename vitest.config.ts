import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Vitest knows how long a file takes when it has run it before; on a fresh machine the longest would come last, alone on one processor. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => Number(b.moduleId.endsWith('random.test.ts')) - Number(a.moduleId.endsWith('random.test.ts')));
  }
}

export default defineConfig({
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}', 'conformance/**/*.test.ts'],
    exclude: ['src/scenarios/*/project/**', 'conformance/projects/**'],
    globalSetup: 'scripts/prepare.mjs',
    maxWorkers: '100%', // by default one processor stays idle, which is half of a small machine
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000, // whole simulated runs; a hang is what this is for
    hookTimeout: 120_000,
    env: { TZ: 'UTC' },
  },
});
