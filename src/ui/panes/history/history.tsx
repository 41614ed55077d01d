import { eventName } from '../../../api/event-names.ts';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Check, Copy, Download, FileUp } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { HistoryEvent } from '../../../api/proto.ts';
import type { HistoryEntry } from '../../../trace/entries.ts';
import type { Stamped } from '../../../trace/model.ts';
import { toArray, type RunView } from '../../../trace/frame.ts';
import { EventIcon } from '../../kit/event-icon.tsx';
import { Breakable, Empty, IconButton, Segmented } from '../../kit/kit.tsx';
import { useFrame, useMovesOn, useRun, useViewer, useViewerState } from '../../viewer/context.tsx';
import { attributesOf, categoryOf, eventSubject, formatClock, groupOf, isWorkflowTask, outcomeOf, readableEvent, taskFailure } from '../../viewer/events.ts';
import { episodeOfRun, replayedEvents } from '../../viewer/selectors.ts';

type Mode = 'all' | 'compact' | 'json';

interface Row {
  readonly key: string;
  readonly ids: string;
  readonly event: HistoryEvent;
  readonly title: string;
  readonly subject: string;
  readonly step: number;
  readonly at: number;
  readonly open: boolean;
  readonly eventIds: readonly string[];
}

/** Event History: what is on disk. Runs can be chosen when there are several. */
export function EventHistory({ onImport }: { onImport?: () => void }) {
  const t = useTranslations('history');
  const frame = useFrame();
  const run = useRun();
  const viewer = useViewer();
  const [mode, setMode] = useState<Mode>('all');
  const runs = Object.values(frame.runs);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <h2 className="pane-title">
        <span className="min-w-0 truncate">{t('title')}</span> <span className="flex-1" />
        <Segmented
          label={t('mode')}
          value={mode}
          onChange={setMode}
          options={[
            { value: 'all', label: t('all') },
            { value: 'compact', label: t('compact') },
            { value: 'json', label: 'JSON' },
          ]}
        />
        {onImport && (
          <IconButton look="ghost" small label={t('import')} onClick={onImport}>
            <FileUp size={14} aria-hidden />
          </IconButton>
        )}
      </h2>
      {runs.length > 1 && (
        <label className="mx-3 mb-1.5 flex items-center gap-2 text-dim">
          {t('run')}
          <select className="min-w-0 flex-1 rounded-md border border-line bg-raised px-2 py-1 text-ink" value={run?.runId ?? ''} onChange={(change) => viewer.select({ selectedRun: change.target.value })}>
            {runs.map((one) => (
              <option key={one.runId} value={one.runId}>
                {one.workflowId} · {one.runId.slice(0, 8)} · {one.status}
              </option>
            ))}
          </select>
        </label>
      )}
      {!run || run.history.length === 0 ? <Empty>{t('empty')}</Empty> : mode === 'json' ? <Json run={run} /> : <Rows run={run} mode={mode} />}
    </div>
  );
}

