import { defineConfig } from '@playwright/test';

/** Not the root of the host, since GitHub Pages serves projects from a sub-path. */
const base = '/some/sub-path/';
const port = Number(process.env.E2E_PORT ?? 4173);
const executablePath = process.env.CHROMIUM_PATH;

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: true,
  retries: 0, // the product is deterministic, so its tests have to be
  workers: 2,
  timeout: 300_000, // for a machine that is busy with other things; alone, none takes a quarter of it
  expect: { timeout: 60_000 },
  use: {
    baseURL: `http://127.0.0.1:${port}${base}`,
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    colorScheme: 'dark',
    serviceWorkers: 'block', // 10 MB of precache a test; offline.spec.ts allows them
    trace: 'off', // recording each step takes two thirds of the time: `--trace on` when a test has to be looked into
    screenshot: 'only-on-failure',
    launchOptions: executablePath ? { executablePath } : {},
  },
  webServer: {
    command: `node scripts/serve.mjs --base ${base} --port ${port} --dir ${process.env.E2E_DIR ?? 'dist'}`,
    url: `http://127.0.0.1:${port}${base}`,
    reuseExistingServer: false,
  },
});
