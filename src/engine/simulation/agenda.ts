import { assert } from '../../base/assert.ts';
import type { Timestamp } from '../../base/brand.ts';
import type { AgendaId } from '../../api/rpc.ts';

/**
 * Work due at virtual times, in the total order (at, sequence). Plain data: a binary heap of entries and the items by id.
 * A canceled item leaves its entry in the heap, which is skipped when it comes up; when most entries are such, they are cleared away.
 */
export interface Agenda<Item> {
  heap: { at: Timestamp; id: AgendaId }[];
  items: { [id: AgendaId]: Item };
  /** Items that keep a run from being idle. */
  work: number;
  /** Items that do not: unref'ed timers. */
  idle: { [id: AgendaId]: true };
  nextId: AgendaId;
  /** Entries of the heap whose item was canceled. */
  canceled: number;
}

export const createAgenda = <Item>(): Agenda<Item> => ({ heap: [], items: {}, work: 0, idle: {}, nextId: 1, canceled: 0 });

type Entry = Agenda<unknown>['heap'][number];
/** Ids grow, so they are the sequence. */
const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.id < b.id);

/** Puts an item on, at the next whole millisecond (`sleep(1.5)` is no mistake); at equal times what was put on first comes first. */
export function schedule<Item>(agenda: Agenda<Item>, at: Timestamp, item: Item, work = true): AgendaId {
  const id = agenda.nextId++;
  agenda.items[id] = item;
  if (work) agenda.work++;
  else agenda.idle[id] = true;
  const heap = agenda.heap;
  const entry = { at: Math.ceil(at) as Timestamp, id };
  let i = heap.length;
  heap.push(entry);
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const above = heap[parent] as Entry;
    if (!before(entry, above)) break;
    heap[i] = above;
    i = parent;
  }
  heap[i] = entry;
  return id;
}

/** Takes an item off; nothing happens when it has run. */
export function cancel<Item>(agenda: Agenda<Item>, id: AgendaId): void {
  if (!(id in agenda.items)) return;
  remove(agenda, id);
  agenda.canceled++;
  if (agenda.canceled < 64 || agenda.canceled * 2 < agenda.heap.length) return;
  // An ordered list is a heap.
  agenda.heap = agenda.heap.filter((entry) => entry.id in agenda.items).sort((a, b) => (before(a, b) ? -1 : 1));
  agenda.canceled = 0;
}

function remove<Item>(agenda: Agenda<Item>, id: AgendaId): void {
  delete agenda.items[id];
  if (id in agenda.idle) delete agenda.idle[id];
  else agenda.work--;
}

function dropTop(heap: Entry[]): void {
  const last = heap.pop() as Entry;
  if (heap.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
    if (!before(heap[child] as Entry, last)) break;
    heap[i] = heap[child] as Entry;
    i = child;
  }
  heap[i] = last;
}

/** When the next item is due; null when there is none. */
export function nextAt<Item>(agenda: Agenda<Item>): Timestamp | null {
  for (;;) {
    const top = agenda.heap[0];
    if (!top) return null;
    if (top.id in agenda.items) return top.at;
    dropTop(agenda.heap);
    agenda.canceled--;
  }
}

/** Takes the next item; throws when there is none. */
export function take<Item>(agenda: Agenda<Item>): { at: Timestamp; item: Item } {
  const at = nextAt(agenda);
  assert(at !== null, 'take from an empty agenda');
  const id = (agenda.heap[0] as Entry).id;
  dropTop(agenda.heap);
  const item = agenda.items[id] as Item;
  remove(agenda, id);
  return { at, item };
}
