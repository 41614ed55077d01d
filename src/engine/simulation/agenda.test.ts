import { describe, expect, it } from 'vitest';
import { timestamp } from '../../base/brand.ts';
import { createStream, nextInt } from '../../base/random.ts';
import { cancel, createAgenda, nextAt, schedule, take } from './agenda.ts';

describe('agenda', () => {
  it('gives items by time, and at equal times in the order they were put on', () => {
    const agenda = createAgenda<string>();
    schedule(agenda, timestamp(5), 'b');
    schedule(agenda, timestamp(1), 'a');
    schedule(agenda, timestamp(5), 'c');
    expect([take(agenda), take(agenda), take(agenda)].map((x) => x.item)).toEqual(['a', 'b', 'c']);
    expect(nextAt(agenda)).toBeNull();
  });

  it('keeps the order of any mixture of puts, takes and cancels', () => {
    const agenda = createAgenda<number>();
    const stream = createStream(7, 'agenda');
    const due: { at: number; id: number }[] = [];
    for (let i = 0; i < 3000; i++) {
      const dice = nextInt(stream, 0, 9);
      if (dice < 5 || due.length === 0) {
        const at = nextInt(stream, 0, 50);
        due.push({ at, id: schedule(agenda, timestamp(at), agenda.nextId) });
      } else if (dice < 7) {
        const [gone] = due.splice(nextInt(stream, 0, due.length - 1), 1);
        cancel(agenda, (gone as { id: number }).id);
      } else {
        due.sort((a, b) => a.at - b.at || a.id - b.id);
        expect(take(agenda)).toEqual({ at: due[0]?.at, item: due.shift()?.id });
      }
      expect(agenda.work).toBe(due.length);
    }
  });

  it('does not keep what was canceled', () => {
    const agenda = createAgenda<number>();
    for (let i = 0; i < 10_000; i++) cancel(agenda, schedule(agenda, timestamp(1_000_000 + i), i));
    schedule(agenda, timestamp(3), 1);
    expect(agenda.heap.length).toBeLessThan(130);
    expect(take(agenda)).toEqual({ at: 3, item: 1 });
    expect(nextAt(agenda)).toBeNull();
    expect(agenda).toMatchObject({ items: {}, idle: {}, work: 0, canceled: 0, heap: [] });
  });
});
