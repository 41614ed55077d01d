import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { TraceModel } from '../../../trace/model.ts';
import { Maximize2, ZoomIn, ZoomOut } from 'lucide-react';
import { Empty, Hint, IconButton, Segmented } from '../../kit/kit.tsx';
import { onRedraw } from '../../kit/canvas.ts';
import { useFrame, useRun, useViewer, useViewerState } from '../../viewer/context.tsx';
import { categoryColor, decimalSign, formatClock, formatSpan } from '../../viewer/events.ts';
import { timelineRows, timeScale, type BarStatus, type TimelineBar, type TimelineRow } from './rows.ts';

const ROW = 30;
const TOP = 24;
const MAX_ZOOM = 64;

/** The Timeline: one row a group of events, as in Temporal's Web UI, and what that leaves out: Workflow Tasks, attempts, workers. */
export default function Timeline() {
  const t = useTranslations('timeline');
  const frame = useFrame();
  const run = useRun();
  const model = useViewerState((state) => state.model);
  const version = useViewerState((state) => state.version);
  const branch = useViewerState((state) => state.branch);
  const [fold, setFold] = useState(true);
  const [webUi, setWebUi] = useState(false);
  const [mode, setMode] = useState<'picture' | 'table'>('picture');
  const [zoom, setZoom] = useState(1);
  const runId = run?.runId;
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- the model grows in place, its version says so
  const all = useMemo(() => timelineRows(model, branch, runId), [model, version, branch, runId]);
  const rows = useMemo(() => (webUi ? all.filter((row) => row.category !== 'workflow-task' && row.category !== 'attempts' && row.category !== 'process') : all), [all, webUi]);
  const visible = useMemo(() => rows.map((row) => ({ ...row, bars: row.bars.filter((bar) => bar.fromStep <= frame.step) })).filter((row) => row.bars.length > 0), [rows, frame.step]);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 text-dim">
        <label className="flex cursor-pointer items-center gap-1.5">
          <input type="checkbox" checked={fold} onChange={(change) => setFold(change.target.checked)} /> {t('hideIdle')}
        </label>
        <Hint text={t('webUiHint')}>
          <label className="flex cursor-pointer items-center gap-1.5">
            <input type="checkbox" checked={webUi} onChange={(change) => setWebUi(change.target.checked)} /> {t('webUi')}
          </label>
        </Hint>
        <span className="flex-1" />
        {mode === 'picture' && (
          <span className="flex" role="group" aria-label={t('zoom')}>
            <IconButton look="ghost" small label={t('zoomOut')} disabled={zoom <= 1} onClick={() => setZoom(Math.max(1, zoom / 2))}>
              <ZoomOut size={14} aria-hidden />
            </IconButton>
            <IconButton look="ghost" small label={t('zoomIn')} disabled={zoom >= MAX_ZOOM} onClick={() => setZoom(Math.min(MAX_ZOOM, zoom * 2))}>
              <ZoomIn size={14} aria-hidden />
            </IconButton>
            <IconButton look="ghost" small label={t('zoomFit')} disabled={zoom === 1} onClick={() => setZoom(1)}>
              <Maximize2 size={13} aria-hidden />
            </IconButton>
          </span>
        )}
        <Segmented
          label={t('title')}
          value={mode}
          onChange={setMode}
          options={[
            { value: 'picture', label: t('picture') },
            { value: 'table', label: t('table') },
          ]}
        />
      </div>
      {visible.length === 0 ? <Empty>{t('empty')}</Empty> : mode === 'table' ? <Table rows={visible} now={frame.step} startedAt={frame.startedAt} /> : <Picture rows={rows} fold={fold} zoom={zoom} onZoom={setZoom} />}
    </div>
  );
}

