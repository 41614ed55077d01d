import { ChevronFirst, ChevronLast, GitBranch, Pause, Play, SkipForward, StepBack, StepForward } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useTranslations } from 'use-intl';
import type { BranchInfo } from '../../../protocol/messages.ts';
import type { TraceModel } from '../../../trace/model.ts';
import { onRedraw } from '../../kit/canvas.ts';
import { Button, IconButton, Kbd, Select } from '../../kit/kit.tsx';
import { useFrame, useViewer, useViewerState } from '../../viewer/context.tsx';
import { formatClock, formatSpan } from '../../viewer/events.ts';
import { SPEEDS } from '../../viewer/playback.ts';
import { stepColor, stepWeight, type StepKind } from '../../viewer/steps.ts';
import { technicalName, useStepText } from '../../viewer/step-text.ts';
import { useBranchName } from '../../viewer/branch-name.ts';

/** Going forward and back, and where one is: clock, step, branch. */
export function Transport({ invited, narrow }: { invited: string | undefined; narrow: boolean }) {
  const t = useTranslations('transport');
  const viewer = useViewer();
  const playing = useViewerState((state) => state.playing);
  const speed = useViewerState((state) => state.speed);
  const frame = useFrame();
  const model = useViewerState((state) => state.model);
  const branch = useViewerState((state) => state.branch);
  useViewerState((state) => state.version);
  const stepText = useStepText();
  const head = model.head(branch);
  return (
    <footer className={`border-t border-line bg-panel ${narrow ? 'flex flex-wrap items-center justify-center gap-x-3 gap-y-1 px-2 py-1.5' : 'grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-4 px-3.5 py-2'}`}>
      <div className={`flex items-center gap-1.5 ${narrow ? 'order-2' : ''}`} role="toolbar" aria-label={t('title')}>
        <IconButton label={t('first')} shortcut="Home" onClick={() => viewer.goTo(0)}>
          <ChevronFirst size={16} aria-hidden />
        </IconButton>
        <IconButton label={t('back')} shortcut="←" invited={invited === 'back'} disabled={frame.step === 0} onClick={() => viewer.stepBy(-1)} data-testid="back">
          <StepBack size={16} aria-hidden />
        </IconButton>
        <Button look="primary" className="min-w-24" invited={invited === 'play'} onClick={() => viewer.togglePlay()} data-testid="play">
          {playing ? <Pause size={15} aria-hidden /> : <Play size={15} aria-hidden />} {playing ? t('pause') : t('play')} {!narrow && <Kbd>P</Kbd>}
        </Button>
        <IconButton label={t('forward')} shortcut="→" invited={invited === 'step'} onClick={() => viewer.stepBy(1)} data-testid="forward">
          <StepForward size={16} aria-hidden />
        </IconButton>
        <IconButton label={t('nextTask')} shortcut="⇧→" onClick={() => viewer.nextWorkflowTask()}>
          <SkipForward size={16} aria-hidden />
        </IconButton>
        <IconButton label={t('last')} shortcut="End" onClick={() => void viewer.goToLast()}>
          <ChevronLast size={16} aria-hidden />
        </IconButton>
        <label className="flex items-center">
          <span className="sr-only">{t('speed')}</span>
          <Select className="!px-2" value={speed} onChoose={(chosen) => viewer.setSpeed(Number(chosen))}>
            {SPEEDS.map((value) => (
              <option key={value} value={value}>
                {value}×
              </option>
            ))}
          </Select>
        </label>
      </div>
      <Scrubber narrow={narrow} />
      <div className={`${narrow ? 'order-3 flex min-w-[15rem] flex-1 items-baseline gap-2.5' : 'w-[min(22rem,27vw)] min-w-0'}`}>
        <div className={`mono tabular shrink-0 leading-tight font-semibold tracking-tight whitespace-nowrap ${narrow ? 'text-[1.15rem]' : 'text-[1.75rem]'}`} aria-label={t('clock')} role="timer" data-testid="clock">
          {formatClock(frame.at - frame.startedAt)}
        </div>
        <div className="min-w-0 flex-1 text-dim" data-testid="step">
          <span className={`text-ink ${narrow ? 'line-clamp-1' : 'line-clamp-2'}`}>{stepText(frame.item, model.entriesAt(branch, frame.step))}</span>
          <span className="block truncate text-[0.92rem]">
            {t.rich('stepOf', { step: frame.step, head, b: (chunks) => <b className="tabular text-ink">{chunks}</b> })} <span className="mono text-[0.9em]">{technicalName(frame.item)}</span>
          </span>
        </div>
      </div>
    </footer>
  );
}

/** Distance of the lanes: a lane's name is a button, so not less than 24 px (WCAG 2.2, 2.5.8). */
const LANE = 24;
/** Where the lane on screen lies; above it stand the names of long waits. */
const TOP = 28;

