import { eventName } from '../../../api/event-names.ts';
import { ArrowRight, ArrowUpRight, Check, HardDrive, MemoryStick, Play, X } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { toArray } from '../../../trace/frame.ts';
import { Breakable, Button } from '../../kit/kit.tsx';
import { useFrame, useMovesOn, useRun, useViewer, useViewerState } from '../../viewer/context.tsx';

import { episodeOfActivation, episodeOfRun, linesAt, zipperOf, type ZipperLine } from '../../viewer/selectors.ts';

/**
 * The replay zipper: code line, the command it makes, what history says. A match closes with a tick and is not sent; below the
 * "live from here" rule commands are new. When no worker has the workflow in memory, the last picture stays, faded: what was in
 * memory is gone, what is in history is not.
 */
export function Zipper({ sources }: { sources: Readonly<Record<string, string>> }) {
  const t = useTranslations('zipper');
  const frame = useFrame();
  const run = useRun();
  const movesOn = useMovesOn();
  const viewer = useViewer();
  const model = useViewerState((state) => state.model);
  const branch = useViewerState((state) => state.branch);
  const slow = useViewerState((state) => state.slowMotion);
  const current = episodeOfRun(frame, run);
  const last = run?.lastActivation ?? null;
  const past = useMemo(() => {
    if (current || !last) return undefined;
    return episodeOfActivation(model, branch, last);
  }, [current, last, model, branch]);
  const episode = current ?? past;
  if (!episode || !run) return <Schema />;
  const gone = current === undefined;
  const lost = gone && run.status === 'RUNNING';
  const step = gone ? last!.step : frame.step;
  const total = gone ? 0 : linesAt(episode, step);
  const replayNow = !gone && toArray(episode.activations).some((activation) => activation.step === step && activation.entry.replaying);
  const { rows: shown, total: rows, matched, failure } = zipperOf(episode, run, step, gone ? null : slow, LIMIT);
  const firstNew = shown.find((row) => row.match === 'new');
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto" tabIndex={0} role="region" aria-label={t('title')} data-testid="zipper" data-gone={gone}>
      <div className="flex flex-wrap items-center gap-2 px-4 pt-3 pb-1">
        <p className="m-0 min-w-[12rem] flex-1 text-[1.02rem]">
          {gone
            ? t.rich(run.status === 'RUNNING' ? 'gone' : 'over', { worker: episode.process, b: (chunks) => <b className={run.status === 'RUNNING' ? 'text-fail' : ''}>{chunks}</b> })
            : failure?.kind === 'nondeterminism'
              ? t.rich('disagrees', { worker: episode.process, n: matched, b: (chunks) => <b className="text-fail">{chunks}</b> })
              : episode.replayed
              ? t.rich('replayed', { worker: episode.process, n: matched, b: (chunks) => <b className="text-done">{chunks}</b> })
              : t.rich('live', { worker: episode.process, b: (chunks) => <b>{chunks}</b> })}
        </p>
        {replayNow && total > 1 && (
          <Button small onClick={() => viewer.select({ slowMotion: slow === null ? 1 : null })}>
            <Play size={13} aria-hidden /> {slow === null ? t('slowMotion') : t('stopSlowMotion')}
          </Button>
        )}
      </div>
      {shown.length < rows && <p className="m-0 px-4 text-dim">{t('earlier', { n: rows - shown.length })}</p>}
      <div className="zip-room shrink-0">
      <div role="table" aria-label={t('title')} className="zip grid items-stretch gap-x-1 gap-y-1.5 px-4 py-2">
        <div role="row" className="contents text-[0.88rem] text-dim">
          <ColumnHead memory gone={lost} text={episode.replayed ? t('codeAgain') : t('code')} />
          <span role="presentation" />
          <ColumnHead memory gone={lost} text={t('command')} />
          <span role="columnheader">
            <span className="sr-only">{t('comparison')}</span>
          </span>
          <ColumnHead memory={false} gone={false} text={t('event')} />
        </div>
        {shown.map((row, index) => (
          <Row key={row.key} row={row} gone={gone} lost={lost} code={lineOf(sources, row)} arrives={movesOn && !gone && row.step === step && (slow === null || index === shown.length - 1)} rule={episode.replayed && row === firstNew} />
        ))}
      </div>
      </div>
      {episode.replayed && firstNew === undefined && !failure && slow === null && !gone && <Rule text={t('liveFromHere')} />}
      {failure && (
        <div role="alert" className="mx-4 my-2 rounded-xl border border-fail bg-hot px-3 py-2">
          <p className="m-0 font-semibold text-fail">{failure.kind === 'nondeterminism' ? t('nondeterminism') : t('taskFailed')}</p>
          <p className="mono m-0 mt-1 text-[0.9rem]">{failure.message}</p>
          {failure.position && (
            <p className="mono m-0 mt-1 text-[0.9rem] text-dim">
              {failure.position.file}:{failure.position.line}
            </p>
          )}
          {run?.status === 'RUNNING' && <p className="m-0 mt-1">{t('taskRetried', { kind: failure.kind })}</p>}
        </div>
      )}
      <Counters />
    </div>
  );
}

