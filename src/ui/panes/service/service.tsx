import { useTranslations } from 'use-intl';
import { taskQueueKey, type Frame, type RunView } from '../../../trace/frame.ts';
import type { TaskQueueEntry } from '../../../trace/entries.ts';
import { EventIcon } from '../../kit/event-icon.tsx';
import { Hint } from '../../kit/kit.tsx';
import { useFrame, useRun } from '../../viewer/context.tsx';
import { failureText, formatSpan } from '../../viewer/events.ts';

/** Below the wall: what the Service knows but has not written to history, and its task queues. */
export function ServiceMemory() {
  const t = useTranslations('service');
  const frame = useFrame();
  const run = useRun();
  return (
    <div className="flex max-h-[52%] shrink-0 flex-col overflow-auto pb-2" tabIndex={0} role="region" aria-label={t('memory')}>
      <div className="relative mx-3 mt-3 mb-2 border-t-2 border-ink" data-testid="wall">
        <span className="absolute -top-[0.72rem] left-3 bg-bg px-2 text-[0.86rem] text-dim">{t('wall')}</span>
      </div>
      {run ? <Pending run={run} frame={frame} /> : <p className="m-0 px-4 py-1 text-dim">{t('nothingPending')}</p>}
      <TaskQueues frame={frame} />
    </div>
  );
}

function Pending({ run, frame }: { run: RunView; frame: Frame }) {
  const t = useTranslations('service');
  const activities = Object.entries(run.pendingActivities);
  const timers = Object.entries(run.pendingTimers);
  const task = run.workflowTask;
  if (!task && activities.length === 0 && timers.length === 0 && run.bufferedEvents.length === 0) return <p className="m-0 px-4 py-1 text-dim">{t('nothingPending')}</p>;
  return (
    <ul className="m-0 flex list-none flex-col gap-1 p-0 px-3" aria-label={t('pending')}>
      {task && (
        <Ghost icon={<EventIcon category="workflow" task outcome={task.kind === 'normal' ? undefined : 'timedOut'} />} left={task.timeoutAt === undefined ? undefined : task.timeoutAt - frame.at} total={task.timeoutAt === undefined ? undefined : task.timeoutAt - (task.startedAt ?? task.scheduledAt)}>
          <b>Workflow Task</b> {t(`task.${task.phase}`, { queue: task.taskQueue, worker: task.identity ?? '' })}
          {(task.kind !== 'normal' || task.attempt > 1) && (
            <Hint text={t('transientHint')}>
              <span tabIndex={0} className="ml-1 text-retry">
                {t(`kind.${task.kind}`)} · {t('attempt', { n: task.attempt })}
              </span>
            </Hint>
          )}
        </Ghost>
      )}
      {activities.slice(0, 12).map(([eventId, activity]) => {
        const retrying = activity.phase === 'backoff';
        const until = retrying ? activity.nextAttemptAt : activity.timeout?.at;
        const from = retrying ? undefined : (activity.startedAt ?? activity.scheduledAt);
        return (
          <Ghost
            key={eventId}
            retrying={retrying}
            icon={<EventIcon category="activity" open />}
            left={until === undefined ? undefined : until - frame.at}
            total={until === undefined || from === undefined ? undefined : until - from}
            note={retrying ? t('nextAttempt') : activity.timeout ? t('until', { timeout: activity.timeout.type }) : undefined}
          >
            <b>{activity.activityType}</b> <span className="text-dim">#{eventId}</span> {t(`activity.${activity.phase}`, { queue: activity.taskQueue, worker: activity.identity ?? '' })}
            <span className={`ml-1 ${activity.attempt > 1 ? 'text-retry' : 'text-dim'}`} data-testid="attempt">
              {t('attemptOf', { n: activity.attempt, max: activity.maximumAttempts === 0 ? '∞' : String(activity.maximumAttempts) })}
            </span>
            {activity.lastFailure && <span className="block text-fail">{failureText(activity.lastFailure)}</span>}
            {activity.heartbeatDetails !== undefined && <span className="block text-dim">♥ {activity.heartbeatDetails}</span>}
          </Ghost>
        );
      })}
      {activities.length > 12 && <li className="px-1 text-dim">{t('more', { n: activities.length - 12 })}</li>}
      {timers.map(([timerId, timer]) => (
        <Ghost key={timerId} icon={<EventIcon category="timer" open />} left={timer.fireAt - frame.at} total={timer.fireAt - timer.startedAt}>
          <b>{t('timer', { id: timerId })}</b>
        </Ghost>
      ))}
      {run.bufferedEvents.length > 0 && (
        <Ghost icon={<EventIcon category="signal" open />}>
          {t('buffered')} <b>{run.bufferedEvents.map((type) => type.replace('EVENT_TYPE_', '')).join(', ')}</b>
        </Ghost>
      )}
    </ul>
  );
}

