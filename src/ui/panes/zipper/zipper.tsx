import { ArrowRight, ArrowUpRight, Check, Play, X } from 'lucide-react';
import { Fragment, useEffect } from 'react';
import { useTranslations } from 'use-intl';
import { Button, Empty } from '../../kit/kit.tsx';
import { useFrame, useMovesOn, useRun, useViewer, useViewerState } from '../../viewer/context.tsx';
import { episodeOfRun, linesAt, zipperOf, type ZipperLine } from '../../viewer/selectors.ts';

/**
 * The replay zipper: code line, the command it makes, what history says. A match closes with a tick and is not sent; below the
 * "live from here" rule commands are new.
 */
export function Zipper({ sources }: { sources: Readonly<Record<string, string>> }) {
  const t = useTranslations('zipper');
  const frame = useFrame();
  const run = useRun();
  const movesOn = useMovesOn();
  const viewer = useViewer();
  const slow = useViewerState((state) => state.slowMotion);
  const episode = episodeOfRun(frame, run);
  const total = episode ? linesAt(episode, frame.step) : 0;
  const replayNow = episode !== undefined && episode.activations.items.slice(0, episode.activations.length).some((activation) => activation.step === frame.step && activation.entry.replaying);

  useEffect(() => {
    if (slow === null) return;
    const timer = setTimeout(() => viewer.select({ slowMotion: slow + 1 >= total ? null : slow + 1 }), 700);
    return () => clearTimeout(timer);
  }, [slow, total, viewer]);

  if (!episode) return <Empty>{run && run.lastActivation ? t('unloaded') : t('empty')}</Empty>;
  const { rows, failure } = zipperOf(episode);
  const firstNew = rows.findIndex((row) => row.match === 'new');
  const matched = rows.filter((row) => row.match === 'matched').length;
  const visibleRows = slow === null ? rows : rows.slice(0, Math.max(0, Math.ceil((rows.length * slow) / Math.max(1, total))));
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto" tabIndex={0} role="region" aria-label={t('title')} data-testid="zipper">
      <div className="flex flex-wrap items-center gap-2 px-4 pt-3 pb-1">
        <p className="m-0 flex-1 text-[1.02rem]">
          {episode.replayed
            ? t.rich('replayed', { worker: episode.process, n: matched, b: (chunks) => <b className="text-done">{chunks}</b> })
            : t.rich('live', { worker: episode.process, b: (chunks) => <b>{chunks}</b> })}
        </p>
        {replayNow && total > 1 && (
          <Button small onClick={() => viewer.select({ slowMotion: slow === null ? 1 : null })}>
            <Play size={13} aria-hidden /> {slow === null ? t('slowMotion') : t('stopSlowMotion')}
          </Button>
        )}
      </div>
      <div role="table" aria-label={t('title')} className="grid grid-cols-[minmax(0,1fr)_1.3rem_minmax(0,1.15fr)_1.3rem_minmax(0,1.1fr)] items-stretch gap-x-1 gap-y-1.5 px-4 py-2">
        <div role="row" className="contents text-[0.88rem] text-dim">
          <span role="columnheader" className="self-end">
            {episode.replayed ? t('codeAgain') : t('code')}
          </span>
          <span role="presentation" />
          <span role="columnheader" className="self-end">
            {t('command')}
          </span>
          <span role="presentation" />
          <span role="columnheader" className="self-end">
            {t('event')}
          </span>
        </div>
        {visibleRows.map((row, index) => (
          <Row key={row.key} row={row} index={index} code={lineOf(sources, row)} arrives={movesOn && row.step === frame.step && slow === null} rule={episode.replayed && index === firstNew} />
        ))}
      </div>
      {episode.replayed && firstNew === -1 && !failure && slow === null && <Rule text={t('liveFromHere')} />}
      {failure && (
        <div role="alert" className="mx-4 my-2 rounded-xl border border-fail bg-hot px-3 py-2">
          <p className="m-0 font-semibold text-fail">{failure.kind === 'nondeterminism' ? t('nondeterminism') : t('taskFailed')}</p>
          <p className="mono m-0 mt-1 text-[0.9rem]">{failure.message}</p>
          {failure.position && (
            <p className="mono m-0 mt-1 text-[0.9rem] text-dim">
              {failure.position.file}:{failure.position.line}
            </p>
          )}
        </div>
      )}
      <Counters />
    </div>
  );
}

function Row({ row, index, code, arrives, rule }: { row: ZipperLine; index: number; code: string; arrives: boolean; rule: boolean }) {
  const t = useTranslations('zipper');
  const cell = `mono flex min-h-9 items-center rounded-lg border px-2 py-1 text-[0.86rem] leading-snug [overflow-wrap:anywhere] ${arrives ? 'stagger' : ''}`;
  const tone = row.match === 'matched' ? 'text-done' : row.match === 'mismatch' ? 'text-fail' : 'text-run';
  const border = row.match === 'mismatch' ? 'border-fail bg-hot' : 'border-line bg-raised';
  const style = { '--i': index } as React.CSSProperties;
  return (
    <>
      {rule && <Rule text={t('liveFromHere')} />}
      <div role="row" className="contents" data-match={row.match}>
        <span role="cell" className={`${cell} ${border}`} style={style}>
          <span>
            {row.position && <span className="mr-1.5 text-dim">{row.position.line}</span>}
            {code}
          </span>
        </span>
        <span role="presentation" className={`self-center text-center ${tone}`}>
          <ArrowRight size={14} aria-hidden className="inline" />
        </span>
        <span role="cell" className={`${cell} ${border}`} style={style}>
          <span>
            <Breakable text={row.command} />
            {row.match === 'matched' && <span className="mt-0.5 block font-sans text-[0.95em] text-dim">{t('notSent')}</span>}
            {row.match === 'new' && <span className="mt-0.5 block font-sans text-[0.95em] text-run">{t('sent')}</span>}
          </span>
        </span>
        <span role="presentation" className={`self-center text-center ${tone}`}>
          {row.match === 'matched' ? <Check size={15} strokeWidth={3} aria-label={t('matched')} className={`inline ${arrives ? 'stagger' : ''}`} style={style} /> : row.match === 'mismatch' ? <X size={15} strokeWidth={3} aria-label={t('mismatch')} className="inline" /> : <ArrowUpRight size={15} aria-label={t('new')} className="inline" />}
        </span>
        <span role="cell" className={`${cell} ${row.event ? border : 'border-dashed border-line text-dim'}`} style={style}>
          {row.event ? (
            <span>
              #{row.event.eventId} <Breakable text={row.event.eventType} /> {row.event.summary}
              {row.match === 'matched' && row.resolvedBy !== undefined && <span className="mt-0.5 block font-sans text-[0.95em] text-done">{t('resultFrom', { event: row.resolvedBy })}</span>}
            </span>
          ) : (
            t('noEvent')
          )}
        </span>
      </div>
    </>
  );
}

/** Long names may break between their words. */
function Breakable({ text }: { text: string }) {
  return text.split(/(?<=[a-z])(?=[A-Z])/).map((word, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {word}
    </Fragment>
  ));
}

function Rule({ text }: { text: string }) {
  return (
    <div role="row" className="col-span-5 mx-0 my-1 border-t border-dashed border-done pt-0.5 text-center text-[0.9rem] text-done">
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
          <li key={type} className="chip" data-calls={type}>
            <span className="mono text-ink">{type}</span> <b className="tabular text-ink">{n}×</b>
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
