import { eventName } from '../../api/event-names.ts';
import { useQuery } from '@tanstack/react-query';
import { Check, Database, Globe, HardDrive, MemoryStick, Pause, Play, RotateCcw, Server } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import recordingUrl from '../../../build/recordings/landing.json?url';
import type { TraceEntry } from '../../trace/entries.ts';
import { toArray, type Frame } from '../../trace/frame.ts';
import { TraceModel } from '../../trace/model.ts';
import { EventIcon } from '../kit/event-icon.tsx';
import { categoryOf, eventSubject, formatClock, isWorkflowTask, outcomeOf, resultText } from '../viewer/events.ts';
import { codeMarks, episodeOfRun, linesAt, replayedEvents, type Mark } from '../viewer/selectors.ts';

/** What `build-recordings.ts` writes. */
interface Recorded {
  readonly sources: Readonly<Record<string, string>>;
  readonly steps: readonly (readonly TraceEntry[])[];
}

type Caption = 'starts' | 'runs' | 'activity' | 'effect' | 'waits' | 'killed' | 'fired' | 'restarted' | 'replay' | 'goesOn' | 'completed';

/** A picture of the film: a step, how many lines of its replay are shown, and what is said about it. */
interface Scene {
  readonly step: number;
  /** Lines of a replay that are shown; null when all are. */
  readonly shown: number | null;
  readonly caption: Caption;
  /** How long it stays, in ms. */
  readonly dwell: number;
}

const BRANCH = 0;

/**
 * The moving picture of the landing page: a run that the engine made when this site was built, played from its trace. A worker is
 * killed, its memory is gone, the history stays, the worker comes back and replays.
 */
export function Recording() {
  const t = useTranslations('landing');
  const { data } = useQuery({ queryKey: ['recording'], queryFn: async () => (await (await fetch(recordingUrl)).json()) as Recorded });
  return (
    <section className="film" aria-label={t('picture')}>
      {data && <Film recorded={data} />}
    </section>
  );
}

function Film({ recorded }: { recorded: Recorded }) {
  const t = useTranslations('landing');
  const { model, scenes } = useMemo(() => cut(recorded), [recorded]);
  const calm = useMemo(() => matchMedia('(prefers-reduced-motion: reduce)').matches, []);
  // The still shows the heart of it: the replay.
  const [at, setAt] = useState(() => (calm ? Math.max(0, scenes.findLastIndex((scene) => scene.caption === 'replay')) : 0));
  const [plays, setPlays] = useState(!calm);
  const last = at + 1 >= scenes.length;
  useEffect(() => {
    if (!plays) return;
    const timer = setTimeout(() => setAt((now) => (now + 1) % scenes.length), scenes[at]?.dwell ?? 1_000);
    return () => clearTimeout(timer);
  }, [plays, at, scenes]);
  const scene = scenes[at];
  if (!scene) return null;
  const frame = model.frameAt(BRANCH, scene.step);
  return (
    <>
      <header className="flex items-center gap-2 border-b border-line px-3 py-2 text-dim">
        <span className="min-w-0 flex-1 truncate">{t('recorded')}</span>
        <span className="mono tabular text-ink">{formatClock(frame.at - frame.startedAt)}</span>
        <button type="button" className="btn btn-small" onClick={() => setPlays(!plays)} data-testid="film-play">
          {plays ? <Pause size={13} aria-hidden /> : last ? <RotateCcw size={13} aria-hidden /> : <Play size={13} aria-hidden />} {plays ? t('pause') : t('play')}
        </button>
      </header>
      <div className="film-stage" aria-hidden data-step={scene.step}>
        <Left frame={frame} scene={scene} source={recorded.sources['workflows.ts'] ?? ''} />
        <div className={`film-wall ${workerOf(frame)?.state === 'killed' ? 'film-wall-dead' : ''}`}>
          <span>{t('memory')}</span>
          <span className="text-done">{t('disk')}</span>
        </div>
        <Right frame={frame} scene={scene} />
      </div>
      <p className="film-caption" data-caption={scene.caption} key={scene.caption}>
        {t(`film.${scene.caption}`, { n: runIn(frame)?.history.length ?? 0 })}
      </p>
      <div className="film-progress" aria-hidden>
        {scenes.map((one, index) => (
          <i key={index} className={index > at ? '' : one.caption === 'killed' ? 'bg-fail' : one.caption === 'replay' ? 'bg-done' : 'bg-edge'} />
        ))}
      </div>
    </>
  );
}

