import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { must } from '../base/assert.ts';
import { readMs } from '../base/ms.ts';
import { formatTimestamp, parseTimestamp } from '../base/time.ts';
import { ScheduleSpecError, scheduleTimes } from '../engine/service/index.ts';
import type { TraceEntry } from '../trace/entries.ts';
import { readFaults } from './read-faults.ts';
import { stableJson } from './output.ts';
import { ProjectError } from './project-files.ts';
import { replayProject } from './replay.ts';
import { runProject } from './run.ts';

/** The command line runner (`headless.md`). Stdout carries JSON only; exit 0, 1 (replay says no), 2 (wrong arguments, project does not load), 3 (max-steps). */
const USAGE = `Usage:
  headless run <dir> [--workflows F] [--worker F]… [--client F]… [--services F] [--workers N] [--client-args "a b"]
               [--seed N] [--start-time ISO] [--until idle|<duration>] [--faults F] [--max-steps N]
               [--env NAME=VALUE]… [--out F]
  headless replay <dir> --history F [--workflows F] [--workflow-id ID]
  headless schedule-times <spec.json> --from ISO --count N`;

/** Paths are taken from where the user stands, not from where npm runs us. */
const base = process.env['INIT_CWD'] ?? process.cwd();
const fromUser = (path: string): string => resolve(base, path);

const integer = (flag: string, text: string | undefined, low: number): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text) || Number(text) < low || !Number.isSafeInteger(Number(text))) throw new ProjectError(`${flag}: a whole number from ${low}, not ${text}`);
  return Number(text);
};

const readText = (flag: string, file: string): string => {
  try {
    return readFileSync(fromUser(file), 'utf8');
  } catch (error) {
    throw new ProjectError(`${flag}: ${(error as Error).message}`);
  }
};

const readJson = (flag: string, file: string): unknown => {
  try {
    return JSON.parse(readText(flag, file)) as unknown;
  } catch (error) {
    if (error instanceof ProjectError) throw error;
    throw new ProjectError(`${flag}: ${file} is no JSON: ${(error as Error).message}`);
  }
};

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: joinClientArgs(args), allowPositionals: true,
    options: {
      workflows: { type: 'string' }, worker: { type: 'string', multiple: true }, client: { type: 'string', multiple: true }, services: { type: 'string' },
      workers: { type: 'string' }, 'client-args': { type: 'string' }, seed: { type: 'string' }, 'start-time': { type: 'string' }, until: { type: 'string' },
      env: { type: 'string', multiple: true }, faults: { type: 'string' }, 'max-steps': { type: 'string' }, out: { type: 'string' },
    },
  });
  const dir = oneFolder(positionals);
  const until = values.until === undefined || values.until === 'idle' ? undefined : readMs(values.until);
  if (until === null) throw new ProjectError(`--until: idle or a duration such as 90d or 12.5s, not ${values.until}`);
  const none = values.client?.includes('none') ?? false;
  if (none && values.client?.length !== 1) throw new ProjectError('--client none stands alone');
  const output = await runProject({
    dir: fromUser(dir), base, env: readEnv(values.env), workflows: values.workflows, workers: values.worker, clients: none ? [] : values.client, services: values.services,
    workersOfEach: integer('--workers', values.workers, 1), clientArgs: values['client-args']?.split(/\s+/).filter((a) => a !== ''),
    seed: integer('--seed', values.seed, 0), startTime: values['start-time'], until, maxSteps: integer('--max-steps', values['max-steps'], 1),
    faults: values.faults === undefined ? undefined : readFaults(readJson('--faults', values.faults)),
    faultsFolder: values.faults === undefined ? undefined : dirname(fromUser(values.faults)), onStep: progress(),
  });
  const text = `${stableJson(output)}\n`;
  if (values.out === undefined) await print(text);
  else {
    try {
      writeFileSync(fromUser(values.out), text);
    } catch (error) {
      throw new ProjectError(`--out: ${(error as Error).message}`);
    }
  }
  if (output.endedBy !== 'max-steps') return 0;
  console.error(`stopped after ${output.steps} steps (--max-steps); what never ends by itself needs --until`);
  return 3;
}

