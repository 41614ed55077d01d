import type { Service } from '../service.ts';
import type { Run } from '../state.ts';
import { addEvent, dropBufferedTimerFired, type EventExtras } from './event-store.ts';
import { machine, transition } from './machine.ts';

/** A user timer. */
export const timerMachine = machine('timer', {
  none: { start: 'running' },
  running: { fire: 'fired', cancel: 'canceled' },
  /** Fired while a Workflow Task runs: the event waits in the buffer, and a cancel takes it out. */
  fired: { cancel: 'canceled' },
});

export function startTimer(svc: Service, run: Run, timerId: string, startToFireTimeout: string, completedEventId: number, extras: EventExtras): void {
  transition(timerMachine, 'none', 'start');
  addEvent(svc, run, 'timerStarted', { timerId, startToFireTimeout, workflowTaskCompletedEventId: String(completedEventId) }, extras);
  const timer = run.timers[timerId];
  if (!timer) return;
  timer.timer = svc.host.schedule(timer.fireAt, { type: 'timerFired', workflowId: run.workflowId, runId: run.runId, timerId });
  svc.host.emit({ type: 'pendingTimer', workflowId: run.workflowId, runId: run.runId, timerId, state: { startedAt: timer.startedAt, fireAt: timer.fireAt } });
}

/** Adds TimerFired for every timer that is due: one transaction, so one Workflow Task, which the caller schedules. */
export function fireDueTimers(svc: Service, run: Run): void {
  const due = Object.values(run.timers).filter((timer) => timer.fireAt <= svc.host.now());
  for (const { timerId, startedEventId, timer } of due.sort((a, b) => a.fireAt - b.fireAt || a.startedEventId - b.startedEventId)) {
    transition(timerMachine, 'running', 'fire');
    if (timer !== null) svc.host.cancel(timer);
    addEvent(svc, run, 'timerFired', { timerId, startedEventId: String(startedEventId) });
    gone(svc, run, timerId);
  }
}

export function cancelTimer(svc: Service, run: Run, timerId: string, completedEventId: number, identity: string, extras: EventExtras): void {
  const timer = run.timers[timerId];
  let startedEventId = timer?.startedEventId ?? 0;
  if (timer) {
    transition(timerMachine, 'running', 'cancel');
    if (timer.timer !== null) svc.host.cancel(timer.timer);
  } else {
    transition(timerMachine, 'fired', 'cancel');
    startedEventId = Number(dropBufferedTimerFired(run, timerId)?.timerFiredEventAttributes?.startedEventId ?? 0);
  }
  addEvent(svc, run, 'timerCanceled', {
    timerId, startedEventId: String(startedEventId), workflowTaskCompletedEventId: String(completedEventId), identity: identity || undefined,
  }, extras);
  gone(svc, run, timerId);
}

function gone(svc: Service, run: Run, timerId: string): void {
  svc.host.emit({ type: 'pendingTimer', workflowId: run.workflowId, runId: run.runId, timerId, state: null });
}

