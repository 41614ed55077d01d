import { useTranslations } from 'use-intl';
import type { Frame, RunView } from '../../../trace/frame.ts';
import { useFrame, useRun } from '../../viewer/context.tsx';

interface Machine {
  readonly name: string;
  readonly states: readonly string[];
  readonly current: string;
  readonly bad: readonly string[];
}

/** The state machines that the run is made of, each with where it is now. */
export function States() {
  const t = useTranslations('states');
  const frame = useFrame();
  const run = useRun();
  const machines = [...(run ? runMachines(run) : []), ...processMachines(frame)];
  return (
    <div className="min-h-0 flex-1 overflow-auto px-4 py-3" tabIndex={0} role="region" aria-label={t('title')}>
      <p className="mt-0 text-dim">{t('intro')}</p>
      <ul className="m-0 flex list-none flex-col gap-3 p-0">
        {machines.map((machine) => (
          <li key={machine.name}>
            <h3 className="m-0 mb-1 font-semibold">{machine.name}</h3>
            <ol className="m-0 flex list-none flex-wrap items-center gap-1 p-0">
              {machine.states.map((state, index) => {
                const now = state === machine.current;
                const bad = machine.bad.includes(state);
                return (
                  <li key={state} className="flex items-center gap-1" aria-current={now ? 'step' : undefined}>
                    {index > 0 && (
                      <span aria-hidden className="text-dim">
                        {bad ? '·' : '→'}
                      </span>
                    )}
                    <span className={`mono rounded-lg border px-2 py-0.5 text-[0.86rem] ${now ? (bad ? 'border-fail bg-hot text-fail' : 'border-done bg-[var(--glow)] font-semibold text-ink') : 'border-line text-dim'}`}>{state}</span>
                  </li>
                );
              })}
            </ol>
          </li>
        ))}
      </ul>
    </div>
  );
}

const WORKFLOW_ENDS = ['FAILED', 'TIMED_OUT', 'TERMINATED', 'CANCELED'];

function runMachines(run: RunView): readonly Machine[] {
  return [
    { name: `WorkflowExecution ${run.workflowId}`, states: ['RUNNING', 'COMPLETED', 'CONTINUED_AS_NEW', ...WORKFLOW_ENDS], current: run.status, bad: WORKFLOW_ENDS },
    {
      name: `WorkflowTask${run.workflowTask && run.workflowTask.attempt > 1 ? ` (${run.workflowTask.attempt})` : ''}`,
      states: ['none', 'scheduled', 'started'],
      current: run.workflowTask?.phase ?? 'none',
      bad: [],
    },
    ...Object.entries(run.pendingActivities).map(([eventId, activity]) => ({
      name: `Activity ${activity.activityType} #${eventId}`,
      states: ['scheduled', 'started', 'backoff', 'cancelRequested', 'paused'],
      current: activity.phase,
      bad: ['backoff', 'cancelRequested', 'paused'],
    })),
    ...Object.keys(run.pendingTimers).map((timerId) => ({ name: `Timer ${timerId}`, states: ['started', 'fired'], current: 'started', bad: [] })),
  ];
}

const processMachines = (frame: Frame): readonly Machine[] =>
  Object.values(frame.processes)
    .filter((process) => process.kind === 'worker')
    .map((process) => ({ name: process.id, states: ['starting', 'running', 'shuttingDown', 'exited', 'killed', 'hung'], current: process.state, bad: ['killed', 'hung'] }));
