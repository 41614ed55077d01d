// Runs commands that do not depend on one another side by side, and keeps the score.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { root } from './paths.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Score
 * @typedef {object} Stage
 * @property {string} name
 * @property {string[]} node arguments for Node
 * @property {NodeJS.ProcessEnv} [env] added to ours
 * @property {(ok: boolean) => Score} [score] reads what a test runner left behind; a stage without it counts as one test
 */

/** @type {(ok: boolean) => Score} */
const asOneTest = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });

/**
 * Runs the stages, as many at a time as there are processors but no more than two, since the machine also has to breathe. The output
 * of a stage is printed whole when it ends: always if it failed, and where it keeps its own score.
 * @param {Stage[]} stages
 * @returns {Promise<Score>} the sum
 */
export async function runStages(stages) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const queue = [...stages];
  const lane = async () => {
    for (let stage = queue.shift(); stage !== undefined; stage = queue.shift()) {
      const started = performance.now();
      const { ok, output } = await runStage(stage);
      const score = (stage.score ?? asOneTest)(ok);
      // A runner that dies after its last test, or before its first, has failed whatever its report says.
      if (!ok && score.failed === 0) score.failed = 1;
      for (const kind of Object.keys(total)) total[kind] += score[kind];
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      if (!ok || stage.score) process.stdout.write(`\n${output.trimEnd()}\n`);
      const count = stage.score ? ` (${formatScore(score)})` : '';
      process.stdout.write(`${score.failed === 0 ? '✓' : '✗'} ${stage.name} ${seconds} s${count}\n`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
  return total;
}

/** @param {Score} score */
export const formatScore = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** @param {Stage} stage @returns {Promise<{ ok: boolean, output: string }>} */
function runStage({ node, env }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, node, {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk) => (output += chunk);
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => resolve({ ok: false, output: `${output}\n${error.message}` }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}
