import { readMs } from '../../base/ms.ts';
import type { CodePosition } from '../../api/sandbox.ts';
import type { ActivationEntry, ZipperRow } from '../../trace/entries.ts';
import { lastOf, reduceEntry, toArray, type Appended, type Episode, type Frame, type ProcessView, type RunView } from '../../trace/frame.ts';
import type { Stamped, TraceModel } from '../../trace/model.ts';
import type { HistoryEvent } from '../../api/proto.ts';
import { attributesOf } from './events.ts';

/** Pure views of a frame that more than one pane needs. */

export interface Mark {
  readonly position: CodePosition;
  readonly kind: 'executing' | 'waiting' | 'replayed' | 'ran' | 'error';
  readonly eventId?: number | undefined;
  readonly matched: boolean;
  /** The event whose result the code has received at this line. */
  readonly resultOf?: number | undefined;
}

/** The runs whose code is in this worker, the one that moved last first. */
export const episodesOf = (process: ProcessView): readonly Episode[] =>
  Object.values(process.episodes).sort((a, b) => (lastOf(b.activations)?.step ?? 0) - (lastOf(a.activations)?.step ?? 0));

/** An activation of an episode as far as slow motion has let it run. */
interface Seen {
  readonly stamped: Stamped<ActivationEntry>;
  readonly lines: readonly CodePosition[];
  /** All of its lines are shown. */
  readonly whole: boolean;
}

/** The activations that have begun; `shown` cuts the lines of those of `step`, null shows all. */
function seen(episode: Episode, step: number, shown: number | null): readonly Seen[] {
  let budget = shown ?? Infinity;
  const found: Seen[] = [];
  for (const stamped of toArray(episode.activations)) {
    const { lines } = stamped.entry;
    if (stamped.step !== step) {
      found.push({ stamped, lines, whole: true });
      continue;
    }
    if (budget <= 0) break;
    found.push({ stamped, lines: lines.slice(0, budget), whole: lines.length <= budget });
    budget -= lines.length;
  }
  return found;
}

const lineKey = (position: CodePosition): string => `${position.file}:${position.line}`;

/**
 * Marks for the lines of an episode at a step: what executes in this very step, where the code waits, and which lines ran (again)
 * before. `shown` cuts the lines of this step's activations, for slow motion.
 */
export function codeMarks(episode: Episode, run: RunView | undefined, step: number, shown: number | null): readonly Mark[] {
  const marks = new Map<string, Mark>();
  const put = (mark: Mark): void => void marks.set(lineKey(mark.position), mark);
  const activations = seen(episode, step, shown);
  const events = eventIdsByLine(activations.map(({ stamped }) => stamped), run);
  const withEvent = (position: CodePosition): { eventId?: number | undefined; matched: boolean } => events.get(lineKey(position)) ?? { matched: false };
  const results = new Map<string, number>();
  // A loop runs its lines thousands of times, and what holds is the last time: from the end, each line once.
  for (const { stamped, lines } of activations.toReversed()) {
    for (const { position, eventId } of stamped.entry.resolved.toReversed()) if (position && !results.has(lineKey(position))) results.set(lineKey(position), eventId);
    for (const position of lines.toReversed()) if (!marks.has(lineKey(position))) put({ position, kind: stamped.entry.replaying ? 'replayed' : 'ran', ...withEvent(position) });
  }
  const latest = activations.at(-1);
  if (!latest) return [];
  const { waiting, failure } = latest.stamped.entry;
  const end = latest.lines.at(-1);
  const total = linesAt(episode, step);
  if (shown !== null && shown < total && end) put({ position: end, kind: 'executing', ...withEvent(end) });
  else {
    for (const wait of waiting) put({ position: wait.position, kind: 'waiting', eventId: wait.eventId ?? withEvent(wait.position).eventId, matched: false });
    if (failure?.position) put({ position: failure.position, kind: 'error', matched: false });
    if (latest.stamped.step === step && end && waiting.length === 0 && !failure) put({ position: end, kind: 'executing', ...withEvent(end) });
  }
  return [...marks].map(([line, mark]) => ({ ...mark, resultOf: mark.kind === 'waiting' ? undefined : results.get(line) }));
}

/** The event of a line: the recorded one that its command met, or the one that its command has become. */
function eventIdsByLine(activations: readonly Stamped<ActivationEntry>[], run: RunView | undefined): ReadonlyMap<string, { eventId: number; matched: boolean }> {
  const found = new Map<string, { eventId: number; matched: boolean }>();
  for (const { entry } of activations.toReversed()) {
    let became: ReturnType<typeof becomeOf> | undefined;
    for (const [n, row] of [...entry.rows.entries()].reverse()) {
      if (!row.position || found.has(lineKey(row.position))) continue;
      became ??= run ? becomeOf(run, entry) : [];
      const eventId = row.event?.eventId ?? became[n]?.eventId;
      if (eventId !== undefined) found.set(lineKey(row.position), { eventId: Number(eventId), matched: row.match === 'matched' });
    }
  }
  return found;
}