/** All steps at equal distances, ticks by kind, a lane for each branch; long waits are folded. */
function Scrubber({ narrow }: { narrow: boolean }) {
  const t = useTranslations('transport');
  const viewer = useViewer();
  const model = useViewerState((state) => state.model);
  const version = useViewerState((state) => state.version);
  const branch = useViewerState((state) => state.branch);
  const branches = useViewerState((state) => state.branches);
  const step = useViewerState((state) => state.step);
  const canvas = useRef<HTMLCanvasElement>(null);
  const stepText = useStepText();
  const branchName = useBranchName();
  const lanes = useMemo(() => layLanes(branches, branch), [branches, branch]);
  const extent = Math.max(1, ...lanes.map((lane) => (lane.ended === null ? Math.min(model.head(lane.id), roomFor(lane.id === branch ? step : lane.forkStep)) : model.head(lane.id))));
  const height = narrow ? 48 : Math.max(84, TOP - 10 + lanes.length * LANE);

  const draw = useRef(() => {});
  useEffect(() => {
    draw.current = () => {
      if (canvas.current) paint(canvas.current, { model, lanes, branch, step, extent, kinds: (id) => viewer.kinds.of(model, id), folded: (span) => t('idle', { span }), faults: (id) => faultSteps(model, id), crash: t('crash') });
    };
    draw.current();
  }, [model, version, lanes, branch, step, extent, viewer, t]);
  useEffect(() => onRedraw(canvas.current!, () => draw.current()), []);

  const others = lanes.filter((lane) => lane.id !== branch);
  return (
    <div className={`relative min-w-0 ${narrow ? 'basis-full' : ''}`} style={{ height }}>
      <canvas ref={canvas} className="absolute inset-0 size-full" aria-hidden />
      <input
        type="range"
        aria-label={t('scrubber')}
        aria-valuetext={`${step}: ${stepText(model.stepInfo(branch, step)?.item ?? null, model.entriesAt(branch, step))}`}
        min={0}
        max={extent}
        value={step}
        onChange={(change) => viewer.goTo(Math.min(Number(change.target.value), model.head(branch)))}
        className="scrub-input absolute inset-0 size-full cursor-pointer opacity-0 focus-visible:opacity-100"
      />
      {!narrow &&
        others.slice(0, 3).map((lane) => (
          <button
            key={lane.id}
            type="button"
            className="absolute right-0 flex min-h-6 cursor-pointer items-center gap-1 rounded bg-panel px-1 text-[0.82rem] text-dim hover:text-ink"
            style={{ top: TOP + (lane.row - 0.5) * LANE }}
            onClick={() => viewer.goTo(Math.min(step, model.head(lane.id)), lane.id)}
            title={t('toBranch', { name: branchName(lane) })}
          >
            <GitBranch size={11} aria-hidden /> {branchName(lane)}
          </button>
        ))}
    </div>
  );
}

/** A run without an end is computed far ahead: so many of its steps are laid out that the cursor's surroundings can be told apart. */
const roomFor = (step: number): number => Math.max(160, Math.ceil((step * 1.25 + 40) / 80) * 80);

interface Lane extends BranchInfo {
  readonly row: number;
}

/** The branch on screen lies straight on top; the others below it, those that fork late first. */
function layLanes(branches: readonly BranchInfo[], current: number): readonly Lane[] {
  const byId = new Map(branches.map((branch) => [branch.id, branch]));
  const own = byId.get(current);
  if (!own) return [];
  const others = branches.filter((branch) => branch.id !== current).sort((a, b) => b.id - a.id);
  return [{ ...own, row: 0 }, ...others.slice(0, 3).map((branch, index) => ({ ...branch, row: index + 1 }))];
}

function faultSteps(model: TraceModel, branch: number): readonly number[] {
  const head = model.frameAt(branch, model.head(branch));
  const { items, length } = head.faults;
  return items.slice(0, length).filter((stamped) => 'kill' in stamped.entry.fault).map((stamped) => stamped.step);
}

/** Where two branches part: the fork of whichever is the younger, followed up to a common ancestor. */
function forkOf(model: TraceModel, lane: Lane, current: number): number {
  const path = (id: number): Map<number, number> => {
    const found = new Map<number, number>();
    let at: number | null = id;
    let until = Infinity;
    while (at !== null) {
      found.set(at, until);
      const info = model.branches().find((branch) => branch.id === at);
      until = Math.min(until, info?.forkStep ?? 0);
      at = info?.parent ?? null;
    }
    return found;
  };
  const mine = path(lane.id);
  for (const [id, until] of path(current)) {
    const other = mine.get(id);
    if (other !== undefined) return Math.min(until, other, model.head(current), model.head(lane.id));
  }
  return 0;
}

interface Picture {
  readonly model: TraceModel;
  readonly lanes: readonly Lane[];
  readonly branch: number;
  readonly step: number;
  readonly extent: number;
  readonly kinds: (branch: number) => readonly StepKind[];
  readonly folded: (span: string) => string;
  readonly faults: (branch: number) => readonly number[];
  readonly crash: string;
}

