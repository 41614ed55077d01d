import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkHistory } from '../src/engine/checkers/history.ts';
import { readFaults } from '../src/headless/read-faults.ts';
import { runProject } from '../src/headless/run.ts';
import { compareHistories, formatDifferences, normalizeText } from './compare.ts';
import type { WorkflowOutput } from '../src/headless/output.ts';
import { readGoldens, type Golden } from './goldens.ts';
import { untolerated } from './tolerated.ts';

/** Runs the recorded project in our simulator, with the same faults. */
const simulate = (golden: Golden) =>
  runProject({ dir: golden.dir, ...(golden.faultsFile ? { faults: readFaults(JSON.parse(readFileSync(golden.faultsFile, 'utf8'))), faultsFolder: golden.dir } : {}), maxSteps: 50_000 });

describe.each(readGoldens())('golden $name', (golden) => {
  it('is what our simulator does', async () => {
    const output = await simulate(golden);
    const report: string[] = [];
    const ours: { [id: string]: WorkflowOutput['runs'][number][] } = {};
    for (const [workflowId, { runs }] of Object.entries(output.workflows)) (ours[normalizeText(workflowId)] ??= []).push(...runs);
    for (const { file, id, index, events } of golden.runs) {
      const run = ours[id]?.[index];
      const text = run ? formatDifferences(untolerated(golden.name, compareHistories(events, run.history.events))) : `no run ${index + 1} of ${id}`;
      if (text) report.push(`${file}\n${text}`);
    }
    for (const id in ours) if (ours[id]!.length > golden.runs.filter((run) => run.id === id).length) report.push(`a run of ${id} that the real server does not have`);
    for (const { runs } of Object.values(output.workflows)) for (const { history } of runs) report.push(...checkHistory(history.events).map((v) => `violation of ${v.rule} at event ${v.eventId}: ${v.message}`));
    report.push(...output.violations.map((v) => `violation of ${v.rule}: ${v.message}`));
    expect(report.join('\n\n')).toBe('');
    expect(normalizeText(output.processes['client-1']!.log.map(({ text }) => `${text}\n`).join(''))).toBe(normalizeText(golden.clientLog));
  });
});