function Rows({ run, mode }: { run: RunView; mode: 'all' | 'compact' }) {
  const t = useTranslations('history');
  const frame = useFrame();
  const viewer = useViewer();
  const movesOn = useMovesOn();
  const selected = useViewerState((state) => state.selectedEvent);
  const rows = useMemo(() => (mode === 'all' ? allRows(run) : compactRows(run)), [run, mode]);
  const slowMotion = useViewerState((state) => state.slowMotion);
  const replayed = useMemo(() => replayedEvents(episodeOfRun(frame, run), frame.step, slowMotion), [frame, run, slowMotion]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => 27, overscan: 12, getItemKey: (index) => rows[index]!.key });
  useEffect(() => {
    if (rows.length > 0) virtual.scrollToIndex(rows.length - 1);
  }, [rows.length, virtual]);
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-auto" tabIndex={0} role="region" aria-label={t('region', { run: run.workflowId })}>
      <div role="table" aria-label={t('title')} aria-rowcount={rows.length} style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]!;
          const fresh = row.step === frame.step && movesOn;
          const states = row.eventIds.map((id) => replayed.get(id));
          const state = states.includes('mismatch') ? 'mismatch' : states.includes('matched') ? 'matched' : states.includes('used') ? 'used' : undefined;
          const failed = taskFailure(row.event);
          const isSelected = selected !== null && row.eventIds.includes(selected);
          return (
            <div
              key={row.key}
              ref={virtual.measureElement}
              data-index={item.index}
              role="row"
              aria-rowindex={item.index + 1}
              data-event={row.event.eventId}
              data-replay={state ?? 'none'}
              style={{ position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${item.start}px)` }}
            >
              <div role="cell">
                <button
                  type="button"
                  aria-expanded={isSelected}
                  onClick={() => viewer.select({ selectedEvent: isSelected ? null : (row.event.eventId ?? null) })}
                  className={`grid w-full cursor-pointer grid-cols-[2.4rem_1rem_1fr_auto] items-center gap-x-2 pr-3 pl-1 py-[0.22rem] text-left hover:bg-raised ${fresh ? 'arrive' : ''} ${row.step === frame.step ? 'bg-[color-mix(in_srgb,var(--run)_14%,transparent)]' : ''} ${isSelected ? 'bg-raised' : ''}`}
                >
                  <span className="tabular text-right text-dim">{row.ids}</span>
                  <EventIcon category={categoryOf(row.event)} task={isWorkflowTask(row.event)} outcome={outcomeOf(row.event)} open={row.open} />
                  <span className={isWorkflowTask(row.event) ? 'text-dim' : ''}>
                    <Breakable text={row.title} /> {row.subject !== '' && <b>{row.subject}</b>}
                    {state && (
                      <span className={`ml-1.5 whitespace-nowrap ${state === 'mismatch' ? 'text-fail' : 'text-done'}`}>
                        {state === 'mismatch' ? '✕' : <Check size={12} aria-hidden className="inline" />} {t(`replay.${state}`)}
                      </span>
                    )}
                  </span>
                  {failed && (
                    <span className="col-start-3 row-start-2 text-[0.86rem] text-fail">
                      {failed.message} {failed.place !== '' && <span className="mono">{failed.place}</span>}
                    </span>
                  )}
                  <span className="tabular col-start-4 row-start-1 text-[0.86rem] whitespace-nowrap text-dim">{formatClock(row.at - frame.startedAt)}</span>
                </button>
                {isSelected && <Details event={row.event} onStep={() => viewer.goTo(row.step)} step={row.step} />}
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Details({ event, onStep, step }: { event: HistoryEvent; onStep: () => void; step: number }) {
  const t = useTranslations('history');
  const attributes = Object.entries(attributesOf(readableEvent(event) as HistoryEvent));
  return (
    <div className="mx-3 my-1 rounded-lg border border-line bg-raised p-2.5">
      <dl className="m-0 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-[0.9rem]">
        {attributes.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-dim">{name}</dt>
            <dd className="mono m-0 break-all">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
      <button type="button" className="btn btn-small mt-2" onClick={onStep}>
        {t('toStep', { step })}
      </button>
    </div>
  );
}

function Json({ run }: { run: RunView }) {
  const t = useTranslations('history');
  const [decoded, setDecoded] = useState(true);
  const text = useMemo(() => {
    const events = toArray(run.history).map((stamped) => stamped.entry.event);
    return JSON.stringify(decoded ? events.map(readableEvent) : { events }, null, 2);
  }, [run, decoded]);
  const download = (): void => {
    const raw = JSON.stringify({ events: toArray(run.history).map((stamped) => stamped.entry.event) }, null, 2);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([raw], { type: 'application/json' }));
    link.download = `${run.workflowId}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-1 px-3 pb-1">
        <label className="flex cursor-pointer items-center gap-1.5 text-dim">
          <input type="checkbox" checked={decoded} onChange={(change) => setDecoded(change.target.checked)} /> {t('decode')}
        </label>
        <span className="flex-1" />
        <IconButton look="ghost" small label={t('copy')} onClick={() => void navigator.clipboard?.writeText(text)}>
          <Copy size={14} aria-hidden />
        </IconButton>
        <IconButton look="ghost" small label={t('download')} onClick={download}>
          <Download size={14} aria-hidden />
        </IconButton>
      </div>
      <pre className="m-0 min-h-0 flex-1 overflow-auto px-3 pb-3 text-[0.86rem] leading-relaxed" tabIndex={0} aria-label="JSON">
        {text.length > 200_000 ? `${text.slice(0, 200_000)}\n…` : text}
      </pre>
    </div>
  );
}

