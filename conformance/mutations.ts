import type { HistoryEvent } from '../src/api/proto.ts';
import { nextInt, type RandomStream } from '../src/base/random.ts';

/** A history that was changed, and how. */
export interface Mutated {
  readonly events: readonly unknown[];
  readonly what: string;
}

type Events = Record<string, unknown>[];
type Mutation = (events: Events, random: RandomStream) => string | null;

const copy = (events: readonly HistoryEvent[]): Events => structuredClone(events) as unknown as Events;
const pick = <T>(random: RandomStream, values: readonly T[]): T => values[nextInt(random, 0, values.length - 1)]!;
const attributesKey = (event: Record<string, unknown>): string | undefined => Object.keys(event).find((key) => key.endsWith('EventAttributes'));
const attributesOf = (event: Record<string, unknown>): Record<string, unknown> => {
  const value = event[attributesKey(event) ?? ''];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
};
const name = (event: Record<string, unknown>): string => `${String(event.eventId)} ${String(event.eventType).replace('EVENT_TYPE_', '')}`;

const references = ['scheduledEventId', 'startedEventId', 'initiatedEventId', 'workflowTaskCompletedEventId', 'acceptedEventId', 'acceptedRequestSequencingEventId', 'latestCancelRequestedEventId'];

/** Numbers the events again and moves the references along, as if the history had been written so. */
function renumber(events: Events): void {
  const ids: Record<string, string> = {};
  events.forEach((event, i) => (ids[String(event.eventId)] ??= String(i + 1)));
  events.forEach((event, i) => {
    event.eventId = String(i + 1);
    const attributes = attributesOf(event);
    for (const key of references) if (key in attributes) attributes[key] = ids[String(attributes[key])] ?? attributes[key];
  });
}

/** One of the events (never the first) for which `of` holds. */
function pickEvent(events: Events, random: RandomStream, of: (event: Record<string, unknown>) => boolean = () => true): number | null {
  const found = events.map((_, i) => i).filter((i) => i > 0 && of(events[i]!));
  return found.length ? pick(random, found) : null;
}

const changeText = (key: string, field: readonly string[]): Mutation => (events, random) => {
  const at = pickEvent(events, random, (event) => key in event);
  if (at === null) return null;
  let holder = attributesOf(events[at]!);
  for (const part of field.slice(0, -1)) holder = (holder[part] ?? {}) as Record<string, unknown>;
  const last = field.at(-1)!;
  if (typeof holder[last] !== 'string') return null;
  holder[last] = pick(random, ['7', 'other', `${String(holder[last])}x`]);
  return `${name(events[at]!)}: ${field.join('.')} is ${String(holder[last])}`;
};

/** Changes of type, id or order in a history that stays well formed: what a changed workflow would have written. */
export const meaningful: { readonly [name: string]: Mutation } = {
  activityType: changeText('activityTaskScheduledEventAttributes', ['activityType', 'name']),
  activityId: changeText('activityTaskScheduledEventAttributes', ['activityId']),
  timerId: changeText('timerStartedEventAttributes', ['timerId']),
  timerFiredId: changeText('timerFiredEventAttributes', ['timerId']),
  childType: changeText('startChildWorkflowExecutionInitiatedEventAttributes', ['workflowType', 'name']),
  childId: changeText('startChildWorkflowExecutionInitiatedEventAttributes', ['workflowId']),
  markerName: changeText('markerRecordedEventAttributes', ['markerName']),
  swapCommands: (events, random) => {
    const at = pickEvent(events, random, (event) => events.indexOf(event) > 1 && sameBatch(events[events.indexOf(event) - 1]!, event));
    return at === null ? null : swap(events, at);
  },
  swap: (events, random) => {
    const at = nextInt(random, 2, Math.max(2, events.length - 1));
    if (!events[at]) return null;
    // At disordered Workflow Tasks the genuine worker panics, and takes a second to start again: they are drawn less often.
    const ofTask = [at - 1, at].some((i) => String(events[i]!.eventType).includes('WORKFLOW_TASK'));
    return ofTask && nextInt(random, 0, 4) > 0 ? null : swap(events, at);
  },
  dropCommand: (events, random) => {
    const at = pickEvent(events, random, (event) => 'workflowTaskCompletedEventId' in attributesOf(event));
    if (at === null) return null;
    const what = `without ${name(events[at]!)}`;
    const id = events[at]!.eventId;
    // What names it goes as well.
    const rest = events.filter((event, i) => i !== at && !['scheduledEventId', 'initiatedEventId', 'startedEventId'].some((key) => attributesOf(event)[key] === id));
    events.splice(0, events.length, ...rest);
    renumber(events);
    return what;
  },
  commandKind: (events, random) => {
    const at = pickEvent(events, random, (event) => 'activityTaskScheduledEventAttributes' in event);
    if (at === null) return null;
    const event = events[at]!;
    const what = `${name(event)} is a timer`;
    const { workflowTaskCompletedEventId } = attributesOf(event);
    delete event.activityTaskScheduledEventAttributes;
    event.eventType = 'EVENT_TYPE_TIMER_STARTED';
    event.timerStartedEventAttributes = { timerId: '1', startToFireTimeout: '1s', workflowTaskCompletedEventId };
    const id = event.eventId;
    const rest = events.filter((other) => attributesOf(other).scheduledEventId !== id);
    events.splice(0, events.length, ...rest);
    renumber(events);
    return what;
  },
};

