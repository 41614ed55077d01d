import { base64ToText } from '../../base/base64.ts';
import { lastOf } from '../../trace/frame.ts';
import { all, eventsOf, hasEvent, hasStatus, ledgerOf, runOf, workersOf } from '../cues.ts';
import type { Cue, Scenario } from '../types.ts';

/** What a run of two activities, one after the other, leaves behind: 17 events, always these, in this order. */
export const SEVENTEEN_EVENTS = [
  'WorkflowExecutionStarted',
  ...['WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'],
  ...['ActivityTaskScheduled', 'ActivityTaskStarted', 'ActivityTaskCompleted'],
  ...['WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'],
  ...['ActivityTaskScheduled', 'ActivityTaskStarted', 'ActivityTaskCompleted'],
  ...['WorkflowTaskScheduled', 'WorkflowTaskStarted', 'WorkflowTaskCompleted'],
  'WorkflowExecutionCompleted',
] as const;

/** Every poll of the worker has come to the Service, which keeps it open. */
const pollsAreOpen: Cue = ({ frame }) => {
  const asked = workersOf(frame).flatMap((worker) => Object.values(worker.pollers)).reduce((sum, poller) => sum + poller.count, 0);
  const open = Object.values(frame.taskQueues).flatMap((queue) => queue.pollers).reduce((sum, poller) => sum + poller.count, 0);
  return runOf(frame) !== undefined || (asked > 0 && open >= asked);
};

const activityRuns: Cue = ({ frame }) => (frame.activityCalls['processData'] ?? 0) > 0;

/** The second activation: the code went on in the cache of its worker, no recorded event was run through again. */
const continuedFromCache: Cue = ({ frame }) => frame.replays === 0 && eventsOf(runOf(frame)).filter((type) => type === 'WorkflowTaskCompleted').length >= 2;

const result: Cue = ({ frame }) => {
  const run = runOf(frame);
  const event = run && lastOf(run.history)?.entry.event;
  const payload = event?.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0];
  return payload !== undefined && base64ToText(payload.data ?? '') === '{"input":"Sample Data","output":"SAMPLE DATA","status":"completed"}';
};

export default {
  slug: 'data-processing',
  chapter: 2,
  section: '2.2.1, 2.5',
  order: 1,
  title: { en: 'Two activities, seventeen events', de: 'Zwei Activities, siebzehn Events' },
  summary: {
    en: 'Follow one workflow from the client’s call to its result, message by message.',
    de: 'Verfolge einen Workflow vom Aufruf des Clients bis zum Ergebnis, Nachricht für Nachricht.',
  },
  seed: 1,
  variants: [
    { id: 'default', title: { en: 'Through the task queue', de: 'Über die Task Queue' } },
    { id: 'eager', title: { en: 'Eager activities (Temporal’s default)', de: 'Eager Activities (Temporals Standard)' }, env: { EAGER: 'on' } },
  ],
  beats: [
    { id: 'predict' },
    { id: 'poll', playTo: pollsAreOpen, view: 'sequence' },
    { id: 'start', playTo: hasEvent('WorkflowExecutionStarted'), view: 'sequence' },
    { id: 'command', playTo: hasEvent('ActivityTaskScheduled'), view: 'zipper' },
    { id: 'running', playTo: activityRuns, view: 'states' },
    { id: 'continue', playTo: hasEvent('WorkflowTaskCompleted', 2), view: 'zipper' },
    { id: 'outside', playTo: ({ frame }) => ledgerOf(frame, 'warehouse').length > 0, view: 'sequence' },
    { id: 'seventeen', playTo: hasStatus('COMPLETED'), invite: 'back', until: ({ steppedBack }) => steppedBack, view: 'timeline' },
  ],
  goals: [
    {
      id: 'seventeen-events',
      title: { en: 'Exactly these 17 events, in this order', de: 'Genau diese 17 Events, in dieser Reihenfolge' },
      reached: ({ frame }) => eventsOf(runOf(frame)).join() === SEVENTEEN_EVENTS.join(),
    },
    { id: 'result', title: { en: 'The result is in the last event', de: 'Das Ergebnis steht im letzten Event' }, reached: result },
    {
      id: 'each-once',
      title: { en: 'Each activity ran once, the warehouse has one entry', de: 'Jede Activity lief einmal, das Lager hat einen Eintrag' },
      reached: all(hasStatus('COMPLETED'), ({ frame }) => frame.activityCalls['processData'] === 1 && frame.activityCalls['storeResult'] === 1 && ledgerOf(frame, 'warehouse').length === 1),
    },
    {
      id: 'no-replay',
      title: { en: 'Three Workflow Tasks without a single replay', de: 'Drei Workflow Tasks ohne einen einzigen Replay' },
      reached: all(hasStatus('COMPLETED'), continuedFromCache),
    },
  ],
} satisfies Scenario;