/** Rows that have been made, by what they show: an event once written stays as it is, and a step on adds a few to ten thousand. */
const known = new WeakMap<Stamped<HistoryEntry>, Row>();

/** Every event on its own row. */
function allRows(run: RunView): readonly Row[] {
  const history = toArray(run.history);
  const byId = (id: string): HistoryEvent | undefined => history[Number(id) - 1]?.entry.event;
  return history.map((stamped) => {
    let row = known.get(stamped);
    if (row) return row;
    const { event } = stamped.entry;
    row = { key: event.eventId ?? '', ids: event.eventId ?? '', event, title: eventName(event.eventType), subject: eventSubject(event, byId), step: stamped.step, at: eventTime(event, stamped.at), open: /ACTIVITY_TASK_SCHEDULED|TIMER_STARTED|INITIATED$/.test(event.eventType ?? ''), eventIds: [event.eventId ?? ''] };
    known.set(stamped, row);
    return row;
  });
}

/** The same for groups, by their first event. */
const knownGroups = new WeakMap<Stamped<HistoryEntry>, { readonly last: Stamped<HistoryEntry>; readonly row: Row }>();

/** One row for all events of a group: an activity, a timer, a Workflow Task, as in Temporal's Compact view. */
function compactRows(run: RunView): readonly Row[] {
  const history = toArray(run.history);
  const byId = (id: string): HistoryEvent | undefined => history[Number(id) - 1]?.entry.event;
  const groups = new Map<string, [Stamped<HistoryEntry>, ...Stamped<HistoryEntry>[]]>();
  for (const stamped of history) {
    const name = groupOf(stamped.entry.event);
    const group = groups.get(name);
    if (group) group.push(stamped);
    else groups.set(name, [stamped]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    const last = group.at(-1)!;
    const made = knownGroups.get(first);
    if (made?.last === last) return made.row; // nothing has been added to it
    const { event } = last.entry;
    const ids = group.map((stamped) => stamped.entry.event.eventId ?? '');
    const task = isWorkflowTask(event);
    const worker = group.map((stamped) => attributesOf(stamped.entry.event)['identity']).find((identity) => typeof identity === 'string');
    const row: Row = {
      key: ids[0]!,
      ids: ids.length > 1 ? `${ids[0]}–${ids.at(-1)}` : ids[0]!,
      event,
      title: task ? 'Workflow Task' : group.length > 1 ? eventName(first.entry.event.eventType).replace(/(Task)?(Scheduled|Started|Initiated)$/, '') : eventName(event.eventType),
      subject: task ? (typeof worker === 'string' ? `· ${worker}` : '') : eventSubject(first.entry.event, byId),
      step: last.step,
      at: eventTime(event, last.at),
      open: outcomeOf(event) === undefined && group.length === 1 && /SCHEDULED|INITIATED|TIMER_STARTED/.test(event.eventType ?? ''),
      eventIds: ids,
    };
    knownGroups.set(first, { last, row });
    return row;
  });
}

/** The event's own time, which may lie before the step that wrote it (ActivityTaskStarted). */
const eventTime = (event: HistoryEvent, fallback: number): number => {
  const parsed = Date.parse(event.eventTime ?? '');
  return Number.isNaN(parsed) ? fallback : parsed;
};
