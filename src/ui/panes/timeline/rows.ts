import { eventName } from '../../../api/event-names.ts';
import type { TraceModel } from '../../../trace/model.ts';
import { attributesOf, categoryOf, eventSubject, groupOf, isWorkflowTask, outcomeOf, type Category } from '../../viewer/events.ts';
import type { HistoryEvent } from '../../../api/proto.ts';

/** Rows and bars of the timeline, made in one pass over a branch. Times are virtual ms. */
export interface TimelineRow {
  readonly key: string;
  readonly label: string;
  readonly category: Category | 'workflow-task' | 'process' | 'attempts';
  readonly bars: readonly TimelineBar[];
}

export type BarStatus = 'open' | 'completed' | 'failed' | 'timedOut' | 'canceled' | 'retrying' | 'replay' | 'killed';

export interface TimelineBar {
  readonly from: number;
  /** Null while it lasts. */
  readonly to: number | null;
  readonly fromStep: number;
  readonly toStep: number | null;
  readonly status: BarStatus;
  readonly label: string;
}

type Open = { -readonly [K in keyof TimelineBar]: TimelineBar[K] };
interface Row {
  readonly key: string;
  label: string;
  readonly category: TimelineRow['category'];
  readonly bars: Open[];
}

export function timelineRows(model: TraceModel, branch: number, runId: string | undefined): readonly TimelineRow[] {
  const processes = new Map<string, Row>();
  const groups = new Map<string, Row>();
  const attempts = new Map<string, Row>();
  const events: HistoryEvent[] = [];
  const tasks: Row = { key: 'tasks', label: 'Workflow Tasks', category: 'workflow-task', bars: [] };
  let run: Row | undefined;
  for (const { entry, at, step } of model.entriesBetween(branch, 0, model.head(branch))) {
    if (entry.type === 'process' && entry.kind === 'worker') {
      const row = processes.get(entry.process) ?? { key: `process-${entry.process}`, label: entry.process, category: 'process' as const, bars: [] };
      processes.set(entry.process, row);
      const last = row.bars.at(-1);
      const gone = entry.state === 'killed' || entry.state === 'exited';
      if (gone && last?.to === null) Object.assign(last, { to: at, toStep: step, status: entry.state === 'killed' ? 'killed' : 'completed' });
      if (!gone && last?.to !== null) row.bars.push({ from: at, to: null, fromStep: step, toStep: null, status: 'open', label: `#${entry.incarnation}` });
    }
    if (entry.type === 'run' && entry.runId === runId) {
      run ??= { key: 'run', label: `${entry.workflowType} ${entry.workflowId}`, category: 'workflow', bars: [{ from: at, to: null, fromStep: step, toStep: null, status: 'open', label: entry.workflowType }] };
      run.label = `${entry.workflowType} ${entry.workflowId}`;
      if (entry.status !== 'RUNNING' && entry.status !== 'PAUSED') {
        const status: BarStatus = entry.status === 'COMPLETED' || entry.status === 'CONTINUED_AS_NEW' ? 'completed' : entry.status === 'TIMED_OUT' ? 'timedOut' : entry.status === 'CANCELED' ? 'canceled' : 'failed';
        Object.assign(run.bars[0]!, { to: at, toStep: step, status });
      }
    }
    if (!('runId' in entry) || entry.runId !== runId) continue;
    if (entry.type === 'workflowTask') {
      const last = tasks.bars.at(-1);
      if (entry.state === null) {
        if (last?.to === null) Object.assign(last, { to: at, toStep: step, status: last.status === 'open' ? 'completed' : last.status });
      } else if (last?.to !== null) {
        tasks.bars.push({ from: at, to: null, fromStep: step, toStep: null, status: 'open', label: entry.state.taskQueue });
      } else if (last && entry.state.phase === 'scheduled' && step > last.fromStep) {
        Object.assign(last, { to: at, toStep: step, status: 'timedOut' });
        tasks.bars.push({ from: at, to: null, fromStep: step, toStep: null, status: entry.state.kind === 'normal' ? 'open' : 'retrying', label: entry.state.taskQueue });
      }
    } else if (entry.type === 'activation' && entry.replaying) {
      const last = tasks.bars.at(-1);
      if (last) last.status = 'replay';
    } else if (entry.type === 'pendingActivity') {
      const key = String(entry.scheduledEventId);
      const row = attempts.get(key);
      const last = row?.bars.at(-1);
      const { state } = entry;
      if (state?.phase === 'started' && state.startedAt !== undefined && (last === undefined || last.to !== null)) {
        const target = row ?? { key: `attempts-${key}`, label: state.activityType, category: 'attempts' as const, bars: [] };
        attempts.set(key, target);
        target.bars.push({ from: state.startedAt, to: null, fromStep: step, toStep: null, status: 'open', label: String(state.attempt) });
      } else if (last?.to === null && (state === null || state.phase === 'backoff' || state.phase === 'scheduled')) {
        Object.assign(last, { to: at, toStep: step, status: state === null ? 'completed' : 'failed' });
      }
    } else if (entry.type === 'history') {
      const { event } = entry;
      events.push(event);
      const timed = Date.parse(event.eventTime ?? '') || at;
      if (isWorkflowTask(event) || (event.eventType ?? '').startsWith('EVENT_TYPE_WORKFLOW_EXECUTION_STARTED')) continue;
      const category = categoryOf(event);
      if (category === 'workflow') continue;
      const key = groupOf(event);
      const outcome = outcomeOf(event);
      const row = groups.get(key);
      if (!row) {
        const point = !/SCHEDULED|TIMER_STARTED|INITIATED|ACCEPTED/.test(event.eventType ?? '');
        groups.set(key, {
          key: `group-${key}`,
          label: eventSubject(event, (id) => events[Number(id) - 1]) || eventName(event.eventType),
          category,
          bars: [{ from: timed, to: point ? timed : null, fromStep: step, toStep: point ? step : null, status: point ? 'completed' : 'open', label: `#${event.eventId}` }],
        });
      } else if (outcome !== undefined) {
        const attempt = attributesOf(event)['attempt'];
        Object.assign(row.bars[0]!, { to: timed, toStep: step, status: outcome, ...(attempt === undefined ? {} : { label: `#${key}` }) });
      }
    }
  }
  for (const [key, row] of attempts) {
    const group = groups.get(key);
    const last = row.bars.at(-1);
    // The last attempt ended as its activity did: the Service keeps no other word of it.
    if (group && last?.status === 'completed' && group.bars[0]!.status !== 'open') last.status = group.bars[0]!.status;
    if (group && row.bars.length > 1 && group.bars[0]!.status === 'open') group.bars[0]!.status = 'retrying';
  }
  const grouped = [...groups.entries()].flatMap(([key, row]) => {
    const tries = attempts.get(key);
    return tries && tries.bars.length > 1 ? [row, tries] : [row];
  });
  return [...(run ? [run] : []), ...(tasks.bars.length > 0 ? [tasks] : []), ...grouped, ...processes.values()];
}

