import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { readFaults } from '../src/headless/read-faults.ts';
import { runProject } from '../src/headless/run.ts';
import { stopGenuine } from './genuine.ts';
import { readGoldens } from './goldens.ts';
import { judge } from './judge.ts';

afterAll(stopGenuine);

// The recorded projects (one for each feature, and the scenarios) once more: here by what our Service wrote, whether or not it is the
// same as recorded.
it.each(readGoldens())('the genuine worker replays what our simulator writes for $name', async (golden) => {
  const output = await runProject({
    dir: golden.projectDir, workers: golden.workers, clientArgs: golden.clientArgs, maxSteps: 50_000, seed: 2, thoroughChecks: true,
    ...(golden.faultsFile ? { faults: readFaults(JSON.parse(readFileSync(golden.faultsFile, 'utf8'))), faultsFolder: golden.dir } : {}),
  });
  expect(await judge(output, golden.workflowsPath)).toEqual([]);
}, 120_000);
