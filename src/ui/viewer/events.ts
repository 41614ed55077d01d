import { eventName } from '../../api/event-names.ts';
import type { Failure, HistoryEvent, Payload } from '../../api/proto.ts';

/** How history events are named, sorted and summed up on screen: the nine categories of Temporal's Web UI, and its event groups. */

export type Category = 'activity' | 'child-workflow' | 'local-activity' | 'nexus' | 'signal' | 'timer' | 'update' | 'workflow' | 'other';

export function categoryOf(event: HistoryEvent): Category {
  const name = eventName(event.eventType);
  if (name.startsWith('Activity')) return 'activity';
  if (name.startsWith('Timer')) return 'timer';
  if (name.includes('Update') && !name.startsWith('Upsert')) return name === 'WorkflowExecutionOptionsUpdated' ? 'workflow' : 'update';
  if (name.includes('ChildWorkflow')) return 'child-workflow';
  if (name.includes('Signal')) return 'signal';
  if (name.startsWith('Nexus')) return 'nexus';
  if (name === 'MarkerRecorded') return event.markerRecordedEventAttributes?.markerName === 'core_local_activity' ? 'local-activity' : 'other';
  if (name.startsWith('Workflow')) return 'workflow';
  return 'other';
}

/** CSS variable of a category's colour. */
export const categoryColor: Readonly<Record<Category, string>> = {
  activity: 'var(--activity)',
  'local-activity': 'var(--activity)',
  timer: 'var(--timer)',
  signal: 'var(--signal)',
  'child-workflow': 'var(--child)',
  update: 'var(--update)',
  nexus: 'var(--child)',
  workflow: 'var(--workflow)',
  other: 'var(--dim)',
};

export const isWorkflowTask = (event: HistoryEvent): boolean => (event.eventType ?? '').startsWith('EVENT_TYPE_WORKFLOW_TASK_');

/** How an event bears on the status colours. */
export function outcomeOf(event: HistoryEvent): 'completed' | 'failed' | 'timedOut' | 'canceled' | undefined {
  const type = event.eventType ?? '';
  if (type.endsWith('_TIMED_OUT')) return 'timedOut';
  if (type.endsWith('_FAILED') || type.endsWith('_TERMINATED')) return 'failed';
  if (type.endsWith('_CANCELED')) return 'canceled';
  if (type.endsWith('_COMPLETED') || type.endsWith('_FIRED')) return 'completed';
  return undefined;
}