function Picture({ rows, fold, zoom, onZoom }: { rows: readonly TimelineRow[]; fold: boolean; zoom: number; onZoom: (change: (zoom: number) => number) => void }) {
  const t = useTranslations('timeline');
  const viewer = useViewer();
  const frame = useFrame();
  const model = useViewerState((state) => state.model);
  const branch = useViewerState((state) => state.branch);
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const head = model.head(branch);
  const end = model.stepInfo(branch, head)?.at ?? frame.at;
  const scale = useMemo(() => timeScale(rows, frame.startedAt, Number(end), fold), [rows, frame.startedAt, end, fold]);
  const labelWidth = 118;

  const draw = useRef(() => {});
  useEffect(() => {
    draw.current = () => {
      if (canvas.current && scroller.current) paint(canvas.current, scroller.current, { rows, scale, zoom, now: frame.at, step: frame.step, start: frame.startedAt, labelWidth, attempts: t('attempts') });
    };
    draw.current();
  }, [rows, scale, zoom, frame, t]);
  useEffect(() => {
    const box = scroller.current!;
    const again = (): void => draw.current();
    const stop = onRedraw(box, again);
    box.addEventListener('scroll', again);
    return () => {
      stop();
      box.removeEventListener('scroll', again);
    };
  }, []);

  // The cursor stays in sight, and what is under it stays where it is while zooming.
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const width = (box.clientWidth - labelWidth - 12) * zoom;
    const at = width * scale.at(frame.at);
    const room = box.clientWidth - labelWidth;
    if (at < box.scrollLeft + 12 || at > box.scrollLeft + room - 24) box.scrollLeft = at - room / 2;
  }, [zoom, scale, frame.at]);

  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    // Not passive, since Ctrl and the wheel would zoom the page.
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      onZoom((before) => Math.max(1, Math.min(MAX_ZOOM, before * (event.deltaY < 0 ? 1.25 : 0.8))));
    };
    box.addEventListener('wheel', wheel, { passive: false });
    return () => box.removeEventListener('wheel', wheel);
  }, [onZoom]);

  const click = (event: React.MouseEvent): void => {
    const box = scroller.current!;
    const bounds = box.getBoundingClientRect();
    const x = (event.clientX - bounds.left - labelWidth + box.scrollLeft) / ((box.clientWidth - labelWidth - 12) * zoom);
    const row = rows[Math.floor((event.clientY - bounds.top + box.scrollTop - TOP) / ROW)];
    const time = scale.inverse(Math.max(0, Math.min(1, x)));
    const bar = row?.bars.find((one) => one.from <= time && (one.to === null || one.to >= time));
    if (bar) viewer.goTo(Math.abs(time - bar.from) < Math.abs((bar.to ?? Infinity) - time) ? bar.fromStep : (bar.toStep ?? bar.fromStep));
    else viewer.goTo(stepAt(model, branch, time));
  };
  return (
    <div ref={scroller} className="relative min-h-0 flex-1 cursor-pointer overflow-auto" tabIndex={0} role="region" aria-label={t('title')} onClick={click}>
      <div style={{ height: TOP + rows.length * ROW + 12, width: `calc(${labelWidth + 12}px + (100% - ${labelWidth + 12}px) * ${zoom})` }} className="relative">
        <canvas ref={canvas} className="sticky top-0 left-0 block" aria-hidden />
      </div>
    </div>
  );
}

