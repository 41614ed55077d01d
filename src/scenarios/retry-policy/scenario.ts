import { toArray, type Frame } from '../../trace/frame.ts';
import { all, eventsOf, failedAttemptsOf, hasStatus, ledgerOf, runOf, waitsOf, workersOf } from '../cues.ts';
import type { Cue, Scenario } from '../types.ts';

/** At least so many attempts have failed and are retried. */
const failed =
  (attempts: number): Cue =>
  ({ frame }) =>
    failedAttemptsOf(runOf(frame)).length >= attempts;

/** A pause in which the worker has nothing to do: the Service has confirmed the failure, and the slot is free. */
const workerRests: Cue = (moment) => failed(4)(moment) && workersOf(moment.frame).every((worker) => Object.values(worker.slots).every((slots) => slots.used === 0));

const attemptsOf = (frame: Frame): number => Object.values(runOf(frame)?.attempts ?? {}).reduce((sum, attempts) => sum + attempts.length, 0);

/** Why the Service stopped retrying: the retry state of the closing event. */
export const retryStateOf = (frame: Frame): string | undefined => {
  const run = runOf(frame);
  const event = run && toArray(run.history).find(({ entry }) => entry.event.activityTaskFailedEventAttributes)?.entry.event;
  return event?.activityTaskFailedEventAttributes?.retryState;
};

export default {
  slug: 'retry-policy',
  chapter: 2,
  section: '2.3.3',
  order: 7,
  title: { en: 'Retry until the bank is back', de: 'Wiederholen, bis die Bank wieder da ist' },
  summary: {
    en: 'A bank is down; see when each attempt comes, who keeps the time and what the history tells of it.',
    de: 'Eine Bank ist ausgefallen: Sieh, wann welcher Versuch kommt, wer die Uhr stellt und was die History davon erzählt.',
  },
  seed: 1,
  variants: [
    { id: 'default', title: { en: 'Default policy', de: 'Standard-Policy' } },
    { id: 'limited', title: { en: 'At most 3 attempts', de: 'Höchstens 3 Versuche' }, clientArgs: ['limited'] },
    { id: 'slower', title: { en: '2 s, × 3, at most 10 s', de: '2 s, × 3, höchstens 10 s' }, clientArgs: ['slower'] },
    { id: 'constant', title: { en: 'Every 3 s', de: 'Alle 3 s' }, clientArgs: ['constant'] },
    { id: 'typed', title: { en: 'Error type not retried', de: 'Fehlertyp ohne Wiederholung' }, clientArgs: ['typed'] },
    { id: 'broke', title: { en: 'Empty account', de: 'Leeres Konto' }, clientArgs: ['broke'] },
  ],
  beats: [
    { id: 'predict' },
    { id: 'first-failure', playTo: failed(1), view: 'states' },
    { id: 'waits', playTo: failed(4), view: 'timeline' },
    { id: 'who-waits', playTo: workerRests, view: 'states' },
    { id: 'success', playTo: hasStatus('COMPLETED'), view: 'timeline' },
    { id: 'limit', view: 'timeline' },
    { id: 'never', view: 'timeline' },
    { id: 'bracket', view: 'timeline' },
  ],
  goals: [
    {
      id: 'waits',
      title: { en: 'Waits of 1, 2, 4 and 8 s, each from the failure before', de: 'Pausen von 1, 2, 4 und 8 s, jeweils ab dem Fehler davor' },
      reached: ({ frame }) => waitsOf(runOf(frame)).slice(0, 4).join() === '1000,2000,4000,8000',
    },
    {
      id: 'one-started',
      title: { en: 'Five attempts, a single ActivityTaskStarted', de: 'Fünf Versuche, ein einziges ActivityTaskStarted' },
      reached: all(hasStatus('COMPLETED'), ({ frame }) => attemptsOf(frame) === 5 && eventsOf(runOf(frame)).filter((type) => type === 'ActivityTaskStarted').length === 1),
    },
    {
      id: 'paid-once',
      title: { en: 'The bank took the money once', de: 'Die Bank hat genau einmal abgebucht' },
      reached: all(hasStatus('COMPLETED'), ({ frame }) => ledgerOf(frame, 'bank').length === 1),
    },
    {
      id: 'maximum-attempts',
      title: { en: 'Gave up after 3 attempts', de: 'Nach 3 Versuchen aufgegeben' },
      reached: all(hasStatus('FAILED'), ({ frame }) => attemptsOf(frame) === 3 && retryStateOf(frame) === 'RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED'),
    },
    {
      id: 'non-retryable',
      title: { en: 'Failed at the first attempt, on purpose', de: 'Mit Absicht schon beim ersten Versuch gescheitert' },
      reached: all(hasStatus('FAILED'), ({ frame }) => attemptsOf(frame) === 1 && retryStateOf(frame) === 'RETRY_STATE_NON_RETRYABLE_FAILURE'),
    },
  ],
} satisfies Scenario;