/** More rows than this are not read by anybody; the last ones are what the moment is about. */
const LIMIT = 120;

function ColumnHead({ memory, gone, text }: { memory: boolean; gone: boolean; text: string }) {
  const Icon = memory ? MemoryStick : HardDrive;
  return (
    <span role="columnheader" className={`flex items-end gap-1 self-end leading-tight ${memory && gone ? 'line-through decoration-fail' : ''}`}>
      <Icon size={12} aria-hidden className={`mb-0.5 shrink-0 ${memory ? (gone ? 'text-fail' : '') : 'text-done'}`} />
      {text}
    </span>
  );
}

/** Before any code has run: what will be seen here. */
function Schema() {
  const t = useTranslations('zipper');
  const part = (memory: boolean, head: string, example: string) => (
    <div className="flex flex-col gap-2">
      <span>
        <ColumnHead memory={memory} gone={false} text={head} />
      </span>
      <span className={`mono rounded-lg border px-1.5 py-2 text-[0.8rem] text-dim ${memory ? 'border-dashed border-edge' : 'border-line bg-raised'}`}>{example}</span>
    </div>
  );
  return (
    <div className="flex flex-col gap-4 px-4 py-4 text-dim" data-testid="zipper-empty">
      <p className="m-0 text-[1.02rem] text-ink">{t('empty')}</p>
      <div className="grid grid-cols-[auto_1rem_auto_1rem_auto] items-end gap-1 text-[0.9rem]" aria-hidden>
        {part(true, t('code'), 'await …')}
        <ArrowRight size={14} className="mb-2.5" />
        {part(true, t('command'), 'Schedule…')}
        <ArrowRight size={14} className="mb-2.5" />
        {part(false, t('event'), '#5 …')}
      </div>
      <p className="m-0">{t('schema')}</p>
    </div>
  );
}

