import type { CodePosition } from '../../api/sandbox.ts';
import type { ActivationEntry, ZipperRow } from '../../trace/entries.ts';
import { lastOf, toArray, type Appended, type Episode, type Frame, type ProcessView, type RunView } from '../../trace/frame.ts';
import type { Stamped } from '../../trace/model.ts';

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

/**
 * Marks for the lines of an episode at a step: what executes in this very step, where the code waits, and which lines ran (again)
 * before. `shown` cuts the lines of this step's activations, for slow motion.
 */
export function codeMarks(episode: Episode, step: number, shown: number | null): readonly Mark[] {
  const marks = new Map<string, Mark>();
  const put = (mark: Mark): void => void marks.set(`${mark.position.file}:${mark.position.line}`, mark);
  const activations = toArray(episode.activations);
  const events = eventIdsByLine(activations);
  const withEvent = (position: CodePosition): { eventId?: number | undefined; matched: boolean } => events.get(`${position.file}:${position.line}`) ?? { matched: false };
  let budget = shown ?? Infinity;
  let cut = false;
  let last: CodePosition | undefined;
  const results = new Map<string, number>();
  for (const activation of activations) {
    const now = activation.step === step;
    if (!now || budget > 0) for (const { position, eventId } of activation.entry.resolved) if (position) results.set(`${position.file}:${position.line}`, eventId);
    for (const position of activation.entry.lines) {
      if (now && budget <= 0) {
        cut = true;
        break;
      }
      if (now) budget -= 1;
      put({ position, kind: activation.entry.replaying ? 'replayed' : 'ran', ...withEvent(position) });
      if (now) last = position;
    }
    if (cut) break;
  }
  const latest = activations.at(-1);
  if (!latest) return [];
  if (cut && last) put({ position: last, kind: 'executing', ...withEvent(last) });
  else {
    for (const wait of latest.entry.waiting) put({ position: wait.position, kind: 'waiting', eventId: wait.eventId ?? withEvent(wait.position).eventId, matched: false });
    if (latest.entry.failure?.position) put({ position: latest.entry.failure.position, kind: 'error', matched: false });
    const end = latest.entry.lines.at(-1);
    if (latest.step === step && end && latest.entry.waiting.length === 0 && !latest.entry.failure) put({ position: end, kind: 'executing', ...withEvent(end) });
  }
  return [...marks].map(([line, mark]) => ({ ...mark, resultOf: mark.kind === 'waiting' ? undefined : results.get(line) }));
}

function eventIdsByLine(activations: readonly Stamped<ActivationEntry>[]): ReadonlyMap<string, { eventId: number; matched: boolean }> {
  const found = new Map<string, { eventId: number; matched: boolean }>();
  for (const { entry } of activations) {
    for (const row of entry.rows) if (row.position && row.event) found.set(`${row.position.file}:${row.position.line}`, { eventId: row.event.eventId, matched: row.match === 'matched' });
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
}

/** All rows since the code was loaded, and why the last one failed if it did. */
export function zipperOf(episode: Episode): { readonly rows: readonly ZipperLine[]; readonly failure: ActivationEntry['failure'] } {
  const activations = toArray(episode.activations);
  const rows: ZipperLine[] = [];
  for (const [index, activation] of activations.entries()) {
    for (const [n, row] of activation.entry.rows.entries()) {
      const resolved = activations
        .slice(index + 1)
        .flatMap((later) => later.entry.resolved)
        .find((result) => row.position && result.position?.line === row.position.line && result.position.file === row.position.file);
      rows.push({ ...row, step: activation.step, replaying: activation.entry.replaying, key: `${index}.${n}`, resolvedBy: resolved?.eventId });
    }
  }
  return { rows, failure: activations.at(-1)?.entry.failure ?? null };
}

/** The episode of a run in whichever worker has it now (the one that moved last if several do). */
export function episodeOfRun(frame: Frame, run: RunView | undefined): Episode | undefined {
  if (!run) return undefined;
  return Object.values(frame.processes)
    .map((process) => process.episodes[run.runId])
    .filter((episode) => episode !== undefined)
    .sort((a, b) => (lastOf(b.activations)?.step ?? 0) - (lastOf(a.activations)?.step ?? 0))[0];
}

/** What replay did with the events of a run: `matched` with a command, `used` as a result, or in `mismatch`. By event id. */
export function replayedEvents(episode: Episode | undefined): ReadonlyMap<string, 'matched' | 'used' | 'mismatch'> {
  const found = new Map<string, 'matched' | 'used' | 'mismatch'>();
  if (!episode?.replayed) return found;
  for (const { entry } of toArray(episode.activations)) {
    for (const result of entry.resolved) if (entry.replaying || result.eventId <= entry.events.to) found.set(String(result.eventId), 'used');
    for (const row of entry.rows) if (row.event) found.set(String(row.event.eventId), row.match === 'mismatch' ? 'mismatch' : 'matched');
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