function paint(canvas: HTMLCanvasElement, { model, lanes, branch, step, extent, kinds, folded, faults, crash }: Picture): void {
  const ratio = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0) return;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const g = canvas.getContext('2d')!;
  g.scale(ratio, ratio);
  g.clearRect(0, 0, width, height);
  const css = getComputedStyle(document.documentElement);
  const colors = new Map<string, string>();
  const color = (name: string): string => {
    let value = colors.get(name);
    if (value === undefined) colors.set(name, (value = css.getPropertyValue(name.replace(/^var\((.*)\)$/, '$1')).trim()));
    return value;
  };
  const x = (n: number): number => 8 + ((width - 16) * n) / extent;
  const cursor = x(step);
  const top = TOP;
  g.font = `10px ${css.fontFamily}`;
  g.textBaseline = 'middle';

  for (const lane of [...lanes].reverse()) {
    const y = top + lane.row * LANE;
    const head = Math.min(model.head(lane.id), extent);
    const from = lane.row === 0 ? 0 : forkOf(model, lane, branch);
    g.globalAlpha = lane.row === 0 ? 1 : 0.75;
    g.strokeStyle = color(lane.row === 0 ? '--edge' : '--faint');
    g.lineWidth = 1.5;
    g.setLineDash(lane.row === 0 ? [] : [4, 4]);
    g.beginPath();
    if (lane.row > 0) {
      g.moveTo(x(from), top);
      g.bezierCurveTo(x(from) + 12, top, x(from), y, x(from) + 16, y);
    } else g.moveTo(x(0), y);
    g.lineTo(x(head), y);
    g.stroke();
    g.setLineDash([]);
    const laneKinds = kinds(lane.id);
    let painted = -1;
    for (let weight = 0; weight <= 3; weight += 1) {
      painted = -1;
      for (let n = from + 1; n <= head; n += 1) {
        const kind = laneKinds[n]!;
        if (stepWeight[kind] !== weight) continue;
        const at = Math.round(x(n));
        if (at === painted) continue; // level of detail: one tick a pixel
        painted = at;
        const half = (lane.row === 0 ? 4 : 2) + weight * (lane.row === 0 ? 2.5 : 1.2);
        g.strokeStyle = color(stepColor[kind]);
        g.globalAlpha = (lane.row === 0 ? 1 : 0.6) * (n > step && lane.row === 0 ? 0.45 : 1);
        g.lineWidth = weight >= 2 ? 2 : 1.2;
        g.beginPath();
        g.moveTo(at, y - half);
        g.lineTo(at, y + half);
        g.stroke();
      }
    }
    g.globalAlpha = 1;
    if (lane.row !== 0) continue;
    let lastLabel = -100;
    let lastFold = -100;
    let before = model.stepInfo(lane.id, 1)?.at ?? 0;
    for (let n = 1; n <= head; n += 1) {
      const at = model.stepInfo(lane.id, n)?.at ?? before;
      const span = at - before;
      before = at;
      if (span < 900) continue;
      const middle = (x(n - 1) + x(n)) / 2;
      if (middle - lastFold < 2) continue; // level of detail, as above
      lastFold = middle;
      g.strokeStyle = color('--dim');
      g.lineWidth = 1;
      for (const dx of [-2, 2]) {
        g.beginPath();
        g.moveTo(middle + dx - 2, y - 6);
        g.lineTo(middle + dx + 2, y + 6);
        g.stroke();
      }
      if (height < 60 || middle < lastLabel) continue; // thousands of waits: where no words fit, none are made
      // A pause of a second, less the time that a message takes, reads as what it is.
      const text = folded(formatSpan(span < 1_000 ? Math.round(span / 100) * 100 : span));
      const half = g.measureText(text).width / 2;
      let center = Math.max(half + 2, Math.min(width - half - 2, middle));
      // The cursor would run through the words: they step aside.
      if (Math.abs(center - cursor) < half + 6) center = cursor + (half + 6) * (center > cursor ? 1 : -1);
      if (center - half < lastLabel) continue;
      lastLabel = center + half + 8;
      g.fillStyle = color('--dim');
      g.textAlign = 'center';
      g.fillText(text, center, top - 14);
    }
    g.textAlign = 'center';
    let lastCrash = -100;
    for (const n of faults(lane.id)) {
      if (x(n) - lastCrash < 40 || height < 60) continue;
      lastCrash = x(n);
      g.fillStyle = color('--fail');
      g.fillText(crash, x(n), top + 18);
    }
  }
  g.strokeStyle = g.fillStyle = color('--ink');
  g.lineWidth = 1.5;
  g.beginPath();
  g.moveTo(cursor, 6);
  g.lineTo(cursor, height - 4);
  g.stroke();
  g.beginPath();
  g.moveTo(cursor - 6, 0);
  g.lineTo(cursor + 6, 0);
  g.lineTo(cursor, 9);
  g.fill();
}

