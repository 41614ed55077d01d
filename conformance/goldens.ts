import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HistoryEvent } from '../src/api/proto.ts';
import { normalizeText } from './compare.ts';

/** A project recorded on a real server: `goldens/README.md`. */
export interface Golden {
  readonly name: string;
  readonly dir: string;
  /** The project that was recorded: the folder itself, unless its `golden.json` names another one. */
  readonly projectDir: string;
  readonly workers: readonly string[];
  readonly clientArgs: readonly string[];
  /** The workflows with which its histories replay: those of the version that ran last. */
  readonly workflowsPath: string;
  readonly faultsFile: string | null;
  readonly runs: readonly GoldenRun[];
  /** What the client printed. */
  readonly clientLog: string;
}

export interface GoldenRun {
  readonly file: string;
  /** Without chance and time, as `normalizeText` leaves it. */
  readonly id: string;
  readonly workflowId: string;
  /** From 0, the oldest run of this id first. */
  readonly index: number;
  readonly events: readonly HistoryEvent[];
}

export const goldensDir = join(dirname(fileURLToPath(import.meta.url)), 'goldens');

/** The folder of the code that replays the histories, where it is not the project's own. */
const replayedBy: { readonly [name: string]: string } = { 'patch-deployment': 'v2', 'workflow-task-failure': 'v2', deadlock: 'v2' };

export function readGolden(name: string): Golden {
  const dir = join(goldensDir, name);
  const settingsFile = join(dir, 'golden.json');
  const settings = (existsSync(settingsFile) ? JSON.parse(readFileSync(settingsFile, 'utf8')) : {}) as { project?: string; workers?: string[]; clientArgs?: string[] };
  const projectDir = join(dir, settings.project ?? '.');
  const faults = join(dir, 'faults.json');
  const runs = readdirSync(dir)
    .filter((file) => /^history\..*\.json$/.test(file))
    .sort()
    .map((file): Omit<GoldenRun, 'index'> => {
      const { events } = JSON.parse(readFileSync(join(dir, file), 'utf8')) as { events: HistoryEvent[] };
      const workflowId = events[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? '';
      return { file, events, workflowId, id: normalizeText(workflowId) };
    });
  return {
    name,
    dir,
    projectDir,
    workers: settings.workers ?? ['worker.ts'],
    clientArgs: settings.clientArgs ?? [],
    workflowsPath: join(projectDir, replayedBy[name] ?? '', 'workflows.ts'),
    faultsFile: existsSync(faults) ? faults : null,
    runs: runs.map((run) => ({ ...run, index: runs.filter((other) => other.id === run.id).indexOf(run) })),
    clientLog: readFileSync(join(dir, 'client.log'), 'utf8'),
  };
}

export function readGoldens(): readonly Golden[] {
  const only = process.env.GOLDEN?.split(',');
  return readdirSync(goldensDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && (!only || only.includes(entry.name)))
    .map((entry) => entry.name)
    .sort()
    .map(readGolden);
}
