import { eventName } from '../api/event-names.ts';
import { toArray, type AttemptView, type Frame, type ProcessView, type RunView } from '../trace/frame.ts';
import type { Cue } from './types.ts';

/** What scenarios ask about a moment. Cues that stay true once they were true let a learner run ahead of the lesson. */

/** Runs in the order in which they opened. */
export const runsOf = (frame: Frame): readonly RunView[] => Object.values(frame.runs);

/** The last opened run; most scenarios have only one. */
export const runOf = (frame: Frame): RunView | undefined => runsOf(frame).at(-1);

/** Types of the events of a run, such as `ActivityTaskScheduled`, in order. */
export const eventsOf = (run: RunView | undefined): readonly string[] => (run ? toArray(run.history).map(({ entry }) => eventName(String(entry.event.eventType))) : []);

export const workersOf = (frame: Frame): readonly ProcessView[] => Object.values(frame.processes).filter((process) => process.kind === 'worker');

/** What an external service wrote down about the outside world. */
export const ledgerOf = (frame: Frame, service: string): readonly { readonly [key: string]: unknown }[] => {
  const view = frame.services[service];
  return view ? toArray(view.ledger).map(({ entry }) => entry.entry) : [];
};

/** Failed attempts of the run's activities that the Service retries, first to last. */
export const failedAttemptsOf = (run: RunView | undefined): readonly AttemptView[] =>
  Object.values(run?.attempts ?? {}).flatMap((attempts) => attempts.filter((attempt) => attempt.nextAttemptAt !== undefined));

/** The waits before the retries, in milliseconds, each counted from the failure before it. */
export const waitsOf = (run: RunView | undefined): readonly number[] => failedAttemptsOf(run).map(({ endedAt, nextAttemptAt }) => Number(nextAttemptAt) - Number(endedAt));

/** A worker has died without a goodbye at least once. */
export const workerDied: Cue = ({ frame }) => workersOf(frame).some((worker) => worker.state === 'killed' || worker.incarnation > 1);

/** The nth event of this type is in the history of the last opened run. */
export const hasEvent =
  (type: string, nth = 1): Cue =>
  ({ frame }) =>
    eventsOf(runOf(frame)).filter((name) => name === type).length >= nth;

/** The last opened run has closed like this. */
export const hasStatus =
  (status: RunView['status']): Cue =>
  ({ frame }) =>
    runOf(frame)?.status === status;

/** All of them hold. */
export const all =
  (...cues: readonly Cue[]): Cue =>
  (moment) =>
    cues.every((cue) => cue(moment));
