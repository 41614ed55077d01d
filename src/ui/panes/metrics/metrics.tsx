import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { toArray } from '../../../trace/frame.ts';
import type { TraceModel } from '../../../trace/model.ts';
import { Empty } from '../../kit/kit.tsx';
import { useFrame, useRun, useViewerState } from '../../viewer/context.tsx';
import { decimalSign, formatSpan } from '../../viewer/events.ts';

/** Numbers up to this step, by the names that the SDK and the Service use. */
export function Metrics() {
  const t = useTranslations('metrics');
  const frame = useFrame();
  const run = useRun();
  const model = useViewerState((state) => state.model);
  const branch = useViewerState((state) => state.branch);
  const counted = useMemo(() => count(model, branch, frame.step), [model, branch, frame.step]);
  const bytes = useMemo(() => (run ? toArray(run.history).reduce((sum, { entry }) => sum + sizeOf(entry.event), 0) : 0), [run]);
  if (frame.step === 0) return <Empty>{t('empty')}</Empty>;
  const spans = (values: readonly number[]): React.ReactNode => {
    if (values.length < 2) return values.length === 0 ? '–' : formatSpan(values[0]!);
    const sorted = [...values].sort((a, b) => a - b);
    return (
      <>
        {t('median', { median: formatSpan(sorted[Math.floor((sorted.length - 1) / 2)]!) })}
        <span className="block">{t('maximum', { maximum: formatSpan(sorted.at(-1)!) })}</span>
      </>
    );
  };
  const rows: readonly (readonly [string, string, React.ReactNode])[] = [
    [t('events'), 'history_length', String(run?.history.length ?? 0)],
    [t('bytes'), 'history_size', `${(bytes / 1024).toFixed(1).replace('.', decimalSign())} KiB`],
    [t('workflowTasks'), 'temporal_workflow_task_queue_poll_succeed', String(counted.workflowTasks)],
    [t('taskLatency'), 'temporal_workflow_task_schedule_to_start_latency', spans(counted.taskLatency)],
    [t('activityLatency'), 'temporal_activity_schedule_to_start_latency', spans(counted.activityLatency)],
    [t('activityRun'), 'temporal_activity_execution_latency', spans(counted.activityRun)],
    [t('replays'), 'temporal_workflow_task_replay_latency (count)', String(frame.replays)],
    [t('stickyHits'), 'temporal_sticky_cache_size', String(Object.values(frame.processes).reduce((sum, process) => sum + process.cache.length, 0))],
    [t('requests'), 'temporal_request', String(counted.requests)],
    [t('longRequests'), 'temporal_long_request', String(counted.polls)],
    [t('failedRequests'), 'temporal_request_failure', String(counted.failed)],
  ];
  return (
    <div className="min-h-0 flex-1 overflow-auto px-4 py-3" tabIndex={0} role="region" aria-label={t('title')}>
      <table className="w-full border-collapse text-left">
        <thead>
          <tr className="text-[0.9rem] text-dim">
            <th className="py-1 font-medium">{t('what')}</th>
            <th className="py-1 text-right font-medium">{t('value')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([label, name, value]) => (
            <tr key={name} className="border-t border-line">
              <th scope="row" className="py-1.5 pr-2 font-normal">
                {label}
                <span className="mono block text-[0.82rem] text-dim">{name}</span>
              </th>
              <td className="tabular py-1.5 text-right align-top text-[1.08rem] font-semibold whitespace-nowrap">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Length of an event as JSON; events do not change. */
const sizes = new WeakMap<object, number>();
function sizeOf(event: object): number {
  let size = sizes.get(event);
  if (size === undefined) sizes.set(event, (size = JSON.stringify(event).length));
  return size;
}

interface Counted {
  workflowTasks: number;
  taskLatency: number[];
  activityLatency: number[];
  activityRun: number[];
  requests: number;
  polls: number;
  failed: number;
}

function count(model: TraceModel, branch: number, step: number): Counted {
  const result: Counted = { workflowTasks: 0, taskLatency: [], activityLatency: [], activityRun: [], requests: 0, polls: 0, failed: 0 };
  const begun = new Map<string, number>();
  for (const { entry, at } of model.entriesBetween(branch, 0, step)) {
    if (entry.type === 'workflowTask' && entry.state?.phase === 'started') {
      result.workflowTasks += 1;
      result.taskLatency.push(at - entry.state.scheduledAt);
    } else if (entry.type === 'pendingActivity' && entry.state?.phase === 'started' && entry.state.startedAt === at) {
      result.activityLatency.push(at - entry.state.scheduledAt);
    } else if (entry.type === 'activityExecution') {
      const key = `${entry.runId}/${entry.activityId}/${entry.attempt}`;
      if (entry.phase === 'started') begun.set(key, at);
      else if (entry.phase !== 'heartbeat' && entry.phase !== 'cancelRequested' && begun.has(key)) result.activityRun.push(at - begun.get(key)!);
    } else if (entry.type === 'delivery' && entry.edge === 'request') {
      if (entry.rpc.startsWith('Poll')) result.polls += 1;
      else result.requests += 1;
    } else if (entry.type === 'delivery' && entry.error) result.failed += 1;
  }
  return result;
}
