import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}', 'conformance/**/*.test.ts'],
    exclude: ['src/scenarios/*/project/**', 'conformance/projects/**'],
    globalSetup: 'scripts/prepare.mjs',
    maxWorkers: '100%', // by default one processor stays idle, which is half of a small machine
    testTimeout: 60_000, // whole simulated runs; a hang is what this is for
    hookTimeout: 120_000,
    env: { TZ: 'UTC' },
  },
});
