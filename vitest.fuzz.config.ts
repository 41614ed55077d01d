import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** `npm run fuzz`: the same kind of tests with many more seeds, not part of `npm test`. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: [] } },
  defineConfig({ test: { include: ['{src,conformance}/**/*.fuzz.ts'], testTimeout: 3_600_000, hookTimeout: 600_000 } }),
);