/** The last step at or before a time. */
function stepAt(model: TraceModel, branch: number, time: number): number {
  let low = 0;
  let high = model.head(branch);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (Number(model.stepInfo(branch, middle)?.at ?? 0) <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The same as a table, for those who read rather than look. */
function Table({ rows, now, startedAt }: { rows: readonly TimelineRow[]; now: number; startedAt: number }) {
  const t = useTranslations('timeline');
  const viewer = useViewer();
  return (
    <div className="min-h-0 flex-1 overflow-auto px-4 pb-3" tabIndex={0} role="region" aria-label={t('title')}>
      <table className="w-full border-collapse text-left">
        <thead>
          <tr className="text-[0.9rem] text-dim">
            <th className="py-1 font-medium">{t('row')}</th>
            <th className="py-1 font-medium">{t('from')}</th>
            <th className="py-1 font-medium">{t('to')}</th>
            <th className="py-1 font-medium">{t('status')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.flatMap((row) =>
            row.bars.map((bar, index) => {
              const closed = bar.toStep !== null && bar.toStep <= now;
              return (
                <tr key={`${row.key}/${index}`} className="border-t border-line">
                  <th scope="row" className="py-1 pr-2 font-normal">
                    {row.label} {row.category === 'attempts' ? `· ${t('attempts')} ${bar.label}` : ''}
                  </th>
                  <td className="tabular py-1 pr-2">
                    <button type="button" className="cursor-pointer underline" onClick={() => viewer.goTo(bar.fromStep)}>
                      {formatClock(bar.from - startedAt)}
                    </button>
                  </td>
                  <td className="tabular py-1 pr-2">{closed && bar.to !== null ? formatClock(bar.to - startedAt) : ''}</td>
                  <td className="py-1">{t(`barStatus.${closed ? bar.status : 'open'}`)}</td>
                </tr>
              );
            }),
          )}
        </tbody>
      </table>
    </div>
  );
}

interface Scene {
  readonly rows: readonly TimelineRow[];
  readonly scale: ReturnType<typeof timeScale>;
  readonly zoom: number;
  readonly now: number;
  readonly step: number;
  readonly start: number;
  readonly labelWidth: number;
  readonly attempts: string;
}

function paint(canvas: HTMLCanvasElement, box: HTMLElement, { rows, scale, zoom, now, step, start, labelWidth, attempts }: Scene): void {
  const ratio = devicePixelRatio || 1;
  const width = box.clientWidth;
  const height = Math.min(box.clientHeight, TOP + rows.length * ROW + 12);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const g = canvas.getContext('2d')!;
  g.scale(ratio, ratio);
  const css = getComputedStyle(document.documentElement);
  const cache = new Map<string, string>();
  const color = (name: string): string => {
    const key = name.replace(/^var\((.*)\)$/, '$1');
    let value = cache.get(key);
    if (value === undefined) cache.set(key, (value = css.getPropertyValue(key).trim()));
    return value;
  };
  const span = (width - labelWidth - 12) * zoom;
  const x = (time: number): number => labelWidth + span * scale.at(time) - box.scrollLeft;
  const nowX = x(now);
  g.font = `11px ${css.fontFamily}`;
  g.textBaseline = 'middle';

  // Time axis: as many marks as fit.
  g.fillStyle = color('--dim');
  g.strokeStyle = color('--line');
  g.lineWidth = 1;
  let lastEnd = 0;
  const marks = 6 * Math.ceil(zoom);
  // The end of the run stands at the right edge, and the mark before it must not run into it.
  const textAt = (i: number): string => axisText(scale.inverse(i / marks) - start, (scale.inverse(Math.min(marks, i + 1) / marks) - scale.inverse(Math.max(0, i - 1) / marks)) / 2);
  const lastMark = zoom === 1 ? width - 16 - g.measureText(textAt(marks)).width : Infinity;
  for (let i = 0; i <= marks; i += 1) {
    const at = x(scale.inverse(i / marks));
    if (at < labelWidth - 1 || at > width) continue;
    const text = textAt(i);
    const half = g.measureText(text).width / 2;
    if (at - half < lastEnd + 10 || (i < marks && at + half > lastMark)) continue;
    lastEnd = at + half;
    g.beginPath();
    g.moveTo(at, TOP - 6);
    g.lineTo(at, height);
    g.stroke();
    g.textAlign = i === marks ? 'right' : 'center';
    g.fillText(text, i === marks ? width - 6 : at, 10);
  }
  for (const fold of scale.folds) {
    const at = labelWidth + span * fold.at - box.scrollLeft;
    if (at < labelWidth) continue;
    g.strokeStyle = color('--faint');
    for (const dx of [-3, 1]) {
      g.beginPath();
      g.moveTo(at + dx, TOP - 1);
      g.lineTo(at + dx + 4, TOP - 9);
      g.stroke();
    }
  }

  const first = Math.max(0, Math.floor((box.scrollTop - TOP) / ROW));
  const last = Math.min(rows.length, Math.ceil((box.scrollTop + height - TOP) / ROW) + 1);
  for (let index = first; index < last; index += 1) {
    const row = rows[index]!;
    const y = TOP + index * ROW + ROW / 2 - box.scrollTop;
    if (y < TOP) continue;
    const there = row.bars.some((bar) => bar.fromStep <= step);
    g.globalAlpha = there ? 1 : 0.35;
    g.fillStyle = color(row.category === 'attempts' || row.category === 'workflow-task' ? '--dim' : '--ink');
    g.textAlign = 'left';
    g.fillText(clip(g, row.category === 'attempts' ? `  ↳ ${attempts}` : row.label, labelWidth - 14), 12, y);
    let painted = -1;
    g.save();
    g.beginPath();
    g.rect(labelWidth - 2, 0, width, height);
    g.clip();
    for (const bar of row.bars) {
      const from = Math.max(labelWidth - 20, x(bar.from));
      const until = Math.min(width + 20, bar.to === null ? labelWidth + span - box.scrollLeft : x(bar.to));
      if (until < labelWidth || from > width) continue;
      if (until <= painted && bar.to !== null) continue; // level of detail
      painted = Math.floor(until);
      bars(g, row, bar, from, until, y, { color, step, nowX });
    }
    if (row.category === 'attempts') waits(g, row, y, { x, color, step });
    g.restore();
    g.globalAlpha = 1;
  }
  if (nowX < labelWidth - 1) return;
  g.strokeStyle = color('--ink');
  g.lineWidth = 1.5;
  g.beginPath();
  g.moveTo(nowX, TOP - 8);
  g.lineTo(nowX, height);
  g.stroke();
}

/** The pauses between attempts, with their length: nobody works, the Service waits. */
function waits(g: CanvasRenderingContext2D, row: TimelineRow, y: number, { x, color, step }: { x: (time: number) => number; color: (name: string) => string; step: number }): void {
  g.globalAlpha = 1;
  for (const [index, bar] of row.bars.entries()) {
    const next = row.bars[index + 1];
    if (!next || bar.to === null || next.fromStep > step) continue;
    const [from, until] = [x(bar.to) + 6, x(next.from) - 3];
    if (until - from < 6) continue;
    g.strokeStyle = color('--retry');
    g.lineWidth = 1.2;
    g.setLineDash([2, 3]);
    g.beginPath();
    g.moveTo(from, y);
    g.lineTo(until, y);
    g.stroke();
    g.setLineDash([]);
    const text = formatSpan(next.from - bar.to);
    if (g.measureText(text).width + 6 > until - from) continue;
    g.fillStyle = color('--ink');
    g.textAlign = 'center';
    g.fillText(text, (from + until) / 2, y + 9);
  }
}

/** Times on the axis: fine enough to tell neighbours apart, which are `apart` ms from each other. */
function axisText(ms: number, apart: number): string {
  if (ms < 60_000) return formatSpan(ms, apart);
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return seconds < 3_600 ? `${Math.floor(seconds / 60)}:${two(seconds % 60)}${decimalSign()}${(ms % 1_000).toFixed().padStart(3, '0').slice(0, apart < 100 ? 3 : 1)}` : `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function bars(g: CanvasRenderingContext2D, row: TimelineRow, bar: TimelineBar, from: number, until: number, y: number, { color, step, nowX }: { color: (name: string) => string; step: number; nowX: number }): void {
  const base = row.category === 'workflow-task' ? '--task' : row.category === 'process' ? '--run' : row.category === 'attempts' ? '--retry' : categoryColor[row.category];
  const closed = bar.toStep !== null && bar.toStep <= step;
  const status: BarStatus = closed || bar.status === 'replay' || bar.status === 'retrying' ? bar.status : 'open';
  const tone = status === 'failed' || status === 'killed' ? '--fail' : status === 'timedOut' ? '--warn' : status === 'canceled' ? '--canceled' : status === 'retrying' ? '--retry' : status === 'replay' ? '--done' : base;
  const thick = row.category === 'process' || row.category === 'attempts' ? 6 : row.category === 'workflow-task' ? 8 : 12;
  const end = Math.max(until, from + 3);
  const seen = bar.fromStep > step ? from : Math.max(from + 3, Math.min(end, closed ? end : nowX));
  const shape = (a: number, b: number): void => {
    g.beginPath();
    g.roundRect(a, y - thick / 2, Math.max(3, b - a), thick, Math.min(4, thick / 2));
  };
  g.globalAlpha = 0.22;
  g.fillStyle = color(tone);
  shape(from, end);
  g.fill();
  if (bar.fromStep <= step) {
    g.globalAlpha = row.category === 'workflow' || row.category === 'process' ? 0.6 : 1;
    shape(from, seen);
    if (closed || status === 'replay') g.fill();
    else {
      g.globalAlpha = 0.45;
      g.fill();
      g.globalAlpha = 1;
      g.strokeStyle = color(tone);
      g.lineWidth = 1.5;
      g.setLineDash([4, 3]);
      g.stroke();
      g.setLineDash([]);
    }
  }
  g.globalAlpha = bar.fromStep <= step ? 1 : 0.35;
  if (closed && (status === 'failed' || status === 'killed' || status === 'timedOut')) {
    g.strokeStyle = color(tone);
    g.lineWidth = 2;
    g.beginPath();
    g.moveTo(end - 4, y - 8);
    g.lineTo(end + 4, y + 8);
    g.moveTo(end + 4, y - 8);
    g.lineTo(end - 4, y + 8);
    g.stroke();
  }
  if (row.category === 'attempts') {
    g.fillStyle = color('--dim');
    const label = `#${bar.label}`;
    const fits = end + 8 + g.measureText(label).width < g.canvas.clientWidth;
    g.textAlign = fits ? 'left' : 'right';
    g.fillText(label, fits ? end + 8 : end - 6, y - 7);
  }
}

function clip(g: CanvasRenderingContext2D, text: string, width: number): string {
  if (g.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && g.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return `${text.slice(0, end)}…`;
}
