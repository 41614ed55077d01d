import type { EventType, HistoryEvent } from './proto.ts';

const names = new Map<string, string>();
const fields = new Map<string, keyof HistoryEvent>();

/** `EVENT_TYPE_ACTIVITY_TASK_SCHEDULED` to `ActivityTaskScheduled`, the name that Core and the Web UI show; other spellings stay. */
export function eventName(type = 'EVENT_TYPE_UNSPECIFIED'): string {
  let name = names.get(type);
  if (name === undefined) {
    name = type.replace(/^EVENT_TYPE_.*/, (screaming) => camelCase(screaming.slice('EVENT_TYPE'.length).toLowerCase()));
    names.set(type, name);
  }
  return name;
}

/** `EVENT_TYPE_TIMER_STARTED` to `timerStartedEventAttributes`, the field in which events of this type carry their attributes. */
export function attributesField(type?: string): keyof HistoryEvent {
  let field = fields.get(type ?? '');
  if (field === undefined) {
    const name = eventName(type);
    field = `${name.charAt(0).toLowerCase()}${name.slice(1)}EventAttributes` as keyof HistoryEvent;
    fields.set(type ?? '', field);
  }
  return field;
}

/** `COMMAND_TYPE_START_TIMER` to `StartTimer`. */
export function commandName(type: string = 'COMMAND_TYPE_UNSPECIFIED'): string {
  let name = names.get(type);
  if (name === undefined) {
    name = pascalCase(type.replace(/^COMMAND_TYPE_/, ''));
    names.set(type, name);
  }
  return name;
}

/** `start_to_close` to `startToClose`. */
export const camelCase = (snake: string): string => snake.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** `KEYWORD_LIST` to `KeywordList`. */
export const pascalCase = (screaming: string): string => screaming.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()).join('');

/** `ScheduleToStart` to `SCHEDULE_TO_START`. */
export const screaming = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();

/** `ActivityTaskScheduled` (older exports write this) or `EVENT_TYPE_…` to the proto3 JSON name. */
export function eventType(name: string): EventType {
  if (name.startsWith('EVENT_TYPE_')) return name as EventType;
  return `EVENT_TYPE_${screaming(name)}` as EventType;
}
