import { eventName } from '../api/event-names.ts';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunOutput } from '../headless/output.ts';
import { runProject, type RunOptions } from '../headless/run.ts';
import type { TraceEntry } from '../trace/entries.ts';

/** A Temporal project as a test writes it down. Each part is source text; what is left out is the plainest that works. */
export interface InlineProject {
  /** `src/workflows.ts`; `@temporalio/workflow` is `wf`, the activities `acts(options)`. */
  readonly workflows?: string;
  /** `src/activities.ts`; `@temporalio/activity` is `act`, `@temporalio/common` is `common`. */
  readonly activities?: string;
  /** Body of the worker's async function. Default: create one on queue `q` with {@link workerOptions} and run it. */
  readonly worker?: string;
  /** Fields of the default worker's options, as source: `maxCachedWorkflows: 0,`. */
  readonly workerOptions?: string;
  /** Body of the client's async function; `client`, `C` (`@temporalio/client`), `common`, `sleep` and `why` are there. */
  readonly client?: string;
  readonly services?: string;
  /** More files, by path. */
  readonly files?: { readonly [path: string]: string };
}

/** What came of it. */
export interface InlineRun {
  readonly output: RunOutput;
  readonly entries: readonly TraceEntry[];
  /** What a process logged, in order; levels other than INFO in front. The Worker's own state changes are left out. */
  log(process: string): string[];
  /** Names of the history's events, of all runs of a workflow. */
  events(workflowId: string): string[];
  /** Entries of a type, each with its time in ms after the start. */
  of<T extends TraceEntry['type']>(type: T): (Extract<TraceEntry, { type: T }> & { readonly ms: number })[];
}

const WORKFLOWS_HEAD = `import * as wf from '@temporalio/workflow';\nconst acts = (options: object): any => wf.proxyActivities<any>(options as any);\n`;
const ACTIVITIES_HEAD = `import * as act from '@temporalio/activity';\nimport * as common from '@temporalio/common';\n`;
const WORKER_HEAD = `import * as W from '@temporalio/worker';\nimport * as common from '@temporalio/common';\nimport * as activities from './activities';\nvoid activities; void common;\n`;
const CLIENT_HEAD = `import * as C from '@temporalio/client';
import * as common from '@temporalio/common';
import { setTimeout as sleep } from 'timers/promises';
/** An error and its causes: class and message. */
async function why(body: () => Promise<unknown>): Promise<string> {
  try {
    return 'no error: ' + JSON.stringify(await body());
  } catch (error: any) {
    const parts: string[] = [];
    for (let e = error; e; e = e.cause) parts.push(e.constructor.name + ': ' + e.message);
    return parts.join(' <- ');
  }
}
void C; void common; void sleep; void why;
`;
const main = (head: string, body: string): string => `${head}async function main() {\n${body}\n}\nmain().catch((error) => { console.error(error); process.exit(1); });\n`;

/** The sources of a project by path. */
export function inlineFiles(project: InlineProject): { [path: string]: string } {
  const worker = project.worker
    ?? `const worker = await W.Worker.create({ taskQueue: 'q', workflowsPath: require.resolve('./workflows'), activities, ${project.workerOptions ?? ''} } as any);\nawait worker.run();`;
  return {
    'src/workflows.ts': WORKFLOWS_HEAD + (project.workflows ?? 'export {};'),
    'src/activities.ts': ACTIVITIES_HEAD + (project.activities ?? 'export {};'),
    'src/worker.ts': main(WORKER_HEAD, worker),
    'src/client.ts': main(CLIENT_HEAD, `const client = new C.Client();\n${project.client ?? ''}`),
    ...(project.services === undefined ? {} : { 'src/services.ts': project.services }),
    ...project.files,
  };
}

/** Runs a project written in a test on the whole simulation, as `headless run` does. */
export async function runInline(project: InlineProject, options: Omit<RunOptions, 'dir'> = {}): Promise<InlineRun> {
  const dir = mkdtempSync(join(tmpdir(), 'replayground-'));
  try {
    for (const [path, text] of Object.entries(inlineFiles(project))) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    const entries: TraceEntry[] = [];
    const output = await runProject({ ...options, dir, onStep: (step) => entries.push(...step) });
    const start = Date.parse(output.virtualStart);
    return {
      output,
      entries,
      log: (process) =>
        (output.processes[process]?.log ?? []).filter(({ text }) => !BOILERPLATE.some((t) => text.startsWith(t))).map(({ level, text }) => (level === 'INFO' ? text : `${level} ${text}`)),
      events: (workflowId) => (output.workflows[workflowId]?.runs ?? []).flatMap((run) => run.history.events.map((e) => eventName(e.eventType ?? ''))),
      of: (type) => {
        let ms = 0;
        return entries.flatMap((entry) => {
          if (entry.type === 'step') ms = entry.at - start;
          return entry.type === type ? [{ ...entry, ms } as never] : [];
        });
      },
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What every worker logs. */
const BOILERPLATE = ['Worker state changed', 'Workflow bundle created', 'No Nexus services registered', 'No activities registered', 'No workflows registered'];