/** The attributes of an event, whatever its type. */
export function attributesOf(event: HistoryEvent): Readonly<Record<string, unknown>> {
  for (const [key, value] of Object.entries(event)) if (key.endsWith('EventAttributes') && typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  return {};
}

/** The event that opened what this one continues (its own id when it opens something). */
export function groupOf(event: HistoryEvent): string {
  const attributes = attributesOf(event);
  const name = event.eventType ?? '';
  const id = (key: string): string | undefined => {
    const value = attributes[key];
    return value === undefined || value === '0' || value === 0 ? undefined : String(value);
  };
  if (name.includes('TIMER_')) return id('startedEventId') ?? event.eventId ?? '';
  if (name.includes('CHILD_WORKFLOW')) return id('initiatedEventId') ?? event.eventId ?? '';
  return id('scheduledEventId') ?? event.eventId ?? '';
}

/** What the event is about, in a word: the activity's type, the timer's length, the signal's name. */
export function eventSubject(event: HistoryEvent, earlier: (eventId: string) => HistoryEvent | undefined): string {
  const own = ownSubject(event);
  if (own !== '') return own;
  const group = groupOf(event);
  const opener = group === event.eventId ? undefined : earlier(group);
  return opener ? ownSubject(opener) : '';
}

function ownSubject(event: HistoryEvent): string {
  const a = attributesOf(event) as Record<string, { name?: string } & string>;
  switch (event.eventType) {
    case 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED':
    case 'EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED':
      return a['workflowType']?.name ?? '';
    case 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED':
      return a['activityType']?.name ?? '';
    case 'EVENT_TYPE_TIMER_STARTED':
      return a['startToFireTimeout'] ? durationText(a['startToFireTimeout']) : '';
    case 'EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED':
      return a['signalName'] ?? '';
    case 'EVENT_TYPE_MARKER_RECORDED':
      return a['markerName'] ?? '';
    case 'EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED':
      return (event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name as string | undefined) ?? '';
    default:
      return '';
  }
}

/** `60s` → `1 min`, `0.250s` → `250 ms`: units that read the same in every language. */
export function durationText(proto: string): string {
  return formatSpan(Number.parseFloat(proto) * 1000);
}

/** `,` where the page speaks German. */
export const decimalSign = (): string => (globalThis.document?.documentElement.lang === 'de' ? ',' : '.');

/** @param apart milliseconds from one such span to the next: seconds and minutes have as many decimals as tell them apart, else one */
export function formatSpan(ms: number, apart = 1000): string {
  const abs = Math.abs(ms);
  const round = (value: number): string => {
    const ten = apart < 10 ? 1000 : apart < 100 ? 100 : 10;
    return String(Math.round(value * ten) / ten).replace('.', decimalSign());
  };
  if (abs < 1000) return `${Math.round(ms)} ms`;
  if (abs < 60_000) return `${round(ms / 1000)} s`;
  if (abs < 3_600_000) return `${round(ms / 60_000)} min`;
  if (abs < 86_400_000) return `${round(ms / 3_600_000)} h`;
  return `${round(ms / 86_400_000)} d`;
}

/** Virtual time since the start: `01:11.318`, `3d 04:00:00.000`. */
export function formatClock(ms: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  const days = Math.floor(ms / 86_400_000);
  const hours = Math.floor(ms / 3_600_000) % 24;
  const rest = `${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(Math.floor(ms % 1000)).padStart(3, '0')}`;
  if (days > 0) return `${days}d ${two(hours)}:${rest}`;
  return hours > 0 ? `${two(hours)}:${rest}` : rest;
}

/** What a payload says, as JSON text; binary ones by size. */
export function payloadText(payload: Payload): string {
  const encoding = payload.metadata?.['encoding'];
  const data = payload.data ?? '';
  try {
    const kind = encoding === undefined ? '' : atob(encoding);
    if (kind === 'binary/null') return 'null';
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    if (kind.startsWith('json/')) return new TextDecoder().decode(bytes);
    return `${kind} (${bytes.length} B)`;
  } catch {
    return data;
  }
}

/** The result that an event carries, as JSON text; undefined when it has none. */
export function resultText(event: HistoryEvent | undefined): string | undefined {
  const payload = event?.activityTaskCompletedEventAttributes?.result?.payloads?.[0] ?? event?.childWorkflowExecutionCompletedEventAttributes?.result?.payloads?.[0];
  return payload && payloadText(payload);
}

/** How a process is called on screen: an external service by its own name, as its code calls it. */
export const processName = (id: string): string => id.replace(/^service-/, '');

/** The process behind an identity such as `10620@worker-1`: everything here runs on a host named like its process. */
export const processOfIdentity = (identity: string | undefined): string => (identity ?? '').replace(/^\d+@/, '');

/** The worker that a sticky task queue belongs to; the SDK names it after the worker's identity and a random number. */
export const ownerOfStickyQueue = (queue: string): string | undefined => /^\d+@(.+)-[0-9a-f]{32}$/.exec(queue)?.[1];

/** A log line without the structured part that the SDK's logger prints behind it. */
export function splitLog(text: string): { readonly message: string; readonly details: Readonly<Record<string, unknown>> | null } {
  const at = text.indexOf(' {"');
  // What a program prints itself after a colon is its message.
  if (at < 0 || !text.endsWith('}') || text[at - 1] === ':') return { message: text, details: null };
  try {
    return { message: text.slice(0, at), details: JSON.parse(text.slice(at + 1)) as Record<string, unknown> };
  } catch {
    return { message: text, details: null };
  }
}

/** Message of the innermost failure, which is the one that says what went wrong. */
export function failureText(failure: Failure | undefined): string {
  let deepest = failure;
  while (deepest?.cause) deepest = deepest.cause;
  const type = deepest?.applicationFailureInfo?.type;
  return `${type && type !== 'Error' ? `${type}: ` : ''}${deepest?.message ?? ''}`;
}

/** Why a Workflow Task failed, and the line of the project at which it did; null for other events. */
export function taskFailure(event: HistoryEvent): { readonly message: string; readonly place: string } | null {
  const failure = event.workflowTaskFailedEventAttributes?.failure;
  if (!failure) return null;
  return { message: failureText(failure), place: /[\w.-]+\.[cm]?[jt]sx?:\d+/.exec(failure.stackTrace ?? '')?.[0] ?? '' };
}

/** Copies an event with its payloads in plain text, for the JSON view. */
export function readableEvent(event: HistoryEvent): unknown {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const record = value as Record<string, unknown>;
    if (typeof record['data'] === 'string' && typeof record['metadata'] === 'object') {
      const text = payloadText(record as Payload);
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return text;
      }
    }
    return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(event);
}