/** Maps virtual times to 0–1. With `fold` long silences take little room, so that what happens is seen. */
export function timeScale(rows: readonly TimelineRow[], start: number, end: number, fold: boolean): { readonly at: (time: number) => number; readonly inverse: (share: number) => number; readonly folds: readonly { readonly at: number; readonly span: number }[] } {
  const span = Math.max(1, end - start);
  if (!fold) return { at: (time) => (time - start) / span, inverse: (share) => start + share * span, folds: [] };
  const times = new Set<number>([start, end]);
  for (const row of rows) for (const bar of row.bars) {
    times.add(bar.from);
    if (bar.to !== null) times.add(bar.to);
  }
  const sorted = [...times].filter((time) => time >= start && time <= end).sort((a, b) => a - b);
  const widths: number[] = [0];
  const LIMIT = 400;
  const folds: { at: number; span: number }[] = [];
  for (let i = 1; i < sorted.length; i += 1) {
    const gap = sorted[i]! - sorted[i - 1]!;
    const width = 12 + (gap <= LIMIT ? gap : LIMIT + 60 * Math.log2(gap / LIMIT));
    if (gap > 5_000) folds.push({ at: i, span: gap });
    widths.push(widths[i - 1]! + width);
  }
  const total = Math.max(1, widths.at(-1)!);
  const at = (time: number): number => {
    let low = 0;
    let high = sorted.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! <= time) low = middle;
      else high = middle;
    }
    const from = sorted[low]!;
    const to = sorted[high]!;
    const within = to === from ? 0 : Math.min(1, Math.max(0, (time - from) / (to - from)));
    return (widths[low]! + (widths[high]! - widths[low]!) * within) / total;
  };
  const inverse = (share: number): number => {
    const wanted = share * total;
    const high = Math.max(1, widths.findIndex((width) => width >= wanted));
    const from = widths[high - 1]!;
    const to = widths[high] ?? from;
    const within = to === from ? 0 : (wanted - from) / (to - from);
    return sorted[high - 1]! + ((sorted[high] ?? sorted[high - 1]!) - sorted[high - 1]!) * within;
  };
  return { at, inverse, folds: folds.map((one) => ({ at: (widths[one.at - 1]! + widths[one.at]!) / 2 / total, span: one.span })) };
}
