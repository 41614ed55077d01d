import { describe, expect, it } from 'vitest';
import { after, calmTrace, crashTrace, CRASH_FORK } from '../testing/fixture-trace.ts';
import { toArray, type Appended, type Frame } from './frame.ts';
import { TraceModel } from './model.ts';

const main = { id: 0, parent: null, forkStep: 0, label: '', ended: null } as const;
const fork = { id: 1, parent: 0, forkStep: CRASH_FORK, label: 'kill worker-1', ended: null } as const;

function calm(): TraceModel {
  const model = new TraceModel();
  model.setBranch(main);
  model.append(0, 0, calmTrace());
  return model;
}

function forked(): TraceModel {
  const model = calm();
  model.setBranch(fork);
  model.append(1, CRASH_FORK, after(crashTrace(), CRASH_FORK));
  return model;
}

/** What the frame shows: growing lists cut to their length. */
const visible = (frame: Frame): string =>
  JSON.stringify(frame, (_key, value: unknown) => (typeof value === 'object' && value !== null && 'items' in value ? toArray(value as Appended<unknown>) : value));

const onlyRun = (model: TraceModel, branch: number, step: number) => Object.values(model.frameAt(branch, step).runs)[0]!;

describe('TraceModel', () => {
  it('gives the same frame whichever way the cursor came', () => {
    const there = calm();
    const head = there.head(0);
    const forward = Array.from({ length: head + 1 }, (_, step) => visible(there.frameAt(0, step)));
    const back = calm();
    for (let step = head; step >= 0; step -= 1) expect(visible(back.frameAt(0, step)) === forward[step]).toBe(true);
  });

  it('reads the parent up to the fork and its own steps after it', () => {
    const model = forked();
    expect(model.frameAt(1, CRASH_FORK)).toBe(model.frameAt(0, CRASH_FORK));
    expect(model.frameAt(1, CRASH_FORK + 1).processes['worker-1']?.state).toBe('killed');
    expect(model.frameAt(0, CRASH_FORK + 1).processes['worker-1']?.state).toBe('running');
    expect(onlyRun(model, 0, model.head(0)).status).toBe('COMPLETED');
    expect(onlyRun(model, 1, model.head(1)).status).toBe('COMPLETED');
  });

  it('keeps growing lists of two branches apart', () => {
    const model = forked();
    const ids = (branch: number) => toArray(onlyRun(model, branch, model.head(branch)).history).map((event) => event.entry.event.eventType);
    expect(ids(1)).toHaveLength(22);
    expect(toArray(model.frameAt(0, model.head(0)).faults)).toHaveLength(0);
    expect(toArray(model.frameAt(1, model.head(1)).faults)).toHaveLength(2);
  });

  it('empties the cache of a killed worker and remembers what was lost', () => {
    const worker = forked().frameAt(1, CRASH_FORK + 1).processes['worker-1']!;
    expect(worker.cache).toEqual([]);
    expect(worker.lost.map((run) => run.workflowId)).toEqual(['order-17']);
    expect(worker.pollers).toEqual({});
  });

  it('counts activity calls, which a replay leaves alone', () => {
    const model = forked();
    const replay = model.findStep(1, 0, (frame) => frame.replays > 0)!;
    expect(model.frameAt(1, replay - 1).activityCalls).toEqual({ reserveStock: 1 });
    expect(model.frameAt(1, replay).activityCalls).toEqual({ reserveStock: 1 });
    const episode = model.frameAt(1, replay).processes['worker-1']!.episodes['019b7f3c-5a00-7c11-9d2e-4b1f00a0c017']!;
    expect(episode.replayed).toBe(true);
    expect(toArray(episode.activations).flatMap((activation) => activation.entry.rows.map((row) => row.match))).toEqual(['matched', 'matched', 'new']);
  });

  it('refuses steps that do not follow its head', () => {
    const model = calm();
    expect(() => model.append(0, 3, [])).toThrow(/stands at/);
  });
});
