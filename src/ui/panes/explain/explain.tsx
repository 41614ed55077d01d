import { eventName } from '../../../api/event-names.ts';
import { useTranslations } from 'use-intl';
import type { TraceEntry } from '../../../trace/entries.ts';
import { EventIcon } from '../../kit/event-icon.tsx';
import { Empty } from '../../kit/kit.tsx';
import { useFrame, useViewerState } from '../../viewer/context.tsx';
import { categoryOf, failureText, formatClock, formatSpan, isWorkflowTask, outcomeOf, processName, splitLog } from '../../viewer/events.ts';
import { useStepText } from '../../viewer/step-text.ts';

/** This step in words: what came in, and everything it changed. */
export function Explain() {
  const t = useTranslations('explain');
  const frame = useFrame();
  const model = useViewerState((state) => state.model);
  const branch = useViewerState((state) => state.branch);
  const stepText = useStepText();
  if (frame.step === 0) return <Empty>{t('start')}</Empty>;
  const entries = model.entriesAt(branch, frame.step).map((stamped) => stamped.entry);
  const previous = model.frameAt(branch, frame.step - 1);
  return (
    <div className="min-h-0 flex-1 overflow-auto px-4 py-3" tabIndex={0} role="region" aria-label={t('title')}>
      <h3 className="m-0 text-[1.2rem] font-semibold tracking-tight">{stepText(frame.item, model.entriesAt(branch, frame.step))}</h3>
      <p className="mt-0.5 mb-3 text-dim">
        {t('when', { step: frame.step, clock: formatClock(frame.at - frame.startedAt), later: formatSpan(frame.at - previous.at) })}
      </p>
      <ul className="m-0 flex list-none flex-col gap-1.5 p-0">
        {entries
          .filter((entry) => entry.type !== 'step')
          .map((entry, index) => (
            <Fact key={index} entry={entry} />
          ))}
      </ul>
      {entries.length === 1 && <p className="text-dim">{t('nothing')}</p>}
    </div>
  );
}

function Fact({ entry }: { entry: TraceEntry }) {
  const t = useTranslations('explain.fact');
  const line = (where: 'disk' | 'memory' | 'process' | 'wire' | 'world' | 'trouble', text: React.ReactNode) => (
    <li className="grid grid-cols-[6.6rem_1fr] gap-2 border-b border-line pb-1.5 last:border-0">
      <span className={`tag self-start !whitespace-normal ${where === 'disk' ? '!border-ink !text-ink' : where === 'trouble' ? '!border-fail !text-fail' : where === 'memory' ? 'border-dashed' : ''}`}>{t(`where.${where}`)}</span>
      <span>{text}</span>
    </li>
  );
  switch (entry.type) {
    case 'history':
      return line(
        'disk',
        <span className="inline-flex items-center gap-1.5">
          <EventIcon category={categoryOf(entry.event)} task={isWorkflowTask(entry.event)} outcome={outcomeOf(entry.event)} /> {t('event', { id: entry.event.eventId ?? '', name: eventName(entry.event.eventType) })}
        </span>,
      );
    case 'run':
      return line('disk', t('run', { id: entry.workflowId, status: entry.status }));
    case 'workflowTask':
      return line('memory', entry.state ? t('workflowTask', { phase: entry.state.phase, attempt: entry.state.attempt, queue: entry.state.taskQueue }) : t('workflowTaskGone'));
    case 'pendingActivity':
      return line(
        'memory',
        entry.state ? (
          <>
            {t('pendingActivity', { type: entry.state.activityType, phase: entry.state.phase, attempt: entry.state.attempt })}
            {entry.state.lastFailure && <span className="block text-fail">{failureText(entry.state.lastFailure)}</span>}
          </>
        ) : (
          t('pendingActivityGone', { event: entry.scheduledEventId })
        ),
      );
    case 'pendingTimer':
      return line('memory', entry.state ? t('timerRuns', { id: entry.timerId, span: formatSpan(entry.state.fireAt - entry.state.startedAt) }) : t('timerGone', { id: entry.timerId }));
    case 'bufferedEvents':
      return line('memory', t('buffered', { n: entry.eventTypes.length }));
    case 'taskQueue':
      return line('memory', t('taskQueue', { name: entry.name, kind: entry.kind, waiting: entry.backlog.reduce((a, b) => a + b, 0), pollers: entry.pollers.reduce((sum, poller) => sum + poller.count, 0) }));
    case 'delivery':
      return line(entry.dropped || entry.error ? 'trouble' : 'wire', t(entry.dropped ? 'lost' : entry.edge, { rpc: entry.rpc, process: entry.process, summary: (entry.error?.message ?? entry.summary) || 'none' }));
    case 'pollsRenewed':
      return line('wire', t('pollsRenewed', { n: entry.count }));
    case 'process':
      return line(entry.state === 'killed' || entry.state === 'hung' ? 'trouble' : 'process', t('process', { process: processName(entry.process), state: entry.state, n: entry.incarnation }));
    case 'log':
      return line('process', <span className="mono text-[0.92em]">{splitLog(entry.text).message}</span>);
    case 'slots':
      return line('process', t('slots', { process: entry.process, kind: entry.kind, used: entry.used, total: entry.total }));
    case 'pollers':
      return line('process', t('pollers', { process: entry.process, kind: entry.kind, n: entry.count, queue: entry.taskQueue }));
    case 'cache':
      return line('process', t(entry.op === 'add' ? 'cacheAdd' : 'cacheEvict', { process: entry.process, run: entry.workflowId }));
    case 'activation':
      return line(
        entry.failure ? 'trouble' : 'process',
        <>
          {t(entry.replaying ? 'replay' : 'activation', { process: entry.process, type: entry.workflowType, from: entry.events.from, to: entry.events.to, lines: entry.lines.length + entry.linesOmitted })}
          <span className="block text-dim">{entry.jobs.join(' · ')}</span>
          {entry.failure && <span className="block text-fail">{entry.failure.message}</span>}
        </>,
      );
    case 'activityExecution':
      return line('process', t('activity', { process: entry.process, type: entry.activityType, phase: entry.phase, attempt: entry.attempt }));
    case 'serviceRequest':
      return line('wire', t('serviceRequest', { service: entry.service, from: entry.from, phase: entry.phase, what: `${entry.method} ${entry.path}` }));
    case 'ledger':
      return line('world', t('ledger', { service: entry.service, entry: JSON.stringify(entry.entry) }));
    case 'update':
      return line('memory', t('update', { name: entry.name, state: entry.state }));
    case 'query':
      return line('memory', t('query', { name: entry.queryType, state: entry.state }));
    case 'schedule':
      return line('disk', t('schedule', { id: entry.scheduleId }));
    case 'fault':
      return line('trouble', t('fault', { what: Object.entries(entry.fault).map(([name, about]) => `${name} ${typeof about === 'object' ? Object.values(about as object).join(' ') : String(about)}`).join(', ') }));
    case 'input':
      return line('wire', t('input'));
    case 'violation':
      return line('trouble', t('violation', { rule: entry.rule, message: entry.message }));
    case 'step':
      return null;
  }
}