const sameBatch = (a: Record<string, unknown>, b: Record<string, unknown>): boolean => {
  const id = attributesOf(a).workflowTaskCompletedEventId;
  return id !== undefined && id === attributesOf(b).workflowTaskCompletedEventId;
};

function swap(events: Events, at: number): string {
  const what = `${name(events[at]!)} before ${name(events[at - 1]!)}`;
  [events[at - 1], events[at]] = [events[at]!, events[at - 1]!];
  renumber(events);
  return what;
}

/** Values that a hostile file may have anywhere. */
const junk: readonly unknown[] = [null, 0, -1, 1e300, '', 'x', '-1', '99999999999999999999', '7', [], {}, [null], true, { payloads: 'x' }, '2026-13-45T99:99:99Z', '1e9s', '\u0000'];

/** Damage: the result may be no history at all. */
export const damaging: { readonly [name: string]: Mutation } = {
  drop: (events, random) => {
    const at = pickEvent(events, random)!;
    return `without ${name(events.splice(at, 1)[0]!)}`;
  },
  dropAndRenumber: (events, random) => {
    const at = pickEvent(events, random)!;
    const what = `without ${name(events.splice(at, 1)[0]!)}, renumbered`;
    renumber(events);
    return what;
  },
  duplicate: (events, random) => {
    const at = pickEvent(events, random)!;
    events.splice(at, 0, structuredClone(events[at]!));
    return `${name(events[at]!)} twice`;
  },
  duplicateAndRenumber: (events, random) => {
    const at = pickEvent(events, random)!;
    events.splice(at, 0, structuredClone(events[at]!));
    const what = `${name(events[at]!)} twice, renumbered`;
    events.forEach((event, i) => (event.eventId = String(i + 1)));
    return what;
  },
  cut: (events, random) => {
    const at = nextInt(random, 1, events.length - 1);
    events.splice(at);
    return `cut after ${at}`;
  },
  cutFront: (events, random) => {
    const at = nextInt(random, 1, events.length - 1);
    events.splice(0, at);
    return `cut before ${at}`;
  },
  shuffle: (events, random) => {
    for (let i = events.length - 1; i > 0; i--) {
      const j = nextInt(random, 0, i);
      [events[i], events[j]] = [events[j]!, events[i]!];
    }
    return 'shuffled';
  },
  eventType: (events, random) => {
    const at = nextInt(random, 0, events.length - 1);
    const type = pick(random, events).eventType;
    const what = `${name(events[at]!)} is ${String(type)}`;
    events[at]!.eventType = pick(random, [type, type, 'EVENT_TYPE_UNSPECIFIED', 'Nothing', 12, 999, null]);
    return what;
  },
  eventId: (events, random) => {
    const at = nextInt(random, 0, events.length - 1);
    events[at]!.eventId = pick(random, junk);
    return `event ${at + 1} has the id ${JSON.stringify(events[at]!.eventId)}`;
  },
  reference: (events, random) => {
    const at = pickEvent(events, random, (event) => references.some((key) => key in attributesOf(event)));
    if (at === null) return null;
    const attributes = attributesOf(events[at]!);
    const key = pick(random, references.filter((name) => name in attributes));
    attributes[key] = pick(random, [...junk, String(nextInt(random, 1, events.length + 5))]);
    return `${name(events[at]!)}: ${key} is ${JSON.stringify(attributes[key])}`;
  },
  noAttributes: (events, random) => {
    const at = nextInt(random, 0, events.length - 1);
    const key = attributesKey(events[at]!);
    if (!key) return null;
    events[at]![key] = pick(random, [undefined, ...junk]);
    return `${name(events[at]!)}: attributes are ${JSON.stringify(events[at]![key])}`;
  },
  junkAnywhere: (events, random) => {
    let value: unknown = pick(random, events);
    const path: string[] = [];
    for (;;) {
      const holder = value as Record<string, unknown>;
      const keys = Object.keys(holder);
      if (keys.length === 0) return null;
      const key = pick(random, keys);
      path.push(key);
      const inner = holder[key];
      if (typeof inner === 'object' && inner !== null && nextInt(random, 0, 3) > 0) {
        value = inner;
        continue;
      }
      holder[key] = pick(random, junk);
      return `${path.join('.')} is ${JSON.stringify(holder[key])}`;
    }
  },
  eventIsJunk: (events, random) => {
    const at = nextInt(random, 0, events.length - 1);
    events[at] = pick(random, junk) as Record<string, unknown>;
    return `event ${at + 1} is ${JSON.stringify(events[at])}`;
  },
  empty: (events) => {
    events.splice(0);
    return 'empty';
  },
};

/** Applies one of the mutations, chosen by chance; one that finds nothing to change is drawn again. */
export function mutate(history: readonly HistoryEvent[], mutations: { readonly [name: string]: Mutation }, random: RandomStream): Mutated {
  for (;;) {
    const kind = pick(random, Object.keys(mutations));
    const events = copy(history);
    const what = mutations[kind]!(events, random);
    if (what !== null) return { events, what: `${kind}: ${what}` };
  }
}
