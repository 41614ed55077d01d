import { commandName, eventName } from '../../../api/event-names.ts';
import type { Command, CommandType, EventGroupMarker, Failure, HistoryEvent, Message, Payload, ScheduleLocalActivity, UserMetadata, WorkflowActivationJob } from '../../../api/proto.ts';
import type { CodePosition } from '../../../api/sandbox.ts';
import type { Timestamp } from '../../../base/brand.ts';
import { unreachable } from '../../../base/assert.ts';
import { FatalMachinesError, NondeterminismError } from '../errors.ts';
import { displayEvent, idOf } from '../events.ts';
import type { InternalFlags } from '../flags.ts';
import { isFinal, taken, type AnyTable, type Row } from './table.ts';

/** What all state machines have in common. Machines are plain data; what they do is in their definitions. */
export interface MachineState {
  state: string;
  /** Where in the workflow code the command was made. */
  readonly position: CodePosition | null;
  /** The event that recorded the machine's first command, once it is in history. */
  eventId?: number | undefined;
}

/** Decorations of a command that are repeated on commands that follow from it. */
export interface Annotations {
  readonly userMetadata?: UserMetadata | undefined;
  readonly eventGroupMarkers?: EventGroupMarker[] | undefined;
}

/** What a machine wants done after a transition. */
export type MachineResponse =
  /** Tell the workflow code. */
  | { readonly type: 'job'; readonly job: WorkflowActivationJob }
  /** Send one more command. */
  | { readonly type: 'command'; readonly command: Command }
  | { readonly type: 'message'; readonly message: Message }
  /** Make another machine with its own command. */
  | { readonly type: 'cancelExternal'; readonly command: Command }
  | { readonly type: 'upsertSearchAttributes'; readonly command: Command }
  | { readonly type: 'taskStarted'; readonly startedEventId: number; readonly at: Timestamp }
  | { readonly type: 'runIdReset'; readonly runId: string }
  | { readonly type: 'queueLocalActivity'; readonly activity: ScheduleLocalActivity }
  | { readonly type: 'cancelLocalActivity'; readonly seq: number }
  | { readonly type: 'abandonLocalActivity'; readonly seq: number }
  | { readonly type: 'advanceTime'; readonly at: Timestamp };

export type Responses = readonly MachineResponse[];
export const NOTHING: Responses = [];

/** What a transition's action gets to see: the event of history, or what the workflow code said. */
export interface Input {
  readonly event?: HistoryEvent | undefined;
  /** The chunk being applied is the last one of history. */
  readonly lastTask?: boolean | undefined;
  readonly flags?: InternalFlags | undefined;
  readonly reason?: string | undefined;
  readonly failure?: Failure | undefined;
  readonly result?: Payload | undefined;
  readonly resolution?: LocalResolution | undefined;
}

/** How a local activity ended, from execution or from a marker. */
export interface LocalResolution {
  readonly kind: 'completed' | 'failed' | 'cancelled' | 'timedOut';
  readonly result?: Payload | undefined;
  readonly failure?: Failure | undefined;
  /** Perceived time of completion; null leaves the clock alone. */
  readonly completeTime: Timestamp | null;
  readonly attempt: number;
  /** Proto3 JSON duration when the next attempt is to wait for a timer. */
  readonly backoff?: string | undefined;
  readonly originalScheduleTime?: string | undefined;
}

type Action<M> = (machine: M, input: Input) => Responses;

/** A kind of machine: its table and what the transitions do. */
export interface Definition<M extends MachineState> {
  /** Its name in the genuine messages, such as `TimerMachine`. */
  readonly name: string;
  readonly table: AnyTable;
  /** Machine event by command type: what happens when the command is prepared for sending. */
  readonly commands: { readonly [type in CommandType]?: string };
  /** Machine event by short event type. */
  readonly events: { readonly [eventType: string]: string };
  /** The genuine complaint about an event of a kind that the machine does not know. */
  readonly unexpected: (event: HistoryEvent) => string;
  readonly actions: { readonly [action: string]: Action<M> };
  readonly cancelledBeforeSent?: (machine: M) => boolean;
}

