import { describe, expect, it } from 'vitest';
import { timestamp } from '../../base/brand.ts';
import type { HistoryEvent } from '../../api/proto.ts';
import type { ActivationEntry, HistoryEntry } from '../../trace/entries.ts';
import type { Episode, RunView } from '../../trace/frame.ts';
import type { Stamped } from '../../trace/model.ts';
import { codeMarks, zipperOf } from './selectors.ts';

const ROUNDS = 4_000;
const sleep = { file: 'workflows.ts', line: 3, column: 1 };

/** A workflow that sleeps in a loop, five events a round, and the reads of its history. */
function sleeper() {
  let reads = 0;
  const stamp = <E>(step: number, entry: E): Stamped<E> => ({ step, at: timestamp(step), entry });
  const of = { workflowId: 'w', runId: 'r' };
  const events: HistoryEvent[] = [{ eventId: '1', eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED' }];
  const activations: Stamped<ActivationEntry>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const last = round === 0 ? 3 : events.length + 2;
    const add = (eventType: string, rest: object = {}): void => void events.push({ eventId: String(events.length + 1), eventType: `EVENT_TYPE_${eventType}` as HistoryEvent['eventType'], ...rest });
    add('WORKFLOW_TASK_SCHEDULED');
    add('WORKFLOW_TASK_STARTED');
    add('WORKFLOW_TASK_COMPLETED');
    add('TIMER_STARTED', { timerStartedEventAttributes: { timerId: String(round + 1), workflowTaskCompletedEventId: String(last + 1) } });
    const started = events.length;
    activations.push(
      stamp(round + 1, {
        type: 'activation', process: 'worker-1', ...of, workflowType: 'sleeper', replaying: false, events: { from: 1, to: last }, jobs: [], lines: [sleep], linesOmitted: 0,
        rows: [{ position: sleep, command: 'StartTimer 1s', commandType: 'COMMAND_TYPE_START_TIMER', event: null, match: 'new' }],
        waiting: [{ position: sleep, reason: 'timer', eventId: started }],
        resolved: round === 0 ? [] : [{ seq: round, kind: 'timer', eventId: started - 4, position: sleep }],
        failure: null,
      }),
    );
    add('TIMER_FIRED', { timerFiredEventAttributes: { timerId: String(round + 1), startedEventId: String(started) } });
  }
  const items = events.map((event, index) => stamp(index + 1, { type: 'history', ...of, event } satisfies HistoryEntry));
  const watched = new Proxy(items, { get: (list, key, self) => (typeof key === 'string' && /^\d+$/.test(key) && (reads += 1), Reflect.get(list, key, self) as unknown) });
  const run = { ...of, history: { items: watched, length: items.length } } as Partial<RunView> as RunView;
  const episode: Episode = { process: 'worker-1', incarnation: 1, ...of, workflowType: 'sleeper', startedStep: 1, replayed: false, activations: { items: activations, length: ROUNDS } };
  return { run, episode, reads: () => reads };
}

describe('the views of a long run', () => {
  it('a zipper of thousands of rows makes the last ones, and reads the history for those alone', () => {
    const { run, episode, reads } = sleeper();
    const { rows, total, matched, failure } = zipperOf(episode, run, ROUNDS, null, 100);
    expect({ length: rows.length, total, matched, failure }).toEqual({ length: 100, total: ROUNDS, matched: 0, failure: null });
    expect(rows[0]).toMatchObject({ key: `${ROUNDS - 100}.0`, became: { eventType: 'EVENT_TYPE_TIMER_STARTED', eventId: String((ROUNDS - 100) * 5 + 5) }, resolvedBy: (ROUNDS - 100) * 5 + 6 });
    expect(rows.at(-1)).toMatchObject({ became: { eventId: String(ROUNDS * 5) }, resolvedBy: undefined });
    expect(reads()).toBeLessThan(300);
  });

  it('a line that a loop ran thousands of times is marked once, as it was left', () => {
    const { run, episode, reads } = sleeper();
    expect(codeMarks(episode, run, ROUNDS, null)).toEqual([{ position: sleep, kind: 'waiting', eventId: ROUNDS * 5, matched: false, resultOf: undefined }]);
    expect(reads()).toBeLessThan(10);
  });
});
