import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** What the genuine worker says about a history; the same shape as `replay` of the headless runner. */
export interface GenuineVerdict {
  readonly ok: boolean;
  /** `panic`: native code panicked or never answered, and its process was killed. */
  readonly kind: 'ok' | 'nondeterminism' | 'failure' | 'panic';
  /** The text after `Nondeterminism error: `, or the failure's or the panic's text; empty when ok. */
  readonly message: string;
}

export interface ReplayItem {
  /** Proto3 JSON, `{events}`. */
  readonly history: unknown;
  readonly workflowId?: string;
}

/** What the workflows' own files do not say; paths are absolute. */
export interface GenuineCode {
  readonly workflowInterceptorModules?: readonly string[];
  readonly payloadConverterPath?: string;
  /** A module with `getDataConverter()`, for payload codecs. */
  readonly dataConverterModule?: string;
}

/** Milliseconds that one replay may take before its process is killed: enough on a busy machine. Damaged histories are given less. */
const REPLAY_LIMIT = 30_000;
/** Histories after which the next request gets a new process: the SDK keeps some 1.5 MB for each, and past a thousand it breaks for want of memory. */
const LIFETIME = 400;
/** Milliseconds for bundling, the first answer of a request. */
const bundleLimit = 60_000;

interface Answer {
  readonly id: number;
  readonly bundled?: boolean;
  readonly index?: number;
  readonly error?: null | { readonly name: string; readonly message: string };
  readonly failed?: string;
  readonly done?: boolean;
}

interface Child {
  readonly process: ChildProcess;
  /** What native code said when it panicked. */
  panic: string;
  /** Histories given to it. */
  given: number;
  onAnswer: (answer: Answer) => void;
  onExit: () => void;
}

let child: Child | null = null;
let lastId = 0;
/** Requests run one at a time; a request waits for the one before it. */
let queue: Promise<unknown> = Promise.resolve();

function startChild(): Child {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'genuine-child.mjs');
  const started: Child = { process: spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'pipe'] }), panic: '', given: 0, onAnswer: () => {}, onExit: () => {} };
  createInterface({ input: started.process.stdout! }).on('line', (line) => {
    // Native code may print to stdout when it panics.
    if (line.startsWith('{')) started.onAnswer(JSON.parse(line) as Answer);
  });
  // A panic of native code: the replay will never end.
  let errors = '';
  started.process.stderr!.on('data', (chunk) => {
    errors += String(chunk);
    const panic = /panicked at [^\n]*\n([^\n]*)\n/.exec(errors);
    if (!panic || started.panic) return;
    // The Rust debug form of an event becomes its short one, which Core uses elsewhere and ours always.
    started.panic = panic[1]!.replace(/^called `Result::unwrap\(\)` on an `Err` value: /, '').replace(/Some\(HistoryEvent \{ event_id: (\d+), .*? event_type: (\w+), .*\}\)/, 'HistoryEvent(id: $1, $2)');
    started.process.kill('SIGKILL');
  });
  // What it was still to read when it died: its exit tells.
  started.process.stdin!.on('error', () => {});
  started.process.on('exit', () => {
    if (child === started) child = null;
    started.onExit();
  });
  return started;
}

/** Makes the verdict from the error that the SDK throws. */
export function verdictOf(error: null | { readonly name: string; readonly message: string }): GenuineVerdict {
  if (error === null) return { ok: true, kind: 'ok', message: '' };
  const nondeterminism = /Nondeterminism error: ([^]*)$/.exec(error.message);
  if (nondeterminism) return { ok: false, kind: 'nondeterminism', message: unwrap(nondeterminism[1]!) };
  return { ok: false, kind: 'failure', message: unwrap(error.message) };
}

/** Takes off what the SDK wraps around Core's text: the Rust debug form of a failure. */
function unwrap(text: string): string {
  const inner = /Failure \{ message: "((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? /^((?:[^"\\]|\\.)*)", source: "/.exec(text)?.[1];
  return inner === undefined ? text.trim() : inner.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
}

/** Runs the items from `from` on in one child; resolves with the index where it stopped because the child died or hung. */
function runFrom(workflowsPath: string, code: GenuineCode, items: readonly ReplayItem[], from: number, verdicts: GenuineVerdict[], limit: number): Promise<{ readonly next: number; readonly panic: string }> {
  if (child && child.given >= LIFETIME) {
    child.process.kill('SIGKILL');
    child = null;
  }
  child ??= startChild();
  const current = child;
  current.given += items.length - from;
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    let next = from;
    let timer = setTimeout(() => current.process.kill('SIGKILL'), bundleLimit);
    const rearm = () => {
      clearTimeout(timer);
      timer = setTimeout(() => current.process.kill('SIGKILL'), limit);
    };
    const finish = (action: () => void) => {
      clearTimeout(timer);
      current.onAnswer = () => {};
      current.onExit = () => {};
      action();
    };
    current.onAnswer = (answer) => {
      if (answer.id !== id) return;
      if (answer.failed !== undefined) finish(() => reject(new Error(answer.failed)));
      else if (answer.done) finish(() => resolve({ next: items.length, panic: '' }));
      else {
        if (answer.index !== undefined) {
          verdicts[from + answer.index] = verdictOf(answer.error ?? null);
          next = from + answer.index + 1;
        }
        rearm();
      }
    };
    current.onExit = () => finish(() => resolve({ next, panic: current.panic }));
    current.process.stdin!.write(`${JSON.stringify({ id, workflowsPath, code, items: items.slice(from) })}\n`);
  });
}

/**
 * Replays histories of one project with the genuine worker, in a process that is killed and started again when it hangs.
 * @param limit milliseconds for one replay
 */
export function replayGenuineAll(workflowsPath: string, items: readonly ReplayItem[], limit: number = REPLAY_LIMIT, code: GenuineCode = {}): Promise<readonly GenuineVerdict[]> {
  const run = queue.then(async () => {
    const verdicts: GenuineVerdict[] = [];
    let again = -1;
    for (let from = 0; from < items.length; ) {
      const { next, panic } = await runFrom(workflowsPath, code, items, from, verdicts, limit);
      // Its runtime went, not the replay, as happens on a busy machine: another process answers.
      if (panic.startsWith('JoinError') && again !== next) {
        again = from = next;
        continue;
      }
      if (next < items.length) verdicts[next] = { ok: false, kind: 'panic', message: panic || `no answer within ${limit} ms` };
      from = next + 1;
    }
    return verdicts;
  });
  queue = run.catch(() => {});
  return run;
}

/** Replays one history; see {@link replayGenuineAll}. */
export async function replayGenuine(workflowsPath: string, history: unknown, workflowId?: string): Promise<GenuineVerdict> {
  const [verdict] = await replayGenuineAll(workflowsPath, [workflowId === undefined ? { history } : { history, workflowId }]);
  return verdict!;
}

/** Resolves when the genuine worker has been sent what it was asked. A caller that computes for seconds leaves it waiting otherwise. */
export async function sent(): Promise<void> {
  do await setImmediate();
  while (child !== null && child.process.stdin!.writableLength > 0);
}

/** Ends the child process; call it when the tests of a file are done. */
export async function stopGenuine(): Promise<void> {
  await queue;
  child?.process.kill('SIGKILL');
  child = null;
}
