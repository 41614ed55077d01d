import { toArray, type Episode, type Frame } from '../../trace/frame.ts';
import { all, eventsOf, hasEvent, hasStatus, ledgerOf, runOf, workerDied, workersOf } from '../cues.ts';
import type { Cue, Scenario } from '../types.ts';

/** Replays of the order that the workers still remember. */
const replaysOf = (frame: Frame): readonly Episode[] => workersOf(frame).flatMap((worker) => Object.values(worker.episodes).filter((episode) => episode.replayed));

/** Rows of the zipper at which a recorded event met the command of the line that runs again. */
export const replayedRows = (frame: Frame) => replaysOf(frame).flatMap((episode) => toArray(episode.activations).filter(({ entry }) => entry.replaying).flatMap(({ entry }) => entry.rows));

/** The worker that had the order in its cache is gone, and the order has not ended. */
const crashedWhileOpen: Cue = (moment) => workerDied(moment) && runOf(moment.frame)?.status === 'RUNNING';

/** The minute is over and a Workflow Task waits for a worker that does not come. */
const taskWaitsForNobody: Cue = (moment) =>
  workerDied(moment) && hasEvent('TimerFired')(moment) && eventsOf(runOf(moment.frame)).at(-1) === 'WorkflowTaskScheduled';

const replayed: Cue = ({ frame }) => frame.replays > 0;

/** What the outside world has to look like in the end: each effect once. */
export const eachEffectOnce = (frame: Frame): boolean => {
  const stock = ledgerOf(frame, 'stock');
  return stock.filter((line) => 'reserved' in line).length === 1 && stock.filter((line) => 'shipped' in line).length === 1 && ledgerOf(frame, 'payments').length === 1;
};

/** The customer has been charged, and no answer has come to the worker that it could report: with the answer its report is on its way. */
const chargedUnreported: Cue = ({ frame }) => ledgerOf(frame, 'payments').length === 1 && !toArray(frame.services['payments']!.exchanges).some(({ entry }) => entry.phase === 'answered');

export default {
  slug: 'crash-and-replay',
  chapter: 2,
  section: '2.2.2',
  order: 2,
  title: { en: 'A crash that loses nothing', de: 'Ein Absturz, bei dem nichts verloren geht' },
  summary: {
    en: 'Kill the worker in the middle of an order, and watch the code find its way back to the very line at which it stood.',
    de: 'Lass den Worker mitten in einer Bestellung abstürzen und sieh zu, wie der Code genau an die Zeile zurückfindet, an der er stand.',
  },
  seed: 1,
  variants: [
    { id: 'default', title: { en: 'One worker', de: 'Ein Worker' } },
    { id: 'two-workers', title: { en: 'Two workers', de: 'Zwei Worker' }, workerCount: 2 },
  ],
  beats: [
    { id: 'predict' },
    { id: 'reserved', playTo: hasEvent('TimerStarted'), view: 'timeline' },
    { id: 'crash', invite: 'crash', until: crashedWhileOpen, view: 'states' },
    { id: 'silence', playTo: taskWaitsForNobody, view: 'states' },
    { id: 'restart', invite: 'restart', until: ({ frame }) => workersOf(frame).some((worker) => worker.incarnation > 1 && worker.state !== 'killed'), view: 'states' },
    { id: 'replay', playTo: replayed, view: 'zipper' },
    { id: 'done', playTo: hasStatus('COMPLETED'), view: 'timeline' },
    { id: 'twice', invite: 'back', until: all(({ steppedBack, forked }) => steppedBack && forked, chargedUnreported, workerDied), view: 'sequence' },
  ],
  goals: [
    {
      id: 'survived',
      title: { en: 'The order ends as if nothing had happened', de: 'Die Bestellung endet, als wäre nichts gewesen' },
      reached: all(workerDied, hasStatus('COMPLETED')),
    },
    {
      id: 'zipper',
      title: { en: 'Every replayed line met its event', de: 'Jede wiederholte Zeile traf auf ihr Event' },
      reached: ({ frame }) => {
        const rows = replayedRows(frame);
        return rows.some((row) => row.match === 'matched') && rows.every((row) => row.match !== 'mismatch');
      },
    },
    {
      id: 'not-again',
      title: { en: 'After the replay `reserveStock` still has one call', de: 'Nach dem Replay hat `reserveStock` noch immer nur einen Aufruf' },
      reached: all(replayed, ({ frame }) => frame.activityCalls['reserveStock'] === 1),
    },
    {
      id: 'once-outside',
      title: { en: 'Reserved once, charged once, shipped once', de: 'Einmal reserviert, einmal abgebucht, einmal verschickt' },
      reached: all(workerDied, hasStatus('COMPLETED'), ({ frame }) => eachEffectOnce(frame)),
    },
    {
      id: 'at-least-once',
      title: { en: '`charge` was called twice, and yet nobody paid twice', de: '`charge` lief zweimal, und doch hat niemand doppelt bezahlt' },
      reached: all(hasStatus('COMPLETED'), ({ frame }) => (frame.activityCalls['charge'] ?? 0) > 1 && ledgerOf(frame, 'payments').length === 1),
    },
  ],
} satisfies Scenario;