/** How many lines the activations of this step executed, all runs of the process together. */
export const linesAt = (episode: Episode, step: number): number => toArray(episode.activations).reduce((sum, activation) => sum + (activation.step === step ? activation.entry.lines.length : 0), 0);

/** A row of the zipper, with where it came from. */
export interface ZipperLine extends ZipperRow {
  readonly step: number;
  readonly replaying: boolean;
  readonly key: string;
  /** The recorded event whose result let the code go past this command; undefined while it has none. */
  readonly resolvedBy?: number | undefined;
  /** The event that a new command has become; undefined while it is on its way. */
  readonly became?: HistoryEvent | undefined;
}

/**
 * The rows since the code was loaded, the last `limit` of them, how many there are, and why the last one failed if it did. `shown`
 * cuts the rows of this step to the lines that slow motion has reached.
 */
export function zipperOf(episode: Episode, run: RunView, step: number, shown: number | null, limit = Infinity): { readonly rows: readonly ZipperLine[]; readonly total: number; readonly matched: number; readonly failure: ActivationEntry['failure'] } {
  const begun = seen(episode, step, shown);
  const kept: { readonly index: number; readonly n: number; readonly row: ZipperRow }[] = [];
  const results = new Map<string, { readonly after: number; readonly eventId: number }[]>();
  for (const [index, { stamped: { entry }, lines, whole }] of begun.entries()) {
    for (const { position, eventId } of entry.resolved) {
      if (!position) continue;
      const list = results.get(lineKey(position));
      if (list) list.push({ after: index, eventId });
      else results.set(lineKey(position), [{ after: index, eventId }]);
    }
    const reached = whole ? null : new Set(lines.map(lineKey));
    for (const [n, row] of entry.rows.entries()) if (!reached || !row.position || reached.has(lineKey(row.position))) kept.push({ index, n, row });
  }
  const became = new Map<number, ReturnType<typeof becomeOf>>();
  const rows = kept.slice(Math.max(0, kept.length - limit)).map(({ index, n, row }): ZipperLine => {
    const { step: at, entry } = begun[index]!.stamped;
    const resolved = row.position ? results.get(lineKey(row.position))?.find((result) => result.after > index) : undefined;
    let events = became.get(index);
    if (!events) became.set(index, (events = becomeOf(run, entry)));
    // What ends the function has no line where nothing stands after the last `await`: it is the line that went on.
    const position = row.position ?? entry.resolved.at(-1)?.position ?? null;
    return { ...row, position, step: at, replaying: entry.replaying, key: `${index}.${n}`, resolvedBy: resolved?.eventId, became: events[n] };
  });
  const last = begun.at(-1);
  return { rows, total: kept.length, matched: kept.filter(({ row }) => row.match === 'matched').length, failure: last?.whole ? last.stamped.entry.failure : null };
}

/** By row of an activation: the event that its new command has become; undefined while it is on its way. */
function becomeOf(run: RunView, activation: ActivationEntry): readonly (HistoryEvent | undefined)[] {
  const events = commandEvents(run, activation);
  return activation.rows.map((row) => {
    const at = row.match === 'new' ? events.findIndex((event) => event.eventType === eventOfCommand(row.commandType)) : -1;
    return at < 0 ? undefined : events.splice(at, 1)[0];
  });
}

/** Events that the commands of an activation have become: those that name the Workflow Task's end, which follows its last event. */
function commandEvents(run: RunView, activation: ActivationEntry): HistoryEvent[] {
  const completed = String(activation.events.to + 1);
  const found: HistoryEvent[] = [];
  const { items, length } = run.history;
  for (let index = activation.events.to + 1; index < length; index += 1) {
    const { event } = items[index]!.entry;
    if (String(attributesOf(event)['workflowTaskCompletedEventId']) !== completed) break;
    found.push(event);
  }
  return found;
}

