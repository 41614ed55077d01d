import { join } from 'node:path';
import { checkHistory } from '../src/engine/checkers/history.ts';
import type { RunOutput } from '../src/headless/output.ts';
import { findEntry, readProjectFiles } from '../src/headless/project-files.ts';
import { replayGenuineAll, type GenuineCode, type ReplayItem } from './genuine.ts';

/** What one judgement is about: histories by a name for messages. */
export interface Judged {
  readonly name: string;
  readonly workflowId: string;
  readonly events: RunOutput['workflows'][string]['runs'][number]['history']['events'];
}

/** Every history of a run's output. */
export const historiesOf = (output: RunOutput): Judged[] =>
  Object.entries(output.workflows).flatMap(([workflowId, { runs }]) => runs.map(({ runId, history }) => ({ name: `${workflowId}/${runId}`, workflowId, events: history.events })));

/** The workflows of a project, where `headless.md` looks for them. */
export function workflowsPathOf(dir: string): string {
  const entry = findEntry(readProjectFiles(dir), ['workflows', 'workflows/index']);
  if (entry === null) throw new Error(`${dir} has no workflows`);
  return join(dir, entry);
}

/**
 * Judges every history of a run: the structural checker, and the genuine worker with the code that wrote it. Returns the
 * complaints, none when all is well. Tests that call it call `stopGenuine` of genuine.ts when they are done.
 * @param workflowsPath the project's folder is enough where its workflows are at their usual place
 */
export async function judge(output: RunOutput, workflowsPath: string): Promise<string[]> {
  const path = /\.[cm]?[jt]sx?$/.test(workflowsPath) ? workflowsPath : workflowsPathOf(workflowsPath);
  const violations = output.violations.map(({ rule, message }) => `${rule}: ${message}`);
  return [...violations, ...(await judgeHistories(historiesOf(output), path))];
}

/** {@link judge} for histories from anywhere. The genuine worker takes about 20 ms for one: give it many at once. */
export async function judgeHistories(histories: readonly Judged[], workflowsPath: string, code?: GenuineCode): Promise<string[]> {
  const structural = histories.flatMap(({ name, events }) => checkHistory(events).map(({ rule, eventId, message }) => `${name}: ${rule} at ${eventId}: ${message}`));
  // A run that no worker has seen yet has nothing to replay.
  const seen = histories.filter(({ events }) => events.some((event) => event.workflowTaskCompletedEventAttributes));
  const items = seen.map(({ workflowId, events }): ReplayItem => ({ history: { events }, workflowId }));
  const verdicts = [...(await replayGenuineAll(workflowsPath, items, undefined, code))];
  // On a busy machine its native threads now and then fall asleep for good: asked again in a new process, it answers.
  for (const [i, { kind }] of verdicts.entries()) if (kind === 'panic') verdicts[i] = (await replayGenuineAll(workflowsPath, [items[i]!]))[0]!;
  return [...structural, ...verdicts.flatMap((verdict, i) => (verdict.ok ? [] : [`${seen[i]!.name}: the genuine worker says ${verdict.kind}: ${verdict.message}`]))];
}