/** Says on stderr that a long run goes on, and its last warning: who waits for an endless one wants to know why. */
function progress(): (entries: readonly TraceEntry[]) => void {
  let warning = '';
  return (entries) => {
    for (const entry of entries) {
      if (entry.type === 'log' && (entry.level === 'WARN' || entry.level === 'ERROR')) warning = `; last warning, of ${entry.process}: ${entry.text.split('\n', 1)[0]}`;
      else if (entry.type === 'step' && entry.step % PROGRESS_STEPS === 0) console.error(`${entry.step} steps, the clock shows ${formatTimestamp(entry.at)}${warning}`);
    }
  };
}

/** Counted, not timed: equal arguments print the same. Some seconds. */
const PROGRESS_STEPS = 20_000;

/** What belongs to the client may begin with a dash, which parseArgs takes for an option of ours. */
function joinClientArgs(args: readonly string[]): string[] {
  const at = args.indexOf('--client-args');
  return at < 0 || at + 1 === args.length ? [...args] : [...args.slice(0, at), `--client-args=${args[at + 1]}`, ...args.slice(at + 2)];
}

function readEnv(settings: readonly string[] | undefined): { [name: string]: string } {
  return Object.fromEntries(
    (settings ?? []).map((setting) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
      if (name === undefined || value === undefined) throw new ProjectError(`--env: NAME=VALUE, not ${setting}`);
      return [name, value];
    }),
  );
}

async function replay(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { history: { type: 'string' }, workflows: { type: 'string' }, 'workflow-id': { type: 'string' } } });
  const dir = oneFolder(positionals);
  if (values.history === undefined) throw new ProjectError('replay needs --history F');
  const verdict = await replayProject({ dir: fromUser(dir), base, history: readText('--history', values.history), workflows: values.workflows, workflowId: values['workflow-id'] });
  await print(`${stableJson(verdict)}\n`);
  return verdict.ok ? 0 : 1;
}

async function times(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { from: { type: 'string' }, count: { type: 'string' } } });
  if (positionals.length !== 1) throw new ProjectError('schedule-times needs one spec.json');
  const from = parseTimestamp(values.from ?? '');
  if (from === null) throw new ProjectError(`--from: an ISO time, not ${values.from ?? 'nothing'}`);
  const count = integer('--count', values.count, 0);
  if (count === undefined) throw new ProjectError('schedule-times needs --count N');
  let spec: unknown;
  try {
    spec = JSON.parse(readText('spec.json', must(positionals[0], 'spec')));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ProjectError(`${positionals[0]}: ${error.message}`);
  }
  try {
    await print(`${JSON.stringify(scheduleTimes(spec, from, count))}\n`);
  } catch (error) {
    if (!(error instanceof ScheduleSpecError)) throw error;
    throw new ProjectError(`${positionals[0]}: ${error.message}`);
  }
  return 0;
}

function oneFolder(positionals: readonly string[]): string {
  if (positionals.length !== 1) throw new ProjectError(`one project folder is needed, not ${positionals.length}`);
  return must(positionals[0], 'folder');
}

/** Waits until the pipe took it all: exit would cut it. */
const print = (text: string): Promise<void> => new Promise((done) => process.stdout.write(text, () => done()));

async function main(): Promise<number> {
  const [command, ...args] = process.argv.slice(2);
  if ([command, ...joinClientArgs(args)].some((argument) => argument === '--help' || argument === '-h')) {
    console.error(USAGE);
    return 0;
  }
  try {
    if (command === 'run') return await run(args);
    if (command === 'replay') return await replay(args);
    if (command === 'schedule-times') return await times(args);
    console.error(command === undefined ? USAGE : `unknown command ${command}\n${USAGE}`);
    return 2;
  } catch (error) {
    const wrongArguments = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    if (!(error instanceof ProjectError) && !(error instanceof RangeError) && !wrongArguments) throw error;
    console.error(wrongArguments ? `${(error as Error).message}\n${USAGE}` : (error as Error).message);
    return 2;
  }
}

process.exit(await main());
