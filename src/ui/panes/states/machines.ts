import { eventName } from '../../../api/event-names.ts';
import { toArray, type RunView } from '../../../trace/frame.ts';


/** A transition table of the Service: state → event → next state. */
export type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One thing that has a state: which table it follows, and where it is. */
export interface Instance {
  readonly key: string;
  readonly machine: 'run' | 'workflowTask' | 'activity' | 'timer';
  /** Which one: an id, an activity's type. */
  readonly of: string;
  readonly state: string;
}

/** States that few runs ever see; they are drawn when something is in one. */
const RARE = new Set(['PAUSED', 'CONTINUED_AS_NEW', 'paused', 'cancelRequested', 'speculativeScheduled', 'speculativeStarted', 'transientScheduled', 'transientStarted']);

/** What the run is made of now: itself, its Workflow Task, its activities and timers. */
export function instancesOf(run: RunView): readonly Instance[] {
  const found: Instance[] = [{ key: 'run', machine: 'run', of: run.workflowId, state: run.status }];
  const task = run.workflowTask;
  const phase = task === null ? 'none' : task.kind === 'normal' ? task.phase : `${task.kind}${task.phase === 'started' ? 'Started' : 'Scheduled'}`;
  found.push({ key: 'task', machine: 'workflowTask', of: task && task.attempt > 1 ? `#${task.attempt}` : '', state: phase });
  const pending = Object.entries(run.pendingActivities).slice(0, 3);
  for (const [eventId, activity] of pending) found.push({ key: `activity-${eventId}`, machine: 'activity', of: activity.activityType, state: activity.phase });
  const history = toArray(run.history).map(({ entry }) => entry.event);
  if (pending.length === 0) {
    const last = history.findLast((event) => event.activityTaskScheduledEventAttributes);
    const type = last?.activityTaskScheduledEventAttributes?.activityType?.name;
    if (type !== undefined) found.push({ key: 'activity', machine: 'activity', of: type, state: 'closed' });
  }
  const timers = Object.keys(run.pendingTimers).slice(0, 2);
  for (const id of timers) found.push({ key: `timer-${id}`, machine: 'timer', of: id, state: 'running' });
  const ended = timers.length === 0 ? history.findLast((event) => /^Timer(Fired|Canceled)$/.test(eventName(event.eventType))) : undefined;
  if (ended) found.push({ key: 'timer', machine: 'timer', of: ended.timerFiredEventAttributes?.timerId ?? ended.timerCanceledEventAttributes?.timerId ?? '', state: eventName(ended.eventType) === 'TimerFired' ? 'fired' : 'canceled' });
  return found;
}

/** Mermaid's text of a table: transitions between the same two states share an arrow; rare states stay away unless `wanted`. */
export function diagramOf(table: Table, wanted: readonly string[], direction: 'LR' | 'TB'): string {
  const states = [...new Set(Object.entries(table).flatMap(([state, rows]) => [state, ...Object.values(rows)]))].filter((state) => !RARE.has(state) || wanted.includes(state));
  const arrows = new Map<string, string[]>();
  for (const [from, rows] of Object.entries(table))
    for (const [event, to] of Object.entries(rows)) {
      if (from === to || !states.includes(from) || !states.includes(to)) continue;
      const key = `${from} --> ${to}`;
      arrows.set(key, [...(arrows.get(key) ?? []), event]);
    }
  return ['stateDiagram-v2', `direction ${direction}`, ...states.map((state) => `state "${state}" as ${state}`), ...[...arrows].map(([arrow, events]) => `${arrow}: ${events.join(', ')}`)].join('\n');
}

