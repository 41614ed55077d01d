import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { checkHistory } from '../src/engine/checkers/history.ts';
import type { WorkflowOutput } from '../src/headless/output.ts';
import { readFaults } from '../src/headless/read-faults.ts';
import { runProject } from '../src/headless/run.ts';
import { compareHistories, formatDifferences, normalizeText, type Difference } from './compare.ts';
import { readGoldens, type Golden } from './goldens.ts';
import { needless, untolerated } from './tolerated.ts';

/** Histories and client logs of the real server, by what our simulator made of them. */
const figures = { equal: 0, tolerated: 0, different: 0 };

afterAll(() => console.log(`goldens: ${figures.equal} files equal, ${figures.tolerated} tolerated, ${figures.different} different`));

/** Runs the recorded project in our simulator, with the same faults. */
const simulate = (golden: Golden) =>
  runProject({
    dir: golden.projectDir, workers: golden.workers, clientArgs: golden.clientArgs, maxSteps: 50_000,
    ...(golden.faultsFile ? { faults: readFaults(JSON.parse(readFileSync(golden.faultsFile, 'utf8'))), faultsFolder: golden.dir } : {}),
  });

function compareLogs(expected: string, actual: string): Difference[] {
  const [left, right] = [normalizeText(expected), normalizeText(actual)];
  return left === right ? [] : [{ where: 'client.log', eventId: 0, expected: `\n${left}`, actual: `\n${right}` }];
}

describe.each(readGoldens())('golden $name', (golden) => {
  it('is what our simulator does', { timeout: 300_000 }, async () => {
    const output = await simulate(golden);
    const report: string[] = [];
    const judge = (file: string, differences: readonly Difference[]): void => {
      const left = untolerated(golden.name, file, differences);
      figures[left.length > 0 ? 'different' : differences.length > 0 ? 'tolerated' : 'equal']++;
      if (left.length > 0) report.push(`${file}\n${formatDifferences(left)}`);
      for (const { where } of needless(golden.name, file, differences)) report.push(`${file}\nnothing of ${String(where)} is left to be tolerated`);
    };
    const ours: { [id: string]: WorkflowOutput['runs'][number][] } = {};
    for (const [workflowId, { runs }] of Object.entries(output.workflows)) (ours[normalizeText(workflowId)] ??= []).push(...runs);
    for (const { file, id, index, events } of golden.runs) {
      const run = ours[id]?.[index];
      judge(file, run ? compareHistories(events, run.history.events) : [{ where: 'run', eventId: 0, expected: `run ${index + 1} of ${id}`, actual: 'none' }]);
    }
    for (const id in ours) if (ours[id]!.length > golden.runs.filter((run) => run.id === id).length) report.push(`a run of ${id} that the real server does not have`);
    judge('client.log', compareLogs(golden.clientLog, output.processes['client-1']!.log.map(({ text }) => `${text}\n`).join('')));
    for (const { runs } of Object.values(output.workflows)) for (const { history } of runs) report.push(...checkHistory(history.events).map((v) => `violation of ${v.rule} at event ${v.eventId}: ${v.message}`));
    report.push(...output.violations.map((v) => `violation of ${v.rule}: ${v.message}`));
    expect(report.join('\n\n')).toBe('');
  });
});