/** Runs a transition; `null` when the table has none. */
export function fire<M extends MachineState>(definition: Definition<M>, machine: M, event: string, input: Input = {}): Responses | null {
  const from = machine.state;
  const row: Row<string, string> | undefined = definition.table[from]?.[event];
  if (row === undefined) return null;
  const action = row.does === undefined ? undefined : definition.actions[row.does];
  if (typeof row.to === 'string') {
    const responses = action === undefined ? NOTHING : action(machine, input);
    machine.state = row.to;
    taken(definition.name, from, event, row.to);
    return responses;
  }
  const responses = action === undefined ? NOTHING : action(machine, input);
  taken(definition.name, from, event, machine.state);
  return responses;
}

/** The workflow code did something that the machine's state does not allow: a non-determinism error, as in the genuine Core. */
export function fireFromLang<M extends MachineState>(definition: Definition<M>, machine: M, event: string, input: Input = {}): Responses {
  const responses = fire(definition, machine, event, input);
  if (responses === null) throw new NondeterminismError('Invalid transition in state machine');
  return responses;
}

/** The machine's command is about to be sent (or was sent when history was made). */
export function handleCommand<M extends MachineState>(definition: Definition<M>, machine: M, type: CommandType): Responses {
  const event = definition.commands[type];
  if (event === undefined) throw new NondeterminismError(`Unexpected command ${commandName(type)} generated by a "${definition.name}" machine`);
  const responses = fire(definition, machine, event);
  if (responses === null) throw new NondeterminismError(`Unexpected command producing an invalid transition ${commandName(type)} in state ${machine.state}`);
  return responses;
}

/** History has an event for the machine. */
export function handleEvent<M extends MachineState>(definition: Definition<M>, machine: M, input: Input & { readonly event: HistoryEvent }): Responses {
  const { event } = input;
  const name = definition.events[eventName(event.eventType)];
  if (name === undefined) throw new NondeterminismError(definition.unexpected(event));
  const responses = fire(definition, machine, name, input);
  if (responses === null) {
    const info = `EventInfo { event_id: ${idOf(event)}, event_type: ${eventName(event.eventType)} }`;
    throw new FatalMachinesError(`${definition.name} in state ${machine.state} says the transition is invalid during event ${info}`);
  }
  return responses;
}

/** The attributes that an event of this type has to have; a history that was tampered with may lack them. */
export function attributesOf<K extends keyof HistoryEvent>(event: HistoryEvent, key: K, what: string): NonNullable<HistoryEvent[K]> {
  const attributes = event[key];
  if (attributes === undefined || attributes === null) throw new FatalMachinesError(`${what}: ${displayEvent(event)}`);
  return attributes;
}

/** True when the machine's command need not be sent again. */
export const inFinalState = <M extends MachineState>(definition: Definition<M>, machine: M): boolean => isFinal(definition.table, machine.state);

/** A command with its decorations. */
export function annotated(command: Command, annotations: Annotations): Command {
  if (annotations.userMetadata === undefined && annotations.eventGroupMarkers === undefined) return command;
  return {
    ...command,
    ...(annotations.userMetadata !== undefined && { userMetadata: annotations.userMetadata }),
    ...(annotations.eventGroupMarkers !== undefined && { eventGroupMarkers: annotations.eventGroupMarkers }),
  };
}

/** Annotations of a cancellation on top of those of the cancelled command. */
export function overrideAnnotations(base: Annotations, other: Annotations): Annotations {
  if (other.userMetadata === undefined && other.eventGroupMarkers === undefined) return base;
  return {
    userMetadata: other.userMetadata === undefined ? base.userMetadata : { ...base.userMetadata, ...other.userMetadata },
    eventGroupMarkers: other.eventGroupMarkers?.length ? other.eventGroupMarkers : base.eventGroupMarkers,
  };
}

/** `completed`, `failed` or `cancelled` result of a local activity that a marker or the worker reported. */
export const isFailedResolution = (kind: LocalResolution['kind']): boolean => {
  switch (kind) {
    case 'failed': case 'timedOut': return true;
    case 'completed': case 'cancelled': return false;
    default: return unreachable(kind);
  }
};
