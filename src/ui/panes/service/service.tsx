import { HardDrive, Hand, RotateCw, StickyNote, X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { taskQueueKey, type AttemptView, type Frame, type RunView } from '../../../trace/frame.ts';
import type { TaskQueueEntry } from '../../../trace/entries.ts';
import { EventIcon } from '../../kit/event-icon.tsx';
import { Hint } from '../../kit/kit.tsx';
import { useFrame, useRun } from '../../viewer/context.tsx';
import { failureText, formatSpan, ownerOfStickyQueue, processOfIdentity } from '../../viewer/events.ts';

/** Below the wall: what the Service knows but has not written to history, and its task queues. */
export function ServiceMemory() {
  const t = useTranslations('service');
  const frame = useFrame();
  const run = useRun();
  return (
    <div className="notes flex max-h-[52%] shrink-0 flex-col overflow-auto pb-2" tabIndex={0} role="region" aria-label={t('memory')}>
      <div className="floor" data-testid="wall">
        <HardDrive size={13} aria-hidden className="shrink-0" />
        <span>{t('wall')}</span>
      </div>
      {run ? <Pending run={run} frame={frame} /> : <p className="m-0 px-3.5 py-1 text-dim">{t('nothingPending')}</p>}
      <TaskQueues frame={frame} />
    </div>
  );
}

function Pending({ run, frame }: { run: RunView; frame: Frame }) {
  const t = useTranslations('service');
  const queueName = useQueueName();
  const activities = Object.entries(run.pendingActivities);
  const timers = Object.entries(run.pendingTimers);
  const task = run.workflowTask;
  if (!task && activities.length === 0 && timers.length === 0 && run.bufferedEvents.length === 0) return <p className="m-0 px-3.5 py-1 text-dim">{t('nothingPending')}</p>;
  return (
    <ul className="m-0 flex list-none flex-col gap-1 p-0 px-3" aria-label={t('pending')}>
      {task && (
        <Ghost icon={<EventIcon category="workflow" task outcome={task.kind === 'normal' ? undefined : 'timedOut'} />} left={task.timeoutAt === undefined ? undefined : task.timeoutAt - frame.at} total={task.timeoutAt === undefined ? undefined : task.timeoutAt - (task.startedAt ?? task.scheduledAt)} note={task.timeoutAt === undefined ? undefined : t('until', { timeout: task.phase === 'started' ? 'StartToClose' : 'ScheduleToStart' })}>
          <b>Workflow Task</b> {t(`task.${task.phase}`, { queue: queueName(standsIn(frame, run, task)), worker: unbroken(processOfIdentity(task.identity)) })}
          {(task.kind !== 'normal' || task.attempt > 1) && (
            <Hint text={t('transientHint')}>
              <span tabIndex={0} className="ml-1 text-retry">
                {t(`kind.${task.kind}`)} · {t('attempt', { n: task.attempt })}
              </span>
            </Hint>
          )}
        </Ghost>
      )}
      {activities.length > 0 && <li className="pt-0.5 text-[0.84rem] font-semibold tracking-[0.06em] text-dim uppercase">{t('pendingActivities')}</li>}
      {activities.slice(0, 12).map(([eventId, activity]) => {
        const retrying = activity.phase === 'backoff';
        const until = retrying ? activity.nextAttemptAt : activity.timeout?.at;
        const tries = run.attempts[eventId] ?? [];
        const from = retrying ? (tries.at(-1)?.endedAt ?? undefined) : (activity.startedAt ?? activity.scheduledAt);
        return (
          <Ghost
            key={eventId}
            retrying={retrying}
            icon={<EventIcon category="activity" open />}
            left={until === undefined ? undefined : until - frame.at}
            total={until === undefined || from === undefined ? undefined : until - from}
            note={retrying ? t('nextAttempt') : activity.timeout ? t('until', { timeout: activity.timeout.type }) : undefined}
          >
            <b>{activity.activityType}</b> <span className="text-dim">#{eventId}</span> {activity.phase === 'cancelRequested' ? (
              <Hint text={t('cancelHint')}>
                <span tabIndex={0}>{t('activity.cancelRequested')}</span>
              </Hint>
            ) : (
              t(`activity.${activity.phase}`, { queue: queueName(activity.taskQueue), worker: unbroken(processOfIdentity(activity.identity)) })
            )}
            <span className={`ml-1 ${activity.attempt > 1 ? 'text-retry' : 'text-dim'}`} data-testid="attempt">
              {t('attemptOf', { n: activity.attempt, max: activity.maximumAttempts === 0 ? '∞' : String(activity.maximumAttempts) })}
            </span>
            {activity.attempt > 1 && <Attempts tries={tries} current={activity.attempt} />}
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

/**
 * The queue in which a Workflow Task waits. Where the worker of a sticky queue has stopped polling, matching hands the task on to the
 * queue of all, and the run does not learn of it.
 */
function standsIn(frame: Frame, run: RunView, task: NonNullable<RunView['workflowTask']>): string {
  const own = frame.taskQueues[taskQueueKey({ name: task.taskQueue, kind: 'workflow' })];
  return task.sticky && (!own || waitingIn(own) === 0) ? run.taskQueue : task.taskQueue;
}

/** The attempts lane: history will tell of one start only, here all are seen. */
function Attempts({ tries, current }: { tries: readonly AttemptView[]; current: number }) {
  const t = useTranslations('service');
  const failed = tries.filter((one) => one.endedAt !== null);
  return (
    <span className="my-0.5 flex flex-wrap items-center gap-1" role="img" aria-label={t('failedAttempts', { n: current - 1 })}>
      {failed.slice(-10).map((one) => (
        <span key={one.attempt} className="tabular inline-flex h-[1.15rem] items-center gap-0.5 rounded border border-hot-line bg-hot px-1 text-[0.8rem] text-fail">
          {one.attempt} <X size={10} strokeWidth={3} aria-hidden />
        </span>
      ))}
      <span className="tabular inline-flex h-[1.15rem] items-center gap-0.5 rounded border border-dashed border-retry px-1 text-[0.8rem] text-retry">
        {current} <RotateCw size={9} strokeWidth={3} aria-hidden />
      </span>
    </span>
  );
}

/** A name that no line ends in: `worker-1` with a hyphen that does not break. */
const unbroken = (name: string): string => name.replaceAll('-', '\u2011');

/** Sticky queues have long made-up names: they are called after their worker. */
function useQueueName(): (queue: string) => string {
  const t = useTranslations('service');
  return (queue) => {
    const owner = ownerOfStickyQueue(queue);
    return owner === undefined ? queue : t('ownQueue', { worker: owner });
  };
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
  const all = Object.values(frame.taskQueues).sort((a, b) => Number(a.sticky) - Number(b.sticky) || (a.kind < b.kind ? 1 : -1));
  // Of a worker's own queues only the last can ever be asked again; older ones matter while a task is stuck in them.
  const queues = all.filter((queue, index) => !queue.sticky || waitingIn(queue) > 0 || all.findLastIndex((other) => other.sticky && ownerOfStickyQueue(other.name) === ownerOfStickyQueue(queue.name)) === index);
  if (queues.length === 0) return null;
  return (
    <section aria-label={t('queues')}>
      <h3 className="pane-title !min-h-7 !px-3.5 !pt-1">{t('queues')}</h3>
      <ul className="m-0 grid list-none grid-cols-[minmax(0,1fr)_minmax(2.6rem,4rem)_auto] gap-x-2 gap-y-1 p-0 px-3">
        {queues.map((queue) => (
          <Queue key={taskQueueKey(queue)} queue={queue} />
        ))}
      </ul>
    </section>
  );
}

const waitingIn = (queue: TaskQueueEntry): number => queue.backlog.reduce((sum, tasks) => sum + tasks, 0);

/** A queue as a lane: tasks stand in it, and hands of pollers reach into its end. A lane with tasks and no hand is an alarm. */
function Queue({ queue }: { queue: TaskQueueEntry }) {
  const t = useTranslations('service');
  const queueName = useQueueName();
  const waiting = waitingIn(queue);
  const pollers = queue.pollers.reduce((sum, poller) => sum + poller.count, 0);
  const stuck = waiting > 0 && pollers === 0;
  return (
    <li className="col-span-3 grid grid-cols-subgrid items-center" data-queue={queue.name}>
      <Hint text={queue.sticky ? `${queue.name}. ${t('stickyHint')}` : queue.name}>
        <span tabIndex={0} className="flex min-w-0 items-center gap-1.5 text-dim">
          {queue.sticky ? <StickyNote size={13} aria-hidden className="shrink-0" /> : <EventIcon category={queue.kind === 'activity' ? 'activity' : 'workflow'} task={queue.kind !== 'activity'} open size={13} />}
          <span className="min-w-0 truncate">
            <span className="text-ink">{queueName(queue.name)}</span>
            {queue.sticky ? '' : ` · ${t(`queue.${queue.kind}`)}`}
          </span>
        </span>
      </Hint>
      <span className={`lane ${stuck ? 'lane-stuck' : ''}`} title={queue.backlog.length > 1 ? queue.backlog.map((tasks, partition) => `${t('partition', { n: partition })}: ${tasks}`).join(', ') : undefined}>
        {Array.from({ length: Math.min(waiting, 5) }, (_, index) => (
          <span key={index} className={`arrive size-2.5 rounded-[3px] ${queue.kind === 'activity' ? 'bg-activity' : 'bg-task'}`} aria-hidden />
        ))}
        <span className={`tabular ml-auto ${waiting > 0 ? 'font-semibold text-ink' : ''}`}>
          <span className="sr-only">{t('waiting', { n: waiting })}</span>
          <span aria-hidden>{waiting}</span>
        </span>
      </span>
      <span className={`tabular flex items-center gap-1 ${stuck ? 'font-semibold text-warn' : 'text-dim'}`}>
        <Hand size={12} aria-hidden className={pollers === 0 ? 'opacity-40' : ''} />
        {stuck ? t('nobodyAsks') : t('pollers', { n: pollers })}
      </span>
    </li>
  );
}