function Row({ row, code, gone, lost, arrives, rule }: { row: ZipperLine; code: string; gone: boolean; lost: boolean; arrives: boolean; rule: boolean }) {
  const t = useTranslations('zipper');
  const cell = `mono flex min-h-9 items-center rounded-lg border px-2 py-1 text-[0.86rem] leading-snug [overflow-wrap:anywhere] ${arrives ? 'stagger' : ''}`;
  const tone = row.match === 'matched' ? 'text-done' : row.match === 'mismatch' ? 'text-fail' : 'text-run';
  const border = row.match === 'mismatch' ? 'border-fail bg-hot' : row.match === 'matched' ? 'border-[color-mix(in_srgb,var(--done)_45%,var(--line))] bg-raised' : 'border-line bg-raised';
  const memory = gone ? `border-dashed bg-transparent text-dim ${lost ? 'border-hot-line' : 'border-line'}` : border;
  const style = { '--i': 0 } as React.CSSProperties;
  const became = row.became;
  return (
    <>
      {rule && <Rule text={t('liveFromHere')} />}
      <div role="row" className="contents" data-match={row.match}>
        <span role="cell" className={`${cell} ${memory}`} style={style}>
          <span className={lost ? 'line-through decoration-fail/60' : ''}>
            {row.position && <span className="mr-1.5 text-dim">{row.position.line}</span>}
            {code}
          </span>
        </span>
        <span role="presentation" className={`self-center text-center ${gone ? 'text-dim' : tone}`}>
          <ArrowRight size={14} aria-hidden className="inline" />
        </span>
        <span role="cell" className={`${cell} ${memory}`} style={style}>
          <span>
            <Breakable text={row.command} />
            {row.match === 'matched' && (
              <span className="mt-0.5 block font-sans text-[0.95em] text-dim">
                <span aria-hidden>⊘ </span>
                {t('notSent')}
              </span>
            )}
            {row.match === 'new' && !gone && <span className="mt-0.5 block font-sans text-[0.95em] text-run">{t('sent')}</span>}
          </span>
        </span>
        <span role="cell" className={`self-center text-center ${tone}`}>
          {row.match === 'matched' ? <Check size={16} strokeWidth={3} aria-label={t('matched')} className={`inline ${arrives ? 'tick' : ''}`} /> : row.match === 'mismatch' ? <X size={15} strokeWidth={3} aria-label={t('mismatch')} className="inline" /> : <ArrowUpRight size={15} aria-label={t('new')} className="inline" />}
        </span>
        <span role="cell" className={`${cell} ${row.event || became ? border : 'border-dashed border-line text-dim'}`} style={style}>
          {row.event ? (
            <span>
              #{row.event.eventId} <Breakable text={row.event.summary.startsWith(row.event.eventType) ? row.event.summary : `${row.event.eventType} ${row.event.summary}`} />
              {row.match === 'matched' && row.resolvedBy !== undefined && <span className="mt-0.5 block font-sans text-[0.95em] text-done">{t('resultFrom', { event: row.resolvedBy })}</span>}
            </span>
          ) : became ? (
            <span>
              #{became.eventId} <Breakable text={eventName(became.eventType)} />
              <span className="mt-0.5 block font-sans text-[0.95em] text-dim">{t('became')}</span>
            </span>
          ) : (
            t('noEvent')
          )}
        </span>
      </div>
    </>
  );
}

function Rule({ text }: { text: string }) {
  return (
    <div role="row" className="col-span-full mx-0 my-1 border-t border-dashed border-done pt-0.5 text-center text-[0.9rem] text-done">
      <span role="cell">{text}</span>
    </div>
  );
}

/** How often each activity's body ran: replay must leave these alone. */
function Counters() {
  const t = useTranslations('zipper');
  const { activityCalls } = useFrame();
  const calls = Object.entries(activityCalls);
  if (calls.length === 0) return null;
  return (
    <div className="mt-auto border-t border-line px-4 py-3">
      <h3 className="m-0 mb-1.5 text-[0.92rem] font-semibold text-dim">{t('calls')}</h3>
      <ul className="m-0 flex list-none flex-wrap gap-2 p-0">
        {calls.map(([type, n]) => (
          <li key={type} className={`chip ${n > 1 ? '!border-warn' : ''}`} data-calls={type}>
            <span className="mono text-ink">{type}</span> <b className={`tabular text-[1.1em] ${n > 1 ? 'text-warn' : 'text-ink'}`}>{n}×</b>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The source of the row's line, without what only closes it. */
function lineOf(sources: Readonly<Record<string, string>>, row: ZipperLine): string {
  if (!row.position) return '';
  const text = (sources[row.position.file] ?? '').split('\n')[row.position.line - 1]?.trim() ?? '';
  return text.replace(/;$/, '');
}