/** Something that no event tells of yet: dashed, with the time that is left. */
function Ghost({ icon, children, left, total, note, retrying = false }: { icon: React.ReactNode; children: React.ReactNode; left?: number | undefined; total?: number | undefined; note?: string | undefined; retrying?: boolean }) {
  const t = useTranslations('service');
  const share = left === undefined || total === undefined || total <= 0 ? undefined : Math.max(0, Math.min(1, left / total));
  return (
    <li className={`grid grid-cols-[1rem_1fr_auto] items-center gap-2 rounded-md border-l-2 border-dashed bg-panel px-2 py-1 ${retrying ? 'border-retry' : 'border-edge'}`}>
      {icon}
      <span>{children}</span>
      <span className="tabular text-right text-[0.88rem] text-dim">
        {left !== undefined && t('left', { span: formatSpan(Math.max(0, left)) })}
        {note && <span className="block">{note}</span>}
        {share !== undefined && (
          <span className="mt-0.5 block h-1 w-16 overflow-hidden rounded-full bg-line" aria-hidden>
            <span className={`block h-full rounded-full ${retrying ? 'bg-retry' : 'bg-run'}`} style={{ width: `${share * 100}%` }} />
          </span>
        )}
      </span>
    </li>
  );
}

function TaskQueues({ frame }: { frame: Frame }) {
  const t = useTranslations('service');
  const queues = Object.values(frame.taskQueues).sort((a, b) => Number(a.sticky) - Number(b.sticky) || (a.kind < b.kind ? 1 : -1));
  if (queues.length === 0) return null;
  return (
    <section aria-label={t('queues')}>
      <h3 className="pane-title !min-h-8">{t('queues')}</h3>
      <ul className="m-0 flex list-none flex-col gap-1 p-0 px-3.5">
        {queues.map((queue) => (
          <Queue key={taskQueueKey(queue)} queue={queue} frame={frame} />
        ))}
      </ul>
    </section>
  );
}

function Queue({ queue, frame }: { queue: TaskQueueEntry; frame: Frame }) {
  const t = useTranslations('service');
  const waiting = queue.backlog.reduce((sum, tasks) => sum + tasks, 0);
  const pollers = queue.pollers.reduce((sum, poller) => sum + poller.count, 0);
  const orphan = queue.sticky && pollers === 0 && !queue.pollers.some((poller) => frame.processes[poller.process]?.state === 'running');
  return (
    <li className={`grid grid-cols-[1fr_auto_auto] items-center gap-x-3 ${orphan ? 'text-warn' : 'text-dim'}`} data-queue={queue.name}>
      <span className="min-w-0 truncate" title={queue.name}>
        <span className={orphan ? '' : 'text-ink'}>{queue.name}</span> · {queue.sticky ? t('sticky') : t(`queue.${queue.kind}`)}
      </span>
      <span className="flex items-center gap-1">
        {queue.backlog.length > 1 ? (
          queue.backlog.map((tasks, partition) => (
            <span key={partition} className="tag tabular !px-1" title={t('partition', { n: partition })}>
              {tasks}
            </span>
          ))
        ) : (
          <span className="flex gap-0.5" aria-hidden>
            {Array.from({ length: Math.min(waiting, 10) }, (_, index) => (
              <span key={index} className={`arrive size-2.5 rounded-[3px] ${queue.kind === 'activity' ? 'bg-activity' : 'bg-task'}`} />
            ))}
          </span>
        )}
        <span className="tabular">{t('waiting', { n: waiting })}</span>
      </span>
      <span className={`tabular w-20 text-right ${waiting > 0 && pollers === 0 ? 'text-warn' : ''}`}>{t('pollers', { n: pollers })}</span>
    </li>
  );
}