/** Which event a command becomes, both without their prefix. */
const EVENT_OF_COMMAND: Readonly<Record<string, string>> = {
  SCHEDULE_ACTIVITY_TASK: 'ACTIVITY_TASK_SCHEDULED',
  REQUEST_CANCEL_ACTIVITY_TASK: 'ACTIVITY_TASK_CANCEL_REQUESTED',
  START_TIMER: 'TIMER_STARTED',
  CANCEL_TIMER: 'TIMER_CANCELED',
  COMPLETE_WORKFLOW_EXECUTION: 'WORKFLOW_EXECUTION_COMPLETED',
  FAIL_WORKFLOW_EXECUTION: 'WORKFLOW_EXECUTION_FAILED',
  CANCEL_WORKFLOW_EXECUTION: 'WORKFLOW_EXECUTION_CANCELED',
  CONTINUE_AS_NEW_WORKFLOW_EXECUTION: 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW',
  RECORD_MARKER: 'MARKER_RECORDED',
  START_CHILD_WORKFLOW_EXECUTION: 'START_CHILD_WORKFLOW_EXECUTION_INITIATED',
  SIGNAL_EXTERNAL_WORKFLOW_EXECUTION: 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED',
  REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION: 'REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED',
  UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES',
  MODIFY_WORKFLOW_PROPERTIES: 'WORKFLOW_PROPERTIES_MODIFIED',
};

const eventOfCommand = (commandType: string): string => `EVENT_TYPE_${EVENT_OF_COMMAND[commandType.replace('COMMAND_TYPE_', '')] ?? ''}`;

/** The episode of a run in whichever worker has it now (the one that moved last if several do). */
export function episodeOfRun(frame: Frame, run: RunView | undefined): Episode | undefined {
  if (!run) return undefined;
  return Object.values(frame.processes)
    .map((process) => process.episodes[run.runId])
    .filter((episode) => episode !== undefined)
    .sort((a, b) => (lastOf(b.activations)?.step ?? 0) - (lastOf(a.activations)?.step ?? 0))[0];
}

/** The episode of an activation after which no worker kept the run: a failed Workflow Task is put out of the cache within its step. */
export function episodeOfActivation(model: TraceModel, branch: number, { step, entry: { runId } }: Stamped<ActivationEntry>): Episode | undefined {
  let frame = model.frameAt(branch, step - 1);
  let found: Episode | undefined;
  for (const stamped of model.entriesAt(branch, step)) {
    frame = reduceEntry(frame, stamped);
    found = episodeOfRun(frame, frame.runs[runId]) ?? found;
  }
  return found;
}

/** What replay did with the events of a run: `matched` with a command, `used` as a result, or in `mismatch`. By event id. */
export function replayedEvents(episode: Episode | undefined, step: number, shown: number | null): ReadonlyMap<string, 'matched' | 'used' | 'mismatch'> {
  const found = new Map<string, 'matched' | 'used' | 'mismatch'>();
  if (!episode?.replayed) return found;
  for (const { stamped: { entry }, lines, whole } of seen(episode, step, shown)) {
    for (const result of entry.resolved) if (entry.replaying || result.eventId <= entry.events.to) found.set(String(result.eventId), 'used');
    const reached = whole ? null : new Set(lines.map(lineKey));
    for (const row of entry.rows) if (row.event && (!reached || row.position === null || reached.has(lineKey(row.position)))) found.set(String(row.event.eventId), row.match === 'mismatch' ? 'mismatch' : 'matched');
  }
  return found;
}

/** Effects that happened more than once: entries of a ledger that say the same. By index in the list. */
export function doubledEffects(ledger: Appended<Stamped<{ readonly entry: Readonly<Record<string, unknown>> }>>): ReadonlySet<number> {
  const first = new Map<string, number>();
  const doubled = new Set<number>();
  for (const [index, stamped] of toArray(ledger).entries()) {
    const key = JSON.stringify(Object.entries(stamped.entry.entry).sort(([a], [b]) => (a < b ? -1 : 1)));
    if (first.has(key)) doubled.add(index).add(first.get(key)!);
    else first.set(key, index);
  }
  return doubled;
}

/** The worker that a key press is about: the running one that moved last, or for a restart the dead one. */
export function targetWorker(frame: Frame, want: 'alive' | 'dead'): ProcessView | undefined {
  const workers = Object.values(frame.processes).filter((process) => process.kind === 'worker');
  const alive = (process: ProcessView): boolean => process.state === 'running' || process.state === 'starting' || process.state === 'hung' || process.state === 'shuttingDown';
  const fitting = workers.filter((process) => alive(process) === (want === 'alive'));
  const moved = (process: ProcessView): number => Math.max(process.since.step, ...Object.values(process.episodes).map((episode) => lastOf(episode.activations)?.step ?? 0));
  return fitting.sort((a, b) => (want === 'alive' ? Object.keys(b.episodes).length - Object.keys(a.episodes).length : 0) || moved(b) - moved(a))[0];
}

/** When an external service that was taken down comes back; null where no outage lasts. Later outages only lengthen it, as in the engine. */
export function outageUntil(frame: Frame, service: string): number | null {
  let until = -Infinity;
  for (const { entry, at } of toArray(frame.faults)) if ('outage' in entry.fault && entry.fault.outage.service === service) until = Math.max(until, at + (readMs(entry.fault.outage.for) ?? 0));
  return until > frame.at ? until : null;
}