const workerOf = (frame: Frame) => Object.values(frame.processes).find((process) => process.kind === 'worker');
const runIn = (frame: Frame) => Object.values(frame.runs)[0];

/** What dies: the worker with its code, and below it the world outside with what really happened there. */
function Left({ frame, scene, source }: { frame: Frame; scene: Scene; source: string }) {
  const t = useTranslations('landing');
  const worker = workerOf(frame);
  const run = runIn(frame);
  const killed = worker?.state === 'killed';
  const episode = killed ? undefined : episodeOfRun(frame, run);
  const marks = new Map((episode ? codeMarks(episode, undefined, scene.step, scene.shown) : []).map((mark) => [mark.position.line, mark]));
  const lines = source.split('\n');
  const first = Math.max(0, lines.findIndex((line) => line.startsWith('export async function')));
  const calls = Object.entries(frame.activityCalls);
  return (
    <div className="flex min-w-0 flex-col gap-2 p-3">
      <div className={`film-process ${killed ? 'film-dead' : ''}`} key={`${worker?.state ?? ''}${worker?.incarnation ?? 0}`}>
        <p className="m-0 flex items-center gap-1.5 px-2.5 py-1.5">
          <span className={`size-2 rounded-full ${killed ? 'bg-fail' : 'bg-done'}`} />
          <Server size={13} className="text-dim" /> <b>worker-1</b>
          <span className={`ml-auto ${killed ? 'text-fail' : 'text-dim'}`}>{killed ? t('dead') : (worker?.incarnation ?? 1) > 1 ? t('again') : t('running')}</span>
        </p>
        <ol className={`mono m-0 list-none border-t border-dashed border-line p-0 py-1 ${killed ? 'film-gone' : ''}`}>
          {lines
            .slice(first)
            .filter((line) => line.trim() !== '' && !/log\.info/.test(line))
            .map((line) => (
              <CodeLine key={line} line={line} mark={marks.get(lines.indexOf(line) + 1)} frame={frame} />
            ))}
        </ol>
        {killed && (
          <p className="film-void m-0">
            <MemoryStick size={16} /> {t('gone')}
          </p>
        )}
      </div>
      <div className="mt-auto rounded-[10px] border border-dashed border-edge bg-panel px-2.5 py-2">
        <p className="m-0 flex items-center gap-1.5 font-semibold">
          <Globe size={13} className="text-dim" /> {t('world')}
        </p>
        {calls.length === 0 && <p className="m-0 text-dim">{t('noCalls')}</p>}
        <ul className="m-0 flex list-none flex-col gap-0.5 p-0 pt-1">
          {calls.map(([type, n]) => (
            <li key={type} className="arrive flex items-baseline gap-2">
              <span className="mono text-[0.9rem]">{type}</span>
              <b className="tabular">{n}×</b>
              <span className="mono min-w-0 truncate text-[0.86rem] text-dim">{effectOf(frame, type)}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** What the nth kind of call left in the outside world: ledgers have one line a call, in the order of the calls. */
function effectOf(frame: Frame, activity: string): string {
  const index = Object.keys(frame.activityCalls).indexOf(activity);
  const lines = Object.values(frame.services).flatMap((service) => toArray(service.ledger)).sort((a, b) => a.step - b.step);
  const entry = lines[index]?.entry.entry;
  const [what, value] = Object.entries(entry ?? {})[0] ?? [];
  return what === undefined ? '' : `${what}: ${String(value)}`;
}

function CodeLine({ line, mark, frame }: { line: string; mark: Mark | undefined; frame: Frame }) {
  const value = mark?.resultOf === undefined ? undefined : resultText(runIn(frame)?.history.items[mark.resultOf - 1]?.entry.event);
  const text = line.replace(/: Promise<string>/, '').replace(/;$/, '');
  return (
    <li className="film-line" data-kind={mark?.kind}>
      <span className="grid place-items-center">{mark?.kind === 'replayed' ? '↺' : mark?.kind === 'waiting' ? <Pause size={11} strokeWidth={4} className="text-run" /> : mark?.kind === 'executing' ? <Play size={11} fill="currentColor" className="text-timer" /> : null}</span>
      <span className="truncate whitespace-pre">{text}</span>
      {value !== undefined && <span className="film-value arrive">{value}</span>}
      {value === undefined && mark?.matched && <Check size={12} strokeWidth={3} className="tick mr-2 self-center text-done" />}
    </li>
  );
}

/** What remains: the newest events, ticked off while the replay meets them. */
function Right({ frame, scene }: { frame: Frame; scene: Scene }) {
  const t = useTranslations('landing');
  const run = runIn(frame);
  const history = run ? toArray(run.history) : [];
  const replayed = replayedEvents(episodeOfRun(frame, run), scene.step, scene.shown);
  const important = history.filter(({ entry }) => !isWorkflowTask(entry.event));
  const tasks = history.length - important.length;
  return (
    <div className="flex min-w-0 flex-col bg-panel p-3">
      <p className="m-0 mb-1.5 flex items-center gap-1.5 font-semibold">
        <Database size={13} className="text-done" /> {t('history')}
        <span className="ml-auto font-normal text-dim">{t('remains')}</span>
      </p>
      <ol className="m-0 flex list-none flex-col gap-[0.28rem] p-0">
        {important.slice(-12).map(({ entry: { event }, step }) => {
          const state = replayed.get(event.eventId ?? '');
          return (
            <li key={event.eventId} className={`flex items-center gap-1.5 ${step === scene.step ? 'arrive' : ''}`}>
              <span className="tabular w-6 shrink-0 text-right whitespace-nowrap text-dim">{event.eventId}</span>
              <EventIcon category={categoryOf(event)} outcome={outcomeOf(event)} size={13} />
              <span className="min-w-0 truncate">
                {eventName(event.eventType).replace('WorkflowExecution', 'Workflow').replace('ActivityTask', 'Activity')} <b>{eventSubject(event, (id) => history[Number(id) - 1]?.entry.event)}</b>
              </span>
              {state && <Check size={13} strokeWidth={3} className="tick ml-auto shrink-0 text-done" />}
            </li>
          );
        })}
      </ol>
      <p className="mt-auto mb-0 flex items-center gap-1.5 pt-2 text-dim">
        <HardDrive size={13} /> {t('tasks', { n: tasks })}
      </p>
    </div>
  );
}

/** Chooses the pictures: steps in which something to be seen changes, the replay line by line. All of it is read from the trace. */
function cut({ steps }: Recorded): { readonly model: TraceModel; readonly scenes: readonly Scene[] } {
  const model = new TraceModel();
  model.setBranch({ id: BRANCH, parent: null, forkStep: 0, label: '', ended: 'idle' });
  const scenes: Scene[] = [];
  for (const [index, entries] of steps.entries()) {
    model.append(BRANCH, index, entries);
    const step = index + 1;
    const frame = model.frameAt(BRANCH, step);
    const caption = captionOf(entries, frame);
    if (caption === undefined) continue;
    if (caption === 'replay') {
      const episode = episodeOfRun(frame, runIn(frame));
      const lines = episode ? linesAt(episode, step) : 0;
      for (let shown = 1; shown < lines; shown += 1) scenes.push({ step, shown, caption, dwell: 850 });
      scenes.push({ step, shown: null, caption, dwell: 3_200 });
    } else scenes.push({ step, shown: null, caption, dwell: DWELL[caption] });
    if (caption === 'completed') break;
  }
  return { model, scenes };
}

const DWELL: Readonly<Record<Caption, number>> = { starts: 1_400, runs: 1_500, activity: 1_200, effect: 1_200, waits: 2_000, killed: 3_200, fired: 2_600, restarted: 2_200, replay: 850, goesOn: 1_300, completed: 4_500 };

function captionOf(entries: readonly TraceEntry[], frame: Frame): Caption | undefined {
  const has = (test: (entry: TraceEntry) => boolean): boolean => entries.some(test);
  const run = runIn(frame);
  if (has((entry) => entry.type === 'process' && entry.kind === 'worker' && entry.state === 'killed')) return 'killed';
  if (has((entry) => entry.type === 'process' && entry.kind === 'worker' && entry.incarnation > 1)) return 'restarted';
  if (has((entry) => entry.type === 'activation' && entry.replaying)) return 'replay';
  if (run?.status === 'COMPLETED') return has((entry) => entry.type === 'run') ? 'completed' : undefined;
  if (has((entry) => entry.type === 'history' && entry.event.eventType === 'EVENT_TYPE_TIMER_FIRED')) return 'fired';
  const again = (workerOf(frame)?.incarnation ?? 1) > 1;
  if (has((entry) => entry.type === 'run')) return 'starts';
  if (has((entry) => entry.type === 'ledger')) return again ? 'goesOn' : 'effect';
  if (has((entry) => entry.type === 'activityExecution' && entry.phase === 'started')) return again ? 'goesOn' : 'activity';
  if (has((entry) => entry.type === 'activation')) return again ? 'goesOn' : Object.keys(frame.activityCalls).length > 0 ? 'waits' : 'runs';
  return undefined;
}
