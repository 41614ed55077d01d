// `npm test`: installs what is missing, runs everything, ends with one line that sums all runners.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { ensureInstalled } from './lib/install.mjs';
import { buildDirectory } from './lib/paths.mjs';
import { formatScore, runStages } from './lib/stages.mjs';
import { staticChecks } from './lib/static-checks.mjs';

const started = performance.now();
const reports = `${buildDirectory}/reports`;
const sum = { passed: 0, failed: 0, skipped: 0 };

try {
  await runEverything();
} catch (error) {
  process.stdout.write(`\n${error instanceof Error ? error.message : error}\n`);
  sum.failed += 1;
}
process.stdout.write(`\nAll stages took ${Math.round((performance.now() - started) / 1000)} s\n${formatScore(sum)}\n`);
process.exitCode = sum.failed === 0 ? 0 : 1;

async function runEverything() {
  ensureInstalled();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const { prepare } = await import('./prepare.mjs');
  await prepare();

  await stages([{ name: 'production build', node: ['scripts/build.mjs'] }, ...staticChecks]);
  // Alone, since they use all processors themselves.
  await stages([{ name: 'unit and conformance tests', node: vitest(), score: vitestScore }]);
  await stages([await browserTests()]);
}

async function stages(list) {
  const score = await runStages(list);
  for (const kind of Object.keys(sum)) sum[kind] += score[kind];
}

function vitest() {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reports}/vitest.json`];
  return ['node_modules/vitest/vitest.mjs', 'run', ...reporters];
}

function vitestScore() {
  const report = readReport('vitest.json');
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  // A file that throws while it loads has no tests that could fail.
  const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

async function browserTests() {
  const { findBrowser } = await import('./lib/browser.mjs');
  const { executablePath } = await findBrowser();
  return {
    name: 'browser tests on the production build under a sub-path',
    node: ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json'],
    env: {
      CHROMIUM_PATH: executablePath ?? '',
      E2E_PORT: String(await freePort()),
      PLAYWRIGHT_JSON_OUTPUT_FILE: `${reports}/playwright.json`,
    },
    score: playwrightScore,
  };
}

function playwrightScore() {
  const report = readReport('playwright.json');
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: unexpected + flaky + report.errors.length, skipped };
}

function readReport(name) {
  try {
    return JSON.parse(readFileSync(`${reports}/${name}`, 'utf8'));
  } catch {
    return undefined; // the runner did not get that far; its output says why
  }
}

/** @returns {Promise<number>} a port that nobody listens on, so that two test runs can share a machine */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
